// The model as a list, for the keyboard and for readers of speech: a button per element, in flow order by place.
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
    list.replaceChildren(...wanted.map((element) => {
      const button = Object.assign(document.createElement('button'), { type: 'button', className: 'tq-plain-button' });
      const kind = KINDS[element.type] ? KINDS[element.type][lang] : element.type.slice(5);
      button.textContent = `${kind}：${element.businessObject.name || element.id}`;
      button.addEventListener('click', () => point(element.id));
      const line = document.createElement('li');
      line.append(button);
      return line;
    }));
  }

  place.addEventListener('modeler:loaded', draw);
  modeler.on('commandStack.changed', draw);
}
