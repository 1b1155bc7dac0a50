// The map that is drawn on: parcels, corners, what the server found; dragging corners and drawing lines with snapping.
import Feature from 'ol/Feature.js';
import Map_ from 'ol/Map.js';
import View from 'ol/View.js';
import { defaults as controls } from 'ol/control/defaults.js';
import ScaleLine from 'ol/control/ScaleLine.js';
import { boundingExtent } from 'ol/extent.js';
import GeoJSON from 'ol/format/GeoJSON.js';
import Point from 'ol/geom/Point.js';
import Polygon from 'ol/geom/Polygon.js';
import { defaults as interactions } from 'ol/interaction/defaults.js';
import DoubleClickZoom from 'ol/interaction/DoubleClickZoom.js';
import Draw from 'ol/interaction/Draw.js';
import Pointer from 'ol/interaction/Pointer.js';
import Snap from 'ol/interaction/Snap.js';
import VectorLayer from 'ol/layer/Vector.js';
import { register } from 'ol/proj/proj4.js';
import VectorSource from 'ol/source/Vector.js';
import proj4 from 'proj4';
import { corner as cornerLook, look, sketching } from './looks.js';
import { closed, distance, edges, onGrid, onto, same } from './plane.js';
import { say } from './words.js';

const GRASP = 12; // px around a corner or an edge
const TOUCH = 20;
const SNAP = 10;

function projection(place) {
  const code = `EPSG:${place.dataset.epsg}`;
  proj4.defs(code, place.dataset.proj);
  register(proj4);
  return code;
}

