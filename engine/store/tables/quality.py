"""What the quality rules found in the register and in packages taken in, what became of it, and the county's settings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Double, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode, Division, RowId

_schema: Any = {"schema": OPERATIONAL}


class QualityRun(Base):
    """One run of the rules: over the register below a division, or over a package that was taken in."""

    __tablename__ = "quality_runs"
    __table_args__ = (Index("ix_quality_runs_begun", "county", "begun_at"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]  # register, package
    ref: Mapped[str]  # the package's name; nothing for the register
    division: Mapped[Division]
    by: Mapped[str]  # person's name
    begun_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    parcels: Mapped[int]  # judged
    counts: Mapped[dict[str, Any]]  # rule -> findings
    settings: Mapped[dict[str, Any]]  # the county's own at that time


class QualityFinding(Base):
    """One breach of a rule by one record. Found again it is the same row (``mark``); found no more it is fixed."""

    __tablename__ = "quality_findings"
    __table_args__ = (
        UniqueConstraint("county", "source", "mark"),
        Index("ix_quality_findings_listed", "county", "state", "rule", "record", "id"),
        Index("ix_quality_findings_record", "county", "record"),
        Index("ix_quality_findings_run", "county", "run"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    source: Mapped[str]  # register, package
    run: Mapped[UUID]  # that found it last
    mark: Mapped[bytes] = mapped_column(LargeBinary)  # of rule, table, record, field, other record
    rule: Mapped[str] = mapped_column(CodeText)
    severity: Mapped[str]  # error, warning
    table: Mapped[str | None]
    record: Mapped[str] = mapped_column(CodeText)
    field: Mapped[str | None]
    other: Mapped[str | None]
    message: Mapped[str]  # Chinese
    said: Mapped[dict[str, Any] | None]  # template and facts, where it can be said in another language
    division: Mapped[Division]
    x: Mapped[float | None] = mapped_column(Double)  # easting and northing, metres, in the county's zone
    y: Mapped[float | None] = mapped_column(Double)
    state: Mapped[str] = mapped_column(server_default=text("'open'"))  # open, fixed, no_fault
    found_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class QualityStep(Base):
    """What a person said of a finding; that a filed case mended it (no person, the reason is its number). Append-only."""

    __tablename__ = "quality_steps"
    __table_args__ = (Index("ix_quality_steps_finding", "county", "finding_id"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    finding_id: Mapped[int]
    division: Mapped[Division]
    did: Mapped[str]  # fixed, no_fault, open
    reason: Mapped[str]
    by: Mapped[str]
    person_id: Mapped[UUID]
    at: Mapped[datetime]


class QualitySettingsChange(Base):
    """Who set which rules and tolerances, and why. Append-only; the newest are in force (``counties.settings``)."""

    __tablename__ = "quality_settings_changes"
    __table_args__ = _schema
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    reason: Mapped[str]
    by: Mapped[str]
    person_id: Mapped[UUID]
    at: Mapped[datetime]
