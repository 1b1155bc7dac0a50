// <div data-editor ...> in a form: parcels are drawn on the map, in exact coordinates, and what is drawn goes into the
// form as typed changes. The server decides everything; the same can be typed into the table beside it.
import 'ol/ol.css';
import './map/map.css';
import './editor/editor.css';
import { mount } from './editor/mount.js';
import { mountPart } from './editor/part.js';

for (const place of document.querySelectorAll('[data-editor]')) mount(place);

// Parts of parcels, in rows that are added later too.
const parts = () => document.querySelectorAll('[data-part]').forEach((place) => { if (!place.closest('template')) mountPart(place); });
parts();
new MutationObserver(parts).observe(document.body, { childList: true, subtree: true });
