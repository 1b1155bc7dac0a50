"""What happened, as a chain per case; application roles may insert and read, never change.

``hash`` = SHA-256(previous hash, line of the event); the line holds the payload's salted hash, and the
payload lies beside the chain, so that erasing a payload by law leaves the chain whole. See engine/domain/chain.py.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CountyCode, Division

_schema: Any = {"schema": OPERATIONAL}


class Event(Base):
    __tablename__ = "events"
    __table_args__ = _schema
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]  # person id, applicant id or "system"
    actor_name: Mapped[str]
    position: Mapped[str]  # role@division, empty for the system
    kind: Mapped[str]
    element: Mapped[str | None]
    task_number: Mapped[int | None]
    payload_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class EventPayload(Base):
    __tablename__ = "event_payloads"
    __table_args__ = (
        ForeignKeyConstraint(
            ["county", "case_id", "seq"],
            [f"{OPERATIONAL}.events.county", f"{OPERATIONAL}.events.case_id", f"{OPERATIONAL}.events.seq"],
        ),
        _schema,
    )
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    body: Mapped[str | None] = mapped_column(Text)  # canonical JSON; empty once erased by law


class Checkpoint(Base):
    """The heads of all cases of a county at a moment, signed; a copy of each leaves the machine."""

    __tablename__ = "checkpoints"
    __table_args__ = _schema
    county: Mapped[CountyCode]
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    cases: Mapped[int]
    events: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    heads: Mapped[dict[str, Any]]  # case id -> [seq, hash]


class ReadRecord(Base):
    """Who opened which household, parcel, case or paper, unmasked what, or searched for what."""

    __tablename__ = "read_records"
    __table_args__ = (Index("ix_read_records_subject", "county", "subject"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[UUID]
    position: Mapped[str]
    action: Mapped[str]  # open, unmask, search, download
    subject: Mapped[str]  # case:<number>, contractor:<code>, paper:<id>, search:<words>
    purpose: Mapped[str | None]
    division: Mapped[Division]
