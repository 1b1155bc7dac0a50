"""The changeset while the case runs, and on the day it is filed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import shapely

from engine.domain import events
from engine.domain.changes import (
    Change,
    ChangeMember,
    ChangeRepresentative,
    Register,
    RemeasureParcel,
    SignContract,
    as_json,
    check,
    named,
    touched,
)
from engine.domain.changes.drawn import cut_by_red_line
from engine.domain.changeset import drawn, signing, surveyed
from engine.domain.signing import signed
from engine.exchange.check_changes import check_changes
from engine.operations.accept_case import contract_asked
from engine.operations.survey_entered import entered
from engine.operations.work import Work
from engine.store import changes as register
from engine.store import reservations
from engine.store.parcel_codes import next_codes

YES = "1"  # C.19
PARCEL_DIGITS = 19  # NY/T 2539-2016 A.10
MOST_PIECES = 20  # that a red line may leave of one parcel


def check_changeset(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Take a survey's results in and check the whole changeset. Result: {findings: n, parcels: n}.

    Inputs: survey (the variable that has the results; default the form ``survey``).

    Findings do not stop the case: they stand beside the changeset where the next reviewer decides. Only what was
    drawn and cannot be made at all, or is not this case's to change, is refused, and a form that says nothing.
    """
    before = drawn(work.changes())
    survey = entered(work, inputs.get("survey", "survey"))
    changes = work.changes()
    now = register.register_for(work.session, work.case.county, (*survey, *changes), work.today, work.case)
    if survey:
        asked = contract_asked(work, work.household()).parcels
        people = tuple(one for one in changes if isinstance(one, ChangeMember | ChangeRepresentative))
        changes = (*people, *surveyed(signing(changes), asked, survey, now))
        register.hold(work.session, work.case, changes, work.today, work.at)
        if before:
            let_go_of_others(work, changes, now)
    findings = [finding.as_json() for finding in check(changes, now)]
    findings += check_changes(work.session, work.case.county, changes, now)
    work.set_changes(changes, findings)
    work.say(events.CHANGESET_SET, {"changes": as_json(changes), "findings": findings})
    return {"findings": len(findings), "parcels": len(survey)}


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


def apply_changeset(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Write the changes into the register, under its locks, and let the household go.

    Result: {contract_code, register_entry, changes, basic_farmland: whether any of its land is (SFJBNT)}. Refused, with
    nothing written, when the register has changed so that the changes no longer fit.
    """
    signed_on = date.fromisoformat(signed(work.data)["signed_on"])
    contract = replace(signing(work.changes()), signed_on=signed_on)
    changes = tuple(contract if isinstance(change, SignContract) else change for change in work.changes())
    work.make(changes)
    result = {
        "contract_code": contract.code,
        "register_entry": contract.code,
        "changes": len(changes),
        "basic_farmland": any(parcel.basic_farmland == YES for parcel in work.household().parcels),
    }
    work.say(events.CHANGESET_APPLIED, result | {"changes": as_json(work.changes())})
    return result
