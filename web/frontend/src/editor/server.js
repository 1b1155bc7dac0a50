// What the server is asked: what lies there, whether the changes fit, what a gesture makes, what a file holds.
const token = () => document.querySelector('meta[name="csrf-token"]')?.content || '';

async function answered(answer) {
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok || told.refused) throw Object.assign(new Error(String(answer.status)), { told: told.refused || '' });
  return told;
}

export async function ground(address) {
  return answered(await fetch(address, { headers: { Accept: 'application/geo+json, application/json' } }));
}

export async function ask(address, body) {
  return answered(await fetch(address, {
    method: 'POST', body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token() },
  }));
}

export async function outlines(address, text, file) {
  const body = new FormData();
  body.set('text', text);
  if (file) body.set('file', file);
  return answered(await fetch(address, { method: 'POST', body, headers: { Accept: 'application/json', 'X-CSRFToken': token() } }));
}
