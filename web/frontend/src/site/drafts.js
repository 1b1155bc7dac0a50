// <form data-draft-url="..."> is saved as a draft whenever typing pauses. The answer is JSON {saved: "14:03"}
// or {message: "..."}; it is shown in [data-draft-state]. Files are not sent here.
import { say } from '../words.js';

const PAUSE = 1500;

function typedInto(form) {
  const typed = new FormData(form);
  for (const [name, value] of [...typed.entries()]) if (value instanceof File) typed.delete(name);
  return typed;
}

async function save(form, state) {
  const typed = typedInto(form);
  try {
    const answer = await fetch(form.dataset.draftUrl, { method: 'POST', body: typed, headers: { Accept: 'application/json' } });
    const told = await answer.json();
    state.textContent = told.message || (answer.ok ? say('draft_saved', told.saved || new Date().toLocaleTimeString()) : say('draft_failed'));
  } catch {
    state.textContent = say('draft_failed');
  }
}

export function keepDrafts(root) {
  for (const form of root.querySelectorAll('form[data-draft-url]')) {
    if (form.dataset.drafting) continue;
    form.dataset.drafting = 'on';
    const state = form.querySelector('[data-draft-state]') || document.createElement('p');
    let waiting = null;
    const stop = () => {
      clearTimeout(waiting);
      waiting = null;
    };
    const later = () => {
      stop();
      waiting = setTimeout(() => { waiting = null; save(form, state); }, PAUSE);
    };
    form.addEventListener('input', later);
    form.addEventListener('change', later);
    form.addEventListener('submit', stop);
    window.addEventListener('pagehide', () => { // what was typed last goes along when the page is left
      if (waiting !== null) navigator.sendBeacon(form.dataset.draftUrl, typedInto(form));
      stop();
    });
  }
}
