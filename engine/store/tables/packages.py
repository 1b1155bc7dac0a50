"""Delivery packages on their way into the register: brought, checked, staged, confirmed, taken in or refused."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped

from engine.store.base import OPERATIONAL, Base, CountyCode, RowId


class PackageIntake(Base):
    """One package that somebody brought. Its id is the batch that its rows lie under in schema ``staging``."""

    __tablename__ = "package_intakes"
    __table_args__ = ({"schema": OPERATIONAL},)
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    name: Mapped[str]
    source: Mapped[str]  # upload, folder (the installation's incoming one), command
    place: Mapped[str | None]  # where the file lies while it is wanted, relative to var
    sha256: Mapped[str | None]
    # waiting (for its check), refused (has errors), staged, asked (waits for the second person), taken, dropped
    status: Mapped[str]
    work: Mapped[UUID | None]  # the long work that checks it or takes it in
    brought_by: Mapped[str]
    brought_by_id: Mapped[str]
    brought_at: Mapped[datetime]
    staged_at: Mapped[datetime | None]
    srid: Mapped[int | None]
    divisions: Mapped[dict[str, Any] | None]  # code -> [own name, full name]
    counts: Mapped[dict[str, Any] | None]  # rows by layer and table
    findings: Mapped[str | None]  # the file of all findings, JSON lines
    by_rule: Mapped[dict[str, Any] | None]  # rule -> number of findings
    errors: Mapped[int | None]
    warnings: Mapped[int | None]
    difference: Mapped[dict[str, Any] | None]  # thing -> added, changed, ended, same; empty for a new county
    asked_by: Mapped[str | None]
    asked_by_id: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    batch: Mapped[int | None]  # the import batch that it became
    note: Mapped[str | None]
