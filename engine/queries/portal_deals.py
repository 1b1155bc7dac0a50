"""Contracts that somebody is asked to sign by a link. Reads the portal's schema alone."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.signing import SEALED
from engine.store.tables.portal import Applicant, PublishedPaper, Submission
from engine.store.tables.portal_public import DealSigning


def deal(portal: Session, key: UUID) -> DealSigning | None:
    return portal.get(DealSigning, key)


def deals_of(portal: Session, person: Applicant) -> list[DealSigning]:
    """Those that somebody of the person's household signs, signed or was asked to sign; what waits for them first."""
    query = select(DealSigning).where(
        DealSigning.county == person.county, DealSigning.contractor_code == person.contractor_code
    )
    rows = portal.scalars(query.order_by(DealSigning.case_number.desc()))
    return sorted(rows, key=lambda row: row.state != "open")


def contract_of(portal: Session, found: DealSigning) -> PublishedPaper | None:
    """The contract as it is to be signed; that very file sealed, once everybody has."""
    papers = select(PublishedPaper).where(
        PublishedPaper.case_number == found.case_number, PublishedPaper.body.is_not(None)
    )
    sealed = portal.scalar(
        papers.where(
            PublishedPaper.kind == SEALED, PublishedPaper.facts["of_sha256"].astext == (found.sha256 or "")
        ).limit(1)
    )
    if found.state != "open" and sealed is not None:
        return sealed
    return portal.scalar(papers.where(PublishedPaper.verify_code == found.paper)) if found.paper else None


def answer_to(portal: Session, found: DealSigning, submission_id: UUID) -> Submission | None:
    query = select(Submission).where(
        Submission.id == submission_id, Submission.data["deal"].astext == str(found.id)
    )
    return portal.scalar(query)


def last_code(portal: Session, found: DealSigning) -> Submission | None:
    """The newest request for a code, whatever became of it."""
    query = select(Submission).where(
        Submission.case_number == found.case_number,
        Submission.kind == "deal_code",
        Submission.data["deal"].astext == str(found.id),
    )
    return portal.scalar(query.order_by(Submission.seq.desc()).limit(1))
