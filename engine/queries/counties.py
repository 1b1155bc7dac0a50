"""The counties that this installation serves, and their divisions."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.store.firms import firms_of
from engine.store.tables.reference import County, Division


def county_codes(session: Session) -> list[str]:
    return list(session.scalars(select(County.code).order_by(County.code)))


def divisions_within(session: Session, county: str, digits: int) -> list[Division]:
    """Divisions of a level (9 townships, 12 villages, 14 groups) by code."""
    return list(
        session.scalars(
            select(Division)
            .where(func.length(Division.code) == digits, Division.code.startswith(county))
            .order_by(Division.code)
        )
    )


def division_names(session: Session, county: str) -> dict[str, str]:
    """Code -> name of the county itself, of all its divisions and of the surveying firms that it knows."""
    rows = session.execute(select(Division.code, Division.name).where(Division.code.startswith(county)))
    return {code: name for code, name in rows} | {firm.code: firm.name for firm in firms_of(session, county)}
