"""Publish a dispute to each of its parties: what it is about, the periods in plain words, hearings, and what one may do."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import uuid5

from sqlalchemy.orm import Session

from engine.domain import messages
from engine.domain import progress as domain
from engine.domain.calendar import shipped_calendar
from engine.domain.case_type import CaseType
from engine.domain.clock import Clock, local_date
from engine.domain.dispute import panel_now
from engine.domain.moments import EXACT
from engine.domain.parties import APPLICANT, SIDES, Party, represented
from engine.domain.progress import Progress, last_day
from engine.queries.case_progress import whom_to_ask
from engine.queries.parties import ARBITRATORS, acts_now, done_by_parties, options_of, parties_of
from engine.store import cases, disputes
from engine.store.portal import applicant_by_number, keep_party_views, party_numbers, put_message
from engine.store.tables.cases import Case, Paper
from engine.store.tables.portal_public import PartyView
from engine.usecases.procedures import procedure_of
from engine.usecases.publish_forms import publish_version
from engine.usecases.tell_applicant import NAMES


def publish_parties(
    session: Session,
    portal: Session,
    clock: Clock,
    case: Case,
    case_type: CaseType,
    progress: Progress,
    papers: Sequence[Paper],
) -> None:
    """A person who is a party no more loses the view. The caller commits the portal."""
    if not case_type.parties:
        return
    _, data = cases.read_state(session, case)
    found = parties_of(session, portal, case, case_type, data)
    if found:
        publish_version(portal, procedure_of(session, case))
    before = party_numbers(portal, case.number)
    common = _common(session, clock, case, case_type, progress, data) if found else {}
    views = [
        PartyView(
            number=case.number,
            id_number_found=number,
            county=case.county,
            side=one.side,
            name=one.name,
            stands_for=one.stands_for,
            agent=one.agent,
            title=case_type.title,
            status=case.status,
            case_type=case.case_type,
            version=case.version_id,
            told=common | _own(session, clock, case, case_type, progress, one, represented(data)),
            updated_at=clock.now(),
        )
        for number, one in found.items()
    ]
    keep_party_views(portal, case.number, views)
    for number, one in found.items():
        if one.side != APPLICANT or one.agent:
            _tell(portal, clock, case, case_type, number, one, number not in before, papers)


def _common(
    session: Session, clock: Clock, case: Case, case_type: CaseType, progress: Progress, data: dict[str, Any]
) -> dict[str, Any]:
    """What every party reads alike."""
    row, today = disputes.of_case(session, case), local_date(clock.now())
    assert row is not None
    asked = data.get(case_type.start_variable) or {}
    options = options_of(session, case, data, today)
    return {
        "dispute": {
            "kind": row.kind,
            "number": row.number,
            "cause": row.cause_title,
            "applicant": row.applicant,
            "respondents": row.respondents,
            "third_parties": row.third_parties,
            "parcels": row.parcels,
            "claims": asked.get("claims"),
            "facts": asked.get("facts"),
            "opened_on": row.opened_on.isoformat(),
            "effective_on": row.effective_on.isoformat() if row.effective_on else None,
        },
        "steps": domain.steps(case_type, progress, shipped_calendar(), today),
        "hearings": [
            {
                "starts_at": one.starts_at.isoformat(),
                "place": one.place,
                "status": one.status,
                "public": one.public,
                "postpone_by": one.postpone_by.isoformat(),
            }
            for one in disputes.hearings_of(session, case)
        ],
        "panel": [{"name": one["name"], "role": one["role"]} for one in panel_now(data)],
        "options": options if row.kind == "arbitration" else {ARBITRATORS: []},
    }


def _own(
    session: Session,
    clock: Clock,
    case: Case,
    case_type: CaseType,
    progress: Progress,
    one: Party,
    sent: Collection[str],
) -> dict[str, Any]:
    """What this side alone reads: its periods, what it may do, what it did. ``sent``: who has sent an agent."""
    periods = _periods(session, case, case_type, one.side)
    due = {row["name"]: row["last_day"] for row in periods}
    return {
        "turn": _turn(session, case, case_type, progress, one.side),
        "periods": [row for row in periods if row["text"]],
        "acts": [
            {
                "name": act.name,
                "title": act.title,
                "text": act.text,
                "form": act.form,
                "due_on": due.get(act.period or ""),
            }
            for act in acts_now(session, case, case_type)
            if one.side in act.sides and (not act.with_agent or one.stands_for in sent)
        ],
        "done": [
            {"title": row.title, "by": row.by_name, "at": row.said_at.isoformat()}
            for row in done_by_parties(session, case)
            if row.side == one.side and row.party == one.stands_for
        ],
    }


def _turn(session: Session, case: Case, case_type: CaseType, progress: Progress, side: str) -> dict[str, Any]:
    """Said to the other side in its own words; what the applicant is to do is not for it."""
    place, phone = whom_to_ask(session, case, case_type, progress)
    words = case_type.statuses
    if side != APPLICANT:
        bare = {name: row | {"todo": None} for name, row in words.items()}
        words = bare | {
            name: {"todo": None} | row for name, row in case_type.parties.get("status", {}).items()
        }
    told = domain.turn(case_type, progress, phone, place, words)
    called = [one for one in disputes.hearings_of(session, case) if one.status == "called"]
    if called and told["due_on"] is None:
        day = local_date(called[-1].starts_at).isoformat()
        told |= {"due_on": day, "until": {"zh": "%(day)s开庭", "en": "hearing on %(day)s"}}
    return told


def _periods(session: Session, case: Case, case_type: CaseType, side: str) -> list[dict[str, Any]]:
    said = case_type.parties.get("periods", {})
    return [
        {
            "name": row.name,
            "title": case_type.deadlines[row.name]["title"],
            "last_day": last_day(
                row.due_at, row.kind == "wait" and row.unit != EXACT, local_date
            ).isoformat(),
            "text": said.get(row.name, {}).get(side),
        }
        for row in cases.active_deadlines(session, case)
        if row.due_at is not None and row.name in case_type.deadlines
    ]


def _tell(
    portal: Session,
    clock: Clock,
    case: Case,
    case_type: CaseType,
    number: bytes,
    one: Party,
    new: bool,
    papers: Sequence[Paper],
) -> None:
    """Into the portal's inbox of whoever signed in before: that there is a case, and each paper for that side. Once each."""
    person = applicant_by_number(portal, number)
    if person is None:
        return
    told: list[tuple[str, str, dict[str, Any]]] = []
    if new:
        told.append((f"party:{case.number}", "party_joined", {"title": case_type.title}))
    told += [
        (f"paper:{paper.id}", "party_paper", {"title": case_type.title, "paper": paper.title})
        for paper in papers
        if one.side in paper.audience
    ]
    for mark, kind, facts in told:
        said = messages.message(kind, facts)
        row = {
            "id": uuid5(NAMES, f"{mark}:{person.id}"),
            "applicant_id": person.id,
            "case_number": case.number,
            "kind": kind,
            "title": said.title,
            "text": said.text,
            "sent_at": clock.now(),
        }
        put_message(portal, row)


def for_parties(audience: Sequence[str]) -> list[str]:
    return [side for side in SIDES if side in audience]
