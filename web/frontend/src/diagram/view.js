// What part of the diagram is seen: all of it beside the palette, nearer, farther, or one element large enough to read.
const GAP = 24;
const READABLE = 0.8;

export function view(modeler, place) {
  const canvas = modeler.get('canvas');

  function fit() {
    const { inner, outer } = canvas.viewbox();
    const palette = (place.querySelector('.djs-palette')?.offsetWidth || 0) + GAP + GAP;
    const scale = Math.min((outer.width - palette - GAP) / inner.width, (outer.height - GAP - GAP) / inner.height, 1);
    const [width, height] = [outer.width / scale, outer.height / scale];
    canvas.viewbox({ x: inner.x - palette / scale, y: inner.y - (height - inner.height) / 2, width, height });
  }

  function show(element) {
    if (canvas.zoom() < READABLE) canvas.zoom(READABLE, { x: 0, y: 0 });
    canvas.scrollToElement(element, 160);
  }

  return { fit, show, nearer: () => canvas.zoom(canvas.zoom() * 1.25), farther: () => canvas.zoom(canvas.zoom() / 1.25) };
}
