"""保密库: the survey's masters, with outlines as exact as they were measured. Its role reads nothing else."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import VAULT, Base, CodeText, CountyCode


class MasterVersion(Base):
    """A parcel, boundary point, boundary line or control point as surveyed. Versions are added, never changed.

    The last version is what stands; one without an outline that is ``gone`` says that the thing is no more.
    """

    __tablename__ = "masters"
    __table_args__ = ({"schema": VAULT},)
    county: Mapped[CountyCode]
    layer: Mapped[str] = mapped_column(CodeText, primary_key=True)  # DK, JZD, JZX, KZD
    code: Mapped[str] = mapped_column(
        CodeText, primary_key=True
    )  # DKBM; of a point or line with its own number
    version: Mapped[int] = mapped_column(primary_key=True)  # from 1
    content: Mapped[bytes] = mapped_column(LargeBinary)  # SHA-256, engine/domain/stores.py
    facts: Mapped[dict[str, Any]]  # the standard's fields, by name
    geom: Mapped[WKBElement | None] = mapped_column(Geometry(spatial_index=False))
    gone: Mapped[bool]
    cause: Mapped[str]  # import, case, correction, file
    cause_ref: Mapped[str]  # batch, case number, number of the file
    recorded_at: Mapped[datetime]
