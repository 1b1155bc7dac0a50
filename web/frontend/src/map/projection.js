// The county's zone, made known to OpenLayers; its name, e.g. EPSG:4525.
import { register } from 'ol/proj/proj4.js';
import proj4 from 'proj4';

export function projection(place) {
  if (!place.dataset.epsg) return 'EPSG:3857';
  const code = `EPSG:${place.dataset.epsg}`;
  if (place.dataset.proj) {
    proj4.defs(code, place.dataset.proj);
    register(proj4);
  }
  return code;
}
