"""What is asked of a ledger, and its rows: one page, or all of them in a stream of bounded memory."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.said import Said
from engine.queries.as_of import When
from engine.queries.ledgers.columns import Column
from engine.queries.scoped import places

PAGE = 50
MOST_PAGES = 2000
BATCH = 2000  # rows read and described at once when all are wanted


@dataclass(frozen=True)
class Asked:
    """``division`` narrows the actor's scope; ``when`` is the register's day. The rest only some ledgers understand."""

    actor: Actor
    when: When
    division: str = ""
    since: date | None = None  # first day of a period
    until: date | None = None  # last day of it
    year: int | None = None
    held: str = ""  # yes, no
    category: str = ""  # of a parcel, C.7
    state: str = ""
    kind: str = ""

    @property
    def county(self) -> str:
        return self.actor.county


Row = tuple[Any, ...]
Describe = Callable[[Session, Asked, list[Any], dict[str, str]], list[Row]]


@dataclass(frozen=True)
class Ledger:
    """``describe`` turns result rows into one value for each column; it may ask the database once more a batch.

    Its last argument names divisions: code -> place below the county.
    """

    name: str
    title: Said
    about: Said
    columns: tuple[Column, ...]
    select: Callable[[Asked], Select[*tuple[Any, ...]]]
    describe: Describe
    filters: tuple[str, ...] = ()
    choices: Mapping[str, Mapping[str, Said]] = field(
        default_factory=dict
    )  # filter -> value -> what it is called
    counting: Callable[[Asked], Select[*tuple[Any, ...]]] | None = None  # as many rows, by fewer joins


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    total: int
    page: int
    pages: int


def count(session: Session, ledger: Ledger, asked: Asked) -> int:
    query = (ledger.counting or ledger.select)(asked).order_by(None)
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def ledger_page(
    session: Session, ledger: Ledger, asked: Asked, page: int, size: int = PAGE, total: int | None = None
) -> Page:
    """A page beyond the last gives the last. ``total`` where it is known already; it is counted otherwise."""
    total = count(session, ledger, asked) if total is None else total
    pages = min(max(1, -(-total // size)), MOST_PAGES)
    page = min(max(page, 1), pages)
    found = list(session.execute(ledger.select(asked).limit(size).offset((page - 1) * size)))
    return Page(_described(session, ledger, asked, found, {}), total, page, pages)


def stream(session: Session, ledger: Ledger, asked: Asked) -> Iterator[list[Row]]:
    """All rows in batches, through a cursor of the server: memory does not grow with the county."""
    named: dict[str, str] = {}
    query = ledger.select(asked).execution_options(yield_per=BATCH)
    for batch in session.execute(query).partitions():
        yield _described(session, ledger, asked, list(batch), named)


def _described(
    session: Session, ledger: Ledger, asked: Asked, rows: list[Any], named: dict[str, str]
) -> list[Row]:
    """``named`` grows by the places that the rows lie in."""
    unknown = {row.division for row in rows} - named.keys()
    if unknown:
        named |= places(session, unknown)
    return ledger.describe(session, asked, rows, named)
