"""The register: every thing has one identity row, and version rows with valid and recorded time.

A version is *current* while ``valid_to`` and ``superseded_at`` are both empty; at most one version of a thing
is. A change on day D closes the current row in recorded time (``superseded_at``), writes it again with
``valid_to = D``, and writes the new state from D: the register can be seen as it stood, and as it was known,
on any day. ``cause``/``cause_ref`` name the case, import or correction that wrote the version;
``superseded_cause``/``superseded_ref`` the one that ended it, so that an end without a next version has a cause too.
The standard's field names (NY/T 2539-2016 annexes A and B) are in each column's ``info["code"]``.
Areas are m2; geometry is in the county's own CGCS2000 3-degree zone, x = easting, y = northing, metres.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import (
    OPERATIONAL,
    Base,
    CodeText,
    CountyCode,
    Division,
    RowId,
    coded,
)
from engine.store.sealed import SealedText

_schema: Any = {"schema": OPERATIONAL}
CURRENT = "valid_to is null and superseded_at is null"

NOT_IMPORTED = "cause <> 'import'"
RESTATED = "restates is not null and valid_to is not null"
# tables whose changes are listed -> whether a thing's end is a row that says it again
CHANGED = {
    "contractor_versions": True,
    "parcel_versions": True,
    "contract_versions": False,
    "certificate_versions": False,
}


def _reference(table: str, column: str, **options: Any) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["county", column], [f"{OPERATIONAL}.{table}.county", f"{OPERATIONAL}.{table}.id"], **options
    )


class Validity:
    """The two time axes of a version row, and what caused it."""

    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_at: Mapped[datetime]
    superseded_at: Mapped[datetime | None]
    cause: Mapped[str]  # import, case, correction
    cause_ref: Mapped[str]  # batch id or case number
    restates: Mapped[int | None]  # the row that this one says again with its valid end; child rows lie there
    superseded_cause: Mapped[str | None]  # what ended this row: import, case, correction
    superseded_ref: Mapped[str | None]


def _of_changes(table: str) -> Iterator[Index]:
    """For the ledger of changes: nearly all that a county has came by import, and ended things are few."""
    yield Index(f"ix_{table}_changed", "county", "valid_from", postgresql_where=text(NOT_IMPORTED))
    if CHANGED[table]:
        yield Index(f"ix_{table}_gone", "county", "valid_to", postgresql_where=text(RESTATED))


def _version_args(table: str, owner_table: str, owner: str, *more: Any) -> tuple[Any, ...]:
    return (
        _reference(owner_table, owner),
        Index(f"uq_{table}_current", "county", owner, unique=True, postgresql_where=text(CURRENT)),
        Index(f"ix_{table}_{owner}", "county", owner),
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="valid_time"),
        *(_of_changes(table) if table in CHANGED else ()),
        *more,
        _schema,
    )


class IssuingParty(Base):
    """发包方 FBF: the collective, villagers' committee or group that lets the land out."""

    __tablename__ = "issuing_parties"
    __table_args__ = (UniqueConstraint("county", "code"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    code: Mapped[str] = coded("FBFBM", CodeText)  # 14 digits
    division: Mapped[Division]  # division it was set up under (12 or 14 digits)


class IssuingPartyVersion(Validity, Base):
    __tablename__ = "issuing_party_versions"
    __table_args__ = _version_args(
        "issuing_party_versions",
        "issuing_parties",
        "issuing_party_id",
        Index("ix_issuing_party_versions_name", "county", "name"),
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    issuing_party_id: Mapped[int]
    name: Mapped[str] = coded("FBFMC")
    head_name: Mapped[str] = coded("FBFFZRXM")
    head_id_kind: Mapped[str] = coded("FZRZJLX")
    head_id_number: Mapped[str] = coded("FZRZJHM", SealedText)
    phone: Mapped[str | None] = coded("LXDH")
    address: Mapped[str] = coded("FBFDZ")
    postcode: Mapped[str] = coded("YZBM")
    surveyor: Mapped[str] = coded("FBFDCY")
    surveyed_on: Mapped[date] = coded("FBFDCRQ")
    survey_note: Mapped[str | None] = coded("FBFDCJS")


class Contractor(Base):
    """承包方 CBF: a household, person or unit that holds a contract."""

    __tablename__ = "contractors"
    __table_args__ = (
        UniqueConstraint("county", "code"),
        _reference("issuing_parties", "issuing_party_id"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    code: Mapped[str] = coded("CBFBM", CodeText)  # 18 digits
    issuing_party_id: Mapped[int]
    division: Mapped[Division]


class ContractorVersion(Validity, Base):
    __tablename__ = "contractor_versions"
    __table_args__ = _version_args(
        "contractor_versions",
        "contractors",
        "contractor_id",
        Index("ix_contractor_versions_found", "county", "id_number_found"),
        Index("ix_contractor_versions_name", "county", "name"),
        Index("ix_contractor_versions_phone", "county", "phone"),
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    contractor_id: Mapped[int]
    kind: Mapped[str] = coded("CBFLX")  # 1 household, 2 person, 3 unit
    name: Mapped[str] = coded("CBFMC")  # a household's head
    id_kind: Mapped[str] = coded("CBFZJLX")
    id_number: Mapped[str] = coded("CBFZJHM", SealedText)
    id_number_found: Mapped[bytes] = mapped_column(LargeBinary)  # sealed.fingerprint(id_number)
    address: Mapped[str] = coded("CBFDZ")
    postcode: Mapped[str] = coded("YZBM")
    phone: Mapped[str | None] = coded("LXDH")
    member_count: Mapped[int] = coded("CBFCYSL")
    surveyed_on: Mapped[date | None] = coded("CBFDCRQ")
    surveyor: Mapped[str | None] = coded("CBFDCY")
    survey_note: Mapped[str | None] = coded("CBFDCJS")
    publicity_note: Mapped[str | None] = coded("GSJS")
    publicity_recorder: Mapped[str | None] = coded("GSJSR")
    publicity_reviewed_on: Mapped[date | None] = coded("GSSHRQ")
    publicity_reviewer: Mapped[str | None] = coded("GSSHR")


class Member(Base):
    """家庭成员 CBF_JTCY, a row of one contractor version."""

    __tablename__ = "members"
    __table_args__ = (
        _reference("contractor_versions", "contractor_version_id"),
        Index("ix_members_version", "county", "contractor_version_id"),
        Index("ix_members_found", "county", "id_number_found"),
        Index("ix_members_name", "county", "name"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    contractor_version_id: Mapped[int]
    position: Mapped[int]  # order within the household, from 1
    name: Mapped[str] = coded("CYXM")
    sex: Mapped[str] = coded("CYXB")
    id_kind: Mapped[str] = coded("CYZJLX")
    id_number: Mapped[str] = coded("CYZJHM", SealedText)
    id_number_found: Mapped[bytes] = mapped_column(LargeBinary)
    relation: Mapped[str] = coded("YHZGX")  # GB/T 4761; head 02
    note_code: Mapped[str | None] = coded("CYBZ")
    co_owner: Mapped[str | None] = coded("SFGYR")
    note: Mapped[str | None] = coded("CYBZSM")


class Parcel(Base):
    """地块 DK."""

    __tablename__ = "parcels"
    __table_args__ = (
        UniqueConstraint("county", "code"),
        _reference("issuing_parties", "issuing_party_id"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    code: Mapped[str] = coded("DKBM", CodeText)  # 19 digits
    issuing_party_id: Mapped[int]
    division: Mapped[Division]


def _of_parcel() -> Any:
    """Repeated from the parcel by a trigger, so that a tile reads one table and row security one row."""
    return mapped_column(CodeText, server_default=FetchedValue())


class ParcelVersion(Validity, Base):
    __tablename__ = "parcel_versions"
    __table_args__ = _version_args(
        "parcel_versions",
        "parcels",
        "parcel_id",
        CheckConstraint("measured_area > 0", name="area"),
        Index("ix_parcel_versions_name", "county", "name"),
        Index(
            "ix_parcel_versions_geom",
            "county",
            "geom",
            postgresql_using="gist",
            postgresql_where=text(CURRENT),
        ),
        Index(
            "ix_parcel_versions_past",
            "county",
            "geom",
            postgresql_using="gist",
            postgresql_where=text("valid_to is not null or superseded_at is not null"),
        ),
        Index("ix_parcel_versions_code", "county", "code"),
        Index("ix_parcel_versions_began", "county", "valid_from"),
        Index("ix_parcel_versions_ended", "county", "valid_to"),
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    parcel_id: Mapped[int]
    code: Mapped[str] = _of_parcel()
    division: Mapped[str] = _of_parcel()
    name: Mapped[str] = coded("DKMC")
    ownership: Mapped[str | None] = coded("SYQXZ")
    category: Mapped[str] = coded("DKLB")
    land_use: Mapped[str | None] = coded("TDLYLX")
    grade: Mapped[str] = coded("DLDJ")
    use: Mapped[str] = coded("TDYT")
    basic_farmland: Mapped[str] = coded("SFJBNT")
    measured_area: Mapped[Decimal] = coded("SCMJ")  # m2
    east: Mapped[str | None] = coded("DKDZ")
    south: Mapped[str | None] = coded("DKNZ")
    west: Mapped[str | None] = coded("DKXZ")
    north: Mapped[str | None] = coded("DKBZ")
    note: Mapped[str | None] = coded("DKBZXX")
    witnesses: Mapped[str | None] = coded("ZJRXM")
    corners: Mapped[str] = coded("KJZB")  # key boundary point numbers, clockwise, joined by /
    geom: Mapped[WKBElement] = mapped_column(Geometry(spatial_index=False))


class Contract(Base):
    """承包合同 CBHT. Re-signed contracts repeat the code, so it is not a key."""

    __tablename__ = "contracts"
    __table_args__ = (
        _reference("issuing_parties", "issuing_party_id"),
        _reference("contractors", "contractor_id"),
        Index("ix_contracts_code", "county", "code"),
        Index("ix_contracts_contractor", "county", "contractor_id"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    code: Mapped[str] = coded("CBHTBM", CodeText)  # 19: CBFBM + J or Q
    issuing_party_id: Mapped[int]
    contractor_id: Mapped[int]
    division: Mapped[Division]


class ContractVersion(Validity, Base):
    __tablename__ = "contract_versions"
    __table_args__ = _version_args(
        "contract_versions",
        "contracts",
        "contract_id",
        Index("ix_contract_versions_recorded", "county", "recorded_at"),  # what was written together
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    contract_id: Mapped[int]
    previous_code: Mapped[str | None] = coded("YCBHTBM")
    way: Mapped[str] = coded("CBFS")
    term_start: Mapped[date] = coded("CBQXQ")
    term_end: Mapped[date] = coded("CBQXZ")
    total_area: Mapped[Decimal] = coded("HTZMJ")  # m2
    previous_area: Mapped[Decimal | None] = coded("YHTZMJ")
    parcel_count: Mapped[int] = coded("CBDKZS")
    signed_on: Mapped[date] = coded("QDSJ")
    state: Mapped[str] = mapped_column(server_default="in_force")  # in_force, ended


class ContractedParcel(Base):
    """承包地块信息 CBDKXX, a row of one contract version."""

    __tablename__ = "contracted_parcels"
    __table_args__ = (
        _reference("contract_versions", "contract_version_id"),
        _reference("parcels", "parcel_id"),
        Index("ix_contracted_parcels_version", "county", "contract_version_id"),
        Index("ix_contracted_parcels_parcel", "county", "parcel_id"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    contract_version_id: Mapped[int]
    parcel_id: Mapped[int]
    acquired_by: Mapped[str] = coded("CBJYQQDFS")
    contract_area: Mapped[Decimal] = coded("HTMJ")  # m2
    previous_area: Mapped[Decimal | None] = coded("YHTMJ")
    shares_only: Mapped[str | None] = coded("SFQQQG")
    transfer_code: Mapped[str | None] = coded("LZHTBM")


class RegisterEntry(Base):
    """登记簿 CBJYQZDJB."""

    __tablename__ = "register_entries"
    __table_args__ = (
        _reference("contracts", "contract_id"),
        _reference("contractors", "contractor_id"),
        Index("ix_register_entries_contract", "county", "contract_id"),
        Index("ix_register_entries_contractor", "county", "contractor_id"),
        Index("ix_register_entries_code", "county", "code"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    code: Mapped[str] = coded("CBJYQZBM", CodeText)
    contract_id: Mapped[int]
    contractor_id: Mapped[int]
    division: Mapped[Division]


class RegisterEntryVersion(Validity, Base):
    __tablename__ = "register_entry_versions"
    __table_args__ = _version_args("register_entry_versions", "register_entries", "register_entry_id")
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    register_entry_id: Mapped[int]
    way: Mapped[str] = coded("CBFS")
    term: Mapped[str] = coded("CBQX")
    term_start: Mapped[date] = coded("CBQXQ")
    term_end: Mapped[date] = coded("CBQXZ")
    sketch: Mapped[str | None] = coded("DKSYT")
    serial: Mapped[str | None] = coded("CBJYQZLSH")
    remark: Mapped[str | None] = coded("DJBFJ")
    previous_certificate: Mapped[str | None] = coded("YCBJYQZBH")
    registrar: Mapped[str | None] = coded("DBR")
    registered_on: Mapped[date] = coded("DJSJ")


class Certificate(Base):
    """权证 CBJYQZ: printed by the real-estate registry; hand-out and recovery are tracked here."""

    __tablename__ = "certificates"
    __table_args__ = (
        _reference("register_entries", "register_entry_id"),
        Index("ix_certificates_entry", "county", "register_entry_id"),
        Index("ix_certificates_code", "county", "code"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    code: Mapped[str] = coded("CBJYQZBM", CodeText)
    register_entry_id: Mapped[int]
    division: Mapped[Division]


class CertificateVersion(Validity, Base):
    __tablename__ = "certificate_versions"
    __table_args__ = _version_args(
        "certificate_versions",
        "certificates",
        "certificate_id",
        Index("ix_certificate_versions_serial", "county", "serial"),
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    certificate_id: Mapped[int]
    issuer: Mapped[str] = coded("FZJG")
    issued_on: Mapped[date] = coded("FZRQ")
    serial: Mapped[str | None]  # number printed on the certificate
    collected: Mapped[str] = coded("QZSFLQ")
    collected_on: Mapped[date | None] = coded("QZLQRQ")
    collected_by: Mapped[str | None] = coded("QZLQRXM")
    collector_id_kind: Mapped[str | None] = coded("QZLQRZJLX")
    collector_id_number: Mapped[str | None] = coded("QZLQRZJHM", SealedText)
    state: Mapped[str] = mapped_column(server_default="valid")  # or destroyed, void (lost), cancelled
    reason: Mapped[str | None]  # QZBFYY, QZHFYY, ZXYY: why it is valid no more


class SourceDocument(Base):
    """权属来源资料附件 QSLYZLFJ."""

    __tablename__ = "source_documents"
    __table_args__ = (
        UniqueConstraint("county", "number"),
        _reference("register_entries", "register_entry_id"),
        Index("ix_source_documents_entry", "county", "register_entry_id"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    register_entry_id: Mapped[int]
    number: Mapped[str] = coded("ZLFJBH", CodeText)
    name: Mapped[str] = coded("ZLFJMC")
    dated: Mapped[date] = coded("ZLFJRQ")
    paths: Mapped[str] = coded("FJ")
    division: Mapped[Division]


class Descent(Base):
    """What came of a parcel or a contractor that split, merged or was cut: one row for each parent and child."""

    __tablename__ = "descents"
    __table_args__ = (
        Index("ix_descents_parent", "county", "parent"),
        Index("ix_descents_child", "county", "child"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    kind: Mapped[str]  # parcel, contractor
    parent: Mapped[str] = mapped_column(CodeText)
    child: Mapped[str] = mapped_column(CodeText)
    day: Mapped[date]
    recorded_at: Mapped[datetime]
    cause: Mapped[str]
    cause_ref: Mapped[str]
    division: Mapped[Division]


class Block(Base):
    """Why a thing may not change: an open dispute, a mortgage, a seizure, a transfer that runs."""

    __tablename__ = "blocks"
    __table_args__ = (Index("ix_blocks_code", "county", "code"), _schema)
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    kind: Mapped[str]  # dispute, mortgage, seizure, transfer
    on: Mapped[str]  # contractor, parcel
    code: Mapped[str] = mapped_column(CodeText)
    ref: Mapped[str]  # number of the case, the ruling, the mortgage or the transfer contract
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]  # last day; empty while it is not known
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    division: Mapped[Division]


class ImportBatch(Base):
    """One delivery package taken in: who, when, which file, what it held and which warnings it had."""

    __tablename__ = "import_batches"
    __table_args__ = _schema
    county: Mapped[CountyCode]
    id: Mapped[RowId]
    name: Mapped[str]
    sha256: Mapped[str]
    imported_at: Mapped[datetime]
    imported_by: Mapped[str]
    counts: Mapped[dict[str, Any]]
    findings: Mapped[list[Any]]
    confirmed_by: Mapped[str | None]  # the second person; empty where the county does without one
    difference: Mapped[
        dict[str, Any] | None
    ]  # added, changed and ended by kind of thing; empty for the first
    described: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))  # metadata XML
