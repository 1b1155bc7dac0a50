"""What a person draws while a case runs: a gesture becomes a typed change, and the changes are checked. Writes nothing.

The same rules decide again when the form is handed in, and once more, under lock, when the case is filed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely
from shapely import Polygon
from sqlalchemy.orm import Session

from engine.domain import changes as domain
from engine.domain.changes import Change, Finding, NewParcel, Register, Touched, geometry
from engine.domain.changes.difference import Changed
from engine.domain.changes.drawn import beyond_case, cut_by_red_line, merge, settle, split_by_line
from engine.domain.changes.findings import errors, finding, limit
from engine.domain.changes.new_land import bounded
from engine.domain.changes.register import Parcel
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Refused
from engine.domain.register import mu
from engine.operations.drawn_land import adjoining
from engine.operations.reach import refuse_far
from engine.store.changes import register_for, register_of
from engine.store.parcel_codes import next_codes
from engine.store.register import county_of
from engine.store.tables.cases import Case

MOST_PIECES = 20  # that one line or red line may leave


@dataclass(frozen=True)
class Area:
    """One changed parcel: m2 and 亩 before and after; None where it is not there yet, or is no more."""

    code: str
    name: str
    before_m2: Decimal | None
    after_m2: Decimal | None
    before_mu: Decimal | None
    after_mu: Decimal | None
    contract_before_m2: Decimal | None
    contract_after_m2: Decimal | None


@dataclass(frozen=True)
class Checked:
    """``features``: GeoJSON with the layers before, after, overlap and gap."""

    changes: tuple[Change, ...]
    findings: list[Finding]
    areas: list[Area]
    features: dict[str, Any]


def check_drawing(
    session: Session, clock: Clock, case: Case, changes: Sequence[Change], scope: str
) -> Checked:
    """``changes``: as a form's drawing has them. The caller has found the case in scope.

    ``scope``: the division that the person sees; of land outside it no code and no outline is told.
    """
    day = local_date(clock.now())
    elsewhere = named_elsewhere(changes, case)
    if elsewhere:  # nothing is told about land that is not the case's
        return Checked(tuple(changes), elsewhere, [], _collection([]))
    refuse_far(session, case, changes)
    now = register_for(session, case.county, changes, day, case)
    settled = settle(changes, now)
    found = beyond_case(settled, now, case.contractor_code, case.issuing_party_code)
    if errors(found):
        return Checked(settled, found, [], _collection([]))
    found += domain.check(settled, now)
    after = domain.apply_what_fits(settled, now)
    changed = [one for one in domain.differences(now, after) if one.kind == "parcels"]
    decimals = int(county_of(session, case.county).settings.get("mu_decimals", 2))
    areas = [_area(one, now, after, decimals) for one in changed]
    told = [_without_strangers(one, scope) for one in found]
    return Checked(settled, told, areas, _collection(_features(changed, now, after, scope)))


def _without_strangers(one: Finding, scope: str) -> Finding:
    other = str(one.facts.get("other", ""))
    if not other or other.startswith(scope) or other[:1].isalpha():
        return one
    return finding("overlap_elsewhere", one.record, area=one.facts.get("area", ""))


def named_elsewhere(changes: Sequence[Change], case: Case) -> list[Finding]:
    """Codes that cannot be of the case's issuing party."""
    codes = domain.named(changes)
    return [
        finding("drawn_elsewhere", code)
        for code in sorted(codes.parcels | codes.new_codes)
        if not code.startswith(case.issuing_party_code)
    ]


def split(
    session: Session, clock: Clock, case: Case, changes: Sequence[Change], code: str, line: Any
) -> Change:
    """The parcel cut along a drawn line. Refused, in words, where the line does not part it."""
    path = [(float(x), float(y)) for x, y in line]
    now = _standing(session, clock, case, changes, [code], path)
    codes = next_codes(
        session, case.county, case.issuing_party_code, MOST_PIECES, domain.named(changes).new_codes
    )
    return split_by_line(now, code, path, codes)


def put_together(
    session: Session, clock: Clock, case: Case, changes: Sequence[Change], codes: list[str]
) -> Change:
    """The parcels as one."""
    now = _standing(session, clock, case, changes, codes, [])
    [code] = next_codes(session, case.county, case.issuing_party_code, 1, domain.named(changes).new_codes)
    return merge(now, codes, code)


