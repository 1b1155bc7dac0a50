// The map of a whole scope, from tiles: layers, the chosen parcel, days, what changed between two, marks, printing.
import Map from 'ol/Map.js';
import View from 'ol/View.js';
import { defaults as controls } from 'ol/control/defaults.js';
import ScaleLine from 'ol/control/ScaleLine.js';
import ZoomToExtent from 'ol/control/ZoomToExtent.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import VectorLayer from 'ol/layer/Vector.js';
import Cluster from 'ol/source/Cluster.js';
import VectorSource from 'ol/source/Vector.js';
import { chinese, say } from '../words.js';
import { asked, put, putView, readView } from './address.js';
import { choosing } from './chosen.js';
import { days } from './days.js';
import { switches } from './layers.js';
import { projection } from './projection.js';
import { refresh } from './refresh.js';
import { changeStyle, chosenStyle, divisionStyle, markStyle, parcelStyle } from './styles.js';
import { SIDES, swipe } from './swipe.js';
import { tileAddress, tileGrid, tileLayer } from './tiles.js';

const PADDING = [40, 40, 40, 40];
const SCREEN = 0.0254 / 96; // metres, a point of the screen
const MU = chinese() ? '亩' : 'mu';

export async function overview(place) {
  if (place.mounted) return;
  place.mounted = true;
  place.querySelector('[data-map-fallback]')?.remove();
  const zone = projection(place);
  const grid = tileGrid(JSON.parse(place.dataset.grid));
  const extent = place.dataset.extent?.split(',').map(Number);
  const remembered = readView();
  let drawn = [];
  const layers = switches(remembered?.layers || [], () => { drawn.forEach((layer) => layer.changed()); remember(); });
  if ('today' in place.dataset) put({ day: '', known: '', since: '' }); // the address names no day that there is
  const narrowing = () => { const { division, day, known } = asked(); return { division, day, known }; };

  const looks = { parcels: parcelStyle(layers.shown, MU), divisions: divisionStyle(layers.shown, (count, mu) => say('parcels_of', count, mu)) };
  const style = (feature, resolution) => (feature.get('layer') === 'parcels' ? looks.parcels : looks.divisions)(feature, resolution);
  const tiles = (words, className) => tileLayer({ url: tileAddress(place.dataset.tilesUrl, words), grid, projection: zone, style, className });
  const vector = (more) => new VectorLayer({ source: new VectorSource(), ...more });

  const { since, changesUrl } = place.dataset;
  const base = tiles(narrowing(), since ? SIDES.after : undefined);
  const sides = since ? {
    before: [tiles({ ...narrowing(), day: since }, SIDES.before), vector({ style: changeStyle, className: SIDES.before })],
    after: [base, vector({ style: changeStyle, className: SIDES.after })],
  } : { before: [], after: [base] };
  const chosen = vector({ style: chosenStyle(), className: 'tq-chosen-layer' });
  const marked = new VectorSource();
  const marks = new VectorLayer({ source: new Cluster({ source: marked, distance: 30, minDistance: 24 }), style: markStyle(layers.shown), className: 'tq-marks-layer' });
  const past = () => Boolean(narrowing().day || narrowing().known);
  const marksOfToday = () => { marks.setVisible(!past()); layers.onlyToday(past()); };
  marksOfToday();
  drawn = [...sides.before, ...sides.after, chosen, marks];

  const map = new Map({
    target: place,
    layers: drawn,
    view: new View({ projection: zone, center: [0, 0], resolution: 1, minResolution: 0.04, maxResolution: 1024, enableRotation: false }),
    controls: controls({ attribution: false, rotate: false, zoomOptions: { zoomInTipLabel: say('zoom_in'), zoomOutTipLabel: say('zoom_out') } }),
  });
  map.addControl(new ScaleLine());
  const viewport = map.getViewport();
  viewport.setAttribute('role', 'application');
  viewport.setAttribute('aria-label', place.getAttribute('aria-label') || say('map'));
  viewport.tabIndex = 0;
  await laidOut(map);
  const whole = () => map.getView().fit(extent, { padding: PADDING, size: map.getSize(), minResolution: 0.3 });
  if (extent) {
    whole();
    map.addControl(new ZoomToExtent({ extent, label: '⤢', tipLabel: say('zoom_all') }));
  }
  if (remembered) {
    map.getView().setCenter(remembered.center);
    map.getView().setResolution(remembered.resolution);
  }
  const divider = since && swipe(map, sides.before, sides.after, { label: say('before_after'), words: [since, narrowing().day || say('today')] });

  function remember() { putView(map.getView(), layers.turned()); }
  const status = telling(map);
  map.on('moveend', () => { remember(); status.scale(); });
  status.scale();

  const read = (json) => new GeoJSON().readFeatures(json, { dataProjection: zone, featureProjection: zone });
  const choice = choosing(place, {
    day: () => narrowing(),
    draw(feature, move) {
      chosen.getSource().clear();
      if (!feature) return;
      chosen.getSource().addFeatures(read(feature));
      const box = chosen.getSource().getExtent();
      const seen = map.getView().calculateExtent(map.getSize());
      const small = Math.max(box[2] - box[0], box[3] - box[1]) / map.getView().getResolution() < 24;
      const outside = box[0] < seen[0] || box[1] < seen[1] || box[2] > seen[2] || box[3] > seen[3];
      if (move && !remembered && (small || outside)) map.getView().fit(box, { padding: [120, 120, 120, 120], size: map.getSize(), minResolution: 0.35 });
    },
  });

  const under = (pixel) => {
    const found = map.getFeaturesAtPixel(pixel, {
      hitTolerance: 3,
      layerFilter: (layer) => layer !== chosen && (!divider || !sides.before.concat(sides.after).includes(layer) || divider.shows(sides.before.includes(layer) ? 'before' : 'after', pixel)),
    });
    const mark = found.find((one) => one.get('features'))?.get('features').find((one) => layers.shown.has(one.get('mark') === 'case' ? 'cases' : 'holds'));
    return mark || found.find((one) => one.get('code') || one.get('layer') === 'parcels');
  };
  map.on('singleclick', (event) => {
    const feature = under(event.pixel);
    const code = feature?.get('code');
    if (feature && (!code || feature.get('layer') === 'divisions' || feature.get('layer') === 'places')) {
      map.getView().animate({ center: event.coordinate, resolution: Math.max(map.getView().getResolution() / 4, 0.5), duration: 250 });
      return;
    }
    choice.choose(code || null, { move: false, read: true });
  });
  map.on('pointermove', (event) => {
    if (event.dragging) return;
    const feature = under(event.pixel);
    viewport.classList.toggle('tq-map-hit', Boolean(feature));
    status.pointer(event.coordinate);
    status.under(feature && [feature.get('name'), feature.get('mu') && `${feature.get('mu')} ${MU}`, feature.get('code')].filter(Boolean).join(' · '));
  });

  days((day) => {
    put({ day });
    marksOfToday();
    base.getSource().setUrl(tileAddress(place.dataset.tilesUrl, narrowing()));
  }, () => refresh().then(() => choice.again()).catch(() => {}));

  const print = document.querySelector('[data-map-print]');
  print?.addEventListener('click', () => {
    const address = new URL(print.href);
    address.searchParams.set('bbox', map.getView().calculateExtent(map.getSize()).map((metres) => metres.toFixed(1)).join(','));
    for (const name of ['day', 'known', 'parcel']) {
      if (asked()[name]) address.searchParams.set(name, asked()[name]);
      else address.searchParams.delete(name);
    }
    print.href = address;
  });

  const failed = (fault) => {
    const line = Object.assign(document.createElement('p'), { className: 'tq-map__message', textContent: say('load_failed', fault.message) });
    line.setAttribute('role', 'status');
    place.append(line);
  };
  await Promise.all([
    load(place.dataset.marksUrl).then((json) => marked.addFeatures(read(json))).catch(failed),
    changesUrl && load(changesUrl).then((json) => {
      for (const feature of read(json)) {
        const side = ['ended', 'was'].includes(feature.get('layer')) ? 'before' : 'after';
        sides[side][1].getSource().addFeature(feature);
      }
      const found = sides.before[1].getSource().getFeatures().concat(sides.after[1].getSource().getFeatures());
      if (found.length && !remembered && !asked().parcel) {
        const all = new VectorSource({ features: found });
        map.getView().fit(all.getExtent(), { padding: PADDING, size: map.getSize(), minResolution: 0.5 });
      }
    }).catch(failed),
    choice.first(),
  ]);
  place.tianqiMap = { map, base, chosen, marked, sides, divider };
  place.dataset.ready = 'true';
}

async function load(url) {
  const answer = await fetch(url, { headers: { Accept: 'application/geo+json, application/json' } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

function laidOut(map) {
  const ready = () => (map.getSize() || [0])[0] > 0;
  return ready() ? Promise.resolve() : new Promise((done) => { map.on('change:size', () => ready() && done()); });
}

// Scale, what lies under the pointer, and where it is in the county's zone.
function telling(map) {
  const line = document.getElementById('map-status');
  const part = (name) => line?.querySelector(`[data-map-${name}]`) || document.createElement('span');
  if (line) line.hidden = false;
  return {
    scale() {
      const scale = map.getView().getResolution() / SCREEN;
      const round = 10 ** Math.max(0, Math.floor(Math.log10(scale)) - 1);
      part('scale').textContent = `1:${(Math.round(scale / round) * round).toLocaleString('en')}`;
    },
    under(words) { part('under').textContent = words || ''; },
    pointer([east, north]) { part('pointer').textContent = say('east_north', east.toFixed(1), north.toFixed(1)); },
  };
}
