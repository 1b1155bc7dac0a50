"""What was drawn, made fit for the register: exact coordinates, free codes, bounds, and land that is this case's."""

from datetime import date
from typing import Any

import shapely
from sqlalchemy.orm import Session

from engine.domain.changes import Change, NewParcel, Register, as_json, errors, from_json, named
from engine.domain.changes.drawn import beyond_case, settle
from engine.domain.changes.findings import limit, told
from engine.domain.changes.new_land import bounded
from engine.domain.errors import Refused
from engine.operations.reach import refuse_far
from engine.store import changes as register
from engine.store import reservations
from engine.store.parcel_codes import next_codes
from engine.store.register import beside_outlines
from engine.store.tables.cases import Case


def settle_drawing(
    session: Session, case: Case, changes: tuple[Change, ...], day: date, agreed: set[str] | None
) -> tuple[Change, ...]:
    """The drawn changes on exact coordinates, under codes that are free.

    Raises Refused where one of them cannot be made, or changes land that is not this case's.
    """
    refuse_far(session, case, [change for change in changes if isinstance(change, NewParcel)])
    now = register.register_for(session, case.county, changes, day, case)
    changes = with_free_codes(session, case, settle(changes, now), now)
    changes = with_bounds(session, case, changes)
    now = register.register_for(session, case.county, changes, day, case)
    found = errors(beyond_case(changes, now, case.contractor_code, case.issuing_party_code, agreed))
    reshaped = now
    for change in changes:
        own = errors(change.check(reshaped))
        found += own
        if not own:
            reshaped = change.apply(reshaped)
    if found:
        raise Refused("drawing", "图上所画的不能办理：%(why)s", why=told(found))
    return changes


def with_free_codes(
    session: Session, case: Case, changes: tuple[Change, ...], now: Register
) -> tuple[Change, ...]:
    """Somebody else may have taken a code since it was drawn, in the register or for an open case.

    New land has the issuing party's next numbers, whatever code came with it.
    """
    gives = sorted(named(changes).new_codes)
    holders = {code: reservations.holder(session, case.county, "parcel", code) for code in gives}
    taken = {code for code in gives if holders[code] not in (None, case.number)}
    taken |= {code for code in gives if code in now.parcels or code in now.retired}
    if new := {change.code for change in changes if isinstance(change, NewParcel)}:
        due = next_codes(session, case.county, case.issuing_party_code, len(gives))
        taken |= {code for code in new if code not in due and holders[code] is None}
    if not taken:
        return changes
    kept = [code for code in gives if code not in taken]
    fresh = next_codes(session, case.county, case.issuing_party_code, len(taken), kept)
    instead = dict(zip(sorted(taken), fresh, strict=True))
    return from_json(recoded(as_json(changes), instead))


def recoded(value: Any, instead: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: recoded(inner, instead) for name, inner in value.items()}
    if isinstance(value, list):
        return [recoded(inner, instead) for inner in value]
    return instead.get(value, value) if isinstance(value, str) else value


def with_bounds(session: Session, case: Case, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """四至 of new land that nobody wrote: who holds the land on that side, beyond the division too (a survey's fact)."""
    return tuple(
        bounded(change, adjoining(session, case.county, change.outline))
        if isinstance(change, NewParcel)
        else change
        for change in changes
    )


def adjoining(
    session: Session, county: str, outline: str, scope: str = ""
) -> dict[str, tuple[str, shapely.Geometry]]:
    """By code, of the parcels beside an outline (WKT): who holds them or else what they are called, and their outlines.

    ``scope``: of land outside that division nothing is told.
    """
    wkb = shapely.to_wkb(shapely.from_wkt(outline))
    found = beside_outlines(session, county, [wkb], limit("adjoining"))
    return {code: (name, shapely.from_wkb(shape)) for code, name, shape in found if code.startswith(scope)}
