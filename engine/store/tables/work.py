"""What is to be done outside the transaction, answered once, or numbered in a row."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode

_schema: Any = {"schema": OPERATIONAL}


class OutboxRow(Base):
    """A slow or outside effect, written in the transaction that wants it, carried out by a worker."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_waiting", "id", postgresql_where=text("status = 'waiting'")),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    case_id: Mapped[UUID | None]
    kind: Mapped[str]  # render_document, publish_case, send_message
    payload: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(server_default="waiting")  # waiting, done, failed (an incident)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))  # counted as they begin, never taken back
    allowed: Mapped[int] = mapped_column(server_default=text("5"))  # attempts; a retried incident gets more
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error: Mapped[str | None]


class Message(Base):
    """A message to an applicant, as it went out (or, without a gateway, as it would have)."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("county", "key"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str]  # of the outbox row that wanted it; a gateway told it twice sends it once
    channel: Mapped[str] = mapped_column(server_default="sms")  # sms, email
    to: Mapped[str]
    subject: Mapped[str | None]  # of an e-mail
    text: Mapped[str]
    receipt: Mapped[str | None]  # what the gateway answered; empty where there is none
    sent_at: Mapped[datetime]


class LongWork(Base):
    """Work that takes minutes, carried out by an outbox row: who asked for what, how far it is, what came of it."""

    __tablename__ = "long_works"
    __table_args__ = (Index("ix_long_works_asked", "county", "asked_at"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]  # a name of engine/usecases/long_work.py
    asked: Mapped[dict[str, Any]]
    asked_by: Mapped[str]  # person's name
    asked_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="waiting")  # waiting, running, done, cancelled
    phase: Mapped[str] = mapped_column(server_default="")
    done: Mapped[int] = mapped_column(server_default=text("0"))
    total: Mapped[int | None]  # empty while it is not known
    told_at: Mapped[datetime | None]  # when it last said how far it is
    cancel: Mapped[bool] = mapped_column(server_default=text("false"))  # somebody asked for its end
    ended_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]  # of the last attempt


class Serial(Base):
    """The last number given for (kind, owner): case numbers per day, papers per year and kind."""

    __tablename__ = "serials"
    __table_args__ = _schema
    county: Mapped[CountyCode]
    kind: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(CodeText, primary_key=True)
    last: Mapped[int]


class IdempotencyKey(Base):
    """One answer per key: the same key with the same body gets the first answer again."""

    __tablename__ = "idempotency_keys"
    __table_args__ = _schema
    county: Mapped[CountyCode]
    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_sha256: Mapped[str]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]
