"""The board of land offered and wanted, as offices have it; what is public is in the portal's schema."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CountyCode, Division

_schema: Any = {"schema": OPERATIONAL}


class LandOffer(Base):
    """供求信息: an entry that somebody handed in. ``division``: the village or township where the land is, or is wanted."""

    __tablename__ = "land_offers"
    __table_args__ = (Index("ix_land_offers_status", "county", "status", "submitted_at"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)  # the portal's submission, where it came from there
    kind: Mapped[str]  # offered, wanted
    publisher_kind: Mapped[str]  # household, village, firm, person
    publisher: Mapped[str]
    phone: Mapped[str]
    phone_public: Mapped[bool]  # the publisher agreed that anybody sees it
    area_mu: Mapped[Decimal]
    parcels: Mapped[str | None]  # which, in words: for the office to check, never public
    way: Mapped[str]  # lease, shares, other
    years: Mapped[int]
    price: Mapped[str]
    words: Mapped[str]
    status: Mapped[str]  # waiting, public, rejected, withdrawn
    reason: Mapped[str | None]  # why it was rejected or taken down
    valid_until: Mapped[date]  # last day of showing
    submitted_at: Mapped[datetime]
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    division: Mapped[Division]


class OfferReport(Base):
    """举报: somebody says that an entry is false or misused."""

    __tablename__ = "offer_reports"
    __table_args__ = (
        ForeignKeyConstraint(
            ["county", "offer_id"], [f"{OPERATIONAL}.land_offers.county", f"{OPERATIONAL}.land_offers.id"]
        ),
        Index("ix_offer_reports_offer", "county", "offer_id"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    offer_id: Mapped[UUID]
    text: Mapped[str]
    phone: Mapped[str | None]
    reported_at: Mapped[datetime]
    finding: Mapped[str | None]
    settled_by: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    division: Mapped[Division]
