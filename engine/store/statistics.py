"""The yearly statistics form's rows: what offices entered and confirmed. Every statement names the county."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine.store.locks import lock_name
from engine.store.tables.statistics import StatisticsConfirmation, StatisticsEntry


def lock_year(session: Session, county: str, year: int) -> None:
    """Entering and confirming a year go one after the other in a county, until the transaction ends."""
    lock_name(session, f"statistics:{county}:{year}")


def current_entries(session: Session, county: str, year: int, division: str) -> list[StatisticsEntry]:
    """Entries of the division alone."""
    e = StatisticsEntry
    return list(
        session.scalars(
            select(e)
            .where(e.county == county, e.year == year, e.division == division, e.superseded_at.is_(None))
            .order_by(e.id)
        )
    )


def put_entries(
    session: Session,
    county: str,
    year: int,
    division: str,
    values: Mapping[str, Decimal | None],
    by: UUID,
    name: str,
    at: datetime,
    on_behalf: UUID | None = None,
) -> list[str]:
    """Write what differs from the current entries; gives the indicators that did."""
    e = StatisticsEntry
    current = {entry.indicator: entry for entry in current_entries(session, county, year, division)}
    changed = [
        name_
        for name_, value in values.items()
        if (current[name_].value if name_ in current else None) != value
    ]
    session.execute(
        update(e)
        .where(
            e.county == county,
            e.year == year,
            e.division == division,
            e.indicator.in_(changed),
            e.superseded_at.is_(None),
        )
        .values(superseded_at=at)
        .execution_options(synchronize_session=False)
    )
    session.add_all(
        StatisticsEntry(
            county=county, year=year, division=division, indicator=indicator, value=values[indicator],
            entered_by=by, entered_for=on_behalf, entered_name=name, entered_at=at,
        )
        for indicator in changed
    )  # fmt: skip
    session.flush()
    return changed


def confirmation_over(
    session: Session, county: str, year: int, division: str
) -> StatisticsConfirmation | None:
    """The confirmation in force of the division or of one that holds it, the highest first."""
    c = StatisticsConfirmation
    return session.scalars(
        select(c)
        .where(
            c.county == county,
            c.year == year,
            c.withdrawn_at.is_(None),
            func.starts_with(division, c.division),
        )
        .order_by(func.length(c.division))
    ).first()


def confirmation_of(session: Session, county: str, year: int, division: str) -> StatisticsConfirmation | None:
    c = StatisticsConfirmation
    return session.scalar(
        select(c).where(c.county == county, c.year == year, c.division == division, c.withdrawn_at.is_(None))
    )


def put_confirmation(session: Session, **columns: Any) -> StatisticsConfirmation:
    row = StatisticsConfirmation(**columns)
    session.add(row)
    session.flush()
    return row


def withdraw(session: Session, row: StatisticsConfirmation, at: datetime, name: str, why: str) -> None:
    row.withdrawn_at, row.withdrawn_name, row.withdrawn_why = at, name, why
    session.flush()
