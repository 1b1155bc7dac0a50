// <div data-bpmn-viewer data-xml-url="..." data-current="a,b" data-done="c"> shows where a case stands;
// with data-replay="<id of a JSON script>" a slider steps through its past. Attributes: components/README.md.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import './diagram/marks.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { englishNames } from './diagram/english.js';
import { follow } from './diagram/follow.js';
import { marker } from './diagram/marks.js';
import { replay } from './diagram/replay.js';
import { say } from './words.js';

const listed = (text) => (text || '').split(',').map((id) => id.trim()).filter(Boolean);

async function mount(place) {
  const viewer = new NavigatedViewer({ container: place, additionalModules: [englishNames] });
  try {
    const answer = await fetch(place.dataset.xmlUrl);
    if (!answer.ok) throw new Error(String(answer.status));
    await viewer.importXML(await answer.text());
  } catch (fault) {
    place.append(Object.assign(document.createElement('p'), { className: 'tq-map-fallback', textContent: say('load_failed', fault.message) }));
    return;
  }
  place.querySelector('[data-diagram-fallback]')?.remove();
  const [mark, look] = [marker(viewer), follow(viewer, place)];
  const show = (state) => { mark(state); look(state); };
  show({ current: listed(place.dataset.current), done: listed(place.dataset.done), bad: listed(place.dataset.bad) });
  place.tianqiViewer = { viewer, show };
  if (place.dataset.replay) replay(place, show);
  place.dataset.ready = 'true';
}

for (const place of document.querySelectorAll('[data-bpmn-viewer]')) mount(place);