// `asked`: {parcels, chosen, corners, grab, drag, drop, pick, cancel} - what the canvas needs to know and tells.
export function canvas(element, place, asked) {
  const sources = Object.fromEntries(['parcels', 'found', 'corners', 'sketch'].map((name) => [name, new VectorSource({ wrapX: false })]));
  const layer = (source, style, zIndex) => new VectorLayer({ source, style, zIndex, updateWhileInteracting: true });
  const map = new Map_({
    target: element,
    layers: [
      new VectorLayer({ source: sources.parcels, style: (feature, resolution) => look(feature.get('look'), resolution < 1.5 ? feature.get('label') : ''), declutter: true, zIndex: 1 }),
      layer(sources.found, (feature) => look(feature.get('layer')), 2),
      layer(sources.sketch, sketching, 3),
      layer(sources.corners, (feature, resolution) => cornerLook(feature.get('kind'), feature.get('label'), resolution < 0.25), 4),
    ],
    view: new View({ projection: projection(place), center: [0, 0], resolution: 1, minResolution: 0.005, enableRotation: false }),
    controls: controls({ attribution: false, rotate: false, zoomOptions: { zoomInTipLabel: say('zoom_in'), zoomOutTipLabel: say('zoom_out') } }).extend([new ScaleLine()]),
    interactions: interactions({ altShiftDragRotate: false, pinchRotate: false, doubleClickZoom: false }),
  });
  const zooming = new DoubleClickZoom();
  map.addInteraction(zooming);
  const port = map.getViewport();
  port.setAttribute('role', 'application');
  port.setAttribute('aria-label', say('map'));
  port.tabIndex = 0;

  // --- where the pointer is, exactly

  const reach = (event, px) => (event.originalEvent.pointerType === 'touch' ? TOUCH : px) * map.getView().getResolution();

  // A place on the grid, or exactly on a corner, or on an edge of what is not being moved.
  const snapped = (place_, reach_, moving) => {
    let best = null;
    for (const parcel of asked.parcels().values()) {
      for (const one of parcel.ring) {
        const far = distance(one, place_);
        if (!moving.some((own) => same(own, one)) && far < reach_ && (!best || far < best.far)) best = { at: one, far, kind: 'corner' };
      }
    }
    if (best) return best;
    for (const parcel of asked.parcels().values()) {
      for (const edge of edges(parcel.ring)) {
        const at = onto(place_, edge);
        const far = distance(at, place_);
        if (far < reach_ * 0.8 && (!best || far < best.far)) best = { at: onGrid(at), far, kind: 'edge' };
      }
    }
    return best || { at: onGrid(place_), kind: null };
  };

  const grasp = (event) => {
    const chosen = asked.chosen();
    if (!chosen) return null;
    const far = reach(event, GRASP);
    const corner = chosen.ring.reduce((best, one) => (distance(one, event.coordinate) < (best ? distance(best, event.coordinate) : far) ? one : best), null);
    if (corner) return { corner };
    const edge = edges(chosen.ring).find((one) => distance(onto(event.coordinate, one), event.coordinate) < far * 0.7);
    return edge ? { edge, corner: onGrid(onto(event.coordinate, edge)) } : null;
  };

  let held = null;
  const dragging = new Pointer({
    handleDownEvent(event) {
      if (event.originalEvent.button > 0) return false;
      const found = grasp(event);
      if (!found) return false;
      held = { ...found, moved: false };
      asked.grab(held);
      return true;
    },
    handleDragEvent(event) {
      if (!held) return;
      held.moved = true;
      const place_ = snapped(event.coordinate, reach(event, SNAP), [held.corner]);
      asked.drag(held, place_);
      mark(place_.kind ? place_.at : null, place_.at);
    },
    handleUpEvent() {
      const done = held;
      held = null;
      mark(null, null);
      if (done) asked.drop(done);
      return false;
    },
    handleMoveEvent(event) {
      port.style.cursor = event.dragging ? 'grabbing' : grasp(event) ? 'grab' : '';
    },
  });
  map.addInteraction(dragging);

  let marks = [];
  function mark(place_, grasped) {
    marks.forEach((one) => sources.corners.removeFeature(one));
    marks = [];
    if (place_) marks.push(new Feature({ geometry: new Point(place_), kind: 'snapped' }));
    if (grasped) marks.push(new Feature({ geometry: new Point(grasped), kind: 'grasped' }));
    sources.corners.addFeatures(marks);
  }

  map.on('singleclick', (event) => {
    if (drawing) return;
    const hit = map.forEachFeatureAtPixel(event.pixel, (feature) => feature.get('code'), { layerFilter: (one) => one.getSource() === sources.parcels });
    if (hit) asked.pick(hit);
  });

  // --- drawing a line or an area

  let drawing = null;
  let snapping = null;

  function draw(type, done) {
    stop();
    drawing = new Draw({ source: sources.sketch, type, style: sketching, stopClick: true, snapTolerance: 12 });
    snapping = new Snap({ source: sources.parcels, pixelTolerance: SNAP });
    drawing.on('drawstart', (event) => event.feature.getGeometry().on('change', ({ target }) => {
      if (type === 'Polygon') asked.sketch?.(target.getCoordinates()[0].slice(0, -1));
    }));
    drawing.on('drawend', (event) => {
      const drawn = event.feature.getGeometry().getCoordinates();
      const points = (type === 'Polygon' ? drawn[0].slice(0, -1) : drawn).map((one) => snapped(one, 0.0006, []).at);
      window.setTimeout(() => { stop(); done(points); });
    });
    dragging.setActive(false);
    zooming.setActive(false);
    map.addInteraction(drawing);
    map.addInteraction(snapping);
  }

  function stop() {
    if (drawing) map.removeInteraction(drawing);
    if (snapping) map.removeInteraction(snapping);
    drawing = snapping = null;
    sources.sketch.clear();
    dragging.setActive(true);
    zooming.setActive(true);
  }

  // --- what is shown

  const polygon = ({ ring, holes = [] }) => new Polygon([ring, ...holes].map(closed));

  function show(rows) {
    sources.parcels.clear(true);
    sources.parcels.addFeatures(rows.map(({ parcel, ...more }) => new Feature({ geometry: polygon(parcel), code: parcel.code, ...more })));
  }

  function showCorners(rows) {
    sources.corners.clear(true);
    marks = [];
    sources.corners.addFeatures(rows.map(({ at, ...more }) => new Feature({ geometry: new Point(at), ...more })));
  }

  function showFound(collection) {
    sources.found.clear(true);
    sources.found.addFeatures(new GeoJSON().readFeatures(collection));
  }

  function fit(rings, animated = true) {
    const points = rings.flat();
    if (points.length) map.getView().fit(boundingExtent(points), { padding: [50, 50, 50, 60], maxZoom: 24, minResolution: 0.02, size: map.getSize(), duration: animated ? 250 : 0 });
  }

  return {
    map, show, showCorners, showFound, fit, draw, stop,
    drawing: () => Boolean(drawing),
    holding: () => Boolean(held),
    letGo() { held = null; mark(null, null); },
    removeLastPoint: () => drawing?.removeLastPoint(),
  };
}
