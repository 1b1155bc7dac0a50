// data-swipe: what was lies left of a divider, what will be right of it; both are features of the map's one source.
import { createEmpty, extend } from 'ol/extent.js';
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
  const changed = layers.reduce((all, layer) => extend(all, layer.getSource().getExtent()), createEmpty());
  const [west, , east] = map.getView().calculateExtent(map.getSize());
  const share = Math.min(0.85, Math.max(0.15, ((changed[0] + changed[2]) / 2 - west) / (east - west))); // through what changes
  const words = chinese() ? ['变更前', '变更后'] : ['Before', 'After'];
  const label = chinese() ? '左边是变更前，右边是变更后；用方向键移动' : 'Before on the left, after on the right; move with the arrow keys';
  return { layers, divider: swipe(map, [layers[0]], [layers[1]], { label, words, share }) };
}
