// How the editor's map looks: what may be changed stands out, what is wrong is red, what was is dashed.
import CircleStyle from 'ol/style/Circle.js';
import Fill from 'ol/style/Fill.js';
import Stroke from 'ol/style/Stroke.js';
import Style from 'ol/style/Style.js';
import Text from 'ol/style/Text.js';

const FONT = '"PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
const LOOKS = {
  area: { stroke: '#5b6b8c', width: 1.5, dash: [2, 6], z: -1 },
  other: { stroke: '#8b948d', width: 1, fill: 'rgba(150,160,150,0.10)', ink: '#4d5852', z: 0 },
  own: { stroke: '#2f6b49', width: 1.5, fill: 'rgba(110,165,120,0.22)', ink: '#12402a', z: 2 },
  chosen: { stroke: '#0f5a34', width: 3, fill: 'rgba(60,150,90,0.26)', ink: '#0f4527', z: 4 },
  picked: { stroke: '#a33b00', width: 3, fill: 'rgba(255,205,60,0.45)', ink: '#4a2500', z: 5 },
  clash: { stroke: '#ad231b', width: 2.5, fill: 'rgba(173,35,27,0.14)', ink: '#7d150f', z: 3 },
  before: { stroke: '#7a4a12', width: 2, dash: [7, 5], z: 6 },
  overlap: { stroke: '#ad231b', width: 2, fill: 'rgba(173,35,27,0.45)', z: 7 },
  gap: { stroke: '#8a4a00', width: 2, dash: [3, 3], fill: 'rgba(230,150,30,0.5)', z: 7 },
};

const made = new Map();

export function look(name, text = '') {
  const key = `${name} ${text}`;
  if (!made.has(key)) {
    if (made.size > 3000) made.clear();
    const { stroke, width, dash, fill, ink, z } = LOOKS[name];
    made.set(key, new Style({
      zIndex: z,
      stroke: new Stroke({ color: stroke, width, lineDash: dash }),
      fill: fill ? new Fill({ color: fill }) : undefined,
      text: text ? new Text({ text, font: `600 13px ${FONT}`, overflow: false, fill: new Fill({ color: ink }), stroke: new Stroke({ color: '#fff', width: 3 }) }) : undefined,
    }));
  }
  return made.get(key);
}

const dot = (radius, fill, stroke, width = 2) => new CircleStyle({ radius, fill: new Fill({ color: fill }), stroke: new Stroke({ color: stroke, width }) });

const DOTS = {
  corner: new Style({ zIndex: 10, image: dot(5.5, '#fff', '#0f5a34') }),
  shared: new Style({ zIndex: 10, image: dot(5.5, '#cfe8d6', '#0f5a34') }),
  grasped: new Style({ zIndex: 12, image: dot(7, '#ffd34f', '#4a2500') }),
  snapped: new Style({ zIndex: 11, image: dot(11, 'rgba(255,211,79,0.25)', '#a33b00', 2.5) }),
};

export function corner(kind, label, labelled) {
  const style = DOTS[kind];
  if (!labelled) return style;
  return [style, new Style({
    zIndex: 13,
    text: new Text({ text: label, font: `600 11px ${FONT}`, offsetY: -14, fill: new Fill({ color: '#12402a' }), stroke: new Stroke({ color: '#fff', width: 3 }) }),
  })];
}

export const sketching = new Style({
  stroke: new Stroke({ color: '#a33b00', width: 2.5, lineDash: [6, 4] }),
  fill: new Fill({ color: 'rgba(163,59,0,0.10)' }),
  image: dot(5, '#fff', '#a33b00'),
});
