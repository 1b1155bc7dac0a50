// Loading and saving: GET data-xml-url (its ETag is kept), PUT data-save-url with If-Match and the CSRF token.
import { say } from '../words.js';
import { send } from './send.js';

export function store(modeler, place, seen) {
  const status = place.dataset.status ? document.getElementById(place.dataset.status) : document.createElement('p');
  let etag = null;
  let edits = 0;
  let kept = 0;

  const tell = (text, bad = false) => {
    status.textContent = text;
    status.classList.toggle('tq-status--bad', bad);
  };

  async function load() {
    tell(say('loading'));
    try {
      const answer = await fetch(place.dataset.xmlUrl);
      if (answer.redirected) throw new Error(say('signed_out'));
      if (!answer.ok) throw new Error(String(answer.status));
      etag = answer.headers.get('ETag');
      await modeler.importXML(await answer.text());
      seen.fit();
      kept = edits;
      tell('');
      place.dataset.ready = 'true';
      place.dispatchEvent(new CustomEvent('modeler:loaded', { bubbles: true }));
    } catch (fault) {
      tell(say('load_failed', fault.message), true);
    }
  }

  async function save() {
    tell(say('saving'));
    try {
      const sent = edits;
      const { xml } = await modeler.saveXML({ format: true });
      const headers = { 'Content-Type': 'application/xml', ...(etag && { 'If-Match': etag }) };
      const answer = await send(place.dataset.saveUrl, { method: 'PUT', body: xml, headers });
      const told = await answer.json().catch(() => ({}));
      if (answer.status === 409 || answer.status === 412) return tell(told.message || told.detail || say('stale'), true);
      if (!answer.ok) return tell(say('save_failed', told.message || told.detail || answer.status), true);
      etag = answer.headers.get('ETag') || told.etag || etag;
      kept = sent;
      tell(say(edits === kept ? 'saved' : 'unsaved', new Date().toLocaleTimeString()));
      place.dispatchEvent(new CustomEvent('modeler:saved', { bubbles: true, detail: told }));
    } catch (fault) {
      tell(say('save_failed', fault.message), true);
    }
  }

  async function download() {
    const { xml } = await modeler.saveXML({ format: true });
    const address = URL.createObjectURL(new Blob([xml], { type: 'application/xml' }));
    Object.assign(document.createElement('a'), { href: address, download: place.dataset.filename || 'process.bpmn' }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  const acts = { save, download, undo: () => modeler.get('commandStack').undo(), redo: () => modeler.get('commandStack').redo(), fit: seen.fit, nearer: seen.nearer, farther: seen.farther };
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-modeler-do]');
    if (button && (!button.dataset.for || button.dataset.for === place.id)) acts[button.dataset.modelerDo]?.();
  });
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 's') {
      event.preventDefault();
      save();
    }
  });
  modeler.on('commandStack.changed', () => {
    edits += 1;
    tell(say('unsaved'));
  });
  window.addEventListener('beforeunload', (event) => {
    if (edits !== kept) event.preventDefault();
  });
  load();
}
