// What the server finds wrong with the drawing as it stands; asked a moment after the last step.
import { findingList } from './panel.js';
import * as server from './server.js';
import { say } from './words.js';

const PAUSE = 350; // ms without a step until the server is asked
const NOTHING = { type: 'FeatureCollection', features: [] };

export function verdictOf(place, { verdict, findings }, view, changes) {
  let waiting = null;
  let asked = 0;

  async function check() {
    const mine = asked;
    try {
      const told = await server.ask(place.dataset.checkUrl, { changes: changes() });
      if (mine !== asked) return;
      const problems = told.features.features.filter((feature) => ['overlap', 'gap'].includes(feature.properties.layer));
      view.showFound({ type: 'FeatureCollection', features: problems });
      findings.replaceChildren(...(told.findings.length ? [findingList(told.findings)] : []));
      verdict.textContent = told.findings.length ? '' : say('sound');
      verdict.classList.toggle('is-sound', !told.findings.length);
    } catch (fault) {
      if (mine === asked) verdict.textContent = fault.told || say('check_failed');
    }
    place.dataset.checked = String(mine);
  }

  return function checkSoon() {
    clearTimeout(waiting);
    asked += 1;
    view.showFound(NOTHING);
    findings.replaceChildren();
    if (!changes().length) {
      verdict.textContent = '';
      return;
    }
    verdict.textContent = say('checking');
    verdict.className = 'tq-editor__verdict';
    waiting = setTimeout(check, PAUSE);
  };
}
