// Brings those parts of the page up to date that depend on its address, without losing the map.
let latest = 0;

export async function refresh() {
  const asked = ++latest;
  const answer = await fetch(window.location.pathname + window.location.search, { headers: { Accept: 'text/html' } });
  if (!answer.ok || asked !== latest) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (asked !== latest) return;
  for (const old of document.querySelectorAll('[data-refreshed]')) {
    const fresh = page.getElementById(old.id);
    if (fresh) old.replaceChildren(...fresh.childNodes);
  }
}
