"""Signed files between vault and operational store: each side keeps its own record of them in its own schema.

``known`` is what the other side has by the files so far: what differs from it goes into the next one. It is compared
by content, so a crash at any moment is mended by the next file.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, VAULT, Base, CodeText, CountyCode


class _File:
    """One file, sent (``out``) or applied (``in``); numbered from 1 without a gap in each direction."""

    county: Mapped[CountyCode]
    direction: Mapped[str] = mapped_column(primary_key=True)  # out, in
    number: Mapped[int] = mapped_column(primary_key=True)
    manifest_sha256: Mapped[str]  # names the file; the next one repeats it as its predecessor
    records: Mapped[int]
    at: Mapped[datetime]  # made or applied
    stored: Mapped[str | None]  # a sent file's SHA-256 in the file store, to be written out again
    receipt: Mapped[dict[str, Any] | None]  # of a sent file, as the other side signed it
    state: Mapped[
        dict[str, Any] | None
    ]  # of an applied file: the sender's layers by village, for reconciling


class _Known:
    """What the other side has of a thing: the hash of its content, as the operational store may have it."""

    county: Mapped[CountyCode]
    layer: Mapped[str] = mapped_column(CodeText, primary_key=True)
    code: Mapped[str] = mapped_column(CodeText, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class VaultFile(_File, Base):
    __tablename__ = "exchange_files"
    __table_args__ = ({"schema": VAULT},)


class OperationalFile(_File, Base):
    __tablename__ = "exchange_files"
    __table_args__ = ({"schema": OPERATIONAL},)


class VaultKnown(_Known, Base):
    __tablename__ = "exchange_known"
    __table_args__ = ({"schema": VAULT},)


class OperationalKnown(_Known, Base):
    __tablename__ = "exchange_known"
    __table_args__ = ({"schema": OPERATIONAL},)
