"""Publish a case to the portal: what its household may know, and nothing else. Doing it again changes nothing."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain import progress as domain
from engine.domain.calendar import shipped_calendar
from engine.domain.case_type import CaseType
from engine.domain.changes import RecordTransfer, from_json, named
from engine.domain.clock import Clock, local_date
from engine.domain.corrections import said_to_applicant
from engine.domain.progress import Progress
from engine.domain.registry import REFUSED
from engine.domain.signing import SEALED
from engine.queries.case_progress import (
    issued_papers,
    read_progress,
    reminder_day,
    whom_to_ask,
)
from engine.store import cases, registry
from engine.store.files import FileStore
from engine.store.portal import hold_case, paper_hash, people_of
from engine.store.register import read_household
from engine.store.tables.cases import Case, Changeset, Paper
from engine.store.tables.portal import CaseView, PublishedPaper
from engine.store.versions import case_type_of
from engine.usecases.correct_filed import findings_of, is_filed
from engine.usecases.portal_facts import applicant_facts
from engine.usecases.procedures import procedure_of
from engine.usecases.publish_deals import publish_deal
from engine.usecases.publish_disputes import publish_dispute
from engine.usecases.publish_forms import publish_version
from engine.usecases.publish_notices import publish_notices
from engine.usecases.publish_parties import for_parties, publish_parties
from engine.usecases.withdraw_case import may_withdraw

APPLICANT = "applicant"


def publish_case(
    session: Session, portal: Session, clock: Clock, files: FileStore, county: str, case_number: str
) -> None:
    """Reads the case as it now stands. The caller commits the portal's session."""
    hold_case(portal, case_number)
    case = cases.find_case(session, county, case_number)
    case_type = case_type_of(session, case.version_id)
    progress = read_progress(session, case)
    todo = open_task(session, case, case_type, progress)
    if todo:
        publish_version(portal, procedure_of(session, case))
    portal.merge(
        CaseView(
            number=case.number,
            county=county,
            contractor_code=case.contractor_code,
            applicant_id=case.applicant,
            lookup_found=case.lookup_found,
            title=case_type.title,
            status=case.status,
            turn=turn_of(session, case, case_type, progress),
            steps=domain.steps(case_type, progress, shipped_calendar(), local_date(clock.now())),
            todo=todo,
            may=allowed(session, case),
            updated_at=clock.now(),
        )
    )
    papers = issued_papers(session, case)
    said = contract_facts(session, case, papers)
    for paper in papers:
        void = {"state": "void"} if case_type.voided(paper.kind, case.status) else {}
        publish_paper(portal, files, case, paper, said.get(paper.id, {}) | void)
    publish_notices(session, portal, clock, case, case_type)
    publish_dispute(session, portal, clock, case, case_type)
    publish_parties(session, portal, clock, case, case_type, progress, papers)
    publish_deal(session, portal, clock, case)
    refresh_households(session, portal, clock, case)
    portal.flush()


def allowed(session: Session, case: Case) -> dict[str, Any]:
    """What the applicant may ask for now: withdrawal, and from which day a reminder; of a filed case, its correction."""
    if is_filed(session, case):
        found = {"correct": True, "correction": said_to_applicant(findings_of(session, case))}
        return found | refused_registration(session, case)
    if case.status != "open" or case.applicant is None:
        return {}
    first = reminder_day(session, case, shipped_calendar())
    return {
        "withdraw": may_withdraw(session, case),
        "remind_from": first.isoformat() if first else None,
    }


def refused_registration(session: Session, case: Case) -> dict[str, Any]:
    """The registry's reason where its last answer was a refusal: the household alone may read it, whoever looks the case
    up by number and code may not."""
    last = registry.last(session, case)
    if last is None or last.state != REFUSED or last.receipt is None:
        return {}
    return {"refusal": {"on": last.receipt["on"], "reason": last.receipt["reason"]}}


def turn_of(session: Session, case: Case, case_type: CaseType, progress: Progress) -> dict[str, Any]:
    place, phone = whom_to_ask(session, case, case_type, progress)
    return domain.turn(case_type, progress, phone, place)


