"""The quality rules on a case's changes: what they draw, against what lies beside it, and the values they write.

What ``engine.domain.changes`` finds itself (T01-T04, T13, members and sums) is not said twice, and a flaw that the
register had already is not the change's fault.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.domain import changes as domain
from engine.domain.changes import Change, Changed, Register
from engine.domain.changes.register import Contractor, Parcel
from engine.domain.said import Said
from engine.exchange.check_register import settings_for
from engine.exchange.checks import attributes, identity
from engine.exchange.checks.ground.judge import judge
from engine.exchange.checks.ground.plots import LEVELS, MARGIN, Plot, moved, usable
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding
from engine.exchange.package.model import PackageData, make_table
from engine.store.changes import seeing_the_county
from engine.store.register import county_of

_FOUND_ALREADY = frozenset(
    {"T03", "T11"}
)  # T11: boundary points and lines are drawn from the outlines when it is made
_SAME_FLAW = 0.5  # metres: a breach of the same rule nearer than this was there before
_AREAS = tuple(layer for layer, *_ in LEVELS)


def check_changes(
    session: Session, county: str, changes: Iterable[Change], register: Register
) -> list[dict[str, Any]]:
    """Findings as a changeset keeps them. ``register``: as loaded for the changes, with the neighbours beside them."""
    settings = settings_for(session, county)
    found = _new(domain.preview(changes, register), register, session, county, settings)
    return [_as_json(one) for one in settings.judged(found)]


def _new(
    changed: list[Changed], register: Register, session: Session, county: str, settings: CheckSettings
) -> Iterator[Finding]:
    parcels = [c for c in changed if c.kind == "parcels"]
    drawn = [
        c
        for c in parcels
        if c.after is not None and (c.before is None or c.before.outline != c.after.outline)
    ]
    if drawn:
        yield from _ground(parcels, drawn, register, session, county, settings)
    old = {_key(one) for one in _values(_before(changed), settings)}
    for one in _values(_after(changed), settings):
        if _key(one) not in old:
            yield one


def _key(one: Finding) -> tuple[Any, ...]:
    return one.rule, one.table, one.record, one.field, str(one.message)


def _before(changed: list[Changed]) -> list[Parcel | Contractor]:
    return [c.before for c in changed if isinstance(c.before, Parcel | Contractor)]


def _after(changed: list[Changed]) -> list[Parcel | Contractor]:
    return [c.after for c in changed if isinstance(c.after, Parcel | Contractor)]


def _ground(
    parcels: list[Changed], drawn: list[Changed], register: Register, session: Session, county: str,
    settings: CheckSettings,
) -> Iterator[Finding]:  # fmt: skip
    """What the new outlines breach that the old ones did not."""
    here = replace(settings, off=settings.off | _FOUND_ALREADY)
    after = dict(register.parcels)
    for change in parcels:
        after.pop(change.code, None)
        if change.after is not None:
            after[change.code] = change.after
    outlines = [c.after.outline for c in drawn] + [c.before.outline for c in drawn if c.before is not None]
    ground = Ground(session, county, outlines)
    before_codes = {c.code for c in parcels if c.before is not None}
    old = judge(ground.plot(register.parcels, before_codes), here)
    for one in judge(ground.plot(after, {c.code for c in drawn}), here):
        if not any(_same(one, other) for other in old):
            yield one


def _same(one: Finding, other: Finding) -> bool:
    if one.rule != other.rule:
        return False
    if one.record == other.record and one.other == other.other and one.rule in ("T10", "T14"):
        return True
    near = one.x is not None and other.x is not None and one.y is not None and other.y is not None
    return near and bool(np.hypot(one.x - other.x, one.y - other.y) < _SAME_FLAW)  # type: ignore[operator]


class Ground:
    """Divisions and farmland zones round some outlines, by the map's index."""

    def __init__(self, session: Session, county: str, outlines: list[Any]):
        west, south, east, north = shapely.total_bounds(np.array(outlines, object))
        self.origin = (float(np.floor(west)), float(np.floor(south)))
        box = {"west": west - MARGIN, "south": south - MARGIN, "east": east + MARGIN, "north": north + MARGIN}
        with seeing_the_county(session, county):
            rows = session.execute(
                text("""
                select layer, facts, st_asbinary(geom)
                from operational.map_features
                where county = :county and valid_to is null and superseded_at is null
                  and layer = any(:layers)
                  and geom && st_makeenvelope(:west, :south, :east, :north, :srid)"""),
                {
                    "county": county,
                    "srid": county_of(session, county).srid,
                    "layers": [*_AREAS, "JBNTBHQ"],
                    **box,
                },
            ).all()
        fields = {layer: field for layer, field, _ in LEVELS}
        self.areas = {
            facts.get(fields[layer]): shapely.from_wkb(bytes(wkb))
            for layer, facts, wkb in rows
            if layer in fields
        }
        zones = [shapely.from_wkb(bytes(wkb)) for layer, _, wkb in rows if layer == "JBNTBHQ"]
        self.zones = np.array([*zones, None], object)[:-1] if zones else None

    def plot(self, parcels: Mapping[str, Parcel], judged: set[str]) -> Plot:
        codes = list(parcels)
        shapes = usable(np.array([*(parcels[code].outline for code in codes), None], object)[:-1])
        numbers: dict[str, int] = {}
        area = np.full(len(codes), -1)
        for row, code in enumerate(codes):
            name = next((code[:n] for _, _, n in LEVELS if code[:n] in self.areas), None)
            if name and code in judged:
                area[row] = numbers.setdefault(name, len(numbers))
        areas = np.array([*(self.areas[name] for name in numbers), None], object)[:-1]
        return Plot(
            self.origin, codes, moved(shapes, self.origin), np.array([code in judged for code in codes], bool),
            [parcels[code].basic_farmland for code in codes], area, moved(areas, self.origin), list(numbers),
            None if self.zones is None else moved(self.zones, self.origin),
        )  # fmt: skip


