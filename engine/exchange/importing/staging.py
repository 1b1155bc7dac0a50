"""Staging: a checked package's rows lie in tables of the standard's own shape before they enter the register.

Schema ``staging`` has one table for each layer and table of the standard, by its lower-case name (``staging.dk``,
``staging.cbf_jtcy``), with the standard's fields in lower case (char as text, int as bigint, float as numeric, date
as date), and ``county``, ``batch`` (the intake's id), ``row`` (the position in the package, from 1) and, in layers,
``geom`` in the county's zone with its SRID. A batch is a partition of its own, filled by COPY and dropped whole.

Identity numbers (fields that end in ZJHM) never lie there readable: the column is sealed as the register keeps it
(bytea), and ``<field>_found`` beside it is the fingerprint, by which SQL can compare them.
"""

from collections.abc import Callable, Iterator

import pyarrow as pa
import shapely
from pyarrow import csv
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.exchange import standard
from engine.exchange.package.model import PackageData, Table
from engine.store.sealed import fingerprint, seal

CHUNK = 50_000  # rows in memory at a time
_KINDS = {"char": "text", "int": "bigint", "float": "numeric", "date": "date", "varbin": "bytea"}
_ARROW = {"char": pa.string(), "int": pa.int64(), "float": pa.float64(), "date": pa.string()}

Tell = Callable[[int, int | None, str], None]  # done, total, phase


def is_sealed(field: str) -> bool:
    """Whether a field of the standard is an identity number (证件号码)."""
    return field.upper().endswith("ZJHM")


def _columns(spec: standard.TableSpec) -> dict[str, str]:
    columns = {}
    for field in spec.fields:
        name = field.name.lower()
        columns[name] = "bytea" if is_sealed(name) else _KINDS[field.kind]
        if is_sealed(name):
            columns[f"{name}_found"] = "bytea"
    if spec.geometry:
        columns["geom"] = "geometry"
    return columns


# Table of schema staging -> its columns after county, batch and row, with their types.
COLUMNS: dict[str, dict[str, str]] = {
    name.lower(): _columns(spec) for name, spec in {**standard.layers(), **standard.tables()}.items()
}

# What a batch would change, one row for each thing (difference.py).
DIFFERENCES = {
    "thing": "text not null",  # parcel, contractor ...
    "code": 'text collate "C" not null',
    "name": "text",
    "change": "text not null",  # added, changed, ended
    "fields": "text[]",  # of the standard, and `outline`, `members`, `parcels`
    "area_before": "numeric",
    "area_after": "numeric",
}


def open_batch(session: Session, county: str, batch: int) -> None:
    """Make the partitions of a batch; the session must see the whole county."""
    session.execute(text("select staging.open_batch(:county, :batch)"), {"county": county, "batch": batch})


def drop_batch(session: Session, county: str, batch: int) -> None:
    """Its rows and partitions are gone when the transaction ends; none there is no fault."""
    session.execute(text("select staging.drop_batch(:county, :batch)"), {"county": county, "batch": batch})


def stage(session: Session, package: PackageData, batch: int, srid: int, tell: Tell) -> dict[str, int]:
    """Copy every layer and table of the package into the open batch; gives rows by table (``DK`` ...).

    Commits after each chunk: what has been copied is nothing until the swap takes it. ``tell`` may raise.
    """
    tables = [*package.layers.values(), *package.tables.values()]
    total, done = sum(map(len, tables)), 0
    for table in tables:
        for rows, body in _chunks(table, package.county, batch, srid):
            tell(done, total, "stage")
            _copy(session, table.name.lower(), batch, body)
            session.commit()
            done += rows
    tell(done, total, "stage")
    session.execute(text("select staging.gather_statistics(:batch)"), {"batch": batch})
    session.commit()
    return {table.name: len(table) for table in tables}


def counts(session: Session, county: str, batch: int) -> dict[str, int]:
    """Rows that lie staged, by table of the standard."""
    parts = " union all ".join(
        f"select '{name.upper()}', count(*) from staging.{name} where county = :county and batch = :batch"
        for name in COLUMNS
    )
    rows = session.execute(text(parts), {"county": county, "batch": batch})
    return {name: number for name, number in rows.tuples() if number}


def _copy(session: Session, name: str, batch: int, body: bytes) -> None:
    columns = ", ".join(("county", "batch", "row", *COLUMNS[name]))
    driver = session.connection().connection.driver_connection
    assert driver is not None
    with driver.cursor().copy(
        f"copy staging.{name}_{int(batch)} ({columns}) from stdin (format csv)"
    ) as copy:
        copy.write(body)


def _chunks(table: Table, county: str, batch: int, srid: int) -> Iterator[tuple[int, bytes]]:
    """Rows and CSV of so many rows at a time; empty is NULL, and empty text is quoted."""
    spec = standard.spec(table.name)
    for start in range(0, len(table), CHUNK):
        stop = min(start + CHUNK, len(table))
        columns = {
            "county": pa.array([county] * (stop - start)),
            "batch": pa.array([batch] * (stop - start), pa.int64()),
            "row": pa.array(range(start + 1, stop + 1), pa.int64()),
        }
        for field in spec.fields:
            name, values = field.name.lower(), list(table[field.name][start:stop])
            if is_sealed(name):
                columns[name] = _hex([None if v is None else seal(v) for v in values])
                columns[f"{name}_found"] = _hex([None if v is None else fingerprint(v) for v in values])
            else:
                columns[name] = pa.array(values, _ARROW[field.kind])
        if spec.geometry:
            columns["geom"] = _geometry(table, start, stop, srid)
        sink = pa.BufferOutputStream()
        csv.write_csv(pa.table(columns), sink, csv.WriteOptions(include_header=False))
        yield stop - start, sink.getvalue().to_pybytes()


def _hex(values: list[bytes | None]) -> pa.Array:
    return pa.array([None if value is None else "\\x" + value.hex() for value in values], pa.string())


def _geometry(table: Table, start: int, stop: int, srid: int) -> pa.Array:
    if table.geometry is None:
        return pa.nulls(stop - start, pa.string())
    shapes = shapely.set_srid(table.geometry[start:stop], srid)
    return pa.array(shapely.to_wkb(shapes, hex=True, include_srid=True), pa.string())
