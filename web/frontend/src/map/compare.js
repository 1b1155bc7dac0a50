// data-swipe: what was lies left of a divider, what will be right of it; both are features of the map's one source.
import VectorLayer from 'ol/layer/Vector.js';
import VectorSource from 'ol/source/Vector.js';
import { chinese } from '../words.js';
import { SIDES, swipe } from './swipe.js';

export const onASide = (feature) => ['before', 'after'].includes(feature.get('layer'));

export function compare(map, source, style) {
  const features = source.getFeatures();
  // A parcel that stays as it is lies under both sides, drawn once by the map itself.
  const layers = ['before', 'after'].map((side) => new VectorLayer({
    className: SIDES[side],
    declutter: SIDES[side],
    style,
    source: new VectorSource({ features: features.filter((feature) => feature.get('layer') === side) }),
  }));
  layers.forEach((layer) => map.addLayer(layer));
  const words = chinese() ? ['变更前', '变更后'] : ['Before', 'After'];
  const label = chinese() ? '左边是变更前，右边是变更后；用方向键移动' : 'Before on the left, after on the right; move with the arrow keys';
  return { layers, divider: swipe(map, [layers[0]], [layers[1]], { label, words }) };
}
