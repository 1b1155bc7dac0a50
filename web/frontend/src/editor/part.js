// <div data-part data-input="NAME"> beside a field of coordinates: the part is drawn on its parcel, the corners go into the
// field and the area is told as it is drawn. The server cuts and measures again. Which parcel: the row's own `parcel`,
// or the only one that is ticked.
import { canvas } from './canvas.js';
import { el, mu } from './panel.js';
import { onGrid, open, readPoints, ringArea } from './plane.js';
import * as server from './server.js';
import { say } from './words.js';

export function mountPart(place) {
  if (place.mounted) return;
  place.mounted = true;
  const form = place.closest('form');
  const input = () => form.elements[place.dataset.input];
  const go = el('button', { type: 'button', class: 'govuk-button govuk-button--secondary', onclick: () => begin() }, say('part_draw'));
  const again = el('button', { type: 'button', class: 'govuk-button govuk-button--secondary', hidden: true, onclick: () => draw() }, say('part_again'));
  const told = el('p', { class: 'govuk-body', role: 'status', 'data-part-area': '' });
  const frame = el('div', { class: 'tq-map tq-editor__map', hidden: true });
  place.append(el('div', { class: 'govuk-button-group' }, go, again), told, frame);

  let view = null;
  let whole = null; // {code, name, ring}
  let others = [];
  let ring = null;

  function parcel() {
    const prefix = place.dataset.input.replace(/[^-]*$/, '');
    if (prefix) return form.elements[`${prefix}parcel`]?.value.trim() || '';
    const ticked = [...form.querySelectorAll('input[name=parcels]:checked')];
    return ticked.length === 1 ? ticked[0].value : '';
  }

  const parcels = () => new Map([...others, ...(whole ? [whole] : [])].map((one) => [one.code, one]));

  async function begin() {
    const code = parcel();
    if (!/^[0-9]{19}$/.test(code)) { told.textContent = say('part_which'); return; }
    told.textContent = say('loading');
    let found;
    try {
      found = await server.ground(`${place.dataset.groundUrl}?code=${code}`);
    } catch (error) {
      told.textContent = error.told || say('failed');
      return;
    }
    const rows = found.features.filter((one) => one.geometry.type === 'Polygon').map(({ properties, geometry }) => {
      const [outer, ...holes] = geometry.coordinates.map(open);
      return { code: properties.code, name: properties.name, ring: outer, holes };
    });
    whole = rows.find((one) => one.code === code);
    others = rows.filter((one) => one.code !== code);
    if (!whole) { told.textContent = say('failed'); return; }
    frame.hidden = false;
    view ??= canvas(frame, place, {
      parcels, chosen: () => (ring ? { ring } : null), grab() {}, pick() {},
      drag(held, to) {
        const at = ring.findIndex((one) => one[0] === held.corner[0] && one[1] === held.corner[1]);
        if (held.edge) {
          ring = ring.flatMap((one) => (one === held.edge[0] ? [one, to.at] : [one]));
          held.edge = null;
        } else if (at >= 0) ring = ring.map((one, index) => (index === at ? to.at : one));
        held.corner = to.at;
        show();
      },
      drop() { keep(); },
      sketch: (corners) => tell(corners),
    });
    const typed = readPoints(input().value);
    ring = typed && typed.length > 2 ? typed : null;
    show();
    view.map.updateSize();
    view.fit([whole.ring], false);
    if (!ring) draw();
  }

  function draw() {
    told.textContent = say('part_hint');
    again.hidden = false;
    ring = null;
    show();
    view.draw('Polygon', (points) => { ring = points.map(onGrid); keep(); });
  }

  function keep() {
    input().value = ring ? ring.map(([east, north]) => `${east},${north}`).join('\n') : '';
    input().dispatchEvent(new Event('input', { bubbles: true }));
    show();
  }

  function tell(corners) {
    if (!corners || corners.length < 3) return;
    const drawn = ringArea(corners);
    told.textContent = say('part_area', drawn.toFixed(2), mu(drawn, Number(place.dataset.decimals || 2)), ringArea(whole.ring).toFixed(2));
  }

  function show() {
    if (!view) return;
    const rows = others.map((one) => ({ parcel: one, look: 'other', label: one.code.slice(-5) }));
    rows.push({ parcel: whole, look: 'own', label: whole.code.slice(-5) });
    if (ring) rows.push({ parcel: { code: whole.code, ring }, look: 'picked', label: '' });
    view.show(rows);
    view.showCorners((ring || []).map((at, index) => ({ at, kind: 'corner', label: String(index + 1) })));
    tell(ring);
  }
}
