// Sends what is drawn, with the page's CSRF token. A session that ended meanwhile costs nothing: once the person has
// signed in again in another window, the next try takes a fresh token and goes through.
import { say } from '../words.js';

const meta = (page) => page.querySelector('meta[name="csrf-token"]');
const lost = (answer) => answer.redirected || answer.status === 400;

async function renew() {
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!answer.ok || answer.redirected) return false;
  const fresh = meta(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  if (fresh) meta(document).content = fresh.content;
  return Boolean(fresh);
}

export async function send(url, { headers, ...options }) {
  const go = () => fetch(url, { ...options, headers: { ...headers, Accept: 'application/json', 'X-CSRFToken': meta(document)?.content || '' } });
  let answer = await go();
  if (lost(answer) && await renew()) answer = await go();
  if (lost(answer)) throw new Error(say('signed_out'));
  return answer;
}
