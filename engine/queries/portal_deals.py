"""Contracts that somebody is asked to sign by a link. Reads the portal's schema alone."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.tables.portal import Applicant, PublishedPaper, Submission
from engine.store.tables.portal_public import DealSigning


def deal(portal: Session, key: UUID) -> DealSigning | None:
    return portal.get(DealSigning, key)


def deals_to_sign(portal: Session, person: Applicant) -> list[DealSigning]:
    """Those that wait for somebody of the person's household."""
    query = select(DealSigning).where(
        DealSigning.county == person.county,
        DealSigning.contractor_code == person.contractor_code,
        DealSigning.state == "open",
    )
    return list(portal.scalars(query.order_by(DealSigning.case_number)))


def contract_of(portal: Session, found: DealSigning) -> PublishedPaper | None:
    """The contract as it is to be signed; the sealed one once everybody has."""
    papers = select(PublishedPaper).where(
        PublishedPaper.case_number == found.case_number, PublishedPaper.body.is_not(None)
    )
    sealed = portal.scalar(
        papers.where(PublishedPaper.kind == "sealed_contract").order_by(PublishedPaper.dated.desc()).limit(1)
    )
    if found.state == "closed" and sealed is not None:
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
