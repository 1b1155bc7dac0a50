// The properties panel shows what this system carries out, and nothing that the publish check would refuse:
// of the library's groups those in KEPT, with the entries named there; beside them our own fields (fields.js).
import { TextFieldEntry, isTextFieldEntryEdited, Group } from '@bpmn-io/properties-panel';
import { useService } from 'bpmn-js-properties-panel';
import { chinese } from '../words.js';
import { GROUPS } from './fields.js';
import words from './fields_words.js';

const ALL = null;
const KEPT = {
  general: ALL,
  documentation: ALL,
  message: ALL,
  signal: ALL,
  error: ['errorRef', 'errorName', 'errorCode'],
  escalation: ['escalationRef', 'escalationName', 'escalationCode'],
  link: ALL,
  timer: ALL,
  multiInstance: ['loopCardinality', 'completionCondition', 'collection', 'elementVariable'],
  CamundaPlatform__ExtensionProperties: ALL,
};

const AFTER_ALL = 100; // lower than both of the library's providers: they have spoken

const word = (key, which) => words[key][which + (chinese() ? 0 : 1)];

function Field({ element, id, kept }) {
  const services = { modeling: useService('modeling'), bpmnFactory: useService('bpmnFactory') };
  return TextFieldEntry({
    element,
    id,
    label: word(id, 0),
    description: word(id, 2),
    debounce: useService('debounceInput'),
    getValue: kept.get,
    setValue: (value) => kept.set(element, value?.trim(), services),
  });
}

const ownGroups = (element) => GROUPS.map(([id, fields]) => ({
  id: `tianqi-${id}`,
  label: word(id, 0),
  component: Group,
  entries: fields.filter(([, on]) => on(element))
    .map(([field, , kept]) => ({ id: field, component: Field, kept, isEdited: isTextFieldEntryEdited })),
})).filter((group) => group.entries.length);

function known(group) {
  const entries = KEPT[group.id];
  if (entries && group.entries) group.entries = group.entries.filter((entry) => entries.includes(entry.id));
  return group;
}

function Panel(propertiesPanel) {
  propertiesPanel.registerProvider(AFTER_ALL, this);
}
Panel.$inject = ['propertiesPanel'];
Panel.prototype.getGroups = (element) => (groups) => {
  const theirs = groups.filter((group) => group.id in KEPT).map(known).filter((group) => !group.entries || group.entries.length);
  const last = theirs.filter((group) => group.id === 'CamundaPlatform__ExtensionProperties' || group.id === 'documentation');
  return [...theirs.filter((group) => !last.includes(group)), ...ownGroups(element), ...last];
};

export const panel = { __init__: ['tianqiPanel'], tianqiPanel: ['type', Panel] };
