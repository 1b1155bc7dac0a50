"""Turn a case's answers into changes of the register, as the case type's ``changes.yaml`` says, and file them."""

from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import Any

from engine.domain import events, surveying
from engine.domain.asked_land import asked_codes
from engine.domain.changes import (
    Change,
    Finding,
    NewParcel,
    Register,
    Touched,
    apply_what_fits,
    as_json,
    check,
    differences,
    errors,
    from_json,
    named,
)
from engine.domain.changes.findings import BLOCKS, by_any, finding, told
from engine.domain.clock import local_date
from engine.domain.errors import Invalid, Refused
from engine.domain.proposing import CannotPropose, ChangeRules, Scope, look
from engine.domain.said import Said, said_in_both, say
from engine.exchange.check_changes import check_changes
from engine.operations.accept_case import new_land_asked, reserve
from engine.operations.changeset import table_red_line
from engine.operations.drawn_land import settle_drawing
from engine.operations.feed import concerned, rows_of, write_feed
from engine.operations.survey_entered import table_survey
from engine.operations.surveying import divided_parcels
from engine.operations.to_register import to_register
from engine.operations.work import Work
from engine.store import changes as register
from engine.store import reservations
from engine.store.contractor_codes import next_households

NEW_LAND_FORM = "survey"  # where new land that is added is measured
NO_HOUSEHOLD = say("登记簿中没有这个承包方，请核对编码")


