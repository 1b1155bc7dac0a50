"""What lies on an officer's own desk: notices, saved views, applications begun at the counter; and print settings."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CountyCode, Division
from engine.store.tables.cases import of_case

_schema: Any = {"schema": OPERATIONAL}


class Notice(Base):
    """Something told to a member of staff within the application. ``division`` is the case's: scope holds here too."""

    __tablename__ = "notices"
    __table_args__ = of_case(
        Index("ix_notices_person", "county", "person_id", text("id desc")),
        Index("ix_notices_unread", "county", "person_id", postgresql_where=text("read_at is null")),
    )
    county: Mapped[CountyCode]
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[UUID]
    case_id: Mapped[UUID]
    task_number: Mapped[int | None]
    division: Mapped[Division]
    at: Mapped[datetime]
    kind: Mapped[str]  # mentioned, reminded, reassigned
    by_name: Mapped[str]
    text: Mapped[str]
    read_at: Mapped[datetime | None]


class SavedView(Base):
    """A list's address under a name. It names case types, steps and divisions, never a version of a process."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("county", "person_id", "name"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    name: Mapped[str]
    query: Mapped[str]  # what stands after the "?" of the inbox
    made_at: Mapped[datetime]


class CounterDraft(Base):
    """An application that was begun at the counter and not sent yet: one for each household and person."""

    __tablename__ = "counter_drafts"
    __table_args__ = (UniqueConstraint("county", "person_id", "case_type", "contractor_code"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    case_type: Mapped[str]
    contractor_code: Mapped[str]
    contractor_name: Mapped[str]
    division: Mapped[Division]
    data: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class PrintSetting(Base):
    """The county's settings of its papers from a day on: who set them and why. Nobody changes or deletes a row."""

    __tablename__ = "print_settings"
    __table_args__ = (Index("ix_print_settings_from", "county", "valid_from"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    valid_from: Mapped[date]
    settings: Mapped[dict[str, Any]]
    by: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]


class ChannelSetting(Base):
    """By which ways the county tells applicants things, from the moment it was set. Nobody changes or deletes a row."""

    __tablename__ = "channel_settings"
    __table_args__ = _schema
    county: Mapped[CountyCode]
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    settings: Mapped[dict[str, Any]]
    by: Mapped[UUID]
    by_name: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]