def open_task(session: Session, case: Case, case_type: CaseType, progress: Progress) -> dict[str, Any] | None:
    """The household's own open task: what is asked, why, by whom and until when."""
    waiting = next((w for w in progress.now if w.role == APPLICANT), None)
    if waiting is None:
        return None
    _, data = cases.read_state(session, case)
    asked = data.get(progress.asked_form or "") or {}
    words = case_type.statuses.get(progress.asked_by or "", {})
    return {
        "task": waiting.number,
        "form": waiting.form,
        "signs": bool(
            procedure_of(session, case).definition.elements[waiting.element].properties.get("signs")
        ),
        "case_type": case.case_type,
        "version": case.version_id,
        "due_on": waiting.due_on.isoformat() if waiting.due_on else None,
        "asked_by": words.get("office"),
        "items": asked.get("supplement_items") or [],
        "opinion": asked.get("opinion"),
    }


def contract_facts(session: Session, case: Case, papers: list[Paper]) -> dict[UUID, dict[str, Any]]:
    """Of contracts, for anyone who checks one: its code, how far it has come, its seal. No names of persons.

    Only the newest contract can come to anything: one that was issued anew is void.
    """
    contracts = [paper for paper in papers if paper.kind in ("contract", SEALED)]
    found: dict[UUID, dict[str, Any]] = {}
    newest = {paper.kind: paper.id for paper in contracts}
    changeset = session.get(Changeset, (case.county, case.id))
    filed = changeset is not None and changeset.applied_at is not None
    sealed = next((p for p in reversed(contracts) if p.kind == SEALED), None)
    valid = sealed is not None and sealed.facts.get("of") == str(newest.get("contract"))
    for paper in contracts:
        state = "filed" if filed else "sealed" if valid else "issued"
        if newest[paper.kind] != paper.id or case.status == "rejected" or (paper is sealed and not valid):
            state = "void"
        said: dict[str, Any] = {"state": state, "contract": _contract_code(contracts)}
        if paper.kind == SEALED or (valid and state != "void" and sealed is not None):
            seal = paper if paper.kind == SEALED else sealed
            assert seal is not None
            said |= {
                "by": ((seal.context or {}).get("office") or {}).get("name"),
                "at": seal.facts.get("sealed_at"),
                "seal": seal.facts.get("seal"),
                "sealed_sha256": seal.sha256,
                "document_sha256": seal.facts.get("document_sha256"),
                "document_bytes": seal.facts.get("document_bytes"),
            }
        found[paper.id] = said
    return found


def _contract_code(contracts: list[Paper]) -> str | None:
    issued = [paper for paper in contracts if paper.kind == "contract"]
    return ((issued[-1].context or {}).get("contract") or {}).get("code") if issued else None


def publish_paper(
    portal: Session, files: FileStore, case: Case, paper: Paper, said: dict[str, Any] | None = None
) -> None:
    """What anyone may check who holds it; the file itself only where a party is an addressee."""
    audience = for_parties(paper.audience)
    if paper_hash(portal, paper.verify_code) == paper.sha256:
        told = portal.get_one(PublishedPaper, paper.verify_code)
        if told.facts != (said or {}):
            told.facts = said or {}
        return
    assert paper.sha256 is not None
    portal.merge(
        PublishedPaper(
            verify_code=paper.verify_code,
            case_number=case.number,
            kind=paper.kind,
            title=paper.title,
            number=paper.number,
            dated=local_date(paper.created_at),
            office=((paper.context or {}).get("office") or {}).get("name", ""),
            sha256=paper.sha256,
            body=files.get(paper.sha256) if audience else None,
            audience=audience,
            facts=said or {},
        )
    )


def refresh_households(session: Session, portal: Session, clock: Clock, case: Case) -> None:
    """What the portal knows of the household, and of all whom the case's changes are about, follows the register."""
    for code in sorted(households_of(session, case)):
        people = people_of(portal, case.county, code)
        household = read_household(session, case.county, code) if people else None
        if household is None:
            continue
        facts = applicant_facts(session, household, local_date(clock.now()))
        for person in people:
            if person.facts != facts:
                person.facts, person.updated_at = facts, clock.now()


def households_of(session: Session, case: Case) -> set[str]:
    """Codes of the case's own, and, once they are made, of those that its changes touch or give land to."""
    row = session.get(Changeset, (case.county, case.id))
    if row is None or row.applied_at is None:
        return {case.contractor_code}
    changes = from_json(row.changes)
    takers = {one.recipient.contractor for one in changes if isinstance(one, RecordTransfer)}
    return {case.contractor_code, *named(changes).contractors, *filter(None, takers)}
