// The editor's words and tables around the map: tools, areas, findings, corners, typed coordinates.
import { area, distance, same } from './plane.js';
import { say } from './words.js';

export function el(tag, given = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined));
  return made;
}

const button = (text, onclick, given = {}) => el('button', { type: 'button', class: 'tq-editor__tool', onclick, ...given }, text);

export function toolbar(tools, acts, press, act) {
  const modes = tools.map((name) => button(say(name), () => press(name), { 'data-tool': name, 'aria-pressed': 'false' }));
  const deeds = acts.map((name) => button(say(name), () => act(name), { 'data-act': name }));
  return el('div', { class: 'tq-editor__tools', role: 'group', 'aria-label': say('tools') },
    el('div', { class: 'tq-editor__group' }, ...modes), el('div', { class: 'tq-editor__group' }, ...deeds));
}

const short = (code) => code.slice(-5);
export const nameOf = (parcel) => `${parcel.name || ''} ${short(parcel.code)}`.trim();

export function mu(m2, decimals) {
  const places = 10 ** decimals;
  return (Math.round((m2 * 0.0015 + 1e-9) * places) / places).toFixed(decimals);
}

function cell(m2, decimals) {
  return m2 === null ? '—' : `${m2.toFixed(2)} m² · ${say('mu', mu(m2, decimals))}`;
}

// rows: [{parcel, before, now}] in m2, null where there is none.
export function areaTable(rows, decimals) {
  if (!rows.length) return el('p', { class: 'govuk-body-s tq-soft' }, say('nothing'));
  const head = ['code', 'before', 'now', 'difference'].map((key) => el('th', { scope: 'col', class: 'govuk-table__header' }, say(key)));
  const line = ({ parcel, before, now }) => {
    const more = before === null || now === null ? null : now - before;
    const sign = more !== null && more > 0.004 ? '+' : '';
    const told = before === null ? say('fresh') : now === null ? say('gone') : Math.abs(more) < 0.005 ? '0.00 m²' : `${sign}${more.toFixed(2)} m² · ${sign}${say('mu', mu(more, decimals))}`;
    return el('tr', { class: 'govuk-table__row', 'data-area-of': parcel.code },
      el('th', { scope: 'row', class: 'govuk-table__header' }, nameOf(parcel)),
      el('td', { class: 'govuk-table__cell', 'data-label': say('before') }, cell(before, decimals)),
      el('td', { class: 'govuk-table__cell', 'data-label': say('now') }, cell(now, decimals)),
      el('td', { class: 'govuk-table__cell', 'data-label': say('difference') }, told));
  };
  return el('table', { class: 'govuk-table tq-table tq-table--cards' },
    el('caption', { class: 'govuk-table__caption govuk-table__caption--s' }, say('areas')),
    el('thead', { class: 'govuk-table__head' }, el('tr', { class: 'govuk-table__row' }, ...head)),
    el('tbody', { class: 'govuk-table__body' }, ...rows.map(line)));
}

export function findingList(findings) {
  return el('ul', { class: 'tq-problems' }, ...findings.map((found) =>
    el('li', { class: found.severity === 'warning' ? 'is-warning' : 'is-error' }, el('strong', {}, found.record), el('p', {}, found.message))));
}

// The outline as a table: every corner can be typed, added and removed without the map.
export function cornerTable(parcel, sharedBy, { place, insert, remove }) {
  const many = parcel.ring.length;
  const input = (at, axis) => {
    const label = `${say('of_corner', nameOf(parcel), `J${at + 1}`)} ${say(axis ? 'north' : 'east')}`;
    return el('input', {
      class: 'govuk-input tq-editor__number', type: 'text', inputmode: 'decimal', 'aria-label': label, value: String(parcel.ring[at][axis]),
      'data-corner': at, 'data-axis': axis, autocomplete: 'off',
      onchange: (event) => place(at, axis, event.target),
      onkeydown: (event) => { if (event.key === 'Enter') { event.preventDefault(); place(at, axis, event.target); } },
    });
  };
  const does = (key, at, deed) => el('button', { type: 'button', class: 'tq-plain-button', 'data-corner-act': key, onclick: () => deed(at), disabled: key === 'remove' && many <= 3 },
    say(key), el('span', { class: 'govuk-visually-hidden' }, ` ${say('of_corner', nameOf(parcel), `J${at + 1}`)}`));
  const line = (corner, at) => el('tr', { class: 'govuk-table__row' },
    el('th', { scope: 'row', class: 'govuk-table__header' }, `J${at + 1}`),
    el('td', { class: 'govuk-table__cell', 'data-label': say('north') }, input(at, 1)),
    el('td', { class: 'govuk-table__cell', 'data-label': say('east') }, input(at, 0)),
    el('td', { class: 'govuk-table__cell', 'data-label': say('length') }, distance(corner, parcel.ring[(at + 1) % many]).toFixed(2)),
    el('td', { class: 'govuk-table__cell', 'data-label': say('shared') }, sharedBy(corner) > 1 ? say('shared_by', sharedBy(corner)) : '—'),
    el('td', { class: 'govuk-table__cell tq-editor__acts' }, does('insert', at, insert), ' ', does('remove', at, remove)));
  const head = ['corner', 'north', 'east', 'length', 'shared'].map((key) => el('th', { scope: 'col', class: 'govuk-table__header' }, say(key)));
  return el('table', { class: 'govuk-table tq-table tq-table--cards tq-editor__corners' },
    el('caption', { class: 'govuk-visually-hidden' }, `${nameOf(parcel)} ${say('corners')}`),
    el('thead', { class: 'govuk-table__head' }, el('tr', { class: 'govuk-table__row' }, ...head, el('td', { class: 'govuk-table__header' }))),
    el('tbody', { class: 'govuk-table__body' }, ...parcel.ring.map(line)));
}

export function typedPanel(id, acts, does) {
  const text = el('textarea', { class: 'govuk-textarea tq-code', id: `${id}-typed`, rows: '5', spellcheck: 'false' });
  const file = el('input', { class: 'govuk-file-upload', type: 'file', id: `${id}-file`, accept: '.txt,.csv,.json,.geojson,.wkt,.gpkg,.zip' });
  const panel = el('div', { class: 'tq-editor__typed', hidden: true },
    el('label', { class: 'govuk-label', for: text.id }, say('coordinates')), text,
    el('label', { class: 'govuk-label govuk-!-font-weight-regular', for: file.id }, say('file')), file,
    el('div', { class: 'tq-editor__group' }, ...acts.map((name) => button(say(name), () => does(name, text.value, file.files[0]), { 'data-typed': name }))));
  return { panel, text, file };
}

export const changed = (parcel, before) => !before || before.ring.length !== parcel.ring.length || before.ring.some((corner, at) => !same(corner, parcel.ring[at]));
export const measured = (parcel) => (parcel ? area(parcel) : null);
