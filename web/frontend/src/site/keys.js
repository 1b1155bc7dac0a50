// Keyboard on lists marked [data-key-list]: j and k move, x marks, Enter opens, / searches, ? tells.
// Off while typing, and off altogether when <body data-keys="off">.

const typing = (target) => target.closest('input, textarea, select, [contenteditable]') && target.type !== 'checkbox';

export function listKeys() {
  const list = document.querySelector('[data-key-list]');
  if (!list || document.body.dataset.keys === 'off') return;
  const rows = () => [...list.querySelectorAll('[data-key-row]')];
  let at = -1;
  const go = (to) => {
    const all = rows();
    if (!all.length) return;
    at = Math.max(0, Math.min(all.length - 1, to));
    all.forEach((row, index) => row.classList.toggle('is-selected', index === at));
    (all[at].querySelector('a') || all[at]).focus();
  };
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const acts = {
      j: () => go(at + 1),
      k: () => go(at - 1),
      x: () => rows()[at]?.querySelector('input[type=checkbox]')?.click(),
      '/': () => document.querySelector('[data-key-search]')?.focus(),
      '?': () => document.querySelector('[data-key-help]')?.toggleAttribute('open'),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
}
