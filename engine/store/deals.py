"""Who signs a deal: their rows, found and written."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine.store.tables.cases import Case
from engine.store.tables.transfers import DealParty


def parties(session: Session, case: Case) -> Sequence[DealParty]:
    query = select(DealParty).where(DealParty.county == case.county, DealParty.case_id == case.id)
    return session.scalars(query.order_by(DealParty.position)).all()


def replace_parties(session: Session, case: Case, rows: Sequence[DealParty]) -> None:
    """A contract that is issued anew is signed anew: earlier links lead nowhere any more."""
    session.execute(delete(DealParty).where(DealParty.county == case.county, DealParty.case_id == case.id))
    session.add_all(rows)
    session.flush()


def party(session: Session, county: str, key: UUID) -> DealParty | None:
    """As it stands now, whatever the session knew of it before."""
    query = select(DealParty).where(DealParty.county == county, DealParty.id == key)
    return session.scalar(query.execution_options(populate_existing=True))
