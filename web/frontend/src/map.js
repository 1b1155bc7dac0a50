// <div data-map data-features-url="..." data-epsg="4548" data-proj="+proj=tmerc ..."> draws parcels.
// Attributes: components/README.md. Everything shown here is also in the table beside it.
// With data-overview it is the map of a whole scope, drawn from tiles: map/overview.js.
import 'ol/ol.css';
import './map/map.css';
import { mount } from './map/mount.js';
import { overview } from './map/overview.js';

for (const place of document.querySelectorAll('[data-map]')) (place.hasAttribute('data-overview') ? overview : mount)(place);
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => window.print());
}
