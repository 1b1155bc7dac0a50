// A first look at what is drawn, while something moves: the server looks exactly when it rests.
import { changed, nameOf } from './panel.js';
import { area, crossesItself, indexIn, overlap } from './plane.js';
import { say } from './words.js';

// What is wrong, in words, and the codes of the parcels that something lies over.
export function firstLook(parcels, ground) {
  const said = new Set();
  const clashing = new Set();
  const near = [...parcels.values()];
  for (const parcel of near.filter((one) => changed(one, ground.get(one.code)))) {
    if (crossesItself(parcel.ring)) said.add(say('crossing', nameOf(parcel)));
    for (const other of near) {
      if (other.code === parcel.code) continue;
      if (overlap(parcel.ring, other.ring)) {
        clashing.add(other.code);
        if (!(changed(other, ground.get(other.code)) && other.code < parcel.code)) said.add(say('overlap', nameOf(parcel), nameOf(other)));
      } else if (leaves(parcel, other, ground)) said.add(say('gap', nameOf(parcel), nameOf(other)));
    }
  }
  return { said: [...said], clashing };
}

// A corner that the two had in common, and that one of them left while the other stayed.
function leaves(parcel, other, ground) {
  const before = ground.get(parcel.code);
  if (!before || changed(other, ground.get(other.code))) return false;
  const shared = before.ring.filter((one) => indexIn(other.ring, one) >= 0);
  const left = shared.filter((one) => indexIn(parcel.ring, one) < 0);
  return shared.length > 1 && left.length > 0 && !overlap(parcel.ring, other.ring) && area(parcel) < area(before);
}
