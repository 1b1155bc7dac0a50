"""The counties that this installation serves."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.tables.reference import County


def county_codes(session: Session) -> list[str]:
    return list(session.scalars(select(County.code).order_by(County.code)))
