// The publish check: POST data-check-url with the XML as it is drawn now; the answer is a list of
// {element, rule, severity, message, fix}, or {problems: [...]}. A click on a problem selects its element.
import { marker } from './marks.js';
import { say } from '../words.js';
import { send } from './send.js';

export function problems(modeler, place, point) {
  const list = document.getElementById(place.dataset.problems);
  if (!place.dataset.checkUrl || !list) return;
  const summary = document.getElementById(`${place.dataset.problems}-summary`);
  const mark = marker(modeler);

  function item(problem) {
    const line = document.createElement('li');
    line.className = problem.severity === 'error' ? 'is-error' : '';
    const kind = Object.assign(document.createElement('strong'), { textContent: `${say(problem.severity === 'error' ? 'error' : 'warning')}${say('colon')}` });
    const words = problem.element ? document.createElement('button') : document.createElement('span');
    words.textContent = problem.message;
    if (problem.element) {
      words.type = 'button';
      words.className = 'tq-plain-button';
      words.dataset.element = problem.element;
      words.addEventListener('click', () => point(problem.element));
    }
    line.append(kind, words);
    if (problem.fix) line.append(Object.assign(document.createElement('p'), { textContent: problem.fix }));
    return line;
  }

  function show(found) {
    list.replaceChildren(...found.map(item));
    mark({ bad: found.filter((p) => p.severity === 'error' && p.element).map((p) => p.element) });
    if (summary) summary.textContent = found.length ? say('problems', found.length) : say('no_problems');
  }

  async function check() {
    if (summary) summary.textContent = say('checking');
    const { xml } = await modeler.saveXML({ format: true });
    try {
      const answer = await send(place.dataset.checkUrl, { method: 'POST', body: xml, headers: { 'Content-Type': 'application/xml' } });
      const told = await answer.json();
      const found = Array.isArray(told) ? told : told.problems;
      if (!found) throw new Error(told.message || told.detail || answer.status);
      show(found);
    } catch (fault) {
      if (summary) summary.textContent = say('check_failed', fault.message);
    }
  }

  document.addEventListener('click', (event) => {
    if (event.target.closest('[data-modeler-do="check"]')) check();
  });
}
