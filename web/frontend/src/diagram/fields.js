// The fields of the properties panel that are ours: what an element says to this system, each with its words.
// `on` says which elements it is for; get and set read and write it. What the publish check refuses is not offered.
import { getBusinessObject, is, isAny } from 'bpmn-js/lib/util/ModelUtil';

const event = (element) => getBusinessObject(element).get('eventDefinitions')?.[0]?.$type.replace(/^bpmn:|EventDefinition$/g, '') || '';
const has = (...kinds) => (element) => is(element, 'bpmn:Event') && kinds.includes(event(element));
const catches = (element) => isAny(element, ['bpmn:StartEvent', 'bpmn:IntermediateCatchEvent', 'bpmn:BoundaryEvent']);
const throws = (element) => isAny(element, ['bpmn:EndEvent', 'bpmn:IntermediateThrowEvent']);
const operates = (element) => isAny(element, ['bpmn:ServiceTask', 'bpmn:SendTask']);
const condition = (element) => (has('Conditional')(element) ? getBusinessObject(element).get('eventDefinitions')[0] : getBusinessObject(element));
const conditional = (element) => has('Conditional')(element) || (is(element, 'bpmn:SequenceFlow') && isAny(element.source, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway', 'bpmn:Activity']));
const loops = (element) => is(getBusinessObject(element).get('loopCharacteristics'), 'bpmn:StandardLoopCharacteristics');
const loop = (element) => getBusinessObject(element).get('loopCharacteristics');

// An attribute of the element; where it becomes empty it goes.
const attribute = (name, along = {}) => ({
  get: (element) => getBusinessObject(element).get(name),
  set: (element, value, { modeling }) => modeling.updateProperties(element, { [name]: value || undefined, ...(value ? along : {}) }),
});

// An expression that is an XML element of its own, of `owner`.
const expression = (owner, name) => ({
  get: (element) => owner(element).get(name)?.get('body'),
  set: (element, value, { modeling, bpmnFactory }) => {
    const made = value ? bpmnFactory.create('bpmn:FormalExpression', { body: value }) : undefined;
    if (made) made.$parent = owner(element);
    modeling.updateModdleProperties(element, owner(element), { [name]: made });
  },
});

// camunda:property: a name and a value in the element's extensions.
const found = (element, name) => {
  const extensions = getBusinessObject(element).get('extensionElements')?.get('values') || [];
  const list = extensions.find((one) => is(one, 'camunda:Properties'));
  return { list, entry: list?.get('values').find((one) => one.name === name) };
};

const property = (name) => ({
  get: (element) => found(element, name).entry?.value,
  set: (element, value, { modeling, bpmnFactory }) => {
    const model = getBusinessObject(element);
    const make = (type, facts, parent) => Object.assign(bpmnFactory.create(type, facts), { $parent: parent });
    const { list, entry } = found(element, name);
    if (entry && value) return modeling.updateModdleProperties(element, entry, { value });
    if (entry) return modeling.updateModdleProperties(element, list, { values: list.get('values').filter((one) => one !== entry) });
    if (!value) return undefined;
    if (list) return modeling.updateModdleProperties(element, list, { values: [...list.get('values'), make('camunda:Property', { name, value }, list)] });
    const extensions = model.get('extensionElements') || make('bpmn:ExtensionElements', { values: [] }, model);
    const made = make('camunda:Properties', {}, extensions);
    made.values = [make('camunda:Property', { name, value }, made)];
    extensions.values = [...extensions.get('values'), made];
    return modeling.updateProperties(element, { extensionElements: extensions });
  },
});

const named = (e) => isAny(e, ['bpmn:FlowNode', 'bpmn:SequenceFlow', 'bpmn:Lane', 'bpmn:Participant']);

// [id, which elements, how it is kept]; words in fields_words.js
export const GROUPS = [
  ['english', [['nameEn', named, property('name_en')]]],
  ['who', [['candidateGroups', (e) => is(e, 'bpmn:UserTask'), attribute('camunda:candidateGroups')]]],
  ['form', [['formKey', (e) => is(e, 'bpmn:UserTask') || (is(e, 'bpmn:StartEvent') && !event(e)), attribute('camunda:formKey')]]],
  ['operation', [['topic', operates, attribute('camunda:topic', { 'camunda:type': 'external' })]]],
  ['decision', [
    ['decisionRef', (e) => is(e, 'bpmn:BusinessRuleTask'), attribute('camunda:decisionRef')],
    ['resultVariable', (e) => is(e, 'bpmn:BusinessRuleTask'), attribute('camunda:resultVariable')],
  ]],
  ['called', [['calledElement', (e) => is(e, 'bpmn:CallActivity'), attribute('calledElement')]]],
  ['condition', [['conditionExpression', (e) => conditional(e) && !has('Conditional')(e), expression(condition, 'conditionExpression')],
    ['condition', has('Conditional'), expression(condition, 'condition')]]],
  ['loop', [
    ['loopCondition', loops, expression(loop, 'loopCondition')],
    ['loopMaximum', loops, {
      get: (element) => loop(element).get('loopMaximum')?.toString(),
      set: (element, value, { modeling }) => modeling.updateModdleProperties(element, loop(element), { loopMaximum: value || undefined }),
    }],
  ]],
  ['ours', [
    ['limit', (e) => is(e, 'bpmn:UserTask'), property('deadline')],
    ['deadline', has('Timer'), property('deadline')],
    ['result', (e) => operates(e) || is(e, 'bpmn:ReceiveTask') || (catches(e) && has('Message', 'Signal', 'Error', 'Escalation')(e)), property('result')],
    ['waitKey', (e) => is(e, 'bpmn:ReceiveTask') || (catches(e) && has('Message')(e)), property('key')],
    ['to', (e) => throws(e) && has('Message')(e), property('to')],
    ['key', (e) => throws(e) && has('Message')(e), property('key')],
    ['payload', (e) => throws(e) && has('Message', 'Signal', 'Error', 'Escalation')(e), property('payload')],
  ]],
];
