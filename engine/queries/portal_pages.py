"""What the portal's pages show. Reads the portal's schema alone, and of it only what is the person's own."""

import hmac
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, defer

from engine.store.sealed import fingerprint
from engine.store.tables.portal import (
    Applicant,
    CaseView,
    CountyCard,
    PortalDraft,
    PortalUpload,
    PublishedForm,
    PublishedPaper,
    Submission,
)


def applicant(portal: Session, applicant_id: UUID) -> Applicant | None:
    return portal.get(Applicant, applicant_id)


def counties(portal: Session) -> list[CountyCard]:
    return list(portal.scalars(select(CountyCard).order_by(CountyCard.code)))


def offers(portal: Session, county: str) -> list[dict[str, Any]]:
    """What the county's households can apply for."""
    card = portal.get(CountyCard, county)
    return list(card.offers) if card else []


def offer(portal: Session, county: str, case_type: str) -> dict[str, Any] | None:
    return next((row for row in offers(portal, county) if row["case_type"] == case_type), None)


def published_form(portal: Session, version: str, name: str) -> PublishedForm | None:
    return portal.get(PublishedForm, (version, name))


def drafts(portal: Session, person: Applicant) -> list[PortalDraft]:
    """Applications begun and not submitted."""
    query = select(PortalDraft).where(
        PortalDraft.applicant_id == person.id,
        PortalDraft.submitted.is_(False),
        PortalDraft.case_number.is_(None),
    )
    return list(portal.scalars(query.order_by(PortalDraft.saved_at.desc())))


def draft(portal: Session, person: Applicant, draft_id: UUID) -> PortalDraft | None:
    query = select(PortalDraft).where(PortalDraft.id == draft_id, PortalDraft.applicant_id == person.id)
    return portal.scalar(query)


def submission(portal: Session, person: Applicant, submission_id: UUID) -> Submission | None:
    query = select(Submission).where(Submission.id == submission_id, Submission.applicant_id == person.id)
    return portal.scalar(query)


def last_submission(portal: Session, draft_id: UUID) -> Submission | None:
    query = select(Submission).where(Submission.draft_id == draft_id)
    return portal.scalar(query.order_by(Submission.seq.desc()).limit(1))


def said_of_facts(portal: Session, person: Applicant, mark: str) -> Submission | None:
    """What the person said of the facts with that mark, unless it was refused."""
    query = select(Submission).where(
        Submission.applicant_id == person.id,
        Submission.kind == "confirm",
        Submission.status != "refused",
        Submission.data["mark"].astext == mark,
    )
    return portal.scalar(query.limit(1))


def waiting(portal: Session, person: Applicant) -> list[Submission]:
    """Submissions that the inside has not answered, or whose lookup code was not noted yet."""
    rows = portal.scalars(
        select(Submission).where(Submission.applicant_id == person.id).order_by(Submission.seq)
    )
    return [
        row
        for row in rows
        if (row.status == "waiting" and row.kind != "confirm") or "lookup_code" in (row.answer or {})
    ]


def was_taken(portal: Session, person: Applicant, number: str) -> bool:
    """Whether an application of this person became that case, published or not."""
    query = select(Submission.id).where(
        Submission.applicant_id == person.id, Submission.answer["case"].astext == number
    )
    return portal.scalar(query.limit(1)) is not None


def cases_of(portal: Session, person: Applicant) -> list[CaseView]:
    """All cases of the person's household, the newest first."""
    query = select(CaseView).where(
        CaseView.county == person.county, CaseView.contractor_code == person.contractor_code
    )
    return list(portal.scalars(query.order_by(CaseView.number.desc())))


def case_of(portal: Session, person: Applicant, number: str) -> CaseView | None:
    return next((view for view in cases_of(portal, person) if view.number == number), None)


def papers_of(portal: Session, number: str, side: str = "applicant") -> list[PublishedPaper]:
    """Papers of a case that its applicant, or another side, may have, the newest first; without their bodies."""
    query = _for_side(number, side)
    query = query.options(defer(PublishedPaper.body)).order_by(
        PublishedPaper.dated.desc(), PublishedPaper.title
    )
    return list(portal.scalars(query))


def paper_file(
    portal: Session, number: str, verify_code: str, side: str = "applicant"
) -> PublishedPaper | None:
    found: PublishedPaper | None = portal.scalar(
        _for_side(number, side).where(PublishedPaper.verify_code == verify_code)
    )
    return found


def _for_side(number: str, side: str) -> Select[Any]:
    return select(PublishedPaper).where(
        PublishedPaper.case_number == number,
        PublishedPaper.body.is_not(None),
        PublishedPaper.audience.contains([side]),
    )


def uploads(portal: Session, person: Applicant, ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """{id: {id, name, size}} of the person's own files among the ids; size in bytes, None once taken over."""
    wanted = [UUID(text) for text in ids if len(text) == 36 and _is_uuid(text)]
    rows = portal.execute(
        select(
            PortalUpload.id, PortalUpload.file_name, func.octet_length(PortalUpload.body).label("size")
        ).where(PortalUpload.applicant_id == person.id, PortalUpload.id.in_(wanted))
    )
    return {str(row.id): {"id": str(row.id), "name": row.file_name, "size": row.size} for row in rows}


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def look_up(portal: Session, number: str, code: str) -> CaseView | None:
    """The case, if number and code belong together; None does not tell which of them was wrong."""
    view = portal.get(CaseView, number)
    found = fingerprint(code)
    held = view.lookup_found if view is not None and view.lookup_found else bytes(len(found))
    return view if hmac.compare_digest(held, found) else None


def paper_by_code(portal: Session, verify_code: str) -> PublishedPaper | None:
    """What anyone may confirm; without the body."""
    query = select(PublishedPaper).where(PublishedPaper.verify_code == verify_code)
    return portal.scalar(query.options(defer(PublishedPaper.body)))
