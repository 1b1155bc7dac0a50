"""Writes a checked package's rows into the register tables, identity before version, in bulk."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import shapely
from sqlalchemy import Date, LargeBinary, Numeric, bindparam, func, insert, text
from sqlalchemy.orm import Session

from engine.domain.division import of_issuing_party
from engine.exchange.importing.replace import Closed
from engine.exchange.package.model import PackageData, Table
from engine.exchange.package.values import parse_date
from engine.store.base import OPERATIONAL
from engine.store.sealed import fingerprint
from engine.store.tables import register as t

_CHUNK = 5000


@dataclass(frozen=True)
class _Import:
    """What every row of one import shares."""

    session: Session
    county: str
    srid: int
    batch: str
    now: datetime
    today: date
    closed: Closed | None

    def validity(self, since: str | None, known: bool) -> dict[str, Any]:
        """Valid from the day the package tells (never the future), or from today for what was known before."""
        day = self.today if known else min(parse_date(since) or self.today, self.today)
        return {"valid_from": day, "recorded_at": self.now, "cause": "import", "cause_ref": self.batch}


@dataclass(frozen=True)
class _Things:
    """Identities of one kind: code -> id, and code -> id of the version just written."""

    ids: dict[str, int]
    versions: dict[str, int]


def write_register(
    session: Session,
    package: PackageData,
    srid: int,
    batch: str,
    now: datetime,
    today: date,
    closed: Closed | None,
) -> None:
    """Everything that the register keeps, in the order that the references need."""
    run = _Import(session, package.county, srid, batch, now, today, closed)
    tables = package.tables
    parties = _parties(run, tables["FBF"])
    contractors = _contractors(run, tables["CBF"], parties)
    if "CBF_JTCY" in tables:
        _members(run, tables["CBF_JTCY"], contractors)
    surveyed = dict(tables["FBF"].rows("FBFBM", "FBFDCRQ"))
    parcels = _parcels(run, package.layers["DK"], parties, surveyed)
    contracts = _contracts(run, tables["CBHT"], parties, contractors)
    _contracted(run, tables["CBDKXX"], contracts, parcels)
    entries = _entries(run, tables["CBJYQZDJB"], contracts, contractors)
    _certificates(run, tables["CBJYQZ"], tables["CBJYQZDJB"], entries)
    _documents(run, tables["QSLYZLFJ"], entries)


def _parties(run: _Import, rows: Table) -> _Things:
    return _write(run, rows, t.IssuingParty, t.IssuingPartyVersion, "issuing_party_id", "FBFBM", "FBFDCRQ")


def _contractors(run: _Import, rows: Table, parties: _Things) -> _Things:
    return _write(
        run, rows, t.Contractor, t.ContractorVersion, "contractor_id", "CBFBM", "CBFDCRQ",
        identity=lambda row: {"issuing_party_id": parties.ids[row["CBFBM"][:14]]},
        version=lambda row: {"id_number_found": fingerprint(row["CBFZJHM"])},
    )  # fmt: skip


def _members(run: _Import, rows: Table, contractors: _Things) -> None:
    turns: Counter[str] = Counter()
    found = []
    for row in _dicts(rows):
        turns[row["CBFBM"]] += 1
        found.append(
            {
                "county": run.county,
                "contractor_version_id": contractors.versions[row["CBFBM"]],
                "position": turns[row["CBFBM"]],
                "id_number_found": fingerprint(row["CYZJHM"]),
                **_coded(t.Member, row),
            }
        )
    _insert(run.session, t.Member, found)


def _parcels(run: _Import, rows: Table, parties: _Things, surveyed: dict[str, str]) -> _Things:
    outlines = dict(zip(rows["DKBM"], shapely.to_wkb(rows.geometry).tolist(), strict=True))
    return _write(
        run, rows, t.Parcel, t.ParcelVersion, "parcel_id", "DKBM",
        lambda row: surveyed.get(row["DKBM"][:14]),
        identity=lambda row: {"issuing_party_id": parties.ids[row["DKBM"][:14]]},
        version=lambda row: {"outline": outlines[row["DKBM"]]},
        values={"geom": func.ST_GeomFromWKB(bindparam("outline", type_=LargeBinary), run.srid)},
    )  # fmt: skip


def _contracts(run: _Import, rows: Table, parties: _Things, contractors: _Things) -> _Things:
    return _write(
        run, rows, t.Contract, t.ContractVersion, "contract_id", "CBHTBM", "QDSJ",
        identity=lambda row: {
            "issuing_party_id": parties.ids[row["FBFBM"]],
            "contractor_id": contractors.ids[row["CBFBM"]],
        },
    )  # fmt: skip


def _contracted(run: _Import, rows: Table, contracts: _Things, parcels: _Things) -> None:
    found = [
        {
            "county": run.county,
            "contract_version_id": contracts.versions[row["CBHTBM"]],
            "parcel_id": parcels.ids[row["DKBM"]],
            **_coded(t.ContractedParcel, row),
        }
        for row in _dicts(rows)
    ]
    _insert(run.session, t.ContractedParcel, found)


def _entries(run: _Import, rows: Table, contracts: _Things, contractors: _Things) -> _Things:
    return _write(
        run, rows, t.RegisterEntry, t.RegisterEntryVersion, "register_entry_id", "CBJYQZBM", "DJSJ",
        identity=lambda row: {
            "contract_id": contracts.ids[row["CBJYQZBM"]],
            "contractor_id": contractors.ids[row["CBFBM"]],
        },
    )  # fmt: skip


def _certificates(run: _Import, rows: Table, entries: Table, written: _Things) -> None:
    serials = dict(entries.rows("CBJYQZBM", "CBJYQZLSH"))
    _write(
        run, rows, t.Certificate, t.CertificateVersion, "certificate_id", "CBJYQZBM", "FZRQ",
        identity=lambda row: {"register_entry_id": written.ids[row["CBJYQZBM"]]},
        version=lambda row: {"serial": serials.get(row["CBJYQZBM"])},
    )  # fmt: skip


def _documents(run: _Import, rows: Table, entries: _Things) -> None:
    """Source documents are no versions: one that is known already by its number is brought up to date."""
    found = [
        {
            "county": run.county,
            "register_entry_id": entries.ids[row["CBJYQZBM"]],
            "division": of_issuing_party(row["CBJYQZBM"][:14]),
            **_coded(t.SourceDocument, row),
        }
        for row in _dicts(rows)
    ]
    if run.closed is not None:
        numbers = [row["number"] for row in found]
        run.session.execute(
            text(
                "delete from operational.source_documents where county = :county and number = any(:numbers)"
            ),
            {"county": run.county, "numbers": numbers},
        )
    _insert(run.session, t.SourceDocument, found)


def _write(
    run: _Import,
    rows: Table,
    identity_class: Any,
    version_class: Any,
    owner: str,
    key: str,
    since: str | Callable[[dict[str, Any]], str | None],
    *,
    identity: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: {},
    version: Callable[[dict[str, Any]], dict[str, Any]] = lambda row: {},
    values: dict[str, Any] | None = None,
) -> _Things:
    """Identities that are new, and a version of every row; ids are taken from the sequences beforehand."""
    table = list(_dicts(rows))
    known = run.closed.ids.get(identity_class.__tablename__, {}) if run.closed else {}
    fresh = [row for row in table if row[key] not in known]
    ids = known | dict(
        zip((row[key] for row in fresh), _take_ids(run, identity_class, len(fresh)), strict=True)
    )
    _insert(
        run.session,
        identity_class,
        [
            {
                "county": run.county,
                "id": ids[row[key]],
                "code": row[key],
                "division": of_issuing_party(row[key][:14]),
            }
            | identity(row)
            for row in fresh
        ],
    )
    version_ids = _take_ids(run, version_class, len(table))
    versions = {row[key]: id_ for row, id_ in zip(table, version_ids, strict=True)}
    day = since if callable(since) else lambda row: row[since]
    _insert(
        run.session,
        version_class,
        [
            {"county": run.county, "id": versions[row[key]], owner: ids[row[key]]}
            | run.validity(day(row), row[key] in known)
            | _coded(version_class, row)
            | version(row)
            for row in table
        ],
        values,
    )
    return _Things(ids, versions)


def _take_ids(run: _Import, mapped: Any, count: int) -> list[int]:
    name = f"{OPERATIONAL}.{mapped.__tablename__}"
    statement = text("select nextval(pg_get_serial_sequence(:name, 'id')) from generate_series(1, :count)")
    return list(run.session.scalars(statement, {"name": name, "count": count})) if count else []


def _dicts(rows: Table) -> Iterable[dict[str, Any]]:
    names = list(rows.columns)
    return (dict(zip(names, values, strict=True)) for values in rows.rows(*names))


def _coded(mapped: Any, row: dict[str, Any]) -> dict[str, Any]:
    """The columns that carry a code of the standard, with the row's values as the database keeps them."""
    return {name: convert(row.get(code)) for name, code, convert in _columns(mapped)}


