"""How work goes: what changed the register each month, how long each step takes, what is late. For supervision (监管分析)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, and_, cast, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.calendar import WorkCalendar
from engine.queries.as_of import When
from engine.queries.ledgers.changes import THINGS
from engine.queries.scoped import within
from engine.queries.statistics.extension import midnight, ran_on
from engine.store.register import version_of
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Deadline, Task


@dataclass(frozen=True)
class Month:
    """``acts``: cases and corrections that changed the register; ``things``: kind -> how many of it changed."""

    month: str  # 2026-09
    acts: int
    things: dict[str, int]


@dataclass(frozen=True)
class Step:
    """One kind of task in the year before a day. Days are working days, the day of opening not counted."""

    version_id: str
    element: str
    form: str
    name: str
    done: int
    median: int
    slowest: int  # the ninth in ten
    late: int  # ended after their limit


@dataclass(frozen=True)
class Load:
    """Cases of a scope: ``started`` and ``ended`` in the year before the day, ``open`` and tasks ``late`` on it."""

    started: int
    completed: int
    rejected: int
    open: int
    late: int


def months_before(day: date, count: int) -> list[str]:
    """The last months up to the day's, oldest first."""
    number = day.year * 12 + day.month - 1
    return [f"{n // 12}-{n % 12 + 1:02d}" for n in range(number - count + 1, number + 1)]


def changes_by_month(
    session: Session, actor: Actor, when: When, division: str, count: int = 12
) -> list[Month]:
    """By the month in which changes took effect; imports are no changes here."""
    months = months_before(when.day, count)
    first = date(int(months[0][:4]), int(months[0][5:]), 1)
    parts = []
    for kind, (thing, v, owner) in THINGS.items():
        again = v.state == "ended" if v is t.ContractVersion else literal(False)
        parts.append(
            select(
                func.to_char(v.valid_from, "YYYY-MM").label("month"), literal(kind).label("kind"), v.cause_ref
            )
            .select_from(thing)
            .join(v, version_of(thing, v, owner))
            .where(
                within(thing, actor, division),
                v.county == actor.county,
                v.cause != "import",
                v.valid_from >= first,
                v.valid_from <= when.day,
                v.recorded_at <= when.known,
                or_(v.restates.is_(None), again),
            )
        )
    found = union_all(*parts).subquery()
    rows = session.execute(
        select(found.c.month, found.c.kind, found.c.cause_ref, func.count()).group_by(
            found.c.month, found.c.kind, found.c.cause_ref
        )
    )
    acts: dict[str, set[str]] = defaultdict(set)
    things: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for month, kind, ref, number in rows:
        acts[month].add(ref)
        things[month][kind] += number
    return [
        Month(month, len(acts[month]), {kind: things[month][kind] for kind in THINGS}) for month in months
    ]


def steps(session: Session, actor: Actor, when: When, division: str, calendar: WorkCalendar) -> list[Step]:
    """Tasks that ended in the year up to the day, grouped in SQL by the days they were opened and ended on."""
    opened, ended = _china(Task.opened_at), _china(Task.ended_at)
    late = func.count().filter(Deadline.due_at < Task.ended_at)
    key = (Case.case_type, Task.element, opened, ended)
    rows = session.execute(
        select(
            *key,
            func.max(Case.version_id).label("version_id"),
            func.max(Task.form).label("form"),
            func.max(Task.name).label("name"),
            func.count().label("done"),
            late.label("late"),
        )
        .select_from(Task)
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
        .where(
            within(Task, actor, division),
            Case.county == actor.county,
            Task.status == "done",
            Task.ended_at >= midnight(when.day - timedelta(days=364)),
            Task.ended_at < midnight(when.day + timedelta(days=1)),
        )
        .group_by(*key)
    ).all()
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows:
        found[row[0], row[1]].append(row)
    return [_step(rows, calendar) for _, rows in sorted(found.items())]


def _china(instant: Any) -> Any:
    return cast(func.timezone("Asia/Shanghai", instant), Date)


def _step(rows: list[Any], calendar: WorkCalendar) -> Step:
    taken: dict[int, int] = defaultdict(int)
    for row in rows:
        taken[calendar.working_days_between(row[2], row[3])] += row.done
    done = sum(taken.values())
    newest = max(rows, key=lambda row: row[3])
    return Step(
        newest.version_id, newest.element, newest.form, newest.name, done, _share(taken, done, 50),
        _share(taken, done, 90), sum(row.late for row in rows),
    )  # fmt: skip


def _share(taken: dict[int, int], done: int, percent: int) -> int:
    """The days within which so many of a hundred were done."""
    wanted, seen = -(-done * percent // 100), 0
    for days in sorted(taken):
        seen += taken[days]
        if seen >= wanted:
            return days
    return 0


def load(session: Session, actor: Actor, when: When, division: str) -> Load:
    since, after = midnight(when.day - timedelta(days=364)), midnight(when.day + timedelta(days=1))
    ended = and_(Case.ended_at >= since, Case.ended_at < after)
    row = session.execute(
        select(
            func.count().filter(Case.started_at >= since, Case.started_at < after),
            func.count().filter(ended, Case.status == "completed"),
            func.count().filter(ended, Case.status == "rejected"),
            func.count().filter(*ran_on(when.day)),
        ).where(within(Case, actor, division))
    ).one()
    return Load(*row, late=sum(late_by_place(session, actor, when, division, 99).values()))


def late_by_place(session: Session, actor: Actor, when: When, division: str, digits: int) -> dict[str, int]:
    """Division of so many digits -> tasks that were open on the day though their limit had passed."""
    after = midnight(when.day + timedelta(days=1))
    place = func.left(Task.division, digits)
    rows = session.execute(
        select(place, func.count())
        .select_from(Task)
        .join(
            Deadline,
            and_(
                Deadline.county == Task.county,
                Deadline.case_id == Task.case_id,
                Deadline.task_number == Task.number,
                Deadline.kind == "limit",
            ),
        )
        .where(
            within(Task, actor, division),
            Task.opened_at < after,
            or_(Task.ended_at.is_(None), Task.ended_at >= after),
            Task.status != "cancelled",
            Deadline.due_at < after,
            Deadline.due_at < when.known,
        )
        .group_by(place)
    )
    return {code: number for code, number in rows}


def running_total(rows: Iterable[tuple[str, str, int]], months: list[str]) -> dict[str, list[int]]:
    """(month, place, number) -> place -> how many up to the end of each month."""
    found: dict[str, list[int]] = defaultdict(lambda: [0] * len(months))
    for month, place, number in rows:
        for at, name in enumerate(months):
            if name >= month:
                found[place][at] += number
    return dict(found)
