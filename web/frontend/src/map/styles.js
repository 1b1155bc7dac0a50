// How parcels look. A feature's `layer` says which of these it is; `code`, `name` and `area` make its label.
import Circle from 'ol/style/Circle.js';
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

// The map of a whole scope. Colours of DKLB (C.7) are those of printed sheets (engine/documents/map_sheet.py).
export const CATEGORIES = {
  10: { fill: 'rgba(126,178,120,0.34)', stroke: '#2f6b49', ink: '#12402a' },
  21: { fill: 'rgba(244,211,94,0.42)', stroke: '#8a6a12', ink: '#5a430a' },
  22: { fill: 'rgba(110,155,205,0.34)', stroke: '#2b5585', ink: '#173a60' },
  23: { fill: 'rgba(205,145,95,0.36)', stroke: '#8a5116', ink: '#5e370a' },
  99: { fill: 'rgba(150,150,140,0.30)', stroke: '#6b6b63', ink: '#3d3d38' },
};
const CHANGES = {
  added: { stroke: '#0f5a34', width: 2.5, fill: 'rgba(40,150,80,0.42)' },
  changed: { stroke: '#8a5116', width: 2.5, fill: 'rgba(240,170,50,0.45)' },
  ended: { stroke: '#ad231b', width: 2.5, dash: [7, 5], fill: 'rgba(173,35,27,0.22)' },
  was: { stroke: '#8a5116', width: 1.5, dash: [5, 4], fill: 'rgba(0,0,0,0)' },
};
const MARKS = {
  case: ['办', '#17566b'], dispute: ['争', '#ad231b'], mortgage: ['押', '#8a5116'], seizure: ['封', '#7d150f'], transfer: ['转', '#5b4a8a'],
};
const INK = 'rgba(255,255,255,0.95)';
const text = (words, { size = 13, weight = 600, ink = '#1b231e', halo = 3, ...more } = {}) => new Text({
  text: words, font: FONT.replace(/^\d+ \d+px/, `${weight} ${size}px`), fill: new Fill({ color: ink }), stroke: new Stroke({ color: INK, width: halo }), ...more,
});

// Slanted lines over basic farmland.
let hatched;
function hatch() {
  if (!hatched) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 8;
    const brush = canvas.getContext('2d');
    brush.strokeStyle = 'rgba(18,64,42,0.55)';
    brush.lineWidth = 1.2;
    for (const [x, y] of [[-2, 2], [0, 8], [6, 10]]) {
      brush.beginPath();
      brush.moveTo(x, y);
      brush.lineTo(x + y + 2, -2);
      brush.stroke();
    }
    hatched = brush.createPattern(canvas, 'repeat');
  }
  return hatched;
}

// Parcels of a tile. `shown` is a Set of categories, and of `basic`; `mu` is the word for 亩.
export function parcelStyle(shown, mu) {
  const kept = new Map();
  const fills = new Map();
  const style = (category, thin) => {
    const key = `${category} ${thin}`;
    if (!fills.has(key)) {
      const { fill, stroke } = CATEGORIES[category];
      fills.set(key, new Style({ fill: new Fill({ color: fill }), stroke: new Stroke({ color: stroke, width: thin ? 0.5 : 1.1 }) }));
    }
    return fills.get(key);
  };
  const basic = new Style({ fill: new Fill({ color: 'transparent' }) });
  return (feature, resolution) => {
    const category = CATEGORIES[feature.get('category')] ? feature.get('category') : '99';
    if (!shown.has(category)) return null;
    const styles = [style(category, resolution > 3)];
    if (shown.has('basic') && feature.get('basic') === '1') {
      basic.getFill().setColor(hatch());
      styles.push(basic);
    }
    if (resolution > 1.6 || !feature.get('here')) return styles;
    const words = resolution < 0.8 && feature.get('mu') ? `${feature.get('name')}\n${feature.get('mu')} ${mu}` : feature.get('name');
    const key = `${category} ${words}`;
    if (!kept.has(key)) {
      if (kept.size > 5000) kept.clear();
      kept.set(key, new Style({ text: text(words, { size: resolution < 0.4 ? 14 : 12, ink: CATEGORIES[category].ink }) }));
    }
    return [...styles, kept.get(key)];
  };
}

// Outlines and names of divisions, where the map is too small for parcels.
export function divisionStyle(shown, describe) {
  const outline = new Style({ fill: new Fill({ color: 'rgba(126,178,120,0.30)' }), stroke: new Stroke({ color: '#2f6b49', width: 1.4 }) });
  return (feature, resolution) => {
    if (!shown.has('divisions')) return null;
    if (feature.get('layer') === 'divisions') return outline;
    const count = Number(feature.get('parcels'));
    const words = resolution > 48 ? feature.get('name') : `${feature.get('name')}\n${describe(count, feature.get('mu'))}`;
    return new Style({ zIndex: count, text: text(words, { size: 13, ink: '#12402a', halo: 4 }) });
  };
}

export function chosenStyle() {
  return [
    new Style({ stroke: new Stroke({ color: 'rgba(255,255,255,0.9)', width: 7 }) }),
    new Style({ fill: new Fill({ color: 'rgba(255,205,60,0.38)' }), stroke: new Stroke({ color: LOOKS.selected.stroke, width: 3.5 }) }),
  ];
}

export function changeStyle(feature) {
  const { stroke, width, dash, fill } = CHANGES[feature.get('layer')] || CHANGES.changed;
  return new Style({ fill: new Fill({ color: fill }), stroke: new Stroke({ color: stroke, width, lineDash: dash }), zIndex: feature.get('layer') === 'was' ? 2 : 1 });
}

// One mark, or how many lie together there.
export function markStyle(shown) {
  const kept = new Map();
  return (cluster) => {
    const marks = (cluster.get('features') || [cluster]).filter((one) => shown.has(one.get('mark') === 'case' ? 'cases' : 'holds'));
    if (!marks.length) return null;
    const kinds = new Set(marks.map((one) => one.get('mark')));
    const [letter, colour] = MARKS[kinds.size === 1 ? [...kinds][0] : 'dispute'] || MARKS.case;
    const words = marks.length > 1 ? String(marks.length) : letter;
    const key = `${colour} ${words}`;
    if (!kept.has(key)) {
      kept.set(key, new Style({
        image: new Circle({ radius: marks.length > 1 ? 13 : 11, fill: new Fill({ color: colour }), stroke: new Stroke({ color: '#fff', width: 2 }) }),
        text: new Text({ text: words, font: FONT.replace('13px', '12px'), fill: new Fill({ color: '#fff' }), offsetY: 1 }),
      }));
    }
    return kept.get(key);
  };
}
