"""The inbox: what is mine to do, what waits to be claimed, what I have done, the scope's latest cases and all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.calendar import WorkCalendar
from engine.domain.roles import roles_done_by
from engine.queries.inbox_asked import NOTHING, Asked, case_order, of_case, of_task, task_order, with_task
from engine.queries.periods import Period, period
from engine.queries.scoped import places, within
from engine.store.tables.cases import Case, Deadline, Task
from engine.store.tables.reference import Person

TABS = ("mine", "claim", "done", "recent", "all")
CASE_TABS = ("recent", "all")  # lines are cases; in the others they are tasks
RECENT = timedelta(days=30)  # since the last thing happened
PAGE = 20
MOST_PAGES = 500
MOST_COUNTED = 1000  # a longer list says "1000+": nobody works by that number, and counting it takes longest


@dataclass(frozen=True)
class Row:
    """One line. Where lines are cases, ``step`` names the open tasks and ``task`` is None."""

    number: str
    case_type: str
    version_id: str
    contractor: str
    contractor_code: str
    place: str
    status: str
    task: int | None
    element: str | None
    form: str | None
    step: str
    period: Period | None
    assignee: str | None
    at: datetime
    decision: str | None
    open_tasks: tuple[int, ...] = ()  # numbers


@dataclass(frozen=True)
class Listing:
    """``total`` is None where there are more than MOST_COUNTED; ``more``: whether a page follows."""

    rows: tuple[Row, ...]
    total: int | None
    page: int
    more: bool

    @property
    def pages(self) -> int | None:
        return None if self.total is None else max(1, -(-self.total // PAGE))


def counts(session: Session, actor: Actor, now: datetime, asked: Asked = NOTHING) -> dict[str, int | None]:
    """How many lines each tab has; None where there are more than MOST_COUNTED."""
    return {tab: _count(session, _chosen(actor, tab, asked, now)) for tab in TABS}


def _count(session: Session, chosen: Select[*tuple[Any, ...]], most: int = MOST_COUNTED) -> int | None:
    found = session.scalar(select(func.count()).select_from(chosen.limit(most + 1).subquery())) or 0
    return found if found <= most else None


def listing(
    session: Session, actor: Actor, tab: str, page: int, asked: Asked, calendar: WorkCalendar, now: datetime
) -> Listing:
    """One page of a tab; a page beyond the last gives the last."""
    chosen = _chosen(actor, tab, asked, now)
    total, page = _count(session, chosen), min(max(page, 1), MOST_PAGES)
    if total is not None:
        page = min(page, max(1, -(-total // PAGE)))
    rows = _page(session, actor, tab, asked, page, now)
    if not rows and page > 1:
        last = _count(session, chosen, MOST_PAGES * PAGE) or MOST_PAGES * PAGE
        page = -(-last // PAGE)
        rows = _page(session, actor, tab, asked, page, now)
    more = len(rows) > PAGE and page < MOST_PAGES
    return Listing(tuple(as_rows(session, rows[:PAGE], calendar, now)), total, page, more)


def everything(
    session: Session, actor: Actor, tab: str, asked: Asked, calendar: WorkCalendar, now: datetime, most: int
) -> tuple[list[Row], bool]:
    """The tab's lines from its first on, at most so many, and whether there are more."""
    rows = _found(session, tab, _query(actor, tab, asked, now).limit(most + 1))
    return as_rows(session, rows[:most], calendar, now), len(rows) > most


def as_rows(
    session: Session, found: list[dict[str, Any]], calendar: WorkCalendar, now: datetime
) -> list[Row]:
    named = places(session, {row["case"].division for row in found})
    return [_row(row, named, calendar, now) for row in found]


def _page(
    session: Session, actor: Actor, tab: str, asked: Asked, page: int, now: datetime
) -> list[dict[str, Any]]:
    """The page's rows, and one of the next page where there is one."""
    query = _query(actor, tab, asked, now)
    return _found(session, tab, query.limit(PAGE + 1).offset((page - 1) * PAGE))


def _query(actor: Actor, tab: str, asked: Asked, now: datetime) -> Select[*tuple[Any, ...]]:
    return cases_of(actor, tab, asked, now) if tab in CASE_TABS else tasks_of(actor, tab, asked)


