"""Changes of neighbouring land wait for each other, so that neither can slip past the other's check.

Two locks, always in this order and each in a fixed order, so that two changes cannot wait for each other in a
circle: the issuing parties of everything that is named (their codes lead the others'), and the squares of the
map that new outlines lie in. The second holds where neighbours have different issuing parties.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from math import floor

from shapely.geometry.base import BaseGeometry
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.domain.changes import Touched
from engine.domain.errors import DomainError
from engine.store.tables import register as t

SQUARE = 1000.0  # metres
NEAR = 1.0  # metres: how far around an outline its neighbours are looked at
PARTY_DIGITS = 14


def lock(session: Session, county: str, touched: Touched) -> None:
    codes = touched.contractors | touched.parcels | touched.new_codes
    parties = {code[:PARTY_DIGITS] for code in codes}
    session.execute(
        select(t.IssuingParty.id)
        .where(t.IssuingParty.county == county, t.IssuingParty.code.in_(sorted(parties)))
        .order_by(t.IssuingParty.id)
        .with_for_update()
    )
    squares = sorted({square for outline in touched.outlines for square in squares_of(outline)})
    for east, north in squares:
        session.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:place, 0))"),
            {"place": f"{county} {east} {north}"},
        )


def squares_of(outline: BaseGeometry) -> set[tuple[int, int]]:
    """The squares that the outline and what is near it lie in."""
    if outline.is_empty:
        return set()
    west, south, east, north = outline.bounds
    columns = range(floor((west - NEAR) / SQUARE), floor((east + NEAR) / SQUARE) + 1)
    rows = range(floor((south - NEAR) / SQUARE), floor((north + NEAR) / SQUARE) + 1)
    return {(column, row) for column in columns for row in rows}


@contextmanager
def seeing_the_county(session: Session, county: str) -> Iterator[None]:
    """Rules look at neighbours beyond what the person may see: a boundary does not end at a village's border."""
    before = session.info.get("scope") or ""
    if before == county:
        yield
        session.flush()
        return
    _see(session, county)
    session.info["scope"] = county  # so that one within another leaves the outer one as it is
    try:
        yield
        session.flush()
    except DomainError:  # after any other error the transaction can say nothing more
        _see(session, before)
        raise
    finally:
        session.info["scope"] = before
    _see(session, before)


def _see(session: Session, scope: str) -> None:
    session.execute(text("select set_config('app.scope', :scope, true)"), {"scope": scope})
