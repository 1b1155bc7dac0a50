"""Land that the register does not have yet: a parcel surveyed for the first time, to be let out by a first contract."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from engine.domain.changes import geometry
from engine.domain.changes.change import Change, Touched
from engine.domain.changes.codes import PARTY_DIGITS, check_new
from engine.domain.changes.findings import Finding, finding, limit
from engine.domain.changes.parcels import sound_outline
from engine.domain.changes.register import CONTRACTED, Parcel, Register

GROUP, VILLAGE, TOWNSHIP = "31", "32", "33"  # C.6: whose collective owns it
SIDES = ("east", "south", "west", "north")


@dataclass(frozen=True)
class NewParcel(Change):
    """新增地块: land of the collective that was never surveyed, or comes under contract for the first time.

    Its code is the issuing party's next one. It is contracted land (C.7 10) from the day it is filed; whom it goes to
    is the contract's to say, which follows it in the same changeset.
    """

    code: str
    name: str
    outline: str  # WKT in the county's plane
    east: str | None = None
    south: str | None = None
    west: str | None = None
    north: str | None = None
    land_use: str | None = None  # GB/T 21010
    grade: str = "01"  # C.8
    use: str = "1"  # C.9
    basic_farmland: str = "2"  # C.19
    witnesses: str | None = None  # 指界人 ZJRXM
    note: str | None = None
    type: str = "new_parcel"

    @property
    def party(self) -> str:
        return self.code[:PARTY_DIGITS]

    @property
    def polygon(self) -> BaseGeometry:
        return geometry.polygon(self.outline)

    def touches(self) -> Touched:
        return Touched(new_codes=frozenset([self.code]), outlines=(self.polygon,))

    def check(self, register: Register) -> list[Finding]:
        found = check_new(register, "parcels", [self.code], self.party)
        if not self.name.strip():
            found.append(finding("parcel_without_name", self.code))
        return found + sound_outline(self.code, self.polygon)

    def apply(self, register: Register) -> Register:
        outline = self.polygon
        assert isinstance(outline, Polygon), self.code
        return register.put(
            Parcel(
                self.code, self.party, self.name, outline, geometry.area(outline), CONTRACTED,
                owner_of(self.party), self.land_use, self.grade, self.use, self.basic_farmland,
                self.east, self.south, self.west, self.north, self.note, self.witnesses,
            )
        )  # fmt: skip


def owner_of(party: str) -> str:
    """C.6 as the issuing party's code has it: the group's two digits are 00 for the village, its five for the township."""
    return TOWNSHIP if party[-5:] == "00000" else VILLAGE if party[-2:] == "00" else GROUP


def pointed_out(changes: Iterable[Change], names: Iterable[str]) -> tuple[Change, ...]:
    """New parcels with those who pointed their boundaries out, where the drawing did not say."""
    said = "，".join(dict.fromkeys(name for name in names if name)) or None
    return tuple(
        replace(change, witnesses=said) if isinstance(change, NewParcel) and not change.witnesses else change
        for change in changes
    )


def bounded(parcel: NewParcel, around: Mapping[str, tuple[str, BaseGeometry]]) -> NewParcel:
    """四至 that were left empty: who holds the land that lies on that side, along the longest common stretch.

    ``around``: name and outline by code. Sides where nobody adjoins stay empty for the surveyor to fill in.
    """
    longest: dict[str, tuple[float, str]] = {}
    near = parcel.polygon.buffer(limit("adjoining"), join_style="mitre")
    for _, (name, outline) in sorted(around.items()):
        common = near.intersection(outline)
        if common.is_empty or not name:
            continue
        west, south, east, north = common.bounds
        side, reach = _side(parcel.polygon, common), max(east - west, north - south)
        if reach > longest.get(side, (0.0, ""))[0]:
            longest[side] = (reach, name)
    found: dict[str, Any] = {
        side: longest[side][1] for side in SIDES if not getattr(parcel, side) and side in longest
    }
    return replace(parcel, **found)


def _side(own: BaseGeometry, other: BaseGeometry) -> str:
    """On which side the other lies, by how far its middle is off in proportion to the parcel's own size."""
    west, south, east, north = own.bounds
    across = (other.centroid.x - (west + east) / 2) / max(east - west, 0.001)
    up = (other.centroid.y - (south + north) / 2) / max(north - south, 0.001)
    if abs(across) >= abs(up):
        return "east" if across > 0 else "west"
    return "north" if up > 0 else "south"
