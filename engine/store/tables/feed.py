"""What goes to the upper platform (接入平台) and what it answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, CodeText, CountyCode, Division
from engine.store.tables.cases import of_case


class FeedMessage(Base):
    """接入报文: one sending of one message. A refused one is followed by another with the next ``attempt``.

    ``turn`` orders a county's messages without gaps; attempts share it. ``facts`` are the message as it was made
    (engine/domain/feed.py), without the access key, which only the sender knows.
    """

    __tablename__ = "feed_messages"
    __table_args__ = of_case(
        UniqueConstraint("county", "turn", "attempt"),
        Index("ix_feed_messages_case", "county", "case_id"),
        Index("ix_feed_messages_state", "county", "state", "turn"),
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)  # SJBZM
    case_id: Mapped[UUID]
    turn: Mapped[int]  # from 1 within the county
    attempt: Mapped[int]  # from 1 within the turn
    serial: Mapped[str] = mapped_column(CodeText)  # 业务流水号 YWLSH
    code: Mapped[str]  # 接入业务编码
    contractor_code: Mapped[str] = mapped_column(CodeText)
    contractor_name: Mapped[str]
    facts: Mapped[dict[str, Any]]
    faults: Mapped[list[Any]]  # what it lacks by our own check, as paths
    state: Mapped[str]  # waiting, sent (no answer yet), accepted, refused
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    why: Mapped[str | None]  # of a repeated one: what was mended
    sent_at: Mapped[datetime | None]
    sent_to: Mapped[str | None]  # the destination's name
    file: Mapped[str | None] = mapped_column(CodeText)  # SHA-256 of the XML in the file store
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None]
    answer: Mapped[dict[str, Any] | None]  # engine.domain.feed.Answer
    division: Mapped[Division]
