"""What goes to the real-estate registry and comes back: hand-overs with their receipts, certificates taken back."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, CodeText, CountyCode, Division, RowId
from engine.store.tables.cases import of_case
from engine.store.tables.register import CURRENT, Validity


class HandOver(Base):
    """移交: one asking of the registry. A refused one is followed by another with the next ``attempt``.

    ``facts`` are what was handed over, in the registry's field names (docs/registry.md), frozen when it was made.
    """

    __tablename__ = "hand_overs"
    __table_args__ = of_case(
        UniqueConstraint("county", "key"),
        UniqueConstraint("county", "case_id", "attempt"),
        Index("ix_hand_overs_state", "county", "state", "made_at"),
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    attempt: Mapped[int]  # from 1 within the case
    key: Mapped[str] = mapped_column(CodeText)  # 业务号 YWH: the registry takes each only once
    kind: Mapped[str]  # first, change, reissue, replace, cancel
    facts: Mapped[dict[str, Any]]
    state: Mapped[str]  # waiting, accepted, refused
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    sent_at: Mapped[datetime | None]  # laid down for the registry; empty while the file is being made
    sent_to: Mapped[str | None]  # the destination's name
    file: Mapped[str | None] = mapped_column(CodeText)  # SHA-256 of the signed file in the file store
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    receipt: Mapped[dict[str, Any] | None]  # engine.domain.registry.Receipt
    division: Mapped[Division]


class ParcelUnit(Validity, Base):
    """不动产单元号 BDCDYH of a parcel, as the registry told it: a code belongs to one parcel, and a parcel has one."""

    __tablename__ = "parcel_units"
    __table_args__ = (
        ForeignKeyConstraint(
            ["county", "parcel_id"], ["operational.parcels.county", "operational.parcels.id"]
        ),
        Index("uq_parcel_units_current", "county", "parcel_id", unique=True, postgresql_where=text(CURRENT)),
        Index("uq_parcel_units_unit", "county", "unit", unique=True, postgresql_where=text(CURRENT)),
        Index("ix_parcel_units_parcel_id", "county", "parcel_id"),
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="valid_time"),
        {"schema": "operational"},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    parcel_id: Mapped[int]
    unit: Mapped[str] = mapped_column(CodeText)  # 28 characters, engine/domain/unit_codes.py
    hand_over: Mapped[str] = mapped_column(CodeText)  # its key: whose receipt told it
    recorded_by: Mapped[str]
    division: Mapped[Division]


class CollectedCertificate(Base):
    """An old certificate that the village took back, until it is destroyed with others by a list."""

    __tablename__ = "collected_certificates"
    __table_args__ = of_case(
        Index("ix_collected_certificates_list", "county", "destruction_id"),
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(CodeText)  # CBJYQZBM
    serial: Mapped[str | None]
    contractor_code: Mapped[str] = mapped_column(CodeText)
    contractor_name: Mapped[str]
    collected_on: Mapped[date]
    collected_by: Mapped[str]  # who took it back for the village
    destruction_id: Mapped[UUID | None]
    division: Mapped[Division]


class Destruction(Base):
    """权证收回销毁清单: what was destroyed when, where and how, before two witnesses."""

    __tablename__ = "destructions"
    __table_args__ = (UniqueConstraint("county", "number"), {"schema": "operational"})
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    destroyed_on: Mapped[date]
    place: Mapped[str]
    way: Mapped[str]
    witnesses: Mapped[list[Any]]  # two: {name, office}
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    division: Mapped[Division]


class CaseArchive(Base):
    """立卷: an ended case was put in order for the archive; what is in it is read off the case's papers."""

    __tablename__ = "archives"
    __table_args__ = of_case(UniqueConstraint("county", "number"))
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]  # 档号
    retention: Mapped[str]  # a key of engine/domain/data/archive.yaml
    remark: Mapped[str | None]  # 备考: what is missing, damaged, or lies elsewhere
    filed_at: Mapped[datetime]
    filed_by: Mapped[str]
    filed_by_name: Mapped[str]
    checked_by: Mapped[str]  # who looked it through; another person
    division: Mapped[Division]
