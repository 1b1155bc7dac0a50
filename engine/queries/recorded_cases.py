"""Cases as they were recorded, a page at a time, for going through all of a case type with bounded memory."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from engine.domain.events import CASE_MIGRATED
from engine.store.tables.cases import Case, Deadline, Task
from engine.store.tables.history import Event

PAGE = 50


def count_cases(session: Session, county: str, case_type: str) -> int:
    query = select(func.count()).where(Case.county == county, Case.case_type == case_type)
    return session.scalar(query) or 0


def newest_first_number(session: Session, county: str, case_type: str, newest: int) -> str:
    """Number of the oldest of the newest so many cases; "" where there are none."""
    numbers = select(Case.number).where(Case.county == county, Case.case_type == case_type)
    newest_numbers = numbers.order_by(Case.number.desc()).limit(newest).subquery()
    return session.scalar(select(func.min(newest_numbers.c.number))) or ""


def cases_in_pages(session: Session, county: str, case_type: str, first: str = "") -> Iterator[Case]:
    """In the order of their numbers, from ``first`` on. Each page is a transaction of its own and is then
    forgotten, so nothing else should be pending in the session.
    """
    yield from _in_pages(session, first, Case.county == county, Case.case_type == case_type)


def open_cases_elsewhere(session: Session, county: str, case_type: str, version: str) -> Iterator[Case]:
    """Open cases of other versions than this one, in pages like the above."""
    yield from _in_pages(
        session,
        "",
        Case.county == county,
        Case.case_type == case_type,
        Case.status == "open",
        Case.version_id != version,
    )


def moved_to(
    session: Session, county: str, case_type: str, version: str, most: int | None = None
) -> list[str]:
    """Numbers of open cases that run on the version and were moved to it, at most so many."""
    moved = select(Event.case_id).where(Event.county == county, Event.kind == CASE_MIGRATED)
    query = select(Case.number).where(
        Case.county == county,
        Case.case_type == case_type,
        Case.status == "open",
        Case.version_id == version,
        Case.id.in_(moved),
    )
    return list(session.scalars(query.order_by(Case.number).limit(most)))


def _in_pages(session: Session, first: str, *those: ColumnElement[bool]) -> Iterator[Case]:
    last: str | None = None
    while True:
        query = select(Case).where(*those)
        query = query.where(Case.number >= first) if last is None else query.where(Case.number > last)
        page = list(session.scalars(query.order_by(Case.number).limit(PAGE)))
        last = page[-1].number if page else None
        yield from page
        session.rollback()
        session.expunge_all()
        if len(page) < PAGE:
            return


def deadlines_of(session: Session, case: Case) -> list[Deadline]:
    """All there ever were, in the order in which they began."""
    query = select(Deadline).where(Deadline.county == case.county, Deadline.case_id == case.id)
    return list(session.scalars(query.order_by(Deadline.started_at, Deadline.task_number, Deadline.name)))


def tasks_of(session: Session, case: Case) -> list[Task]:
    """All there ever were, by number."""
    query = select(Task).where(Task.county == case.county, Task.case_id == case.id)
    return list(session.scalars(query.order_by(Task.number)))
