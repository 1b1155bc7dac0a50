// The parcel that is chosen, on the map or in a list: drawn, told beside the map, and kept in the address.
import { say } from '../words.js';
import { asked, put } from './address.js';
import { tileAddress } from './tiles.js';

export function choosing(place, { day, draw }) {
  const panel = document.querySelector('[data-map-chosen]');
  const nothing = panel.querySelector('[data-chosen]') ? say('choose_parcel') : panel.textContent.trim();
  let latest = 0;

  const mark = (code) => {
    for (const row of document.querySelectorAll('[data-parcel-row]')) {
      row.classList.toggle('is-selected', row.dataset.parcelRow === code);
      if (row.matches('a')) row.toggleAttribute('aria-current', row.dataset.parcelRow === code);
    }
  };
  const feature = () => JSON.parse(panel.querySelector('[data-chosen-feature]')?.textContent || 'null');
  const empty = (words) => panel.replaceChildren(Object.assign(document.createElement('p'), { className: 'tq-soft tq-chosen-none', textContent: words }));

  async function choose(code, { move = true, read = false, on } = {}) {
    const turn = ++latest;
    mark(code);
    put({ parcel: code });
    if (!code) {
      draw(null);
      empty(nothing);
      return;
    }
    const ask = (when) => fetch(tileAddress(place.dataset.parcelUrl.replace(/-$/, encodeURIComponent(code)), when), { headers: { Accept: 'text/html' } });
    let answer = await ask(on ? { ...day(), day: on } : day());
    if (answer.status === 404 && place.dataset.since && turn === latest) answer = await ask({ ...day(), day: place.dataset.since }); // it ended meanwhile
    if (turn !== latest) return;
    if (answer.ok) {
      panel.innerHTML = await answer.text();
      if (turn === latest) draw(feature(), move);
    } else {
      draw(null);
      empty(answer.status === 404 ? say('no_parcel_then') : say('load_failed', answer.status));
    }
    if (read) document.querySelector('a[data-parcel-row].is-selected')?.scrollIntoView({ block: 'nearest' });
    place.dispatchEvent(new CustomEvent('parcel:selected', { bubbles: true, detail: { code } }));
  }

  document.addEventListener('click', (event) => {
    const link = event.target.closest('[data-show-parcel]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(link.dataset.showParcel, { on: link.dataset.day }).catch(() => {});
    if (!link.closest('[data-map-results]')) place.scrollIntoView({ block: 'nearest' });
  });
  // Up and down in the list beside the map.
  document.addEventListener('keydown', (event) => {
    const link = event.target.closest?.('[data-map-results] a');
    if (!link || !['ArrowDown', 'ArrowUp'].includes(event.key)) return;
    const all = [...link.closest('[data-map-results]').querySelectorAll('a')];
    const next = all[all.indexOf(link) + (event.key === 'ArrowDown' ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  return {
    choose,
    async first() {
      const code = panel.querySelector('[data-chosen]')?.dataset.chosen;
      if (!code) return;
      mark(code);
      draw(feature(), true);
    },
    async again() {
      const { parcel } = asked();
      if (parcel) await choose(parcel, { move: false });
      else mark(null);
    },
  };
}
