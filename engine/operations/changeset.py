"""The changeset while the case runs, and on the day it is filed."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.changes import (
    Change,
    ChangeMember,
    ChangeRepresentative,
    Finding,
    Register,
    RemeasureParcel,
    SignContract,
    as_json,
    check,
    errors,
    from_json,
    named,
    touched,
)
from engine.domain.changes.drawn import beyond_case, cut_by_red_line, settle
from engine.domain.changeset import drawn, signing, surveyed
from engine.domain.errors import Refused
from engine.domain.signing import signed
from engine.domain.surveying import agreed
from engine.exchange.check_changes import check_changes
from engine.operations.accept_case import contract_asked
from engine.operations.work import Work
from engine.store import changes as register
from engine.store import reservations
from engine.store.parcel_codes import next_codes
from engine.store.register import Cause
from engine.store.tables.cases import Case

YES = "1"  # C.19
PARCEL_DIGITS = 19  # NY/T 2539-2016 A.10
MOST_PIECES = 20  # that a red line may leave of one parcel


def check_changeset(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Take a survey's results in and check the whole changeset. Result: {findings: n, parcels: n}.

    Inputs: survey (the variable that has the results; default the form ``survey``).

    Findings do not stop the case: they stand beside the changeset where the next reviewer decides. Only what was
    drawn and cannot be made at all, or is not this case's to change, is refused.
    """
    before = drawn(work.changes())
    survey = drawn_survey(work, inputs.get("survey", "survey")) or table_survey(work)
    changes = work.changes()
    now = register.register_for(work.session, work.case.county, (*survey, *changes), work.today, work.case)
    if survey:
        asked = contract_asked(work, work.household()).parcels
        people = tuple(one for one in changes if isinstance(one, ChangeMember | ChangeRepresentative))
        changes = (*people, *surveyed(signing(changes), asked, survey, now))
        register.hold(work.session, work.case, changes, work.today)
        if before:
            let_go_of_others(work, changes, now)
    findings = [finding.as_json() for finding in check(changes, now)]
    findings += check_changes(work.session, work.case.county, changes, now)
    work.set_changes(changes, findings)
    work.say(events.CHANGESET_SET, {"changes": as_json(changes), "findings": findings})
    return {"findings": len(findings), "parcels": len(survey)}


def drawn_survey(work: Work, variable: str = "survey") -> tuple[Change, ...]:
    """What the surveyors drew on the map; Refused, in words, where it cannot stand."""
    survey = work.data.get(variable) or {}
    rows = survey.get("drawing") or []
    if not rows:
        return ()
    witnesses = survey.get("witnesses") or []
    return settle_drawing(work.session, work.case, from_json(rows), work.today, agreed(witnesses))


def settle_drawing(
    session: Session, case: Case, changes: tuple[Change, ...], day: date, agreed: set[str] | None
) -> tuple[Change, ...]:
    """The drawn changes on exact coordinates, under codes that are free.

    Raises Refused where one of them cannot be made, or changes land that is not this case's.
    """
    now = register.register_for(session, case.county, changes, day, case)
    changes = with_free_codes(session, case, settle(changes, now), now)
    now = register.register_for(session, case.county, changes, day, case)
    found = errors(beyond_case(changes, now, case.contractor_code, case.issuing_party_code, agreed))
    reshaped = now
    for change in changes:
        own = errors(change.check(reshaped))
        found += own
        if not own:
            reshaped = change.apply(reshaped)
    if found:
        raise Refused(
            "drawing", "图上所画的不能办理：%(why)s", why="；".join(worded(one) for one in found[:5])
        )
    return changes


def worded(found: Finding) -> str:
    return f"{found.record} {found.message}"


def with_free_codes(
    session: Session, case: Case, changes: tuple[Change, ...], now: Register
) -> tuple[Change, ...]:
    """Somebody else may have taken a code since it was drawn, in the register or for an open case."""
    gives = sorted(named(changes).new_codes)
    held = {
        code
        for code in gives
        if reservations.holder(session, case.county, "parcel", code) not in (None, case.number)
    }
    taken = [code for code in gives if code in held or code in now.parcels or code in now.retired]
    if not taken:
        return changes
    fresh = next_codes(session, case.county, case.issuing_party_code, len(taken), gives)
    instead = dict(zip(taken, fresh, strict=True))
    return from_json(recoded(as_json(changes), instead))


