"""What is read of the register at once for a whole county, kept beside it by triggers. All of it can be made anew."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ARRAY, BigInteger, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode


class HouseholdLine(Base):
    """A contractor as it stands now, with the newest of its contracts in force: one narrow row for lists and searches.

    Written by triggers in the transaction that changes the contractor or its contract; gone with the contractor.
    """

    __tablename__ = "household_lines"
    __table_args__ = (UniqueConstraint("county", "code"), {"schema": OPERATIONAL})
    county: Mapped[CountyCode]
    contractor_id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int]  # with which its members lie
    division: Mapped[str] = mapped_column(CodeText)
    code: Mapped[str] = mapped_column(CodeText)
    kind: Mapped[str]
    name: Mapped[str]
    phone: Mapped[str | None]
    member_count: Mapped[int]
    contract_id: Mapped[int | None]
    contract: Mapped[str | None] = mapped_column(CodeText)
    parcel_count: Mapped[int | None]
    total_area: Mapped[Decimal | None]  # m2
    term_end: Mapped[date | None]


class RegisterChange(Base):
    """A transaction changed the register of a division, parcels aside (those are in ``map_changes``)."""

    __tablename__ = "register_changes"
    __table_args__ = {"schema": OPERATIONAL}
    county: Mapped[CountyCode]
    division: Mapped[str] = mapped_column(CodeText, primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True, server_default=text("transaction_timestamp()"))
    transaction: Mapped[int] = mapped_column(
        primary_key=True, server_default=text("(pg_current_xact_id()::text::bigint)")
    )


class DivisionFigures(Base):
    """A division's sums are right from ``day`` until ``until`` (open where nothing is dated ahead), known at ``known``."""

    __tablename__ = "division_figures"
    __table_args__ = {"schema": OPERATIONAL}
    county: Mapped[CountyCode]
    division: Mapped[str] = mapped_column(CodeText, primary_key=True)
    changes: Mapped[int]  # of the division when they were added up; more now: to be added up again
    day: Mapped[date]
    until: Mapped[date | None]
    known: Mapped[datetime]


class DivisionSum(Base):
    """One of them: how many things of a division there are with these keys (category, way ...), and their area."""

    __tablename__ = "division_sums"
    __table_args__ = {"schema": OPERATIONAL}
    county: Mapped[CountyCode]
    division: Mapped[str] = mapped_column(CodeText, primary_key=True)
    part: Mapped[str] = mapped_column(CodeText, primary_key=True)  # engine.queries.statistics.parts.PARTS
    keys: Mapped[list[str]] = mapped_column(ARRAY(CodeText), primary_key=True)
    counts: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    area: Mapped[Decimal | None] = mapped_column(Numeric(17, 2))  # m2
