"""查询库: what anyone may see. Everything in it has been masked and generalised before it came here."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import QUERY, Base, CodeText, CountyCode


class OpenCounty(Base):
    """A county that opens its land to the public, and how it is drawn."""

    __tablename__ = "counties"
    __table_args__ = ({"schema": QUERY},)
    county: Mapped[CountyCode]
    name: Mapped[str]
    srid: Mapped[int]
    proj: Mapped[str]  # of its zone, as map libraries want it
    grid_m: Mapped[float]  # what outlines were generalised to
    refreshed_at: Mapped[datetime]


class OpenDivision(Base):
    """Townships, villages and groups, to choose from."""

    __tablename__ = "divisions"
    __table_args__ = ({"schema": QUERY},)
    county: Mapped[CountyCode]
    code: Mapped[str] = mapped_column(CodeText, primary_key=True)
    name: Mapped[str]


class OpenParcelRow(Base):
    """A parcel as anyone may see it: engine.domain.stores.OpenParcel."""

    __tablename__ = "parcels"
    __table_args__ = (Index("ix_parcels_division", "county", "division"), {"schema": QUERY})
    county: Mapped[CountyCode]
    code: Mapped[str] = mapped_column(CodeText, primary_key=True)
    division: Mapped[str] = mapped_column(CodeText)
    place: Mapped[str]
    area_mu: Mapped[Decimal]
    state: Mapped[str]
    way: Mapped[str | None]
    term_start: Mapped[date | None]
    term_end: Mapped[date | None]
    marks: Mapped[list[Any]]
    holder: Mapped[str | None]  # masked
    outline: Mapped[WKBElement] = mapped_column(Geometry(spatial_index=False))
    refreshed_at: Mapped[datetime]
