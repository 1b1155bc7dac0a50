// On English pages the diagram shows the English name that an element's property name_en gives; its own name stays.
import BaseRenderer from 'diagram-js/lib/draw/BaseRenderer';
import { getBusinessObject } from 'bpmn-js/lib/util/ModelUtil';
import { chinese } from '../words.js';

const [BEFORE_THEIRS, AFTER_THEIRS] = [1500, 500];
const WRAPPED = 90; // px, as wide as the library lets labels of shapes grow
const ONE_LINE = 300; // px: Chinese labels of flows are as wide as their words, too narrow for English

const entries = (model) => (model.extensionElements?.values || []).flatMap((one) => one.values || one.$children || []);

export const english = (model) => entries(model).find((entry) => entry.name === 'name_en')?.value || '';

export const nameOf = (model) => (!chinese() && english(model)) || model.name || '';

// The path above a part that is drawn on a plane of its own: as the library writes it, in English.
function path(eventBus, canvas) {
  const around = (model) => (model ? [model, ...around(model.$parent)] : []);
  eventBus.on(['root.set', 'element.changed'], AFTER_THEIRS, () => {
    const models = around(getBusinessObject(canvas.getRootElement()));
    for (const crumb of canvas.getContainer().querySelectorAll('.bjs-crumb')) {
      const model = models.find((one) => one.name && one.name === crumb.title);
      if (model) crumb.title = crumb.textContent = nameOf(model);
    }
  });
}

export default class English extends BaseRenderer {
  constructor(eventBus, bpmnRenderer, textRenderer, canvas) {
    super(eventBus, BEFORE_THEIRS);
    Object.assign(this, { bpmnRenderer, textRenderer });
    if (!chinese()) path(eventBus, canvas);
    // A label is a shape of its own: it is drawn anew when the name of what it belongs to changes.
    eventBus.on('element.changed', ({ element }) => element.label && eventBus.fire('element.changed', { element: element.label }));
  }

  canRender(element) {
    const model = getBusinessObject(element);
    return !chinese() && !element.waypoints && Boolean(model && model.name && english(model));
  }

  drawShape(visuals, element, attrs) {
    if (element.labelTarget) return this.label(visuals, element);
    const model = getBusinessObject(element);
    const { name } = model;
    model.name = english(model);
    try {
      return this.bpmnRenderer.drawShape(visuals, element, attrs);
    } finally {
      model.name = name;
    }
  }

  getShapePath(element) {
    return this.bpmnRenderer.getShapePath(element);
  }

  // The label of a flow begins where the Chinese one begins; one of a shape has the same middle, and grows away from it.
  label(visuals, element) {
    const [words, target] = [english(getBusinessObject(element)), element.labelTarget];
    const beside = target.waypoints || element.x >= target.x + target.width;
    const room = target.waypoints
      ? { width: ONE_LINE, height: element.height }
      : { width: WRAPPED, height: this.textRenderer.getExternalLabelBounds(element, words).height };
    const text = this.textRenderer.createText(words, {
      align: beside ? 'left-top' : 'center-top',
      box: room,
      padding: 0,
      style: this.textRenderer.getExternalStyle(),
    });
    text.classList.add('djs-label');
    const above = element.y + element.height <= target.y;
    const [x, y] = [beside ? 0 : (element.width - room.width) / 2, above ? element.height - room.height : 0];
    text.setAttribute('transform', `translate(${x} ${y})`);
    visuals.append(text);
    return text;
  }
}
English.$inject = ['eventBus', 'bpmnRenderer', 'textRenderer', 'canvas'];

export const englishNames = { __init__: ['tianqiEnglish'], tianqiEnglish: ['type', English] };
