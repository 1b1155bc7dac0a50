"""Reads ownership tables from SQLite and layers from a GeoPackage (which is SQLite too), without trusting them.

Files are opened read-only and immutable; only plain tables are read, never views or virtual tables, and
values longer than a megabyte are refused, so a crafted file cannot make the reader work or grow for ever.
"""

import contextlib
import pathlib
import re
import sqlite3
import struct
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc

from engine.domain.said import said_of, say
from engine.exchange import standard
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import BLOCK, Geometries, Values, plain
from engine.exchange.package.filling import Filling
from engine.exchange.package.model import Column, Table
from engine.exchange.package.names import layer_name

_DECLARED = re.compile(r"\s*([A-Za-z ]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*")
_ENVELOPES = {0: 0, 1: 32, 2: 48, 3: 48, 4: 64}  # GeoPackage binary header: envelope code -> bytes
_MAX_VALUE = 1 << 20
_MAX_GEOMETRY = 1 << 28  # a county's outline may be long


@contextlib.contextmanager
def _connected(path: pathlib.Path, longest: int) -> Iterator[sqlite3.Connection]:
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    connection = sqlite3.connect(address, uri=True)
    try:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
        connection.execute("pragma trusted_schema = off")
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        yield connection
    finally:
        connection.close()


def read_tables(path: pathlib.Path, name: str) -> tuple[dict[str, Table], list[Finding]]:
    """The standard's tables of an SQLite file; `name` is its relative path."""
    tables: dict[str, Table] = {}
    found: list[Finding] = []
    try:
        with _connected(path, _MAX_VALUE) as connection:
            for actual in _table_names(connection):
                if actual.upper() in standard.tables():
                    table, more = _read_table(connection, actual, actual.upper(), name)
                    tables[table.name] = table
                    found += more
    except (sqlite3.Error, OverflowError, ValueError) as error:
        found.append(finding("F06", say("权属数据库无法读取：%(why)s", why=said_of(error)), None, name))
    return tables, found


def read_geopackage(path: pathlib.Path, name: str) -> tuple[list[Table], list[Finding]]:
    """The standard's layers of a GeoPackage."""
    layers: list[Table] = []
    found: list[Finding] = []
    try:
        with _connected(path, _MAX_GEOMETRY) as connection:
            known = set(_table_names(connection))
            rows = connection.execute(
                "select table_name, column_name, srs_id from gpkg_geometry_columns"
            ).fetchall()
            for actual, column, srs in rows:
                own = layer_name(str(actual))
                if own and actual in known:
                    table, more = _read_table(connection, actual, own.layer, name, column)
                    table.crs = _crs(connection, srs)
                    layers.append(table)
                    found += more
    except (sqlite3.Error, OverflowError, ValueError, struct.error) as error:
        found.append(finding("F04", say("GeoPackage 无法读取：%(why)s", why=said_of(error)), None, name))
    return layers, found


def _table_names(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute(
        "select name from sqlite_master where type = 'table' and sql not like 'create virtual%' order by name"
    )
    return [str(row[0]) for row in rows]


def _read_table(
    connection: sqlite3.Connection, actual: str, name: str, path: str, geometry: str | None = None
) -> tuple[Table, list[Finding]]:
    info = connection.execute(f"pragma table_info({_quoted(actual)})").fetchall()
    names = {str(row[1]): str(row[2] or "") for row in info}
    declared = {column.upper(): _column(kind) for column, kind in names.items() if column != geometry}
    columns = ", ".join(_quoted(column) for column in names)
    cursor = connection.execute(f"select {columns} from {_quoted(actual)}")  # noqa: S608 (quoted names)
    filling, shapes = Filling(name), [pa.array([], pa.binary())]
    while rows := cursor.fetchmany(BLOCK):
        by_column = dict(zip(names, zip(*rows, strict=True), strict=True))
        if geometry is not None:
            shapes.append(pa.array([_wkb(value) for value in by_column.pop(geometry)], pa.binary()))
        filling.add({column.upper(): values for column, values in by_column.items()}, len(rows))
    filled, found = filling.done(name, path)
    if not filling.rows:
        filled = {column: Values(pa.array([], pa.string())) for column in declared if filling.wants(column)}
    drawn = Geometries(pa.chunked_array(shapes).combine_chunks()) if geometry is not None else None
    table = Table(name, filled, filling.rows, declared, drawn, path=path)
    return table, found + _undecodable(table)


def _undecodable(table: Table) -> list[Finding]:
    return [
        finding(
            "S02",
            say("文字编码有误：%(field)s 有不是 UTF-8 的文字", field=field),
            table.name,
            table.path,
            field,
        )
        for field, values in table.columns.items()
        if pa.types.is_string(plain(values.arrow).type)
        and pc.any(pc.match_substring(plain(values.arrow), "\ufffd")).as_py()
    ]


def _column(declared: str) -> Column:
    """The declared type: `VARCHAR(19)`, `DECIMAL(15,2)`, `INTEGER`, `TEXT` ..."""
    match = _DECLARED.fullmatch(declared)
    word = (match[1] if match else declared).upper()
    width = int(match[2]) if match and match[2] else None
    decimals = int(match[3]) if match and match[3] else None
    if any(part in word for part in ("CHAR", "TEXT", "CLOB")):
        return Column("char", width)
    if "DATE" in word or "TIME" in word:
        return Column("date")
    if "INT" in word:
        return Column("number", width, 0)
    if any(part in word for part in ("REAL", "FLOA", "DOUB", "DEC", "NUM")):
        return Column("number", width, decimals)
    return Column("any")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _wkb(value: Any) -> bytes | None:
    """The WKB inside a GeoPackage geometry; None for none, and bytes that are no WKB for a broken one."""
    if not isinstance(value, bytes) or len(value) < 8 or value[:2] != b"GP":
        return None if value is None else b""
    if value[3] & 0x10:
        return None
    return value[8 + _ENVELOPES.get((value[3] >> 1) & 7, 0) :]


def _crs(connection: sqlite3.Connection, srs: int) -> tuple[str, ...]:
    row = connection.execute(
        "select organization, organization_coordsys_id, definition from gpkg_spatial_ref_sys where srs_id = ?",
        (srs,),
    ).fetchone()
    if row is None:
        return ()
    return (f"EPSG:{row[1]}" if str(row[0]).upper() == "EPSG" else str(row[2]),)


def read_features(
    path: pathlib.Path, most: int
) -> tuple[list[tuple[dict[str, Any], bytes | None]], tuple[str, ...]]:
    """(fields by name in capitals, WKB) of every layer's rows, at most so many: those that the standard has, and others;
    and the reference systems that the layers name.

    Raises sqlite3.Error or ValueError where the file cannot be read.
    """
    found: list[tuple[dict[str, Any], bytes | None]] = []
    systems: tuple[str, ...] = ()
    with _connected(path, _MAX_VALUE) as connection:
        known = set(_table_names(connection))
        rows = connection.execute(
            "select table_name, column_name, srs_id from gpkg_geometry_columns"
        ).fetchall()
        for table, column, srs in ((str(row[0]), str(row[1]), row[2]) for row in rows):
            if table not in known:
                continue
            systems += _crs(connection, srs)
            cursor = connection.execute(f"select * from {_quoted(table)} limit ?", (most - len(found),))  # noqa: S608
            names = [str(part[0]) for part in cursor.description]
            for row in cursor:
                values = dict(zip(names, row, strict=True))
                shape = _wkb(values.pop(column, None))
                found.append(({name.upper(): value for name, value in values.items()}, shape))
    return found, systems
