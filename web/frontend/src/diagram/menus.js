// The palette and the menus without what the publish check refuses; a new task is one that people do.
const REFUSED = /^replace-with-(task|none-task|script-task|manual-task|transaction|complex-gateway|.*ad-?hoc.*|.*compensation.*|cancel-.*)$|^toggle-(adhoc|participant-multiplicity)$/;
const STARTS = /^replace-with-(?!none-).*-start$/; // what a start event waits for: in an event subprocess only

const LAST = 100; // lower than the library's own providers

function Menus(popupMenu, palette, contextPad, elementFactory, create, autoPlace, translate) {
  Object.assign(this, { elementFactory, create, autoPlace, translate });
  popupMenu.registerProvider('bpmn-replace', LAST, this);
  palette.registerProvider(LAST, this);
  contextPad.registerProvider(LAST, this);
}
Menus.$inject = ['popupMenu', 'palette', 'contextPad', 'elementFactory', 'create', 'autoPlace', 'translate'];

const without = (refused) => (entries) => Object.fromEntries(Object.entries(entries).filter(([id]) => !refused(id)));

Menus.prototype.getPopupMenuEntries = (target) => {
  const beside = target.parent?.businessObject?.triggeredByEvent;
  return without((id) => REFUSED.test(id) || (STARTS.test(id) && !beside));
};

Menus.prototype.getPopupMenuHeaderEntries = () => without((id) => REFUSED.test(id));

Menus.prototype.newTask = function () {
  return this.elementFactory.createShape({ type: 'bpmn:UserTask' });
};

Menus.prototype.getPaletteEntries = function () {
  const begin = (event) => this.create.start(event, this.newTask());
  return (entries) => replaced(entries, 'create.task', this.translate('Create user task'), { click: begin, dragstart: begin });
};

Menus.prototype.getContextPadEntries = function (element) {
  const drag = (event) => this.create.start(event, this.newTask(), { source: element });
  const add = () => this.autoPlace.append(element, this.newTask());
  return (entries) => replaced(entries, 'append.append-task', this.translate('Append user task'), { click: add, dragstart: drag });
};

const replaced = (entries, id, title, action) =>
  id in entries ? { ...entries, [id]: { ...entries[id], className: 'bpmn-icon-user-task', title, action } } : entries;

export const menus = { __init__: ['tianqiMenus'], tianqiMenus: ['type', Menus] };
