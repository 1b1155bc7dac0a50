// Typed changes and the parcels that they leave. Parcels: Map of code -> {code, name, own, party, ring, holes, area, contract}.
import { area, edges, fromWkt, indexIn, sameRing, toWkt } from './plane.js';

const RESHAPING = ['remeasure_parcel', 'move_boundary'];
const SAME_LAND = 0.05; // m2: what rounding to the millimetre may do to the sum of two areas

export function groundOf(collection) {
  const parcels = new Map();
  for (const { properties, geometry } of collection.features) {
    if (geometry.type !== 'Polygon' || properties.area === true) continue;
    const [ring, ...holes] = geometry.coordinates.map((one) => one.slice(0, -1));
    parcels.set(properties.code, { ...properties, ring, holes });
  }
  return parcels;
}

// Where the issuing party's land lies, as the map has it.
export const areasOf = (collection) => collection.features
  .filter(({ properties }) => properties.area === true)
  .map(({ geometry }) => ({ code: '', ring: geometry.coordinates[0].slice(0, -1), holes: [] }));

const NEW_LAND = { own: true, party: true, holder: null, contract_area: null };

const pieceOf = (like, piece) => ({ ...like, ...fromWkt(piece.outline), code: piece.code, name: piece.name, contract_area: piece.contract_area, fresh: true });

// The parcels after the changes; those that no longer fit are left out, and `lost` counts them.
export function applied(ground, changes) {
  const parcels = new Map(ground);
  let lost = 0;
  for (const change of changes) {
    if (change.type === 'new_parcel') {
      parcels.set(change.code, pieceOf(NEW_LAND, change));
      continue;
    }
    const named = change.parcels?.map((row) => row.parcel_code) || change.parcel_codes || [change.parcel_code];
    if (named.some((code) => !parcels.has(code))) {
      lost += 1;
      continue;
    }
    const like = parcels.get(named[0]);
    if (change.type === 'remeasure_parcel') parcels.set(change.parcel_code, { ...like, ...fromWkt(change.outline) });
    else if (change.type === 'move_boundary') for (const row of change.parcels) parcels.set(row.parcel_code, { ...parcels.get(row.parcel_code), ...fromWkt(row.outline) });
    else {
      named.forEach((code) => parcels.delete(code));
      for (const piece of change.pieces || change.kept || [change.piece]) parcels.set(piece.code, pieceOf(like, piece));
    }
  }
  return { parcels, lost };
}

// The changes without a new parcel and whatever was done to it since.
export function without(changes, code) {
  const gone = new Set([code]);
  return changes.filter((change) => {
    const codes = change.parcels?.map((row) => row.parcel_code) || change.parcel_codes || [change.parcel_code || change.code];
    if (!codes.some((one) => gone.has(one))) return true;
    for (const piece of change.pieces || change.kept || (change.piece ? [change.piece] : [])) gone.add(piece.code);
    return false;
  });
}

// The changes with these outlines besides: what was reshaped since the last split or merge is said once, anew.
export function reshaped(ground, changes, outlines) {
  let from = changes.length;
  while (from > 0 && RESHAPING.includes(changes[from - 1].type)) from -= 1;
  const base = changes.slice(0, from);
  const before = applied(ground, base).parcels;
  const after = new Map(applied(ground, changes).parcels);
  for (const [code, ring] of Object.entries(outlines)) after.set(code, { ...after.get(code), ring });
  const moved = [...after.values()].filter((parcel) => before.has(parcel.code) && !sameRing(parcel.ring, before.get(parcel.code).ring));
  return [...base, ...together(moved, before).flatMap((group) => said(group, before))];
}

// Parcels that had or have a corner in common belong to one moved boundary.
function together(moved, before) {
  const groups = [];
  for (const parcel of moved) {
    const corners = (one) => [...before.get(one.code).ring, ...one.ring];
    const meets = groups.filter((group) => group.some((other) => corners(other).some((corner) => indexIn(corners(parcel), corner) >= 0)));
    for (const group of meets) groups.splice(groups.indexOf(group), 1);
    groups.push([parcel, ...meets.flat()]);
  }
  return groups;
}

function said(group, before) {
  const sum = (parcels) => parcels.reduce((all, parcel) => all + area(parcel), 0);
  const kept = Math.abs(sum(group) - sum(group.map((parcel) => before.get(parcel.code)))) < SAME_LAND;
  const parcels = [...group].sort((a, b) => (a.code < b.code ? -1 : 1));
  if (group.length > 1 && (kept || group.some((parcel) => !parcel.own))) {
    return [{ type: 'move_boundary', parcels: parcels.map((parcel) => ({ parcel_code: parcel.code, outline: toWkt(parcel) })) }];
  }
  return parcels.map((parcel) => ({ type: 'remeasure_parcel', parcel_code: parcel.code, area: area(parcel).toFixed(2), outline: toWkt(parcel) }));
}

// --- corners

export const sharing = (parcels, corner, also = () => true) => [...parcels.values()].filter((parcel) => indexIn(parcel.ring, corner) >= 0 && also(parcel));

// The rings after a corner goes to another place, for every parcel that has it. Along a side of one of them, the
// others keep the old corner too, so that together they cover the same land.
export function movedCorner(parcels, corner, to, metres = 0.002) {
  const has = parcels.map((parcel) => ({ parcel, at: indexIn(parcel.ring, corner) }));
  const next = ({ parcel, at }, step) => parcel.ring[(at + step + parcel.ring.length) % parcel.ring.length];
  const along = (one) => [1, -1].some((step) => lies(to, [corner, next(one, step)], metres));
  const slides = has.length > 1 && has.some(along) && !has.every(along);
  const outlines = {};
  for (const one of has) {
    const ring = [...one.parcel.ring];
    const shared = slides && !along(one) && [1, -1].find((step) => has.some((other) => along(other) && indexIn(other.parcel.ring, next(one, step)) >= 0));
    if (shared) ring.splice(shared === 1 ? one.at + 1 : one.at, 0, to);
    else ring[one.at] = to;
    outlines[one.parcel.code] = ring;
  }
  return outlines;
}

function lies(point, [a, b], metres) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const share = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (dx * dx + dy * dy || 1);
  return share > 0 && share < 1 && Math.abs((point[0] - a[0]) * dy - (point[1] - a[1]) * dx) / Math.hypot(dx, dy) <= metres;
}

// A corner more in an edge, for every parcel that has just that edge.
export function insertedCorner(parcels, [from, to], corner) {
  const outlines = {};
  for (const parcel of parcels) {
    const at = edges(parcel.ring).findIndex(([a, b]) => (sameEnd(a, from) && sameEnd(b, to)) || (sameEnd(a, to) && sameEnd(b, from)));
    if (at < 0) continue;
    const ring = [...parcel.ring];
    ring.splice(at + 1, 0, corner);
    outlines[parcel.code] = ring;
  }
  return outlines;
}

const sameEnd = (a, b) => a[0] === b[0] && a[1] === b[1];

export function removedCorner(parcels, corner) {
  const outlines = {};
  for (const parcel of parcels) if (parcel.ring.length > 3) outlines[parcel.code] = parcel.ring.filter((one) => !sameEnd(one, corner));
  return outlines;
}
