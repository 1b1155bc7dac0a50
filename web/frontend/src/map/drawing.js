// data-draw-input="input id": an area drawn on the map is put into that input as WKT, in data-epsg. Buttons
// [data-draw-start="map id"] begin: by corners, with data-draw="box" by dragging a box; data-draw="view" takes what
// the map shows, for those who move it by keys. What lies inside is marked and counted in [data-draw-told="map id"].
import Draw, { createBox } from 'ol/interaction/Draw.js';
import { getArea } from 'ol/extent.js';
import WKT from 'ol/format/WKT.js';
import { fromExtent } from 'ol/geom/Polygon.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import { say } from '../words.js';

export function drawing(map, place, shown, data, source, select) {
  const own = new VectorSource({ wrapX: false });
  map.addLayer(new VectorLayer({ source: own }));
  const input = document.getElementById(place.dataset.drawInput);
  const told = document.querySelector(`[data-draw-told="${place.id}"]`);
  const buttons = [...document.querySelectorAll(`[data-draw-start="${place.id}"]`)];
  let draw = null;

  const put = (area) => {
    input.value = new WKT().writeGeometry(area, { dataProjection: data, featureProjection: shown, decimals: 3 });
    input.dispatchEvent(new Event('change', { bubbles: true }));
    const inside = source.getFeatures().filter((one) => one.get('layer') === 'after' && meets(area, one.getGeometry()));
    select(inside.map((one) => one.get('code')));
    if (told) told.textContent = say('held_inside', inside.length);
  };
  const end = () => {
    if (draw) map.removeInteraction(draw);
    draw = null;
    setTimeout(() => draw || delete place.dataset.drawing, 500); // the last corner's click chooses no parcel either
    buttons.forEach((button) => button.setAttribute('aria-pressed', 'false'));
  };
  const begin = (button) => {
    own.clear();
    draw = new Draw(button.dataset.draw === 'box'
      ? { source: own, type: 'Circle', geometryFunction: createBox(), freehand: true }
      : { source: own, type: 'Polygon' });
    draw.on('drawstart', () => own.clear());
    draw.on('drawend', (event) => {
      put(event.feature.getGeometry());
      end();
    });
    map.addInteraction(draw);
    place.dataset.drawing = 'on';
    button.setAttribute('aria-pressed', 'true');
  };
  buttons.forEach((button) => button.addEventListener('click', () => {
    const pressed = button.getAttribute('aria-pressed') === 'true';
    end();
    if (button.dataset.draw === 'view') {
      own.clear();
      put(fromExtent(map.getView().calculateExtent(map.getSize())));
    } else if (!pressed) begin(button);
  }));
  document.addEventListener('keydown', (event) => event.key === 'Escape' && draw && end());
}

// Whether they share ground: exact for a box; for a drawn polygon where a corner of the one lies in the other.
// The list that the server answers with is exact for both.
function meets(area, parcel) {
  const box = area.getExtent();
  if (!parcel.intersectsExtent(box)) return false;
  if (area.getArea() > getArea(box) * 0.999) return true;
  return corners(parcel).some((at) => area.intersectsCoordinate(at)) || corners(area).some((at) => parcel.intersectsCoordinate(at));
}

const corners = (shape) => shape.getCoordinates().flat(shape.getType() === 'MultiPolygon' ? 2 : 1);
