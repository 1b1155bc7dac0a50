"""Rows of long work: how far it is, whether its end was asked for."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.store.tables.work import LongWork


def put(session: Session, county: str, kind: str, asked: dict[str, Any], by: str, at: datetime) -> UUID:
    row = LongWork(county=county, id=uuid4(), kind=kind, asked=asked, asked_by=by, asked_at=at)
    session.add(row)
    session.flush()
    return row.id


def find(session: Session, county: str, work_id: UUID) -> LongWork | None:
    return session.get(LongWork, (county, work_id), populate_existing=True)


def newest(session: Session, county: str, most: int = 20, kind: str | None = None) -> list[LongWork]:
    query = select(LongWork).where(LongWork.county == county)
    if kind:
        query = query.where(LongWork.kind == kind)
    return list(session.scalars(query.order_by(LongWork.asked_at.desc()).limit(most)))


def write(session: Session, county: str, work_id: UUID, **values: Any) -> bool:
    """Set columns of work that has not ended. Gives whether its end is asked for."""
    written = update(LongWork).where(
        LongWork.county == county, LongWork.id == work_id, LongWork.ended_at.is_(None)
    )
    cancel = session.execute(
        written.values(**values).execution_options(synchronize_session=False).returning(LongWork.cancel)
    )
    return bool(cancel.scalar())
