"""What a scenario says must be so, compared with what is: one function per key of ``then``."""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.calendar import shipped_calendar
from engine.domain.chain import Broken, verify_case
from engine.domain.clock import local_date
from engine.domain.events import CORRECTION_OPENED, CORRECTS, PAPER_ISSUED, PAPERS_VOIDED, TASK_COMPLETED
from engine.domain.register import Household
from engine.domain.roles import FIRM
from engine.exchange.feed_file import write_message
from engine.queries import scenario_facts as facts
from engine.queries.periods import as_running
from engine.store import cases, deals, disputes, event_waits, history
from engine.store import feed as store_feed
from engine.store.papers import issued_of
from engine.store.tables.cases import Changeset
from engine.store.tables.portal import CaseView
from engine.usecases.replay_case import replay_case
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.stage import Differs
from engine.usecases.scenarios.story import filled


def check(play: Play, then: Mapping[str, Any]) -> None:
    """Raises Differs with the first key that is not as it should be."""
    with play.stage.sessions(play.county) as session:
        for key, wanted in then.items():
            if key not in FOUND:
                raise Differs(f"不认识的断言 {key}")
            found = FOUND[key](play, session, wanted)
            if found != wanted_as_compared(play, wanted):
                raise Differs(f"{key}：应为 {wanted_as_compared(play, wanted)}，实为 {found}")


def wanted_as_compared(play: Play, wanted: Any) -> Any:
    """Words filled in, days as ISO text: both sides are compared as plain values."""
    return filled(wanted, play.words)


def status(play: Play, session: Session, wanted: str) -> str:
    return play.case(session).status


def outcome(play: Play, session: Session, wanted: str) -> str | None:
    return play.case(session).outcome


def tasks(play: Play, session: Session, wanted: dict[str, str]) -> dict[str, str]:
    """Element -> level of its office; an office that is not the case's own is told as it is."""
    case, found = play.case(session), {}
    levels = {12: "village", 9: "township", 6: "county"}
    for task in cases.open_tasks(session, case):
        level = "household" if task.role == "applicant" else levels.get(len(task.office), task.office)
        if task.role == FIRM:
            found[task.element] = "firm"
            continue
        found[task.element] = level if case.division.startswith(task.office) else f"{level} {task.office}"
    return found


def waiting(play: Play, session: Session, wanted: list[str]) -> list[str]:
    case = play.case(session)
    timers = [row.element or "" for row in cases.active_deadlines(session, case) if row.kind == "wait"]
    return timers + event_waits.elements(session, case)


