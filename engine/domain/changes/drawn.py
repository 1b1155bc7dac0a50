"""From what a person draws to typed changes: a line through a parcel, parcels put together, a red line. Pure.

Outcomes are exact: a corner that lies on one that the register has takes over its very coordinates, so that
neighbours keep sharing it; any other is kept to the millimetre. Whether the outcome fits is ``check``'s to say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize

from engine.domain.changes import geometry
from engine.domain.changes.change import Change
from engine.domain.changes.codec import build, plain
from engine.domain.changes.findings import Finding, errors, finding, limit
from engine.domain.changes.parcels import (
    ExpropriateLand,
    MergeParcels,
    MoveBoundary,
    Piece,
    RemeasureParcel,
    SplitParcel,
    as_piece,
)
from engine.domain.changes.register import Parcel, Register
from engine.domain.errors import Refused
from engine.domain.said import say

Corner = tuple[float, float]
OWN_LAND = "本户地块"


def corners_of(parcels: Iterable[Parcel]) -> dict[Corner, Corner]:
    """Corners that the register has, to be found by their millimetre."""
    found: dict[Corner, Corner] = {}
    for parcel in parcels:
        for corner in shapely.get_coordinates(parcel.outline).tolist():
            found.setdefault(_cell(*corner), (corner[0], corner[1]))
    return found


def settled(outline: BaseGeometry, known: Mapping[Corner, Corner]) -> BaseGeometry:
    """The outline with each corner where the register has one within a millimetre, else on the grid."""

    def place(points: Any) -> list[Corner]:
        return [_place(x, y, known) for x, y in points.tolist()]

    return shapely.transform(outline, place)


def _place(x: float, y: float, known: Mapping[Corner, Corner]) -> Corner:
    same = limit("same_place")
    own = _cell(x, y)
    best = known.get(own)
    if best is None:
        step = limit("grid")
        around = ((own[0] + i * step, own[1] + j * step) for i in (-1, 0, 1) for j in (-1, 0, 1))
        near = [known[cell] for cell in (_cell(*spot) for spot in around) if cell in known]
        best = min(near, key=lambda c: (c[0] - x) ** 2 + (c[1] - y) ** 2, default=None)
    if best is not None and abs(best[0] - x) <= same and abs(best[1] - y) <= same:
        return best
    return own


def _cell(x: float, y: float) -> Corner:
    return round(x, 3), round(y, 3)


def settle(changes: Iterable[Change], register: Register) -> tuple[Change, ...]:
    """The changes with all outlines settled; a remeasured parcel has the area that its outline has."""
    known = corners_of(register.parcels.values())

    def outline(wkt: str) -> str:
        return settled(geometry.polygon(wkt), known).wkt

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: outline(inner) if name in ("outline", "red_line") and inner else walk(inner)
                for name, inner in value.items()
            }
        return [walk(inner) for inner in value] if isinstance(value, list) else value

    found: list[Change] = []
    for change in changes:
        change = build(type(change), walk(plain(change)))
        if isinstance(change, RemeasureParcel) and change.outline:
            change = replace(change, area=geometry.area(geometry.polygon(change.outline)))
        found.append(change)
    return tuple(found)


# --- gestures


def split_by_line(register: Register, code: str, line: Sequence[Corner], codes: Sequence[str]) -> SplitParcel:
    """The parcel in the pieces that a line through it leaves. ``codes``: new ones, at least as many."""
    parcel = _parcel(register, code)
    if len(line) < 2:
        raise Refused("line_misses", LINE_MISSES)
    network = shapely.union_all([parcel.outline.boundary, LineString(line)])
    parts = [
        part
        for part in polygonize(shapely.get_parts(network).tolist())
        if parcel.outline.contains(part.representative_point())
    ]
    known = corners_of(register.parcels.values())
    outlines = [part for part in (settled(part, known) for part in parts) if geometry.matters(part)]
    if len(outlines) < 2:
        raise Refused("line_misses", LINE_MISSES)
    if len(outlines) > len(codes):
        raise Refused("too_many_parts", "分割线把地块分成了%(count)s块，请分次分割", count=len(outlines))
    return SplitParcel(code, _pieces(register, code, outlines, codes, _contracted(register, [code])))


LINE_MISSES = say("分割线没有把地块分成两部分：请从地块外画起，穿过地块，画到地块外")


def merge(register: Register, codes: Sequence[str], new_code: str) -> MergeParcels:
    """The parcels as one. Areas under the contract are added; each side keeps what its outermost parcel says."""
    parcels = [_parcel(register, code) for code in codes]
    if len(parcels) < 2:
        raise Refused("merge_few", "请选择两块以上要合并的地块")
    outlines = [parcel.outline for parcel in parcels]
    whole = shapely.union_all(outlines)
    if not isinstance(whole, Polygon):
        whole = shapely.union_all(outlines, grid_size=limit("grid"))
    if not isinstance(whole, Polygon):
        raise Refused("merge_apart", "所选地块不相连，不能合并")
    whole = _without_slivers(settled(whole, corners_of(register.parcels.values())))
    piece = Piece(
        new_code,
        parcels[0].name,
        whole.wkt,
        _contracted(register, codes),
        east=max(parcels, key=lambda parcel: parcel.outline.bounds[2]).east,
        south=min(parcels, key=lambda parcel: parcel.outline.bounds[1]).south,
        west=min(parcels, key=lambda parcel: parcel.outline.bounds[0]).west,
        north=max(parcels, key=lambda parcel: parcel.outline.bounds[3]).north,
    )
    return MergeParcels(tuple(codes), piece)


def _without_slivers(whole: BaseGeometry) -> BaseGeometry:
    """Gaps below the tolerance between the parcels are no holes."""
    if not isinstance(whole, Polygon):
        return whole
    return Polygon(whole.exterior, [ring for ring in whole.interiors if geometry.matters(Polygon(ring))])


def cut_by_red_line(
    register: Register, code: str, red_line: BaseGeometry, approval: str, codes: Sequence[str]
) -> ExpropriateLand:
    """What the red line leaves of the parcel. One piece keeps its code; several get new ones."""
    parcel = _parcel(register, code)
    if not geometry.sound(red_line):
        raise Refused("red_line_unsound", "征收红线不是有效的面，请重画红线")
    inside, outside = geometry.cut(parcel.outline, red_line)
    if not inside:
        raise Refused("red_line_outside", "征收红线没有占用该地块，请核对地块")
    known = corners_of(register.parcels.values())
    outlines = [settled(part, known) for part in outside]
    if len(outlines) > max(1, len(codes)):
        raise Refused("too_many_parts", "征收后剩余%(count)s块，请分次办理", count=len(outlines))
    before = _contracted(register, [code])
    left = None
    if before is not None and outlines:
        share = Decimal(repr(sum(part.area for part in outlines) / parcel.outline.area))
        remains = (before * share).quantize(geometry.CENT)
        if before == parcel.measured_area:  # what was contracted as measured stays so, to the last digit
            remains = sum((geometry.area(part) for part in outlines), Decimal(0))
        left = min(remains, before - geometry.CENT)
    given = [code] if len(outlines) == 1 else codes
    kept = _pieces(register, code, outlines, given, left) if outlines else ()
    return ExpropriateLand(code, red_line.wkt, approval, kept)


def _parcel(register: Register, code: str) -> Parcel:
    parcel = register.parcels.get(code)
    if parcel is None:
        raise Refused("no_parcel", "登记簿中没有地块 %(code)s，请核对地块编码", code=code[:40])
    return parcel


def _contracted(register: Register, codes: Sequence[str]) -> Decimal | None:
    """m2 that the parcels have under the contract together; None where none holds them."""
    areas = [area for area in (as_piece(register, code).contract_area for code in codes) if area is not None]
    return sum(areas, Decimal(0)) if areas else None


def _pieces(
    register: Register,
    code: str,
    outlines: Sequence[BaseGeometry],
    codes: Sequence[str],
    contracted: Decimal | None,
) -> tuple[Piece, ...]:
    """From north to south and west to east; the contract area by the share of land."""
    ordered = sorted(outlines, key=lambda part: (-round(part.centroid.y, 1), part.centroid.x))
    areas: Sequence[Decimal | None] = [None] * len(ordered)
    if contracted is not None:
        areas = geometry.shares(contracted, [geometry.area(part) for part in ordered])
    like = as_piece(register, code)
    pieces = [
        replace(like, code=given, outline=part.wkt, contract_area=area)
        for given, part, area in zip(codes, ordered, areas, strict=False)
    ]
    return tuple(_beside(piece, part, ordered) for piece, part in zip(pieces, ordered, strict=True))


def _beside(piece: Piece, own: BaseGeometry, parts: Sequence[BaseGeometry]) -> Piece:
    """四至 towards the other pieces is the household's own land now; the other sides stay as they were."""
    sides: dict[str, Any] = {}
    for other in parts:
        common = own.boundary.intersection(other.boundary) if other is not own else Polygon()
        if common.length <= limit("same_place"):
            continue
        west, south, east, north = common.bounds
        if east - west > north - south:  # it runs along, so the two lie one above the other
            sides["north" if other.centroid.y > own.centroid.y else "south"] = OWN_LAND
        else:
            sides["east" if other.centroid.x > own.centroid.x else "west"] = OWN_LAND
    return replace(piece, **sides)


# --- what a case may draw


def beyond_case(
    changes: Iterable[Change], register: Register, contractor: str, party: str, agreed: set[str] | None = None
) -> list[Finding]:
    """Land that the case of that household and issuing party may not change.

    A neighbour's outline may move only along a boundary that both have (MoveBoundary), within the same issuing
    party, and only for parcels whose holder pointed the boundary out: ``agreed``; None where that is asked later.
    """
    found: list[Finding] = []
    for change in changes:
        names = change.touches()
        found += [
            finding("drawn_elsewhere", code) for code in sorted(names.new_codes) if not code.startswith(party)
        ]
        for code in sorted(names.parcels):
            parcel = register.parcels.get(code)
            if parcel.party != party if parcel else not code.startswith(party):
                found.append(finding("drawn_elsewhere", code))
            elif parcel is not None and register.holders(code):
                held = any(contract.contractor == contractor for contract in register.holders(code))
                if not held and not isinstance(change, MoveBoundary):
                    found.append(finding("drawn_of_other", code))
                elif not held and agreed is not None and code not in agreed:
                    found.append(finding("drawn_not_agreed", code))
        if not errors(change.check(register)):
            register = change.apply(register)
    return found
