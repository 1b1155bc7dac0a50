// What stands around the map of the editor: tools, fields, lists. `may(kind)`: whether the form takes that typed change;
// `deeds`: what the editor does when they are used.
import { chinese } from '../words.js';
import { landPanel } from './land.js';
import { el, toolbar, typedPanel } from './panel.js';
import { say } from './words.js';

const TOOLS = [['new', 'new_parcel'], ['edit', 'remeasure_parcel'], ['redraw', 'remeasure_parcel'], ['split', 'split_parcel'], ['merge', 'merge_parcels'], ['cut', 'expropriate_land'], ['typed', null]];

export function frameOf(place, may, deeds) {
  const id = place.id;
  const tools = TOOLS.filter(([, kind]) => kind === null || may(kind)).map(([name]) => name);
  const bar = toolbar(tools, ['undo', 'redo', 'reset'], deeds.press, deeds.act);
  const parcelList = el('select', { class: 'govuk-select', id: `${id}-parcel`, onchange: (event) => deeds.choose(event.target.value) });
  const follow = el('input', { class: 'govuk-checkboxes__input', type: 'checkbox', id: `${id}-follow`, checked: may('move_boundary') });
  const followBox = el('div', { class: 'govuk-checkboxes govuk-checkboxes--small', hidden: !may('move_boundary') },
    el('div', { class: 'govuk-checkboxes__item' }, follow, el('label', { class: 'govuk-label govuk-checkboxes__label', for: follow.id }, say('follow'))));
  const approval = el('input', { class: 'govuk-input govuk-input--width-20', id: `${id}-approval`, type: 'text', autocomplete: 'off', value: place.dataset.approval || '' });
  const approvalBox = el('div', { hidden: true }, el('label', { class: 'govuk-label', for: approval.id }, say('approval')), approval);
  const land = landPanel(id, chinese());
  land.button.addEventListener('click', () => deeds.drawNew());
  const dropButton = el('button', { type: 'button', class: 'govuk-button govuk-button--secondary tq-editor__go', hidden: true, onclick: () => deeds.drop() }, say('drop'));
  const mergeButton = el('button', { type: 'button', class: 'govuk-button tq-editor__go', hidden: true, onclick: () => deeds.merge() });
  const uses = [may('new_parcel') && 'as_new', 'as_outline', may('split_parcel') && 'as_line', may('expropriate_land') && 'as_red_line'];
  const typed = typedPanel(id, uses.filter(Boolean), deeds.useTyped);
  const hint = el('p', { class: 'tq-editor__hint', role: 'status' });
  const frame = el('div', { class: 'tq-map tq-editor__map' });
  const areas = el('div', { class: 'tq-editor__areas' });
  const quick = el('p', { class: 'tq-editor__quick', hidden: true });
  const verdict = el('p', { class: 'tq-editor__verdict', role: 'status' });
  const findings = el('div', { class: 'tq-editor__findings' });
  const cornerBox = el('div', { class: 'tq-editor__corner-box' });
  const corners = el('details', { class: 'govuk-details', ontoggle: () => deeds.showCornerTable() },
    el('summary', { class: 'govuk-details__summary' }, el('span', { class: 'govuk-details__summary-text' }, say('corners'))), cornerBox);
  const marks = [...(may('new_parcel') ? ['area'] : []), 'own', 'other', 'before', 'overlap', 'gap']
    .map((name) => el('li', {}, el('span', { class: `tq-legend__mark tq-editor__mark--${name}` }), say(`legend_${name}`)));

  place.querySelector('[data-editor-fallback]')?.remove();
  place.append(
    el('div', { class: 'tq-editor__head' }, el('label', { class: 'govuk-label', for: parcelList.id }, say('parcel')), parcelList),
    bar, hint, land.panel, followBox, approvalBox, typed.panel, mergeButton, dropButton, frame, el('ul', { class: 'tq-legend' }, ...marks), quick, areas, verdict, findings, corners);
  return { bar, hint, land, typed, follow, approval, approvalBox, parcelList, dropButton, mergeButton, frame, areas, quick, verdict, findings, corners, cornerBox };
}
