"""What the map keeps for itself: how often it changed, and generalised outlines for low zooms. Both can be made anew."""

from datetime import datetime
from decimal import Decimal

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode


class MapChange(Base):
    """A transaction changed parcels of a division (written by a trigger). How many there are is the map's revision."""

    __tablename__ = "map_changes"
    __table_args__ = {"schema": OPERATIONAL}
    county: Mapped[CountyCode]
    division: Mapped[str] = mapped_column(CodeText, primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True, server_default=text("transaction_timestamp()"))
    transaction: Mapped[int] = mapped_column(
        primary_key=True, server_default=text("(pg_current_xact_id()::text::bigint)")
    )


class DivisionOutline(Base):
    """Where a division's parcels lie, rounded to tens of metres, and how many there are."""

    __tablename__ = "division_outlines"
    __table_args__ = {"schema": OPERATIONAL}
    county: Mapped[CountyCode]
    division: Mapped[str] = mapped_column(CodeText, primary_key=True)
    changes: Mapped[int]  # of the division when this was drawn; more now: to be drawn again
    parcels: Mapped[int]
    area: Mapped[Decimal]  # m2, measured
    geom: Mapped[WKBElement] = mapped_column(Geometry(spatial_index=False))
