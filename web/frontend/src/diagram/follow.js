// A diagram to look at: as near as text can be read, round the place where the case stands; or all of it.
// Buttons as on the map; ctrl and the arrow keys move it when it has the focus.
import { say } from '../words.js';

const READABLE = 0.72; // of the drawn size: 12 px text is then about as tall as the page's small print

export function follow(viewer, place) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  let near = true;

  const all = () => canvas.zoom('fit-viewport', 'auto');
  const between = (low, value, high) => Math.max(low, Math.min(value, high));

  function round(ids) {
    // What stands inside a collapsed part is drawn on that part's own plane: its coordinates say nothing here.
    const here = (element) => canvas.findRoot(element) === canvas.getRootElement();
    const shapes = (ids || []).map((id) => registry.get(id)).filter((element) => element && element.width && here(element));
    all();
    if (!shapes.length || canvas.zoom() >= READABLE) return;
    const { inner, outer } = canvas.viewbox();
    const [width, height] = [outer.width / READABLE, outer.height / READABLE];
    const middle = (from, to) => (Math.min(...shapes.map(from)) + Math.max(...shapes.map(to))) / 2;
    const x = middle((s) => s.x, (s) => s.x + s.width) - width / 2;
    const y = middle((s) => s.y, (s) => s.y + s.height) - height / 2;
    canvas.viewbox({
      x: between(inner.x, x, Math.max(inner.x, inner.x + inner.width - width)),
      y: between(inner.y, y, Math.max(inner.y, inner.y + inner.height - height)),
      width,
      height,
    });
  }

  function by(factor) {
    near = factor > 1;
    canvas.zoom(between(0.2, canvas.zoom() * factor, 4), 'auto');
  }

  const buttons = document.createElement('div');
  buttons.className = 'tq-diagram__buttons';
  const acts = [['+', 'zoom_in', () => by(1.25)], ['−', 'zoom_out', () => by(0.8)], ['⤢', 'zoom_all', () => { near = false; all(); }]];
  for (const [sign, words, act] of acts) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: sign, title: say(words) });
    button.setAttribute('aria-label', say(words));
    button.addEventListener('click', act);
    buttons.append(button);
  }
  place.append(buttons);

  return (state) => { if (near) round(state.current); };
}
