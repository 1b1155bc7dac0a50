// <div data-editor ...> in a form: parcels are drawn on the map, in exact coordinates, and what is drawn goes into the
// form as typed changes. The server decides everything; the same can be typed into the table beside it.
import 'ol/ol.css';
import './map/map.css';
import './editor/editor.css';
import { mount } from './editor/mount.js';

for (const place of document.querySelectorAll('[data-editor]')) mount(place);