def propose_changes(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: drawing (forms whose field ``drawing`` was drawn on the map, comma-separated), without (forms whose
    answers belong to an earlier round and do not count now, comma-separated).

    What the answers ask of the register: held for this case, checked, and shown beside it from now on. Refused in
    words where it cannot be done; what only time or a later step can meet is not held against it yet. Result: kind,
    feed_code, what the changes do (``summary``), own_only: whether it may be signed electronically, divides: whether
    land is divided first, and on: today.
    """
    rules, data = rules_of(work), answers(work)
    for form in filter(None, inputs.get("without", "").split(",")):
        data.pop(form, None)
    lacking(work, rules, data)
    drawn = drawn_in(work, data, inputs)
    changes, before = proposed(work, rules, data)
    day = effective_day(work, rules, data)
    now = register.register_for(work.session, work.case.county, changes, day, work.case)
    found = check(changes, now)
    if against := rules.standing(errors(found), data):
        raise Refused("changes", "不能按此办理：%(why)s", why=told_against(work, against, before))
    hold_all(work, changes, before, day)
    findings = [one.as_json() for one in rules.standing(found, data)]
    findings += check_changes(work.session, work.case.county, changes, now)
    work.set_changes(changes, findings)
    done = summary(changes, now)
    told: dict[str, Any] = {"kind": rules.kind(data), "feed_code": feed_code(work, rules, data, done)}
    work.say(events.CHANGESET_SET, {"changes": as_json(changes), "findings": findings} | told)
    told |= done
    told["own_only"] = own_only(work, now, apply_what_fits(changes, now))
    told |= {"divides": bool(divided_parcels(work)), "on": work.today.isoformat()}
    return told | {"drawn": len(drawn), "findings": len(findings)}


def told_against(work: Work, against: list[Finding], before: Register) -> Said:
    """An applicant is not told what stands against another household's land: neither its cases nor its debts."""
    if work.actor.role != "applicant":
        return told(against)
    own = {work.case.contractor_code}
    contract = before.contracts.get(work.case.contractor_code)
    own |= set(contract.codes if contract else ())
    return told(
        finding("blocked_other", one.record) if one.record not in own and by_any(one, BLOCKS) else one
        for one in against
    )


def own_only(work: Work, now: Register, after: Register) -> bool:
    """Whether the only contract to sign is this household's, and who signs for it stays who the register knows."""
    own = work.case.contractor_code
    signed = [
        one.code for one in differences(now, after) if one.kind == "contracts" and one.after is not None
    ]
    if signed != [own] or own not in after.contractors:
        return False
    return after.contractors[own].id_number == now.contractors[own].id_number


def rules_of(work: Work) -> ChangeRules:
    rules = work.case_type.changes
    if rules is None:
        raise RuntimeError(f"{work.case_type.name} has no changes.yaml")
    return rules


def answers(work: Work) -> dict[str, Any]:
    """What templates may look at: the variables, and ``case``."""
    household = work.household()
    return work.data | {
        "case": {
            "contractor": household.code,
            "party": household.issuing_party.code,
            "today": work.today.isoformat(),
            "started_on": local_date(work.case.started_at).isoformat(),
            "origin": work.case.origin,
            "number": work.case.number,
        }
    }


def lacking(work: Work, rules: ChangeRules, data: dict[str, Any], form: str | None = None) -> None:
    """Papers that this kind of change needs with the application; ``form``: with it or with that form. Raises Invalid
    by the paper's field."""
    given: set[str] = set()
    for name in filter(None, (work.case_type.start_variable, form)):
        papers = (data.get(name) or {}).get("papers") or {}
        given |= {kind for kind, files in papers.items() if files}
    wanted = [kind for kind in rules.papers(data, form) if kind not in given]
    if wanted:
        labels = {kind: row["label"] for kind, row in work.case_type.papers.items()}
        titles = {kind: said_in_both(row["zh"], row.get("en", row["zh"])) for kind, row in labels.items()}
        raise Invalid(
            {f"papers-{kind}": [say("请上传“%(paper)s”", paper=titles.get(kind, kind))] for kind in wanted}
        )


def drawn_in(work: Work, data: dict[str, Any], inputs: dict[str, str]) -> tuple[Change, ...]:
    """The drawing on exact coordinates and free codes takes the place of the one that was handed in."""
    found: tuple[Change, ...] = ()
    for form in filter(None, inputs.get("drawing", "").split(",")):
        answered = data.get(form) or {}
        if answered.get("parcels") or answered.get(
            "new_parcels"
        ):  # by hand: areas and corners instead of a drawing
            answered = answered | {"drawing": as_json(table_survey(work))}
        if answered.get("outline"):  # a red line by its coordinates
            answered = answered | {"drawing": as_json(table_red_line(work, answered["outline"]))}
        if answered.get("drawing"):
            agreed = surveying.agreed(answered.get("witnesses") or [])
            drawn = settle_drawing(
                work.session, work.case, from_json(answered["drawing"]), work.today, agreed
            )
            data[form] = answered | {"drawing": as_json(drawn)}
            found += drawn
        elif form == NEW_LAND_FORM and form in data and new_land_asked(work):
            raise Invalid({"entered": [say("没有录入任何地块的测绘成果")]})
    if any(isinstance(change, NewParcel) for change in found) != (bool(found) and new_land_asked(work)):
        if new_land_asked(work):
            raise Refused("new_land", "申请增加的新地块还没有测：请画出或者录入新地块")
        raise Refused("new_land", "申请没有提出增加新地块，测绘成果中不能有新地块")
    return found


def proposed(work: Work, rules: ChangeRules, data: dict[str, Any]) -> tuple[tuple[Change, ...], Register]:
    """The changes, and the households that they are about as they stand. Raises Invalid by field."""
    others = rules.households(data)
    codes = (work.case.contractor_code, *dict.fromkeys(code for _, code in others))
    named_parcels = set(asked_codes(data.get(work.case_type.start_variable)))
    wanted = Touched(frozenset(codes), frozenset(named_parcels))
    now = register.register_of(work.session, work.case, wanted, work.today)
    for path, code in others:
        if code not in now.contractors:
            raise Invalid({field_of(path): [NO_HOUSEHOLD]})
    try:
        return rules.changes(Scope(data, now, codes, new_codes(work))), now
    except CannotPropose as fault:
        raise Invalid({field_of(fault.path): [fault.message]}) from None


def field_of(path: str) -> str:
    """The form's field that a path leads into: the second of its names, or the only one."""
    path = path.partition("|")[0]
    return path.split(".")[1] if "." in path else path


def new_codes(work: Work) -> Iterator[str]:
    """Codes that this case was given already and holds, then the next free ones.

    While land is still to be divided the new households do not fit yet and their codes are not held: another case may
    have been given them since.
    """
    held = reservations.held_by(work.session, work.case, "contractor")
    given = sorted(named(work.changes()).new_codes & set(held))
    party = work.household().issuing_party.code
    return chain(given, next_households(work.session, work.case.county, party))


def effective_day(work: Work, rules: ChangeRules, data: dict[str, Any]) -> date:
    path = rules.kinds[rules.kind(data)].get("day")
    stated = look(data, path) if path else None
    return max(work.today, date.fromisoformat(stated)) if stated else work.today


def hold_all(work: Work, changes: tuple[Change, ...], now: Register, day: date) -> None:
    """The household with all its land, and whatever else the changes touch; nothing that they let go of."""
    keep = {("contractor", work.case.contractor_code)}
    contract = now.contracts.get(work.case.contractor_code)
    keep |= {("parcel", code) for code in (contract.codes if contract else ())}
    keep |= register.to_hold(work.session, work.case, changes, day)
    for kind, code in sorted(
        keep
    ):  # all in one order, so that two cases do not wait for each other in a circle
        reserve(work, kind, code)


def summary(changes: tuple[Change, ...], now: Register) -> dict[str, Any]:
    """{contractors, parcels, contracts: [contractor codes that hold one after it], ended: [...], ends, changes}."""
    after = apply_what_fits(changes, now)
    things = differences(now, after)
    signed = [one.code for one in things if one.kind == "contracts" and one.after is not None]
    renamed = [
        one.code
        for one in things
        if one.kind == "contractors" and one.code in after.contracts and one.code not in signed
    ]
    return {
        "changes": len(changes),
        "contractors": sorted({one.code for one in things if one.kind == "contractors"} | {*signed}),
        "parcels": sorted({one.code for one in things if one.kind == "parcels"}),
        "contracts": sorted({*signed, *renamed}),
        "ended": sorted(one.code for one in things if one.kind == "contracts" and one.after is None),
        "cancelled_certificates": sum(one.kind == "certificates" for one in things),
    }


def feed_code(work: Work, rules: ChangeRules, data: dict[str, Any], done: dict[str, Any]) -> str | None:
    return rules.feed_code(data, ends=work.case.contractor_code in done["ended"])


def gains_protected(now: Register, after: Register, contractor: str) -> bool:
    """Whether its contract gains land that is permanent basic farmland (C.19), and with it the duty to protect it."""
    had = now.contracts[contractor].codes if contractor in now.contracts else ()
    gained = set(after.contracts[contractor].codes) - set(had) if contractor in after.contracts else set()
    return any(after.parcels[code].basic_farmland == "1" for code in gained)


def came_of(now: Register, after: Register) -> dict[str, list[str]]:
    """New code -> the codes that these changes made it from."""
    found: dict[str, list[str]] = {}
    for old, made in sorted(after.retired.items()):
        for code in made if old not in now.retired else ():
            found.setdefault(code, []).append(old)
    return found


def file_changes(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Write the changes into the register, under its locks, and let go of what the case held.

    They are made from the answers once more, since consents and days were given meanwhile. Refused, with nothing
    written, when the register has changed so that they no longer fit. Result: {contracts, ended, changes, feed_code,
    hand_overs: what the real-estate registry must be told (to_register), farmland: who gains protected land}.
    """
    rules, data = rules_of(work), answers(work)
    drawn_in(work, data, inputs)
    changes, _ = proposed(work, rules, data)
    now = register.register_for(work.session, work.case.county, changes, work.today, work.case)
    told = summary(changes, now)
    told["feed_code"] = feed_code(work, rules, data, told)
    after = apply_what_fits(changes, now)
    told["hand_overs"] = to_register(work, now, after)
    told["farmland"] = [code for code in told["contracts"] if gains_protected(now, after, code)]
    contractors, parcels = concerned(work, now, after)
    before = rows_of(work, contractors, parcels)
    work.set_changes(changes)
    work.make(changes)
    if told["feed_code"]:
        stands = rows_of(work, contractors, parcels)
        told["feed"] = write_feed(work, told["feed_code"], before, stands, came_of(now, after))
    work.say(events.CHANGESET_APPLIED, told | {"changes": as_json(changes)})
    return told
