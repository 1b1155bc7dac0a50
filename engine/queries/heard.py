"""What a household said beside its applications: its registered facts are right, or what of them is wrong."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.tables.cases import Case, FactCheck

MOST = 5


def fact_checks(session: Session, case: Case) -> list[FactCheck]:
    """The newest first."""
    query = select(FactCheck).where(
        FactCheck.county == case.county, FactCheck.contractor_code == case.contractor_code
    )
    return list(session.scalars(query.order_by(FactCheck.said_at.desc()).limit(MOST)))
