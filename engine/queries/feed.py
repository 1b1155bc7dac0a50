"""Messages to the upper platform in lists: what waits, was sent, taken, refused, sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, defer

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.feed import REFUSED
from engine.queries.cursors import bad_place
from engine.queries.scoped import within
from engine.store.tables.cases import Case
from engine.store.tables.feed import FeedMessage

TABS = ("waiting", "sent", "refused", "repeated", "accepted", "all")
PAGE = 30
_later = aliased(FeedMessage)


@dataclass(frozen=True)
class Line:
    """``again``: another sending followed."""

    row: FeedMessage
    case: Case
    again: bool


def _again() -> ColumnElement[bool]:
    return exists().where(
        _later.county == FeedMessage.county,
        _later.turn == FeedMessage.turn,
        _later.attempt > FeedMessage.attempt,
    )


def _of_tab(tab: str) -> ColumnElement[bool]:
    if tab == "refused":  # and nothing has followed yet: the county's row stands still
        return and_(FeedMessage.state == REFUSED, ~_again())
    if tab == "repeated":
        return and_(FeedMessage.state == REFUSED, _again())
    return FeedMessage.state == tab if tab != "all" else FeedMessage.county.is_not(None)


def _lines(actor: Actor, tab: str, words: str = "") -> Select[FeedMessage, Case, bool]:
    query = (
        select(FeedMessage, Case, _again())
        .join(Case, and_(Case.county == FeedMessage.county, Case.id == FeedMessage.case_id))
        .where(within(FeedMessage, actor), _of_tab(tab))
    )
    if words:
        query = query.where(
            or_(
                FeedMessage.serial.startswith(words, autoescape=True),
                FeedMessage.contractor_code == words,
                FeedMessage.contractor_name.contains(words, autoescape=True),
                FeedMessage.code == words,
            )
        )
    return query


def listing(
    session: Session, actor: Actor, tab: str, words: str = "", page: int = 1
) -> tuple[list[Line], bool]:
    """(lines of the page, whether there are more); in the order of going out while they wait, else the newest first."""
    forward = tab in ("waiting", "refused")
    order = (FeedMessage.turn, FeedMessage.attempt)
    query = _lines(actor, tab, words).order_by(*(order if forward else (one.desc() for one in order)))
    rows = session.execute(
        query.options(defer(FeedMessage.facts)).limit(PAGE + 1).offset((page - 1) * PAGE)
    ).all()
    return [Line(*row) for row in rows[:PAGE]], len(rows) > PAGE


def from_place(
    session: Session, actor: Actor, tab: str, place: list[Any] | None, size: int
) -> tuple[list[Line], list[Any] | None]:
    """For programs: in the order of going out, from a place on."""
    query = _lines(actor, tab).order_by(FeedMessage.turn, FeedMessage.attempt)
    if place:
        if len(place) != 2 or not all(isinstance(one, int) for one in place):
            raise bad_place()
        query = query.where(tuple_(FeedMessage.turn, FeedMessage.attempt) > tuple(place))
    lines = [Line(*row) for row in session.execute(query.limit(size + 1))]
    last = lines[size - 1].row if len(lines) > size else None
    return lines[:size], [last.turn, last.attempt] if last else None


def counts(session: Session, actor: Actor) -> dict[str, int]:
    again = _again()
    rows = session.execute(
        select(FeedMessage.state, again, func.count())
        .where(within(FeedMessage, actor))
        .group_by(FeedMessage.state, again)
    )
    found = dict.fromkeys(TABS, 0)
    for state, repeated, number in rows:
        found["repeated" if state == REFUSED and repeated else state] += number
        found["all"] += number
    return found


def find(session: Session, actor: Actor, message_id: UUID) -> Line:
    """NotFound in the same words whether there is none or it is another office's."""
    row = session.execute(_lines(actor, "all").where(FeedMessage.id == message_id)).first()
    if row is None:
        raise NotFound("feed_message", "没有找到这份报文")
    return Line(*row)


def of_case(session: Session, actor: Actor, case_id: UUID) -> Sequence[Line]:
    query = _lines(actor, "all").where(FeedMessage.case_id == case_id)
    rows = session.execute(
        query.order_by(FeedMessage.turn, FeedMessage.attempt).options(defer(FeedMessage.facts))
    )
    return [Line(*row) for row in rows]


def stopped_at(session: Session, actor: Actor) -> Line | None:
    """The refused message that holds up those behind it, as far as this office sees it."""
    row = session.execute(_lines(actor, "refused").order_by(FeedMessage.turn).limit(1)).first()
    return Line(*row) if row else None
