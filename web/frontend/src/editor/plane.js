// Plane geometry of outlines: metres, [east, north]. A ring is open: its first corner is not repeated.
export const SAME = 0.001; // m: closer is the same place

export const same = (a, b) => a[0] === b[0] && a[1] === b[1];
export const near = (a, b, metres = SAME) => Math.abs(a[0] - b[0]) <= metres && Math.abs(a[1] - b[1]) <= metres;
export const onGrid = ([x, y]) => [Number(x.toFixed(3)), Number(y.toFixed(3))];
export const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
export const indexIn = (ring, corner) => ring.findIndex((one) => same(one, corner));
export const edges = (ring) => ring.map((corner, at) => [corner, ring[(at + 1) % ring.length]]);
export const sameRing = (a, b) => a.length === b.length && a.every((corner, at) => same(corner, b[at]));

export function open(ring) {
  return ring.length > 1 && same(ring[0], ring[ring.length - 1]) ? ring.slice(0, -1) : ring;
}

export const closed = (ring) => [...ring, ring[0]];

export function ringArea(ring) {
  const [x0, y0] = ring[0];
  let twice = 0;
  edges(ring).forEach(([a, b]) => { twice += (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0); });
  return Math.abs(twice) / 2;
}

export const area = ({ ring, holes = [] }) => ringArea(ring) - holes.reduce((sum, hole) => sum + ringArea(hole), 0);

export function fromWkt(wkt) {
  const rings = [...wkt.matchAll(/\(([^()]+)\)/g)].map(([, inner]) => open(inner.split(',').map((pair) => pair.trim().split(/\s+/).map(Number))));
  if (!/^\s*POLYGON/i.test(wkt) || !rings.length || rings.some((ring) => ring.length < 3 || ring.flat().some(Number.isNaN))) return null;
  return { ring: rings[0], holes: rings.slice(1) };
}

export function toWkt({ ring, holes = [] }) {
  return `POLYGON (${[ring, ...holes].map((one) => `(${closed(one).map((corner) => corner.join(' ')).join(', ')})`).join(', ')})`;
}

// Nearest point of a segment.
export function onto(point, [a, b]) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const long = dx * dx + dy * dy;
  const share = long ? Math.max(0, Math.min(1, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / long)) : 0;
  return [a[0] + share * dx, a[1] + share * dy];
}

export const offEdge = (point, edge) => distance(point, onto(point, edge));

export function inside(point, ring) {
  let within = false;
  for (const [a, b] of edges(ring)) {
    if (a[1] > point[1] !== b[1] > point[1] && point[0] < ((b[0] - a[0]) * (point[1] - a[1])) / (b[1] - a[1]) + a[0]) within = !within;
  }
  return within;
}

const wellInside = (point, ring) => inside(point, ring) && edges(ring).every((edge) => offEdge(point, edge) > SAME);

const side = (a, b, p) => (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);

// Whether two segments cross properly, each well beyond the other.
export function cross([a, b], [c, d]) {
  if (side(a, b, c) > 0 === side(a, b, d) > 0 || side(c, d, a) > 0 === side(c, d, b) > 0) return false;
  return [[a, [c, d]], [b, [c, d]], [c, [a, b]], [d, [a, b]]].every(([point, edge]) => offEdge(point, edge) > SAME);
}

export function crossesItself(ring) {
  const all = edges(ring);
  if (all.length > 600) return false; // the server looks at those
  return all.some((one, i) => all.some((other, j) => j > i + 1 && !(i === 0 && j === all.length - 1) && cross(one, other)));
}

export const box = (ring) => ring.reduce(([w, s, e, n], [x, y]) => [Math.min(w, x), Math.min(s, y), Math.max(e, x), Math.max(n, y)], [Infinity, Infinity, -Infinity, -Infinity]);

export function overlap(first, second) {
  const [a, b] = [box(first), box(second)];
  if (a[0] >= b[2] || b[0] >= a[2] || a[1] >= b[3] || b[1] >= a[3]) return false;
  if (first.length * second.length > 250000) return false;
  const halfway = (ring) => edges(ring).map(([p, q]) => [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2]);
  if ([...first, ...halfway(first)].some((point) => wellInside(point, second))) return true;
  if ([...second, ...halfway(second)].some((point) => wellInside(point, first))) return true;
  return edges(first).some((one) => edges(second).some((other) => cross(one, other)));
}

// Text "X,Y" line by line, north first or east first: in China the two never look alike.
export function readPoints(text) {
  const points = [];
  for (const line of text.split('\n').filter((one) => one.trim())) {
    const pair = line.trim().match(/^(?:[A-Za-z]?\d+\s*[:：]\s*)?(\d+(?:\.\d+)?)\s*[,，;；\s]\s*(\d+(?:\.\d+)?)$/);
    if (!pair) return null;
    const [first, second] = [Number(pair[1]), Number(pair[2])];
    const northFirst = first >= 1.8e6 && first <= 6.2e6;
    points.push(northFirst ? [second, first] : [first, second]);
  }
  return points.length ? points : null;
}