def recoded(value: Any, instead: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: recoded(inner, instead) for name, inner in value.items()}
    if isinstance(value, list):
        return [recoded(inner, instead) for inner in value]
    return instead.get(value, value) if isinstance(value, str) else value


def let_go_of_others(work: Work, changes: tuple[Change, ...], now: Register) -> None:
    """An earlier survey of this case may have held neighbours that this one leaves alone."""
    household = work.household()
    keep = {(kind, code) for kind, codes in touched(changes, now).items() for code in codes}
    keep |= {("contractor", household.code)} | {("parcel", parcel.code) for parcel in household.parcels}
    reservations.release_others(work.session, work.case, keep, work.at)


def table_red_line(work: Work, outline: dict[str, Any]) -> tuple[Change, ...]:
    """The same by hand: the parcels that are applied for, each cut by a red line that was typed (GeoJSON)."""
    line = shapely.geometry.shape(outline)
    application = work.data[work.case_type.start_variable]
    codes: list[str] = application.get("own_parcels") or []
    look = [RemeasureParcel(code, Decimal(1), line.envelope.wkt, None) for code in codes]
    now = register.register_for(work.session, work.case.county, look, work.today, work.case)
    free = sorted(code for code in named(work.changes()).new_codes if len(code) == PARCEL_DIGITS)
    free += next_codes(
        work.session, work.case.county, work.case.issuing_party_code, MOST_PIECES * len(codes), free
    )
    found: list[Change] = []
    for code in codes:
        cut = cut_by_red_line(now, code, line, application.get("approval") or "", free)
        used = {piece.code for piece in cut.kept}
        free = [one for one in free if one not in used]
        found.append(cut)
    return tuple(found)


def table_survey(work: Work) -> tuple[Change, ...]:
    """The same by hand: areas, and corners that were typed or pasted."""
    rows = (work.data.get("survey") or {}).get("parcels") or []
    changes: list[Change] = []
    for row in rows:
        outline = outline_of(row.get("geometry"))
        area = Decimal(row["area_m2"])
        if outline:
            area = Decimal(str(round(shapely.from_wkt(outline).area, 2)))
        changes.append(RemeasureParcel(row["code"], area, outline, row.get("note") or None))
    return tuple(changes)


def outline_of(geometry: dict[str, Any] | None) -> str | None:
    """GeoJSON polygon (east, north, metres) as WKT, rounded to the millimetre that the standard keeps."""
    if not geometry:
        return None
    polygon = shapely.set_precision(shapely.from_geojson(json.dumps(geometry)), 0.001)
    if polygon.geom_type != "Polygon" or not polygon.is_valid or polygon.area == 0:
        raise Refused("outline", "界址点围不成地块：请检查界址点的顺序和坐标")
    return polygon.wkt


def apply_changeset(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Write the changes into the register, under its locks, and let the household go.

    Result: {contract_code, register_entry, changes, basic_farmland: whether any of its land is (SFJBNT)}. Refused, with
    nothing written, when the register has changed so that the changes no longer fit.
    """
    signed_on = date.fromisoformat(signed(work.data)["signed_on"])
    contract = replace(signing(work.changes()), signed_on=signed_on)
    changes = tuple(contract if isinstance(change, SignContract) else change for change in work.changes())
    cause = Cause("case", work.case.number, work.today, work.at, work.actor.name)
    register.make(work.session, work.case.county, changes, cause, work.case)
    row = work.changeset_row()
    assert row is not None
    row.applied_at = work.at
    reservations.release(work.session, work.case, work.at)
    result = {
        "contract_code": contract.code,
        "register_entry": contract.code,
        "changes": len(changes),
        "basic_farmland": any(parcel.basic_farmland == YES for parcel in work.household().parcels),
    }
    work.say(events.CHANGESET_APPLIED, result | {"changes": as_json(work.changes())})
    return result