_KNOWN: dict[Any, list[tuple[str, str, Callable[[Any], Any]]]] = defaultdict(list)


def _columns(mapped: Any) -> list[tuple[str, str, Callable[[Any], Any]]]:
    if mapped not in _KNOWN:
        for column in mapped.__table__.columns:
            if "code" in column.info:
                _KNOWN[mapped].append((column.key, column.info["code"], _converter(column.type)))
    return _KNOWN[mapped]


def _converter(kind: Any) -> Callable[[Any], Any]:
    if isinstance(kind, Date):
        return parse_date
    if isinstance(kind, Numeric):
        return lambda value: None if value is None else Decimal(f"{value:.2f}")
    return lambda value: value


def _insert(
    session: Session, mapped: Any, rows: list[dict[str, Any]], values: dict[str, Any] | None = None
) -> None:
    statement = insert(mapped.__table__)
    if values:
        names = set(rows[0]) - {"outline"} if rows else set()
        given = {name: bindparam(f"v_{name}", type_=mapped.__table__.c[name].type) for name in names}
        statement = statement.values(given | values)
        rows = [{(f"v_{k}" if k in names else k): v for k, v in row.items()} for row in rows]
    for start in range(0, len(rows), _CHUNK):
        session.execute(statement, rows[start : start + _CHUNK])
