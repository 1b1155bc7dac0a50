// <div data-map data-features-url="..." data-epsg="4548" data-proj="+proj=tmerc ..."> draws parcels.
// Attributes: components/README.md. Everything shown here is also in the table beside it.
import 'ol/ol.css';
import './map/map.css';
import { mount } from './map/mount.js';

for (const place of document.querySelectorAll('[data-map]')) mount(place);
