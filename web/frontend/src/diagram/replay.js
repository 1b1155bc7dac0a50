// A slider (input[data-replay-slider="<viewer id>"]) over embedded steps [{current: [], done: [], bad: [], text}].
// Rows [data-replay-row="n"] of the table beside it are marked, and their buttons move the slider.
import { say } from '../words.js';

export function replay(place, show) {
  const steps = JSON.parse(document.getElementById(place.dataset.replay).textContent);
  const slider = document.querySelector(`input[data-replay-slider="${place.id}"]`);
  const spoken = document.querySelector(`[data-replay-text="${place.id}"]`);
  const rows = [...document.querySelectorAll('[data-replay-row]')];
  const go = (index) => {
    const step = steps[index];
    if (!step) return;
    show(step);
    const words = `${say('step', index + 1, steps.length)}${step.text ? `${say('colon')}${step.text}` : ''}`;
    slider.setAttribute('aria-valuetext', words);
    if (spoken) spoken.textContent = words;
    for (const row of rows) {
      if (Number(row.dataset.replayRow) === index) row.setAttribute('aria-current', 'step');
      else row.removeAttribute('aria-current');
    }
    place.dispatchEvent(new CustomEvent('replay:step', { bubbles: true, detail: { index, step } }));
  };
  slider.min = '0';
  slider.max = String(steps.length - 1);
  slider.addEventListener('input', () => go(Number(slider.value)));
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-replay-to]');
    if (!button) return;
    slider.value = button.dataset.replayTo;
    go(Number(slider.value));
  });
  go(Number(slider.value));
}
