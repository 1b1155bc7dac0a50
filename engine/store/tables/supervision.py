"""What is watched of rented land: agreed rent, payments, inspections on the ground and their follow-up. The transfer
contracts themselves are the register's (tables/transfers.py); a row here names one by its number.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode, Division

_schema: Any = {"schema": OPERATIONAL}


class RentTerm(Base):
    """Who pays how much how often: the register has the price in words only."""

    __tablename__ = "rent_terms"
    __table_args__ = _schema
    county: Mapped[CountyCode]
    transfer_code: Mapped[str] = mapped_column(CodeText, primary_key=True)
    payer: Mapped[str]
    phone: Mapped[str]
    yearly_yuan: Mapped[Decimal]
    every_months: Mapped[int]
    first_due: Mapped[date]
    raise_percent: Mapped[Decimal]  # by which it rises every ``raise_years``; 0: it does not
    raise_years: Mapped[int]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    division: Mapped[Division]


class RentPayment(Base):
    """One payment due. Reminders are told once before and once after; ``paid_on`` empty: not yet."""

    __tablename__ = "rent_payments"
    __table_args__ = (
        UniqueConstraint("county", "transfer_code", "due_on"),
        Index("ix_rent_payments_due", "county", "due_on"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    transfer_code: Mapped[str] = mapped_column(CodeText)
    due_on: Mapped[date]
    yuan: Mapped[Decimal]
    paid_on: Mapped[date | None]
    note: Mapped[str | None]
    reminded_before: Mapped[datetime | None]
    reminded_overdue: Mapped[datetime | None]
    division: Mapped[Division]


class LandInspection(Base):
    """A look at the land: what was found, where, on which day; open until it is settled."""

    __tablename__ = "land_inspections"
    __table_args__ = (
        UniqueConstraint("county", "transfer_code", "number"),
        Index("ix_land_inspections_open", "county", "settled_on", "rectify_by"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    transfer_code: Mapped[str] = mapped_column(CodeText)
    number: Mapped[int]  # from 1 within the contract
    inspected_on: Mapped[date]
    inspector: Mapped[str]
    place: Mapped[str]
    finding: Mapped[str]  # fine, changed_use, abandoned, area, damage, other
    area_mu: Mapped[Decimal | None]  # found on the ground, where it differs
    words: Mapped[str]
    photo: Mapped[UUID | None]  # a paper of kind inspection_photo
    rectify_by: Mapped[date | None]
    settled_on: Mapped[date | None]
    division: Mapped[Division]


class SupervisionEvent(Base):
    """What was done about a rented piece of land, line by line; rows are added and never changed."""

    __tablename__ = "supervision_events"
    __table_args__ = (Index("ix_supervision_events_transfer", "county", "transfer_code", "id"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    transfer_code: Mapped[str] = mapped_column(CodeText)
    at: Mapped[datetime]
    by_name: Mapped[str]
    kind: Mapped[str]  # terms, paid, reminded, inspected, followed_up, settled
    facts: Mapped[dict[str, Any]]
    division: Mapped[Division]
