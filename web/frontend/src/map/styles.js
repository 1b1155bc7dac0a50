// How parcels look. A feature's `layer` says which of these it is; `code`, `name` and `area` make its label.
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';
import Text from 'ol/style/Text.js';

const FONT = '600 13px "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';

const LOOKS = {
  neighbour: { stroke: '#8b948d', width: 1, fill: 'rgba(150,160,150,0.12)', ink: '#4d5852' },
  parcel: { stroke: '#2f6b49', width: 1.5, fill: 'rgba(110,165,120,0.22)', ink: '#12402a' },
  before: { stroke: '#7a4a12', width: 2, dash: [7, 5], fill: 'rgba(195,140,60,0.18)', ink: '#5e370a' },
  after: { stroke: '#0f5a34', width: 2.5, fill: 'rgba(60,150,90,0.28)', ink: '#0f4527' },
  overlap: { stroke: '#ad231b', width: 2.5, fill: 'rgba(173,35,27,0.35)', ink: '#7d150f' },
  selected: { stroke: '#a33b00', width: 4, fill: 'rgba(255,205,60,0.45)', ink: '#4a2500' },
};

const ORDER = ['neighbour', 'parcel', 'before', 'after', 'overlap', 'selected'];
const made = new Map();

function label(feature, resolution) {
  if (resolution > 4) return '';
  const name = feature.get('name') || feature.get('code') || '';
  return feature.get('area') && resolution < 1.2 ? `${name}\n${feature.get('area')}` : String(name);
}

function make(look, text) {
  const { stroke, width, dash, fill, ink } = LOOKS[look];
  return new Style({
    zIndex: ORDER.indexOf(look),
    fill: new Fill({ color: fill }),
    stroke: new Stroke({ color: stroke, width, lineDash: dash }),
    text: new Text({ text, font: FONT, overflow: false, fill: new Fill({ color: ink }), stroke: new Stroke({ color: '#fff', width: 3 }) }),
  });
}

export function styler(selected) {
  return (feature, resolution) => {
    const code = feature.get('code');
    const look = selected.has(code) ? 'selected' : LOOKS[feature.get('layer')] ? feature.get('layer') : 'parcel';
    const text = label(feature, resolution);
    const key = `${look} ${text}`;
    if (!made.has(key)) {
      if (made.size > 5000) made.clear();
      made.set(key, make(look, text));
    }
    return made.get(key);
  };
}
