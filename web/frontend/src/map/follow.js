// Where the server could not give all parcels at once (`truncated`), those in view are fetched as one moves.
import GeoJSON from 'ol/format/GeoJSON.js';
import { transformExtent } from 'ol/proj.js';

const PAUSE = 250;

export function followView(map, place, source, data, shown, tell) {
  let waiting;
  let latest = 0;
  const load = async () => {
    const asked = ++latest;
    const extent = transformExtent(map.getView().calculateExtent(map.getSize()), shown, data);
    const address = new URL(place.dataset.featuresUrl, window.location.href);
    address.searchParams.set('bbox', extent.map((metres) => metres.toFixed(2)).join(','));
    const answer = await fetch(address, { headers: { Accept: 'application/geo+json, application/json' } });
    if (!answer.ok || asked !== latest) return;
    const read = await answer.json();
    if (asked !== latest) return;
    source.clear(true);
    source.addFeatures(new GeoJSON().readFeatures(read, { dataProjection: data, featureProjection: shown }));
    tell(Boolean(read.truncated));
  };
  map.on('moveend', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => load().catch(() => {}), PAUSE);
  });
}
