// Before | after on one map, with a divider that is dragged or moved with the arrow keys.
//
//   const divider = swipe(map, [layerBefore], [layerAfter], { label: 'Before | after' });
//   divider.move(0.25);      // share of the width that shows what was before, 0 to 1
//   divider.share();         // where it stands
//   divider.shows('before', pixel);   // whether that side is what one sees at a pixel of the map
//   divider.remove();        // takes the divider away; the layers stay, uncut
//
// Each side is cut as an element of its own, labels included, so its layers must be made with that side's
// `className`: new VectorLayer({ className: SIDES.before, declutter: SIDES.before, ... }). Layers of one side lie
// together in the map's order; what belongs to neither side lies below or above both.
// `words`: [before, after], written at the divider. The divider says `swipe:moved` on the map's element.
export const SIDES = { before: 'tq-side tq-side--before', after: 'tq-side tq-side--after' };

const STEP = 0.02;
const LEAP = 0.1;
const KEYS = {
  ArrowLeft: (at) => at - STEP, ArrowDown: (at) => at - STEP, ArrowRight: (at) => at + STEP, ArrowUp: (at) => at + STEP,
  PageDown: (at) => at - LEAP, PageUp: (at) => at + LEAP, Home: () => 0, End: () => 1,
};

export function swipe(map, before, after, { label, words = [], share = 0.5 } = {}) {
  for (const [side, layers] of [['before', before], ['after', after]]) {
    for (const layer of layers) if (layer.getClassName() !== SIDES[side]) throw new Error(`className is not SIDES.${side}`);
  }
  const place = map.getTargetElement();
  const handle = document.createElement('div');
  handle.className = 'tq-swipe';
  handle.tabIndex = 0;
  for (const [name, value] of Object.entries({
    role: 'slider', 'aria-label': label, 'aria-orientation': 'horizontal', 'aria-valuemin': 0, 'aria-valuemax': 100,
  })) handle.setAttribute(name, value);
  for (const [n, word] of words.entries()) {
    const told = document.createElement('span');
    told.className = `tq-swipe__word tq-swipe__word--${n ? 'after' : 'before'}`;
    told.textContent = word;
    handle.append(told);
  }
  const grip = document.createElement('span');
  grip.className = 'tq-swipe__grip';
  grip.setAttribute('aria-hidden', 'true');
  handle.append(grip);
  map.getOverlayContainerStopEvent().append(handle);

  // OpenLayers makes a side's element when it first draws it, and may make it anew.
  const cut = () => {
    const of = (side) => map.getViewport().querySelectorAll(`.ol-layers > .tq-side--${side}`);
    for (const element of of('before')) element.style.clipPath = `inset(0 ${(1 - share) * 100}% 0 0)`;
    for (const element of of('after')) element.style.clipPath = `inset(0 0 0 ${share * 100}%)`;
  };
  const move = (wanted) => {
    share = Math.min(1, Math.max(0, wanted));
    handle.style.left = `${share * 100}%`;
    const percent = Math.round(share * 100);
    handle.setAttribute('aria-valuenow', percent);
    handle.setAttribute('aria-valuetext', words.length ? `${words[0]} ${percent}%` : `${percent}%`);
    cut();
    place.dispatchEvent(new CustomEvent('swipe:moved', { bubbles: true, detail: { share } }));
  };

  handle.addEventListener('keydown', (event) => {
    const next = KEYS[event.key];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation(); // the map moves with the same keys
    move(next(share));
  });
  handle.addEventListener('pointerdown', (event) => {
    handle.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true });
    event.preventDefault();
  });
  handle.addEventListener('pointermove', (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = map.getViewport().getBoundingClientRect();
    move((event.clientX - box.left) / box.width);
  });

  map.on('postrender', cut);
  move(share);
  return {
    move,
    share: () => share,
    shows: (side, [x]) => (side === 'before') === (x < share * (map.getSize() || [0])[0]),
    remove() {
      map.un('postrender', cut);
      handle.remove();
      for (const element of map.getViewport().querySelectorAll('.ol-layers > .tq-side')) element.style.clipPath = '';
    },
  };
}
