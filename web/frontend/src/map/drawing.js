// data-draw-input="input id": an area drawn on the map is put into that input as WKT, in data-epsg.
import Draw from 'ol/interaction/Draw.js';
import WKT from 'ol/format/WKT.js';
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';

export function drawing(map, place, shown, data) {
  const source = new VectorSource({ wrapX: false });
  map.addLayer(new VectorLayer({ source }));
  const input = document.getElementById(place.dataset.drawInput);
  const button = document.querySelector(`[data-draw-start="${place.id}"]`);
  const draw = new Draw({ source, type: 'Polygon' });
  draw.on('drawend', (event) => {
    source.clear();
    input.value = new WKT().writeGeometry(event.feature.getGeometry(), { dataProjection: data, featureProjection: shown, decimals: 3 });
    input.dispatchEvent(new Event('change', { bubbles: true }));
    map.removeInteraction(draw);
    setTimeout(() => delete place.dataset.drawing, 500); // the last corner's click chooses no parcel either
    button?.setAttribute('aria-pressed', 'false');
  });
  button?.addEventListener('click', () => {
    source.clear();
    map.addInteraction(draw);
    place.dataset.drawing = 'on';
    button.setAttribute('aria-pressed', 'true');
  });
}
