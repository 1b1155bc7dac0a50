// Vector tiles in the county's own zone (engine/domain/tiles.py says how they lie).
import MVT from 'ol/format/MVT.js';
import VectorTileLayer from 'ol/layer/VectorTile.js';
import VectorTileSource from 'ol/source/VectorTile.js';
import TileGrid from 'ol/tilegrid/TileGrid.js';

export function tileGrid({ widest, north, points, deepest }) {
  return new TileGrid({
    origin: [0, north],
    tileSize: points,
    resolutions: Array.from({ length: deepest + 1 }, (_, level) => widest / points / 2 ** level),
  });
}

// `asked`: what narrows the tiles, e.g. { division, day, known }.
export function tileAddress(url, asked) {
  const words = new URLSearchParams(Object.entries(asked).filter(([, value]) => value)).toString();
  return words ? `${url}?${words}` : url;
}

export function tileLayer({ url, grid, projection, style, className }) {
  const source = new VectorTileSource({ format: new MVT(), projection, tileGrid: grid, url, wrapX: false, transition: 0 });
  return new VectorTileLayer({ source, style, className, declutter: className || 'tiles', renderBuffer: 64, preload: 1 });
}
