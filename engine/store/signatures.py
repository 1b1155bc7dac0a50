"""Signatures and signing codes: found and written."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.store.tables.cases import Case, Paper
from engine.store.tables.signing import Signature, SigningCode


def of_case(session: Session, case: Case, voided: bool = False) -> list[Signature]:
    """In the order they were given; those that were given anew only when asked for."""
    query = select(Signature).where(Signature.county == case.county, Signature.case_id == case.id)
    if not voided:
        query = query.where(Signature.voided_at.is_(None))
    return list(session.scalars(query.order_by(Signature.signed_at, Signature.task_number)))


def of_paper(session: Session, paper: Paper) -> list[Signature]:
    """Those that stand, on that very file."""
    query = select(Signature).where(
        Signature.county == paper.county, Signature.paper_id == paper.id, Signature.voided_at.is_(None)
    )
    return list(session.scalars(query.order_by(Signature.signed_at, Signature.task_number)))


def latest_code(
    session: Session, county: str, case_id: UUID, task: int, party: str = ""
) -> SigningCode | None:
    """The code that counts now, or else the last one, under its lock, so that tries are counted one by one."""
    query = select(SigningCode).where(
        SigningCode.county == county,
        SigningCode.case_id == case_id,
        SigningCode.task_number == task,
        SigningCode.party == party,
    )
    query = (
        query.order_by((SigningCode.status == "sent").desc(), SigningCode.sent_at.desc())
        .limit(1)
        .with_for_update()
    )
    return session.scalar(query.execution_options(populate_existing=True))


def codes_since(
    session: Session, county: str, case_id: UUID, task: int, since: datetime, party: str = ""
) -> int:
    query = select(func.count()).where(
        SigningCode.county == county,
        SigningCode.case_id == case_id,
        SigningCode.task_number == task,
        SigningCode.sent_at > since,
        SigningCode.party == party,
    )
    return session.scalar(query) or 0


def reference_taken(session: Session, county: str, reference: str, case_id: UUID, task: int) -> bool:
    """Whether a face check of that number served for another signature."""
    query = select(SigningCode.id).where(
        SigningCode.county == county,
        SigningCode.outside["reference"].astext == reference,
        or_(SigningCode.case_id != case_id, SigningCode.task_number != task),
    )
    return session.scalar(query.limit(1)) is not None