def deadlines(play: Play, session: Session, wanted: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    calendar, now = shipped_calendar(), play.stage.clock.now()
    running = {row.name: as_running(row) for row in cases.active_deadlines(session, play.case(session))}
    found: dict[str, dict[str, Any]] = {}
    for name, asked in wanted.items():
        if name not in running:
            continue
        last_day = running[name].last_day(calendar)
        told = {
            "last_day": last_day.isoformat() if last_day else None,
            "stopped": running[name].is_stopped,
            "days_left": running[name].days_left(calendar, now),
        }
        found[name] = {key: told[key] for key in asked}
    return found


def documents(play: Play, session: Session, wanted: list[str]) -> list[str]:
    told = history.read(session, play.county, play.id_of_case())
    return [
        payload["template"]
        for link, payload in told
        if link.kind == PAPER_ISSUED and link.seq > play.seen_event and payload
    ]


def void(play: Play, session: Session, wanted: list[str]) -> list[str]:
    """Kinds of paper that this step made void, in the order asked for: some are issued at the same instant."""
    numbers = {
        number
        for link, payload in history.read(session, play.county, play.id_of_case())
        if link.kind == PAPERS_VOIDED and link.seq > play.seen_event and payload
        for number in payload["papers"]
    }
    kinds = [p.kind for p in issued_of(session, play.county, play.id_of_case()) if p.number in numbers]
    return sorted(kinds, key=lambda kind: wanted.index(kind) if kind in wanted else len(wanted))


def printed(play: Play, session: Session, wanted: dict[str, list[str]]) -> dict[str, list[str]]:
    """Of the last paper of each kind: the pieces of text that it has, in the order asked for."""
    issued = issued_of(session, play.county, play.id_of_case())
    said = {paper.kind: json.dumps(paper.context, ensure_ascii=False) for paper in issued}
    return {
        kind: [one for one in filled(pieces, play.words) if one in said.get(kind, "")]
        for kind, pieces in wanted.items()
    }


def recorded(play: Play, session: Session, wanted: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Element -> who did it in this step, and for whom: names of actors."""
    people = {play.actor(name).id: name for row in wanted.values() for name in row.values()}
    found: dict[str, dict[str, str]] = {}
    for link, payload in history.read(session, play.county, play.id_of_case()):
        if link.kind == TASK_COMPLETED and link.seq > play.seen_event and link.element in wanted:
            principal = (payload or {}).get("for") or {}
            told = {"by": people.get(link.actor), "for": people.get(principal.get("id", ""))}
            found[link.element] = {key: name for key, name in told.items() if name}
    return found


def linked(play: Play, session: Session, wanted: dict[str, Any]) -> dict[str, Any]:
    """What this case's history says of the other one: ``corrected`` (by the correction), ``corrects`` (the findings)."""
    told = history.read(session, play.county, play.id_of_case())
    other = (play.aside or play.correction or (None,))[0]
    found: dict[str, Any] = {}
    for link, payload in told:
        if link.kind == CORRECTION_OPENED and payload and payload["case"] == other:
            found["corrected"] = True
        if link.kind == CORRECTS and payload and payload["case"] == other:
            found["corrects"] = payload["findings"]
    return {key: found.get(key) for key in wanted}


def messages(play: Play, session: Session, wanted: list[str]) -> list[str]:
    """The pieces of text where they are contained, the whole message where not."""
    sent = [
        m
        for m in facts.messages_after(session, play.county, play.seen_message)
        if m.to == play.words["$phone"]
    ]
    pieces = [*wanted, *([""] * len(sent))]
    return [piece if piece and piece in m.text else m.text for m, piece in zip(sent, pieces, strict=False)]


def applicant_sees(play: Play, session: Session, wanted: dict[str, Any]) -> dict[str, Any]:
    with play.stage.portal_sessions() as portal:
        view = portal.get(CaseView, play.case_number())
    if view is None:
        return {}
    at = next(
        (n for n, step in enumerate(view.steps) if step["state"] in ("now", "ended")), len(view.steps) - 1
    )
    told = {"step": view.steps[at]["name"], "todo": view.turn["todo"] is not None}
    return {key: told[key] for key in wanted}


def holds(play: Play, session: Session, wanted: bool) -> bool | str:
    held = facts.held_by(session, play.case(session))
    all_of_it = {("contractor", play.code), *(("parcel", code) for code in play.words["$all_parcels"])}
    if held and not held >= all_of_it:
        return f"只占用了其中一部分：{sorted(held)}"
    return bool(held)


def register(play: Play, session: Session, wanted: dict[str, Any]) -> dict[str, Any]:
    now = facts.read_holding(session, play.county, play.code)
    found: dict[str, Any] = {}
    if "unchanged" in wanted:
        found["unchanged"] = now == play.before
    if "representative" in wanted:
        found["representative"] = now.household.name if now.household else None
    if "contract" in wanted:
        found["contract"] = contract_told(play, now, wanted["contract"])
    if "parcels" in wanted:
        named = filled(wanted["parcels"], play.words)
        found["parcels"] = {code: parcel_told(now.household, code, asked) for code, asked in named.items()}
    if "own" in wanted:
        found["own"] = household_told(now.household, filled(wanted["own"], play.words))
    if "other" in wanted:
        other = facts.read_holding(session, play.county, play.other or "")
        found["other"] = household_told(other.household, filled(wanted["other"], play.words))
    if "made" in wanted:
        codes = facts.made_by(session, play.county, play.case_number())
        holdings = [facts.read_holding(session, play.county, code) for code in codes]
        asked = [*wanted["made"], *({"members": 0} for _ in holdings)]
        found["made"] = [
            household_told(holding.household, keys) for holding, keys in zip(holdings, asked, strict=False)
        ]
    if "certificate" in wanted:
        serial, collected_on = now.certificates[-1] if now.certificates else (None, None)
        told = {"serial": serial, "collected_on": collected_on.isoformat() if collected_on else None}
        found["certificate"] = {key: told[key] for key in wanted["certificate"]}
    return found


def contract_told(play: Play, now: facts.Holding, asked: Mapping[str, Any]) -> dict[str, Any] | str:
    """Also proves that it is the only one in force, with one register entry, and that the earlier one ended."""
    household, before = now.household, play.before
    assert household is not None
    assert before is not None
    contract = household.contract
    if (
        contract is None
        or [state for _, state in now.contracts].count("in_force") != 1
        or len(now.entries) != 1
    ):
        return f"生效的合同和登记簿应各有一份：{now.contracts}，{now.entries}"
    earlier = {row_id for row_id, state in before.contracts if state == "in_force"} - {contract.id}
    if any((row_id, "ended") not in now.contracts for row_id in earlier):
        return f"原合同没有终止：{now.contracts}"
    parcels: Any = len(household.parcels)
    if {parcel.code for parcel in household.parcels} == set(play.words["$all_parcels"]):
        parcels = "all" if asked.get("parcels") == "all" else parcels
    told = {
        "term_start": contract.term_start.isoformat(),
        "term_end": contract.term_end.isoformat(),
        "signed_on": contract.signed_on.isoformat(),
        "parcels": parcels,
    }
    return {key: told[key] for key in asked}


def household_told(household: Household | None, asked: Mapping[str, Any] | str) -> dict[str, Any] | str:
    """``ended``, or what is asked of it: head, members and parcels (how many), notes by name, in_force."""
    if household is None:
        return "ended"
    if isinstance(asked, str):
        return "current"
    told = {
        "head": household.name,
        "members": len(household.members),
        "parcels": len(household.parcels),
        "in_force": household.contract is not None,
        "holds": in_any_order([parcel.code for parcel in household.parcels], asked.get("holds")),
        "notes": {m.name: m.note_code for m in household.members if m.note_code},
        "area": str(sum((parcel.contract_area for parcel in household.parcels), Decimal(0))),
        "address": household.address,
    }
    return {key: told[key] for key in asked}


def in_any_order(found: list[str], wanted: list[str] | None) -> list[str]:
    return wanted if wanted is not None and sorted(wanted) == sorted(found) else found


def parcel_told(household: Household | None, code: str, asked: Mapping[str, Any]) -> dict[str, str]:
    parcel = household.parcel(code) if household else None
    return {key: str(getattr(parcel, key)) for key in asked} if parcel else {}


def blocked(play: Play, session: Session, wanted: dict[str, bool]) -> dict[str, bool]:
    """Whether parcels are held back today for being disputed."""
    today, codes = local_date(play.stage.clock.now()), list(filled(wanted, play.words))
    held = {row.code for row in disputes.blocks_of(session, play.county, codes, today)}
    return {code: code in held for code in codes}


def transfers(play: Play, session: Session, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The ledger's rows with land of the household, by number; of each what is asked."""
    rows = facts.transfers_of(session, play.county, play.code)
    asked = [*wanted, *([{"number": ""}] * len(rows))]
    return [{key: row.get(key) for key in keys} for row, keys in zip(rows, asked, strict=False)]


def payments(play: Play, session: Session, wanted: list[str]) -> list[str]:
    """Days on which rent of the household's transfers falls due, in order."""
    return [day.isoformat() for day in facts.rent_days(session, play.county, play.code)]


def guarantees(play: Play, session: Session, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = facts.guarantees_of(session, play.county, play.code)
    asked = [*wanted, *([{"number": ""}] * len(rows))]
    return [{key: row.get(key) for key in keys} for row, keys in zip(rows, asked, strict=False)]


def held_back(play: Play, session: Session, wanted: dict[str, list[str]]) -> dict[str, list[str]]:
    """Why parcels are held back today: kinds of block, in order."""
    today, codes = local_date(play.stage.clock.now()), list(filled(wanted, play.words))
    return {code: facts.blocks_on(session, play.county, code, today) for code in codes}


def parties(play: Play, session: Session, wanted: list[str]) -> list[str]:
    """Who signs, in order: side, and whether they have."""
    return [
        row.side + (" signed" if row.signed_at else "") for row in deals.parties(session, play.case(session))
    ]


def hearings(play: Play, session: Session, wanted: list[str]) -> list[str]:
    return [row.status for row in disputes.hearings_of(session, play.case(session))]


def dispute(play: Play, session: Session, wanted: dict[str, Any]) -> dict[str, Any]:
    """What stands of it in the list of disputes."""
    row = disputes.of_case(session, play.case(session))
    told = {} if row is None else {name: getattr(row, name) for name in wanted}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}


def changes(play: Play, session: Session, wanted: list[str]) -> list[str]:
    """The kinds of change that the case proposes or has made, in order."""
    row = session.get(Changeset, (play.county, play.id_of_case()))
    return [change["type"] for change in row.changes] if row else []


def feed(play: Play, session: Session, wanted: list[str]) -> list[str]:
    """Codes of the case's messages to the upper platform, in order, each with what its content lacks."""
    rows = store_feed.of_case(session, play.case(session))
    for row in rows:
        write_message(row.facts, "")  # it must go into XML
    return [" ".join([row.code, *row.faults]) for row in rows]


def asking(play: Play, session: Session, wanted: dict[str, Any]) -> dict[str, Any]:
    """The same of the case that asked for this one."""
    if play.asking is None:
        raise Differs("没有另一件业务")
    return {key: FOUND[key](play.asking, session, wanted[key]) for key in wanted}


FOUND: dict[str, Callable[[Play, Session, Any], Any]] = {
    "status": status,
    "outcome": outcome,
    "tasks": tasks,
    "waiting": waiting,
    "deadlines": deadlines,
    "documents": documents,
    "linked": linked,
    "void": void,
    "recorded": recorded,
    "printed": printed,
    "messages": messages,
    "applicant_sees": applicant_sees,
    "register": register,
    "holds": holds,
    "blocked": blocked,
    "hearings": hearings,
    "transfers": transfers,
    "payments": payments,
    "guarantees": guarantees,
    "held_back": held_back,
    "parties": parties,
    "dispute": dispute,
    "asking": asking,
    "changes": changes,
    "feed": feed,
}


def check_record(play: Play) -> set[str]:
    """At the end of every scenario: the record is whole and rebuilds the case. Gives the flows that were taken."""
    with play.stage.sessions(play.county) as session:
        case_id = play.id_of_case()
        found = verify_case(history.chained_rows(session, play.county, case_id))
        if isinstance(found, Broken):
            raise Differs(f"办件记录第{found.seq}条不完整：{found.reason}")
        differences = replay_case(session, play.county, play.case_number()).differences
        if differences:
            raise Differs("；".join(differences))
        if play.printing and (missing := facts.unprinted(session, play.case(session))):
            raise Differs(f"没有印出的文书：{'、'.join(missing)}")
        told = history.read(session, play.county, case_id)
    return {flow for _, payload in told if payload and "path" in payload for flow in payload["path"]["flows"]}
