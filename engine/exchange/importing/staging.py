"""Staging: a checked package's rows lie in tables of the standard's own shape before they enter the register.

Schema ``staging`` has one table for each layer and table of the standard, by its lower-case name (``staging.dk``,
``staging.cbf_jtcy``), with the standard's fields in lower case (char as text, int as bigint, float as numeric, date
as date), and ``county``, ``batch`` (the intake's id), ``row`` (the position in the package, from 1) and, in layers,
``geom`` in the county's zone with its SRID. A batch is a partition of its own, filled by COPY and dropped whole.

Identity numbers (fields that end in ZJHM) never lie there readable: the column is sealed as the register keeps it
(bytea), and ``<field>_found`` beside it is the fingerprint, by which SQL can compare them.
"""

import binascii
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from pyarrow import csv
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.exchange import standard
from engine.exchange.package.columns import Geometries, plain
from engine.exchange.package.model import PackageData, Table
from engine.store.sealed import fingerprint, seal

CHUNK = 50_000  # rows in memory at a time
_KINDS = {"char": "text", "int": "bigint", "float": "numeric", "date": "date", "varbin": "bytea"}

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
    "change": "text not null",  # added, changed, ended, same
    "fields": "text[] not null",  # of the standard, and `outline`, `members`, `parcels`
    "area_before": "numeric",
    "area_after": "numeric",
    "id": "bigint not null",  # of the identity, known or to come
    "fresh": "boolean not null",  # the identity is to come
    "version": "bigint",  # that stands now
    "new_version": "bigint",  # to come
}
# Of sealed numbers that stand in the register with nothing beside them to compare them by.
FINGERPRINTS = {"thing": "text not null", "version": "bigint not null", "found": "bytea not null"}


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
    gather_statistics(session, batch)
    session.commit()
    return {table.name: len(table) for table in tables}


@contextmanager
def in_bulk(session: Session) -> Iterator[None]:
    """For statements over whole batches: the planner takes row security's condition for a narrow one, and would look
    up row by row what must be hashed (20,000 parcels: minutes)."""
    session.execute(text("set local enable_nestloop = off"))
    session.execute(text("set local work_mem = '128MB'"))
    yield
    session.execute(text("set local enable_nestloop = on"))
    session.execute(text("set local work_mem to default"))


def gather_statistics(session: Session, batch: int, table: str | None = None) -> None:
    """Of all tables of the batch, or of one: without them nothing large is joined well."""
    session.execute(
        text("select staging.gather_statistics(:batch, cast(:table as text))"),
        {"batch": batch, "table": table},
    )


def counts(session: Session, county: str, batch: int) -> dict[str, int]:
    """Rows that lie staged, by table of the standard."""
    parts = " union all ".join(
        f"select '{name.upper()}', count(*) from staging.{name} where county = :county and batch = :batch"  # noqa: S608
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
    whole = {field.name: table.arrow(field.name) for field in spec.fields}
    for start in range(0, len(table), CHUNK):
        stop = min(start + CHUNK, len(table))
        columns = {
            "county": pa.array([county] * (stop - start)),
            "batch": pa.array([batch] * (stop - start), pa.int64()),
            "row": pa.array(range(start + 1, stop + 1), pa.int64()),
        }
        for field in spec.fields:
            name, values = field.name.lower(), plain(whole[field.name][start:stop])
            if is_sealed(name):
                numbers = values.to_pylist()
                columns[name] = _hex([None if v is None else seal(v) for v in numbers])
                columns[f"{name}_found"] = _hex([None if v is None else fingerprint(v) for v in numbers])
            else:
                columns[name] = values
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
    if isinstance(table.geometry, Geometries):
        quickly = _with_srid(table.geometry.wkb[start:stop], srid)
        if quickly is not None:
            return quickly
    shapes = shapely.set_srid(table.geometry[start:stop], srid)
    return pa.array(shapely.to_wkb(shapes, hex=True, include_srid=True), pa.string())


def _with_srid(wkb: pa.Array, srid: int) -> pa.Array | None:
    """Hex of plain two-dimensional little-endian WKB with the SRID put in; None where it is not all that."""
    if wkb.null_count or not len(wkb):
        return None
    offsets = np.frombuffer(wkb.buffers()[1], np.int32)[wkb.offset : wkb.offset + len(wkb) + 1]
    data = memoryview(wkb.buffers()[2])[offsets[0] : offsets[-1]]
    own = pa.py_buffer((offsets - offsets[0]) * 2)
    text = pa.Array.from_buffers(pa.string(), len(wkb), [None, own, pa.py_buffer(binascii.hexlify(data))])
    kind = pc.utf8_slice_codeunits(text, 2, 4)
    plainly = pc.and_(pc.starts_with(text, "01"), pc.equal(pc.utf8_slice_codeunits(text, 4, 10), "000000"))
    if not pc.all(plainly).as_py():
        return None
    rest = pc.utf8_slice_codeunits(text, 10)
    return pc.binary_join_element_wise("01", kind, "000020" + struct.pack("<I", srid).hex(), rest, "")
