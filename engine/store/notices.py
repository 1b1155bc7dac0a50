"""Notices to members of staff within the application."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.store.tables.cases import Case
from engine.store.tables.desk import Notice

MOST_UNREAD = 99  # counted beside the bell
SHOWN = 100


def tell(
    session: Session, case: Case, people: Iterable[UUID], kind: str, text: str, by: Actor, at: datetime,
    task_number: int | None = None,
) -> None:  # fmt: skip
    """One notice for each of them; nobody is told what they did themselves."""
    for person in dict.fromkeys(people):
        if str(person) != by.id:
            session.add(
                Notice(
                    county=case.county,
                    person_id=person,
                    case_id=case.id,
                    task_number=task_number,
                    division=case.division,
                    at=at,
                    kind=kind,
                    by_name=by.name,
                    text=text,
                )
            )
    session.flush()


def unread(session: Session, actor: Actor) -> int:
    """How many, at most MOST_UNREAD + 1."""
    some = (
        select(Notice.id)
        .where(Notice.county == actor.county, Notice.person_id == actor.person_id, Notice.read_at.is_(None))
        .limit(MOST_UNREAD + 1)
    )
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def newest(session: Session, actor: Actor) -> list[tuple[Notice, str]]:
    """(notice, number of its case), the newest first."""
    rows = session.execute(
        select(Notice, Case.number)
        .join(Case, (Case.county == Notice.county) & (Case.id == Notice.case_id))
        .where(Notice.county == actor.county, Notice.person_id == actor.person_id)
        .order_by(Notice.id.desc())
        .limit(SHOWN)
    )
    return [(notice, number) for notice, number in rows]


def mark_read(session: Session, actor: Actor, at: datetime, ids: Iterable[int] | None = None) -> int:
    """Those of one's own, all of them without ``ids``. Gives how many were new."""
    own = [Notice.county == actor.county, Notice.person_id == actor.person_id, Notice.read_at.is_(None)]
    if ids is not None:
        own.append(Notice.id.in_(list(ids)))
    return session.execute(update(Notice).where(*own).values(read_at=at)).rowcount  # type: ignore[attr-defined]