def cut(
    session: Session,
    clock: Clock,
    case: Case,
    changes: Sequence[Change],
    code: str,
    red_line: str,
    approval: str,
) -> Change:
    """What a red line leaves of the parcel."""
    line = geometry.polygon(red_line)
    now = _standing(session, clock, case, changes, [code], shapely.get_coordinates(line).tolist())
    codes = next_codes(
        session, case.county, case.issuing_party_code, MOST_PIECES, domain.named(changes).new_codes
    )
    return cut_by_red_line(now, code, line, approval, codes)


def draw_new(
    session: Session,
    clock: Clock,
    case: Case,
    changes: Sequence[Change],
    outline: str,
    facts: Mapping[str, Any],
    scope: str,
) -> Change:
    """Land that the register does not have yet, under the issuing party's next code.

    ``facts``: its name and whatever else of NewParcel is known. Sides left empty are who holds the adjoining land, as
    far as that lies in ``scope``.
    """
    shape = geometry.polygon(outline)
    if not geometry.sound(shape):
        raise Refused("outline_unsound", "界址点围不成一个地块：请检查界址点的顺序和坐标")
    around = shapely.box(*shape.bounds).buffer(limit("adjoining"), join_style="mitre")
    now = _standing(session, clock, case, changes, [], shapely.get_coordinates(around).tolist())
    [code] = next_codes(session, case.county, case.issuing_party_code, 1, domain.named(changes).new_codes)
    [drawn] = settle([NewParcel(code, outline=outline, **facts)], now)
    assert isinstance(drawn, NewParcel)
    return bounded(drawn, adjoining(session, case.county, drawn.outline, scope))


def _standing(
    session: Session, clock: Clock, case: Case, changes: Sequence[Change], codes: list[str], path: list[Any]
) -> Register:
    """The register as what was drawn so far leaves it, with those parcels and what lies along the path."""
    refuse_far(session, case, changes, [tuple(point) for point in path])
    around = shapely.box(*shapely.MultiPoint(path).bounds) if path else Polygon()
    if named_elsewhere(changes, case) or not all(code.startswith(case.issuing_party_code) for code in codes):
        raise Refused("drawn_elsewhere", "所选地块不属于本办件的发包方，不能在这里变更")
    wanted = domain.named(changes) | Touched(parcels=frozenset(codes), outlines=(around,))
    now = register_of(session, case, wanted, local_date(clock.now()))
    return domain.apply_what_fits(settle(changes, now), now)


# --- what is shown


def _area(one: Changed, now: Register, after: Register, decimals: int) -> Area:
    before, later = one.before, one.after
    return Area(
        one.code,
        (later or before).name,
        before.measured_area if before else None,
        later.measured_area if later else None,
        mu(before.measured_area, decimals) if before else None,
        mu(later.measured_area, decimals) if later else None,
        _contracted(now, one.code),
        _contracted(after, one.code),
    )


def _contracted(register: Register, code: str) -> Decimal | None:
    holder = register.holder(code)
    row = holder.row(code) if holder else None
    return row.area if row else None


def _features(changed: list[Changed], now: Register, after: Register, scope: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in changed:
        for layer, parcel in (("before", one.before), ("after", one.after)):
            if isinstance(parcel, Parcel):
                found.append(_feature(parcel.outline, layer, code=parcel.code, name=parcel.name))
    drawn = [one.after for one in changed if one.after is not None]
    seen = set()
    for parcel in drawn:
        beside = {code: other.outline for code, other in after.parcels.items()} | dict(now.proposed)
        for code, outline in beside.items():
            pair = frozenset((parcel.code, code))
            known = code.startswith(scope)
            if known and len(pair) == 2 and pair not in seen and geometry.overlap(parcel.outline, outline):
                both = parcel.outline.intersection(outline)
                found += [
                    _feature(part, "overlap", code=parcel.code, other=code)
                    for part in geometry.pieces_of(both)
                ]
            seen.add(pair)
    return found + _gaps(changed, after)


def _gaps(changed: list[Changed], after: Register) -> list[dict[str, Any]]:
    """Land that parcels covered and that none covers any more."""
    before = [one.before.outline for one in changed if one.before is not None]
    if not before:
        return []
    now = shapely.union_all([parcel.outline for parcel in after.parcels.values()])
    left = shapely.union_all(before).difference(now)
    return [_feature(part, "gap") for part in geometry.pieces_of(left) if geometry.matters(part)]


def _feature(outline: Any, layer: str, **facts: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"layer": layer} | facts,
        "geometry": shapely.geometry.mapping(outline),
    }


def _collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": features}
