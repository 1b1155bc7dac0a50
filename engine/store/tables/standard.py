"""What NY/T 2539-2016 has beside households, parcels and contracts: boundaries, map features, transfers, files.

Every row is a version with valid and recorded time and its cause, as in ``register.py``, but none has an identity
row: nothing refers to these things. A boundary point is known by its number within its parcels, a feature by what it
is and where, a file by its path. Which parts of the standard lie where: docs/standard.md, decision 13.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import ARRAY, CheckConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode, Division, RowId, coded
from engine.store.sealed import SealedText
from engine.store.tables.register import CURRENT, Validity, _reference

_PLACE: Any = {"postgresql_using": "gist", "postgresql_where": text(CURRENT)}
_valid_time = "valid_to is null or valid_to >= valid_from"


class BoundaryPoint(Validity, Base):
    """界址点 JZD: a corner of one or several parcels. Its coordinates are its place, to the millimetre.

    ``division``: the smallest that holds all its parcels, so that a point on a village's border is both villages'.
    """

    __tablename__ = "boundary_points"
    __table_args__ = (
        Index("ix_boundary_points_geom", "county", "geom", **_PLACE),
        CheckConstraint(_valid_time, name="valid_time"),
        {"schema": OPERATIONAL},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    number: Mapped[str] = coded("JZDH")
    kind: Mapped[str] = coded("JZDLX")
    marker: Mapped[str | None] = coded("JBLX")
    parcels: Mapped[list[str]] = coded("DKBM", ARRAY(CodeText))
    division: Mapped[Division]
    geom: Mapped[WKBElement] = mapped_column(Geometry(spatial_index=False))


class BoundaryLine(Validity, Base):
    """界址线 JZX: from point to point along one or two parcels; ``position`` and the order of neighbours are as the first sees it."""

    __tablename__ = "boundary_lines"
    __table_args__ = (
        Index("ix_boundary_lines_geom", "county", "geom", **_PLACE),
        CheckConstraint(_valid_time, name="valid_time"),
        {"schema": OPERATIONAL},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    nature: Mapped[str | None] = coded("JXXZ")
    kind: Mapped[str | None] = coded("JZXLB")
    position: Mapped[str] = coded("JZXWZ")
    description: Mapped[str] = coded("JZXSM")
    neighbours: Mapped[str] = coded("PLDWQLR")
    witnesses: Mapped[str] = coded("PLDWZJR")
    number: Mapped[str | None] = coded("JZXH")
    start: Mapped[str | None] = coded("QJZDH")
    end: Mapped[str | None] = coded("ZJZDH")
    parcels: Mapped[list[str]] = coded("DKBM", ARRAY(CodeText))
    division: Mapped[Division]
    geom: Mapped[WKBElement] = mapped_column(Geometry(spatial_index=False))


class MapFeature(Validity, Base):
    """One feature of any other layer (KZD, XJXZQ, QYJX, DZDW, JBNTBHQ, ZJ ...): the map that parcels lie on.

    ``facts``: the layer's own fields by the standard's names, those that are filled. ``division``: the smallest area
    that the feature does not reach beyond.
    """

    __tablename__ = "map_features"
    __table_args__ = (
        Index("ix_map_features_layer", "county", "layer"),
        Index("ix_map_features_geom", "county", "geom", **_PLACE),
        CheckConstraint(_valid_time, name="valid_time"),
        {"schema": OPERATIONAL},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    layer: Mapped[str]
    code: Mapped[str] = coded("YSDM")
    facts: Mapped[dict[str, Any]]
    division: Mapped[Division]
    geom: Mapped[WKBElement] = mapped_column(Geometry(spatial_index=False))


class TransferContract(Validity, Base):
    """流转合同 LZHT, as far as it is evidence of title (互换, 转让): who else runs land is not in the standard."""

    __tablename__ = "transfer_contracts"
    __table_args__ = (
        Index("ix_transfer_contracts_code", "county", "code"),
        CheckConstraint(_valid_time, name="valid_time"),
        {"schema": OPERATIONAL},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    code: Mapped[str] = coded("LZHTBM", CodeText)
    contract_code: Mapped[str] = coded("CBHTBM", CodeText)
    contractor_code: Mapped[str] = coded("CBFBM", CodeText)
    receiver_code: Mapped[str] = coded("SRFBM", CodeText)
    way: Mapped[str] = coded("LZFS")
    term: Mapped[str] = coded("LZQX")
    term_start: Mapped[date] = coded("LZQXKSRQ")
    term_end: Mapped[date] = coded("LZQXJSRQ")
    area: Mapped[Decimal] = coded("LZMJ")  # m2
    parcel_count: Mapped[int] = coded("LZDKS")
    use_before: Mapped[str | None] = coded("LZQTDYT")
    use_after: Mapped[str | None] = coded("LZHTDYT")
    price: Mapped[str] = coded("LZJGSM")
    signed_on: Mapped[date] = coded("HTQDRQ")
    division: Mapped[Division]


class CertificateAct(Validity, Base):
    """补发, 换发 or 注销 of a certificate before this system kept its register (CBJYQZ_QZBF, _QZHF, _QZZX).

    What is done here is in the versions of the certificates themselves; a hand-in gives both.
    """

    __tablename__ = "certificate_acts"
    __table_args__ = (
        _reference("register_entries", "register_entry_id"),
        Index("ix_certificate_acts_entry", "county", "register_entry_id"),
        CheckConstraint(_valid_time, name="valid_time"),
        {"schema": OPERATIONAL},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    register_entry_id: Mapped[int]
    kind: Mapped[str]  # QZBF, QZHF, QZZX
    reason: Mapped[str]
    done_on: Mapped[date]
    collected_on: Mapped[date | None]
    collected_by: Mapped[str | None]
    collector_id_kind: Mapped[str | None]
    collector_id_number: Mapped[str | None] = mapped_column(SealedText)
    id_number_found: Mapped[bytes | None] = mapped_column(
        LargeBinary
    )  # sealed.fingerprint(collector_id_number)


class RegisterFile(Validity, Base):
    """A file of the hand-in that is kept by content: sketches, source papers, point notes, rasters, reports, scans."""

    __tablename__ = "register_files"
    __table_args__ = (
        Index("uq_register_files_current", "county", "path", unique=True, postgresql_where=text(CURRENT)),
        CheckConstraint(_valid_time, name="valid_time"),
        {"schema": OPERATIONAL},
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    path: Mapped[str] = mapped_column(CodeText)  # from the package's root, with /
    sha256: Mapped[str]
    size: Mapped[int]  # bytes
    division: Mapped[Division]
