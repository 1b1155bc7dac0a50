"""Transfers of operation rights and guarantees, as versions of the register; who signs a deal, with their own link.

NY/T 2539-2016 keeps only transfers that are evidence of title (``standard.TransferContract``) and has no code for lease
or shareholding, so that these stand in tables of their own.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode, Division, RowId
from engine.store.sealed import SealedText
from engine.store.tables.cases import of_case
from engine.store.tables.register import CURRENT, Validity, _reference

_valid_time = "valid_to is null or valid_to >= valid_from"


class LandTransfer(Validity, Base):
    """流转: one contract, known by its number. An ended one keeps a current row that says when and why."""

    __tablename__ = "land_transfers"
    __table_args__ = (
        Index("uq_land_transfers_current", "county", "number", unique=True, postgresql_where=text(CURRENT)),
        Index("ix_land_transfers_number", "county", "number"),
        Index("ix_land_transfers_review", "county", "review", postgresql_where=text("review is not null")),
        CheckConstraint(_valid_time, name="valid_time"),
        {"schema": OPERATIONAL},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    number: Mapped[str] = mapped_column(CodeText)
    way: Mapped[str]  # lease, sublease, shareholding, other
    recipient: Mapped[str]
    recipient_kind: Mapped[str]  # member, person, unit
    recipient_code: Mapped[str | None] = mapped_column(CodeText)  # of a household of the register
    representative: Mapped[str | None]
    credit_code: Mapped[str | None] = mapped_column(CodeText)
    id_number: Mapped[str] = mapped_column(SealedText)  # of who signs for the recipient
    phone: Mapped[str]
    address: Mapped[str]
    term_start: Mapped[date]
    term_end: Mapped[date]
    signed_on: Mapped[date]
    use: Mapped[str]
    price: Mapped[str]
    total_area: Mapped[Decimal]  # m2
    under: Mapped[str | None] = mapped_column(CodeText)  # re-transfer of that one's land
    renews: Mapped[str | None] = mapped_column(CodeText)
    consented: Mapped[list[Any]]
    review: Mapped[str | None] = mapped_column(
        CodeText
    )  # number of the opinion on the business that takes the land
    state: Mapped[str]  # running, ended
    ended_on: Mapped[date | None]
    ground: Mapped[str | None]
    division: Mapped[Division]


class TransferredLand(Base):
    """A parcel of a transfer, or a part of one: a row of one version of it."""

    __tablename__ = "transferred_land"
    __table_args__ = (
        _reference("land_transfers", "land_transfer_id"),
        Index("ix_transferred_land_transfer", "county", "land_transfer_id"),
        Index("ix_transferred_land_parcel", "county", "parcel_code"),
        {"schema": OPERATIONAL},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    land_transfer_id: Mapped[int]
    contractor_code: Mapped[str] = mapped_column(CodeText)
    parcel_code: Mapped[str] = mapped_column(CodeText)
    area: Mapped[Decimal]  # m2
    whole: Mapped[bool]
    place: Mapped[str | None]  # where a part lies, in words
    outline: Mapped[str | None]  # WKT, of a part that was drawn
    division: Mapped[Division]


class LandGuarantee(Validity, Base):
    """融资担保: an operation right that secures a loan, known by the number of its filing."""

    __tablename__ = "land_guarantees"
    __table_args__ = (
        Index("uq_land_guarantees_current", "county", "number", unique=True, postgresql_where=text(CURRENT)),
        Index("ix_land_guarantees_transfer", "county", "transfer"),
        CheckConstraint(_valid_time, name="valid_time"),
        {"schema": OPERATIONAL},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    number: Mapped[str] = mapped_column(CodeText)
    side: Mapped[str]  # household, recipient
    guarantor: Mapped[str]
    bank: Mapped[str]
    loan: Mapped[str]
    amount: Mapped[Decimal]  # yuan
    starts: Mapped[date]
    ends: Mapped[date]
    contractor_code: Mapped[str] = mapped_column(CodeText)
    transfer: Mapped[str | None] = mapped_column(CodeText)
    parcels: Mapped[list[Any]]
    state: Mapped[str]  # running, ended
    ended_on: Mapped[date | None]
    division: Mapped[Division]


class DealParty(Base):
    """Who signs a deal's contract. ``id`` is the key of the link that they get: known to nobody else.

    ``side``: lessor (a household), agent (the village by written mandates, for ``stands_for``), recipient.
    """

    __tablename__ = "deal_parties"
    __table_args__ = of_case(
        UniqueConstraint("county", "case_id", "position"),
        Index("ix_deal_parties_key", "id"),
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    position: Mapped[int]  # from 1, as the contract names them
    side: Mapped[str]
    name: Mapped[str]  # of the party
    signer: Mapped[str]  # of the person who signs
    id_number: Mapped[str] = mapped_column(SealedText)
    phone: Mapped[str] = mapped_column(SealedText)
    contractor_code: Mapped[str | None] = mapped_column(CodeText)
    stands_for: Mapped[list[Any]]  # codes of households
    paper_id: Mapped[UUID | None]  # the contract that they are asked to sign
    invited_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]  # last, while they had not signed
    signed_at: Mapped[datetime | None]
    division: Mapped[Division]

    @property
    def key(self) -> str:
        """The party's name among the signatures: stable while the contract is the same."""
        return f"{self.side}-{self.position}"
