"""Writes layers into a GeoPackage (OGC 12-128r18, version 1.3), table by table and row by row.

Written by hand rather than by GDAL, which cannot be told a text's width, so that the standard's fields keep theirs.
"""

import pathlib
import sqlite3
import struct

import pyproj
import shapely

from engine.exchange import standard
from engine.exchange.package.model import Table
from engine.exchange.standard import Field

_APPLICATION, _VERSION = 0x47504B47, 10300  # "GPKG"
_KINDS = {"Point": "POINT", "LineString": "LINESTRING", "Polygon": "POLYGON", "Any": "GEOMETRY"}
_TABLES = """
    create table gpkg_spatial_ref_sys (srs_name text not null, srs_id integer primary key, organization text not null,
        organization_coordsys_id integer not null, definition text not null, description text);
    create table gpkg_contents (table_name text primary key, data_type text not null, identifier text unique,
        description text default '', last_change datetime not null default (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
        min_x double, min_y double, max_x double, max_y double, srs_id integer);
    create table gpkg_geometry_columns (table_name text not null, column_name text not null,
        geometry_type_name text not null, srs_id integer not null, z tinyint not null, m tinyint not null,
        primary key (table_name, column_name));
    insert into gpkg_spatial_ref_sys values
        ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', null),
        ('Undefined geographic', 0, 'NONE', 0, 'undefined', null);"""


class GeoPackage:
    """A new file; `close` says how far its layers reach."""

    def __init__(self, path: pathlib.Path, epsg: int):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._connection = sqlite3.connect(path)
        self._epsg = epsg
        self._bounds: dict[str, tuple[float, float, float, float]] = {}
        self._connection.execute("pragma journal_mode = off")
        self._connection.execute(f"pragma application_id = {_APPLICATION}")
        self._connection.execute(f"pragma user_version = {_VERSION}")
        self._connection.executescript(_TABLES)
        for number in (4326, epsg):
            system = pyproj.CRS.from_epsg(number)
            wkt = system.to_wkt("WKT1_GDAL")
            row = (system.name, number, "EPSG", number, wkt)
            self._connection.execute("insert into gpkg_spatial_ref_sys values (?, ?, ?, ?, ?, null)", row)

    def add(self, table: Table) -> None:
        """The layer's rows behind those that it has already."""
        spec = standard.layers()[table.name]
        if table.name not in self._bounds:
            self._create(table.name)
        if not len(table):
            return
        low_x, low_y, high_x, high_y = self._bounds[table.name]
        west, south, east, north = shapely.total_bounds(table.geometry)
        self._bounds[table.name] = (
            min(low_x, west),
            min(low_y, south),
            max(high_x, east),
            max(high_y, north),
        )
        head = struct.pack("<2sBBi", b"GP", 0, 1, self._epsg)
        slots = ", ".join("?" * (len(spec.fields) + 1))
        names = ", ".join(f'"{name}"' for name in ("geom", *spec.names))
        wkb = shapely.to_wkb(table.geometry)
        rows = ((head + shape, *row) for shape, row in zip(wkb, table.rows(*spec.names), strict=True))
        self._connection.executemany(f'insert into "{table.name}" ({names}) values ({slots})', rows)  # noqa: S608
        self._connection.commit()

    def close(self) -> None:
        for name, bounds in self._bounds.items():
            reach = bounds if bounds[0] <= bounds[2] else (None,) * 4
            self._connection.execute(
                "update gpkg_contents set min_x = ?, min_y = ?, max_x = ?, max_y = ? where table_name = ?",
                (*reach, name),
            )
        self._connection.commit()
        self._connection.close()

    def _create(self, name: str) -> None:
        spec = standard.layers()[name]
        columns = ", ".join(f'"{field.name}" {_type(field)}' for field in spec.fields)
        kind = _KINDS[spec.geometry or "Any"]
        self._connection.execute(
            f'create table "{name}" (fid integer primary key autoincrement, geom {kind}, {columns})'
        )
        self._connection.execute(
            "insert into gpkg_contents (table_name, data_type, identifier, description, srs_id)"
            " values (?, 'features', ?, ?, ?)",
            (name, name, spec.title["zh"], self._epsg),
        )
        self._connection.execute(
            "insert into gpkg_geometry_columns values (?, 'geom', ?, ?, 0, 0)", (name, kind, self._epsg)
        )
        infinite = float("inf")
        self._bounds[name] = (infinite, infinite, -infinite, -infinite)


def _type(field: Field) -> str:
    if field.kind == "char":
        return f"TEXT({field.length})"
    return "INTEGER" if field.kind == "int" else "DOUBLE"