def _found(session: Session, tab: str, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    return case_rows(session, query) if tab in CASE_TABS else task_rows(session, query, tab)


def _chosen(actor: Actor, tab: str, asked: Asked, now: datetime) -> Select[*tuple[Any, ...]]:
    """A row for each line of the tab, with nothing in it: for counting."""
    if tab in CASE_TABS:
        return select(Case.id).where(*_among_cases(actor, tab, asked, now))
    query = select(Task.number).where(*_in_tab(actor, tab, asked))
    if asked.about_cases:
        query = query.join(Case, and_(Case.county == Task.county, Case.id == Task.case_id))
        query = query.where(*of_case(actor, asked))
    return query


def _among_cases(actor: Actor, tab: str, asked: Asked, now: datetime) -> list[ColumnElement[bool]]:
    fresh = [Case.changed_at >= now - RECENT] if tab == "recent" else []
    return [within(Case, actor, asked.division), *fresh, *of_case(actor, asked), *with_task(asked)]


def _in_tab(actor: Actor, tab: str, asked: Asked) -> list[ColumnElement[bool]]:
    """Each tab's condition is that of an index of the table, so that a page is read without the rest."""
    narrowed = [within(Task, actor, asked.division), *of_task(asked)]
    if tab == "done":
        return [*narrowed, Task.status == "done", Task.assignee == actor.person_id]
    mine = Task.assignee == actor.stands_as if tab == "mine" else Task.assignee.is_(None)
    return [
        *narrowed,
        Task.status == "open",
        _role_of(actor),
        Task.office == actor.division,
        mine,
    ]


def _role_of(actor: Actor) -> ColumnElement[bool]:
    """One role is asked for by ``=``, so that the index gives the order too."""
    roles = roles_done_by(actor.role)
    return Task.role == actor.role if len(roles) == 1 else Task.role.in_(roles)


def tasks_of(actor: Actor, tab: str, asked: Asked = NOTHING) -> Select[*tuple[Any, ...]]:
    """Task rows of the tab in the order that is asked for."""
    query = (
        select(Task, Case, Deadline, Person.name)
        .join(Case, and_(Case.county == Task.county, Case.id == Task.case_id))
        .outerjoin(
            Deadline,
            and_(
                Deadline.county == Task.county,
                Deadline.case_id == Task.case_id,
                Deadline.task_number == Task.number,
                Deadline.kind == "limit",
            ),
        )
        .outerjoin(Person, Person.id == Task.assignee)
        .where(*_in_tab(actor, tab, asked), *of_case(actor, asked))
    )
    return query.order_by(*task_order(tab, asked))


def cases_of(actor: Actor, tab: str, asked: Asked, now: datetime) -> Select[*tuple[Any, ...]]:
    """Cases of the scope in the order that is asked for."""
    return select(Case).where(*_among_cases(actor, tab, asked, now)).order_by(*case_order(tab, asked))


def task_rows(session: Session, query: Select[*tuple[Any, ...]], tab: str) -> list[dict[str, Any]]:
    return [
        {
            "case": case,
            "tasks": [task],
            "deadline": deadline,
            "assignee": task.ended_by if tab == "done" else assignee,
            "at": task.ended_at or task.opened_at,
            "one": task,
        }
        for task, case, deadline, assignee in session.execute(query)
    ]


def case_rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    rows = session.scalars(query).all()
    ids = [case.id for case in rows]
    tasks = _open_tasks(session, rows[0].county, ids) if rows else {}
    limits = _case_limits(session, rows[0].county, ids) if rows else {}
    return [
        {
            "case": case,
            "tasks": [task for task, _ in tasks.get(case.id, ())],
            "deadline": limits.get(case.id),
            "assignee": "、".join(name for _, name in tasks.get(case.id, ()) if name) or None,
            "at": case.changed_at,
            "one": None,
        }
        for case in rows
    ]


def _open_tasks(
    session: Session, county: str, ids: Iterable[UUID]
) -> dict[UUID, list[tuple[Task, str | None]]]:
    found: dict[UUID, list[tuple[Task, str | None]]] = {}
    query = (
        select(Task, Person.name)
        .outerjoin(Person, Person.id == Task.assignee)
        .where(Task.county == county, Task.case_id.in_(ids), Task.status == "open")
        .order_by(Task.number)
    )
    for task, name in session.execute(query):
        found.setdefault(task.case_id, []).append((task, name))
    return found


def _case_limits(session: Session, county: str, ids: Iterable[UUID]) -> dict[UUID, Deadline]:
    """The limit of the whole case, as long as it is not met."""
    rows = session.scalars(
        select(Deadline).where(
            Deadline.county == county,
            Deadline.case_id.in_(ids),
            Deadline.task_number.is_(None),
            Deadline.status.in_(("running", "stopped", "fired")),
        )
    )
    return {row.case_id: row for row in rows}


def _row(found: dict[str, Any], named: dict[str, str], calendar: WorkCalendar, now: datetime) -> Row:
    case, deadline, task = found["case"], found["deadline"], found["one"]
    first = task or (found["tasks"][0] if len(found["tasks"]) == 1 else None)
    return Row(
        number=case.number,
        case_type=case.case_type,
        version_id=case.version_id,
        contractor=case.contractor_name,
        contractor_code=case.contractor_code,
        place=named[case.division],
        status=case.status,
        task=task.number if task else None,
        element=first.element if first else None,
        form=first.form if first else None,
        step="、".join(t.name for t in found["tasks"]),
        period=period(deadline, calendar, now) if deadline else None,
        assignee=found["assignee"],
        at=found["at"],
        decision=task.decision if task else None,
        open_tasks=tuple(t.number for t in found["tasks"] if t.status == "open"),
    )


def count_mine(session: Session, actor: Actor) -> int | None:
    """The number beside the inbox in the menu; None where there are more than MOST_COUNTED."""
    return _count(session, select(Task.number).where(*_in_tab(actor, "mine", NOTHING)))
