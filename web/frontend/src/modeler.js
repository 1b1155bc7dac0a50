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
import { outline } from './diagram/outline.js';
import { problems } from './diagram/problems.js';
import { store } from './diagram/store.js';
import { translation } from './diagram/translation.js';

function mount(place) {
  const modeler = new Modeler({
    container: place,
    propertiesPanel: { parent: document.getElementById(place.dataset.properties) },
    additionalModules: [BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, CamundaPlatformPropertiesProviderModule, camundaModule, translation()],
    moddleExtensions: { camunda },
  });
  const point = pointer(modeler);
  place.tianqiModeler = modeler;
  store(modeler, place);
  problems(modeler, place, point);
  outline(modeler, place, point);
}

// Selects an element and brings it into view; its properties open beside the diagram.
function pointer(modeler) {
  return (id) => {
    const element = modeler.get('elementRegistry').get(id);
    if (!element) return false;
    modeler.get('selection').select(element);
    modeler.get('canvas').scrollToElement(element, 120);
    return true;
  };
}

for (const place of document.querySelectorAll('[data-bpmn-modeler]')) mount(place);
