// What is asked of a new parcel besides its outline: name, bounds, land use, grade, basic farmland.
import { el } from './panel.js';
import { say } from './words.js';

// GB/T 21010-2007 and NY/T 2539-2016 C.8, as the form of the table has them.
const USES = [
  ['011', '水田', 'Paddy field'], ['012', '水浇地', 'Irrigated field'], ['013', '旱地', 'Dry field'], ['021', '果园', 'Orchard'], ['022', '茶园', 'Tea garden'],
  ['023', '其他园地', 'Other garden land'], ['031', '有林地', 'Woodland'], ['033', '其他林地', 'Other forest land'], ['041', '天然牧草地', 'Natural pasture'],
  ['042', '人工牧草地', 'Sown pasture'], ['114', '坑塘水面', 'Pond'], ['122', '设施农用地', 'Land of farm facilities'],
];
const GRADES = [...'一二三四五六七八九十'].map((word, at) => [String(at + 1).padStart(2, '0'), `${word}等`, `Grade ${at + 1}`]);
const SIDES = ['east', 'south', 'west', 'north'];

export function landPanel(id, chinese) {
  const labelled = (key, control) => el('div', { class: 'tq-editor__land-field' }, el('label', { class: 'govuk-label', for: control.id }, say(key)), control);
  const input = (name, most) => el('input', { class: 'govuk-input', type: 'text', id: `${id}-${name}`, maxlength: most, autocomplete: 'off' });
  const select = (name, rows, first) => el('select', { class: 'govuk-select', id: `${id}-${name}` },
    ...(first ? [el('option', { value: '' }, first)] : []), ...rows.map(([value, zh, en]) => el('option', { value }, chinese ? zh : en)));
  const fields = {
    name: input('name', 50),
    ...Object.fromEntries(SIDES.map((side) => [side, input(side, 60)])),
    land_use: select('land_use', USES, say('not_said')),
    grade: select('grade', GRADES),
    basic_farmland: select('basic_farmland', [['2', say('no'), say('no')], ['1', say('yes'), say('yes')]]),
  };
  const button = el('button', { type: 'button', class: 'govuk-button', hidden: true }, say('draw_named'));
  const panel = el('fieldset', { class: 'govuk-fieldset tq-editor__land', hidden: true },
    el('legend', { class: 'govuk-fieldset__legend govuk-fieldset__legend--s' }, say('new_land')),
    labelled('land_name', fields.name),
    el('div', { class: 'tq-editor__land-row' }, ...SIDES.map((side) => labelled(`land_${side}`, fields[side]))),
    el('p', { class: 'govuk-hint' }, say('land_sides')),
    el('div', { class: 'tq-editor__land-row' }, labelled('land_use', fields.land_use), labelled('land_grade', fields.grade), labelled('land_basic', fields.basic_farmland)), button);
  return {
    panel,
    button, // shown while an outline waits for its name
    name: fields.name,
    // The facts as the server takes them; what was left empty is not sent.
    facts: () => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()]).filter(([, value]) => value)),
    clear() { for (const name of ['name', ...SIDES]) fields[name].value = ''; },
  };
}
