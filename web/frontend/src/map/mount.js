// One map: features from GeoJSON (address or embedded JSON) and, for whole villages, vector tiles.
import Map from 'ol/Map.js';
import View from 'ol/View.js';
import { defaults as controls } from 'ol/control/defaults.js';
import ScaleLine from 'ol/control/ScaleLine.js';
import ZoomToExtent from 'ol/control/ZoomToExtent.js';
import { createEmpty, extend } from 'ol/extent.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import MVT from 'ol/format/MVT.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorTileLayer from 'ol/layer/VectorTile.js';
import VectorSource from 'ol/source/Vector.js';
import VectorTileSource from 'ol/source/VectorTile.js';
import { say } from '../words.js';
import { compare, onASide } from './compare.js';
import { drawing } from './drawing.js';
import { followView } from './follow.js';
import { projection } from './projection.js';
import { styler } from './styles.js';

async function features(place) {
  const embedded = place.dataset.features && document.getElementById(place.dataset.features);
  if (embedded) return JSON.parse(embedded.textContent);
  if (!place.dataset.featuresUrl) return null;
  const answer = await fetch(place.dataset.featuresUrl, { headers: { Accept: 'application/geo+json, application/json' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function message(place, text) {
  const line = document.createElement('p');
  line.className = 'tq-map__message';
  line.setAttribute('role', 'status');
  line.textContent = text;
  place.append(line);
  return line;
}

function tiles(place, style) {
  if (!place.dataset.tilesUrl) return [];
  const source = new VectorTileSource({ format: new MVT(), url: place.dataset.tilesUrl, maxZoom: 16 });
  return [new VectorTileLayer({ source, style, minZoom: Number(place.dataset.tilesFrom || 12), renderMode: 'hybrid' })];
}

const padding = { padding: [36, 36, 36, 36], maxZoom: 20 };

// What the map is about: neighbours are drawn around it and do not make it smaller.
function mainExtent(source) {
  const main = source.getFeatures().filter((feature) => feature.get('layer') !== 'neighbour');
  return main.length ? main.reduce((all, feature) => extend(all, feature.getGeometry().getExtent()), createEmpty()) : source.getExtent();
}

// Resolves once the page has given the map a size.
function laidOut(map) {
  const ready = () => (map.getSize() || [0])[0] > 0;
  return ready() ? Promise.resolve() : new Promise((done) => map.on('change:size', () => ready() && done()));
}

export async function mount(place) {
  if (place.mounted) return;
  place.mounted = true;
  const source = new VectorSource();
  const selected = new Set((place.dataset.selected || '').split(',').filter(Boolean));
  const style = styler(selected);
  const data = projection(place);
  const shown = place.dataset.tilesUrl ? 'EPSG:3857' : data;
  place.querySelector('[data-map-fallback]')?.remove();
  const own = 'swipe' in place.dataset ? (feature, resolution) => (onASide(feature) ? null : style(feature, resolution)) : style;
  const layers = [...tiles(place, style), new VectorLayer({ source, style: own, declutter: true })];
  const map = new Map({
    target: place,
    layers,
    view: new View({ projection: shown, center: [0, 0], resolution: 1, enableRotation: false }),
    controls: controls({ attribution: false, rotate: false, zoomOptions: { zoomInTipLabel: say('zoom_in'), zoomOutTipLabel: say('zoom_out') } }),
  });
  map.addControl(new ScaleLine());
  map.getViewport().setAttribute('role', 'application');
  map.getViewport().setAttribute('aria-label', place.getAttribute('aria-label') || say('map'));
  map.getViewport().tabIndex = 0;

  const redraw = () => layers.forEach((layer) => layer.changed());
  let truncated = false;
  try {
    const read = await features(place);
    truncated = Boolean(read?.truncated);
    if (read) source.addFeatures(new GeoJSON().readFeatures(read, { dataProjection: data, featureProjection: shown }));
  } catch (fault) {
    message(place, say('load_failed', fault.message));
  }
  const given = place.dataset.extent ? place.dataset.extent.split(',').map(Number) : null;
  const extent = source.isEmpty() ? given : mainExtent(source);
  if (extent) {
    await laidOut(map);
    map.getView().fit(extent, { ...padding, size: map.getSize() });
    map.addControl(new ZoomToExtent({ extent, label: '⤢', tipLabel: say('zoom_all') }));
  } else if (!place.dataset.tilesUrl) {
    message(place, say('no_parcels'));
  }

  if ('swipe' in place.dataset && !source.isEmpty()) layers.push(...compare(map, source, style).layers);

  const select = (codes, { move = false } = {}) => {
    selected.clear();
    codes.forEach((code) => selected.add(code));
    redraw();
    for (const row of document.querySelectorAll('[data-parcel-row]')) row.classList.toggle('is-selected', selected.has(row.dataset.parcelRow));
    const found = source.getFeatures().find((feature) => selected.has(feature.get('code')));
    if (move && found) map.getView().fit(found.getGeometry().getExtent(), { padding: [80, 80, 80, 80], maxZoom: 20 });
  };
  linkTable(place, select);
  if (truncated) {
    const told = message(place, say('more_parcels'));
    followView(map, place, source, data, shown, (more) => { told.hidden = !more; });
  }
  map.on('singleclick', (event) => {
    if (place.dataset.drawing) return;
    const hit = map.forEachFeatureAtPixel(event.pixel, (feature) => feature.get('code'));
    select(hit ? [hit] : []);
    place.dispatchEvent(new CustomEvent('parcel:selected', { bubbles: true, detail: { code: hit || null } }));
    document.querySelector('[data-parcel-row].is-selected')?.scrollIntoView({ block: 'nearest' });
  });
  if (place.dataset.drawInput) drawing(map, place, shown, data, source, select);
  place.tianqiMap = { map, source, select };
  if (place.dataset.selected) select([...selected]);
  place.dataset.ready = 'true';
}

// A button [data-show-parcel="code"] in the table twin finds its parcel on the map.
function linkTable(place, select) {
  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-show-parcel]');
    if (!button || (button.dataset.onMap && button.dataset.onMap !== place.id)) return;
    select([button.dataset.showParcel], { move: true });
  });
}
