"""Hand-overs to the real-estate registry in lists: what waits for its receipt, what was taken, refused, sent again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, defer

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.registry import MESSAGE, REFUSED
from engine.queries.cursors import bad_place
from engine.queries.scoped import within
from engine.store.tables.cases import Case, Deadline
from engine.store.tables.registry import HandOver

TABS = ("waiting", "accepted", "refused", "repeated", "all")
PAGE = 30
_earlier, _later = aliased(HandOver), aliased(HandOver)


@dataclass(frozen=True)
class Line:
    """``again``: a later attempt followed it; ``due_at``: until when the registry has time, where it still waits;
    ``nth``: how often this household's entry has been handed over by the case with it."""

    row: HandOver
    case: Case
    again: bool
    due_at: datetime | None
    contractor_code: str  # whose entry it is: a change may touch several households
    contractor_name: str
    nth: int


def _line(row: Any) -> Line:
    return Line(
        row[0],
        row[1],
        row[2],
        row[3],
        row[4] or row[1].contractor_code,
        row[5] or row[1].contractor_name,
        row[6],
    )


def _again() -> ColumnElement[bool]:
    return exists().where(*_same(_later), _later.attempt > HandOver.attempt)


def _nth() -> ScalarSelect[int]:
    query = select(func.count()).select_from(_earlier)
    return query.where(*_same(_earlier), _earlier.attempt <= HandOver.attempt).scalar_subquery()


def _same(other: Any) -> tuple[ColumnElement[bool], ...]:
    """The same household's entry, by the same case."""
    return (
        other.county == HandOver.county,
        other.case_id == HandOver.case_id,
        other.facts["CBFDM"] == HandOver.facts["CBFDM"],
    )


def _of_tab(tab: str) -> ColumnElement[bool]:
    if tab == "refused":  # and nothing has followed yet
        return and_(HandOver.state == REFUSED, ~_again())
    if tab == "repeated":
        return and_(HandOver.state == REFUSED, _again())
    return HandOver.state == tab if tab != "all" else HandOver.county.is_not(None)


def _lines(
    actor: Actor, tab: str, words: str
) -> Select[HandOver, Case, bool, datetime | None, str | None, str | None, int]:
    contractor, holder = HandOver.facts["CBFDM"].astext, HandOver.facts["QLR"][0]["XM"].astext
    query = (
        select(HandOver, Case, _again().label("again"), Deadline.due_at, contractor, holder, _nth())
        .join(Case, and_(Case.county == HandOver.county, Case.id == HandOver.case_id))
        .outerjoin(
            Deadline,
            and_(
                Deadline.county == HandOver.county,
                Deadline.case_id == HandOver.case_id,
                Deadline.element == MESSAGE,
                Deadline.status.in_(("running", "fired")),
                HandOver.state == "waiting",
                Deadline.started_at == HandOver.made_at,
            ),
        )
        .where(within(HandOver, actor), _of_tab(tab))
    )
    if words:
        like = f"%{words}%"
        query = query.where(
            or_(HandOver.key.startswith(words, autoescape=True), Case.contractor_name.like(like),
                holder.like(like), contractor == words, Case.contractor_code == words)
        )  # fmt: skip
    return query


def listing(
    session: Session, actor: Actor, tab: str, words: str = "", page: int = 1
) -> tuple[list[Line], bool]:
    """(lines of the page, whether there are more); those that wait the longest first, else the newest first."""
    order = HandOver.made_at if tab == "waiting" else HandOver.made_at.desc()
    query = _lines(actor, tab, words).order_by(order, HandOver.key).options(defer(HandOver.facts))
    rows = session.execute(query.limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    return [_line(row) for row in rows[:PAGE]], len(rows) > PAGE


def from_place(
    session: Session, actor: Actor, tab: str, place: list[Any] | None, size: int
) -> tuple[list[Line], list[Any] | None]:
    """For programs: by key, from a place on."""
    query = _lines(actor, tab, "").order_by(HandOver.made_at, HandOver.key)
    if place:
        try:
            at, key = datetime.fromisoformat(place[0]), str(place[1])
        except (ValueError, IndexError, TypeError):
            raise bad_place() from None
        query = query.where(tuple_(HandOver.made_at, HandOver.key) > (at, key))
    lines = [_line(row) for row in session.execute(query.limit(size + 1))]
    following = (
        [lines[size - 1].row.made_at.isoformat(), lines[size - 1].row.key] if len(lines) > size else None
    )
    return lines[:size], following


def every(session: Session, actor: Actor, tab: str, words: str = "") -> Iterator[Line]:
    """All of a tab, for the workbook."""
    query = _lines(actor, tab, words).order_by(HandOver.made_at, HandOver.key)
    return (_line(row) for row in session.execute(query.execution_options(yield_per=500)))


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """Tab -> how many; a refused hand-over counts as sent again once another followed."""
    again = _again()
    rows = session.execute(
        select(HandOver.state, again, func.count())
        .where(within(HandOver, actor))
        .group_by(HandOver.state, again)
    )
    found = dict.fromkeys(TABS, 0)
    for state, repeated, number in rows:
        found["repeated" if state == REFUSED and repeated else state] += number
        found["all"] += number
    return found


def find(session: Session, actor: Actor, key: str) -> Line:
    """NotFound in the same words whether there is none or it is another office's."""
    found = session.execute(_lines(actor, "all", "").where(HandOver.key == key)).first()
    if found is None:
        raise NotFound("hand_over", "没有找到移交 %(key)s，请核对业务号", key=key[:40])
    return _line(found)


def of_case(session: Session, actor: Actor, case_id: UUID) -> list[Line]:
    """Every attempt of a case, the first one first."""
    query = _lines(actor, "all", "").where(HandOver.case_id == case_id).order_by(HandOver.attempt)
    return [_line(row) for row in session.execute(query)]