def _values(things: list[Parcel | Contractor], settings: CheckSettings) -> Iterator[Finding]:
    """A02, A03, A05, A09 and A11 of the things' own values."""
    package = _package(things)
    for rule, check in (
        ("A02", attributes.check_conditional), ("A03", attributes.check_codes), ("A05", attributes.check_lengths),
        ("A09", identity.check_numbers), ("A11", identity.check_types),
    ):  # fmt: skip
        if settings.on(rule):
            yield from check(package, settings)


def _package(things: list[Parcel | Contractor]) -> PackageData:
    """The things as rows of the standard's tables, with the fields that a change carries."""
    parcels = [p for p in things if isinstance(p, Parcel)]
    holders = [c for c in things if isinstance(c, Contractor)]
    members = [(c.code, m) for c in holders for m in c.members]
    land = {
        "DKBM": "code", "DKMC": "name", "SYQXZ": "ownership", "DKLB": "category", "TDLYLX": "land_use", "DLDJ": "grade",
        "TDYT": "use", "SFJBNT": "basic_farmland", "DKDZ": "east", "DKNZ": "south", "DKXZ": "west", "DKBZ": "north",
        "ZJRXM": "witnesses",
    }  # fmt: skip
    holder = {"CBFBM": "code", "CBFLX": "kind", "CBFMC": "name", "CBFZJLX": "id_kind", "CBFZJHM": "id_number"}
    member = {"CYXM": "name", "CYXB": "sex", "CYZJLX": "id_kind", "CYZJHM": "id_number", "YHZGX": "relation",
              "CYBZ": "note_code", "SFGYR": "co_owner"}  # fmt: skip
    tables = {
        "CBF": {field: [getattr(c, name) for c in holders] for field, name in holder.items()},
        "CBF_JTCY": {"CBFBM": [code for code, _ in members]}
        | {field: [getattr(m, name) for _, m in members] for field, name in member.items()},
    }
    rows = {field: [getattr(p, name) for p in parcels] for field, name in land.items()}
    layers = {"DK": make_table("DK", rows)}
    made = {name: make_table(name, columns) for name, columns in tables.items()}
    return PackageData("", "", "", layers, made, {}, {}, None, {})


def _as_json(one: Finding) -> dict[str, Any]:
    """As ``engine.domain.changes.Finding`` has it; the text is the key of its translation."""
    said = one.message if isinstance(one.message, Said) else None
    return {
        "rule": one.rule, "record": one.record or "", "message": str(one.message),
        "text": said.template if said else str(one.message),
        "facts": {name: str(fact) for name, fact in said.facts.items()} if said else {},
        "severity": one.severity,
    }  # fmt: skip
