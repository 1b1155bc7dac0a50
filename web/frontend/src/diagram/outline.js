// The model as a list, for the keyboard and for readers of speech: a button per element, in flow order by place.
// data-outline names a <ul>, or a <tbody> whose rows say name, type, lane, form or operation, and groups.
import { say } from '../words.js';
import { nameOf } from './english.js';

const KINDS = {
  'bpmn:StartEvent': ['开始', 'Start'], 'bpmn:EndEvent': ['结束', 'End'], 'bpmn:UserTask': ['人工任务', 'User task'],
  'bpmn:ServiceTask': ['操作', 'Operation'], 'bpmn:BusinessRuleTask': ['决策', 'Decision'], 'bpmn:ExclusiveGateway': ['排他网关', 'Exclusive gateway'],
  'bpmn:ParallelGateway': ['并行网关', 'Parallel gateway'], 'bpmn:IntermediateCatchEvent': ['等待', 'Wait'], 'bpmn:BoundaryEvent': ['边界事件', 'Boundary event'],
  'bpmn:SubProcess': ['子流程', 'Subprocess'], 'bpmn:CallActivity': ['调用流程', 'Call activity'],
};

export function outline(modeler, place, point) {
  const list = document.getElementById(place.dataset.outline);
  if (!list) return;
  const lang = document.documentElement.lang.startsWith('en') ? 1 : 0;

  function draw() {
    const nodes = modeler.get('elementRegistry').filter((e) => e.type.startsWith('bpmn:') && e.x !== undefined && e.type !== 'label' && !e.labelTarget);
    const wanted = nodes.filter((e) => KINDS[e.type] || e.type.endsWith('Task') || e.type.endsWith('Event') || e.type.endsWith('Gateway'));
    wanted.sort((a, b) => a.x - b.x || a.y - b.y);
    list.replaceChildren(...wanted.map(list.tagName === 'TBODY' ? row : line));
  }

  const kindOf = (element) => (KINDS[element.type] ? KINDS[element.type][lang] : element.type.slice(5));

  function button(element, words) {
    const made = Object.assign(document.createElement('button'), { type: 'button', className: 'tq-plain-button', textContent: words });
    made.addEventListener('click', () => point(element.id));
    return made;
  }

  function line(element) {
    const item = document.createElement('li');
    item.append(button(element, `${kindOf(element)}${say('colon')}${nameOf(element.businessObject) || element.id}`));
    return item;
  }

  function row(element) {
    const model = element.businessObject;
    const lane = (model.lanes || [])[0];
    const does = model.get('camunda:formKey') || model.get('camunda:topic') || model.get('camunda:decisionRef') || model.calledElement;
    const made = Object.assign(document.createElement('tr'), { className: 'govuk-table__row' });
    const head = Object.assign(document.createElement('th'), { scope: 'row', className: 'govuk-table__header' });
    head.append(button(element, nameOf(model) || element.id));
    made.append(head, ...[kindOf(element), lane && nameOf(lane), does, model.get('camunda:candidateGroups')].map((words) =>
      Object.assign(document.createElement('td'), { className: 'govuk-table__cell', textContent: words || '—' })));
    return made;
  }

  place.addEventListener('modeler:loaded', draw);
  modeler.on('commandStack.changed', draw);
}
