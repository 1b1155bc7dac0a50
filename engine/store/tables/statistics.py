"""The yearly statistics form: what offices entered by hand, and what they confirmed."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode, Division, RowId

_schema: Any = {"schema": OPERATIONAL}


class StatisticsEntry(Base):
    """A value that an office entered; an earlier one stays, superseded, so that who said what is never lost."""

    __tablename__ = "statistics_entries"
    __table_args__ = (
        Index(
            "uq_statistics_entries_current",
            "county",
            "year",
            "division",
            "indicator",
            unique=True,
            postgresql_where=text("superseded_at is null"),
        ),
        CheckConstraint("value is null or value >= 0", name="value"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    year: Mapped[int]
    division: Mapped[Division]
    indicator: Mapped[str] = mapped_column(CodeText)  # id in the form's definition
    value: Mapped[Decimal | None]  # m2 for areas; empty where an entry was taken back
    entered_by: Mapped[UUID]
    entered_for: Mapped[UUID | None]  # in whose name, where a deputy entered it
    entered_name: Mapped[str]
    entered_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]


class StatisticsConfirmation(Base):
    """A division's form of a year as it was confirmed: the values are frozen, whatever the register says later."""

    __tablename__ = "statistics_confirmations"
    __table_args__ = (
        Index(
            "uq_statistics_confirmations_current",
            "county",
            "year",
            "division",
            unique=True,
            postgresql_where=text("withdrawn_at is null"),
        ),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    year: Mapped[int]
    division: Mapped[Division]
    edition: Mapped[int]  # first year of the form's edition
    values: Mapped[dict[str, Any]]  # indicator -> decimal text; m2 for areas
    warnings: Mapped[list[Any]]  # Chinese sentences that stood beside it
    note: Mapped[str]
    confirmed_by: Mapped[UUID]
    confirmed_name: Mapped[str]
    confirmed_at: Mapped[datetime]
    same_person: Mapped[bool]  # in a village of one clerk the same person may enter and confirm
    withdrawn_at: Mapped[datetime | None]
    withdrawn_name: Mapped[str | None]
    withdrawn_why: Mapped[str | None]
