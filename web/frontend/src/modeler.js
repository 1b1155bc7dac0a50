// <div data-bpmn-modeler data-xml-url data-save-url data-check-url> edits a process model in the browser.
// Attributes and the parts around it: components/README.md, macro `modeler`.
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import './diagram/marks.css';
import './diagram/panel.css';
import Modeler from 'bpmn-js/lib/Modeler';
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule } from 'bpmn-js-properties-panel';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import camundaModule from 'camunda-bpmn-js-behaviors/lib/camunda-platform';
import { englishNames } from './diagram/english.js';
import { menus } from './diagram/menus.js';
import { outline } from './diagram/outline.js';
import { panel } from './diagram/panel.js';
import { problems } from './diagram/problems.js';
import { store } from './diagram/store.js';
import { translation } from './diagram/translation.js';
import { view } from './diagram/view.js';

function mount(place) {
  const modeler = new Modeler({
    container: place,
    propertiesPanel: { parent: document.getElementById(place.dataset.properties) },
    additionalModules: [BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule, camundaModule, panel, menus, englishNames, translation()],
    moddleExtensions: { camunda },
  });
  // the panel hears of selections once it was painted, a moment after the model was loaded
  const listening = new Promise((done) => modeler.get('eventBus').once('propertiesPanel.descriptionLoaded', done));
  const seen = view(modeler, place);
  const point = pointer(modeler, place, seen);
  place.tianqiModeler = modeler;
  store(modeler, place, seen);
  problems(modeler, place, point);
  outline(modeler, place, point);
  place.addEventListener('modeler:loaded', () => place.dataset.select && listening.then(() => point(place.dataset.select)));
}

// Selects an element and brings it into view; its properties open beside the diagram.
function pointer(modeler, place, seen) {
  return (id) => {
    const element = modeler.get('elementRegistry').get(id);
    if (!element) return false;
    modeler.get('selection').select(element);
    seen.show(element);
    document.getElementById(place.dataset.properties).focus({ preventScroll: true });
    place.scrollIntoView({ block: 'nearest' });
    return true;
  };
}

for (const place of document.querySelectorAll('[data-bpmn-modeler]')) mount(place);
