"""Writes a delivery package: layers as shapefiles (GBK), ownership tables, spreadsheets, metadata.

Ownership tables are written as SQLite, and as the standard's `.mdb` where the county gives its empty Access file;
.xlsx takes the place of .xls, with the same sheet layout (docs/decisions).
"""

import contextlib
import datetime as dt
import pathlib
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pyogrio
import shapely
import xlsxwriter

from engine.exchange import standard
from engine.exchange.package import dbf
from engine.exchange.package.access_writer import Rows, write_access_file
from engine.exchange.package.model import OWNERSHIP, REPORTS, SUMMARIES, UNIT_SHEET, VECTORS, Table
from engine.exchange.package.values import parse_date
from engine.exchange.standard import Field, TableSpec

_CREATED = dt.datetime(2025, 1, 1)  # inside spreadsheets, so that equal content gives equal files


def write_layers(root: pathlib.Path, layers: Mapping[str, Table], county: str, year: str, epsg: int) -> None:
    """One shapefile per layer under 矢量数据, named after the standard."""
    folder = root / VECTORS
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in layers.items():
        if len(table) or standard.layers()[name].mandatory:
            write_shapefile(folder / f"{name}{county}{year}.shp", table, standard.layers()[name], epsg)


def write_shapefile(path: pathlib.Path, table: Table, spec: TableSpec, epsg: int) -> None:
    """Geometry by pyogrio, then the attribute table in the standard's widths; .cpg says GBK."""
    geometry = table.geometry if table.geometry is not None else np.array([], object)
    kind = spec.geometry if spec.geometry != "Any" else "Point"
    numbers = np.arange(1, len(table) + 1, dtype=np.int64)
    pyogrio.raw.write(
        str(path), shapely.to_wkb(geometry), [numbers], ["BSM"],
        driver="ESRI Shapefile", geometry_type=kind, crs=f"EPSG:{epsg}", encoding="UTF-8",
    )  # fmt: skip
    declared = [_dbf_field(field) for field in spec.fields]
    columns = [
        [_encoded(value, shape) for value in table[field.name]]
        for field, shape in zip(spec.fields, declared, strict=True)
    ]
    dbf.write(path.with_suffix(".dbf"), declared, columns)
    path.with_suffix(".cpg").write_text("GBK", "ascii")


def _dbf_field(field: Field) -> dbf.DbfField:
    """Widths as the hand-in tools have them: one more than the digits; coordinates with a zone number need two."""
    length = field.length or 8
    if field.kind == "float":
        return dbf.DbfField(field.name, "N", length + (2 if field.decimals == 3 else 1), field.decimals)
    return dbf.DbfField(field.name, "N" if field.kind == "int" else "C", length, 0)


def _encoded(value: Any, shape: dbf.DbfField) -> bytes:
    if value is None:
        return b""
    if shape.kind == "N":
        return f"{value:.{shape.decimals}f}".encode()
    return str(value).encode("gb18030")  # GBK, and four bytes for the rare characters that it lacks


def write_tables(root: pathlib.Path, tables: Mapping[str, Table], county: str, year: str) -> pathlib.Path:
    """All twelve ownership tables under 权属数据, empty ones too."""
    path = root / OWNERSHIP / f"{county}{year}.sqlite"
    with contextlib.closing(open_tables(path)) as connection:
        add_tables(connection, tables)
    return path


def open_tables(path: pathlib.Path) -> sqlite3.Connection:
    """A new SQLite file with all ownership tables, empty, to be filled by `add_tables`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute("pragma journal_mode = off")
    for name, spec in standard.tables().items():
        columns = ", ".join(f'"{f.name}" {_sql_type(f)}' for f in spec.fields)
        connection.execute(f'create table "{name}" ({columns})')
    return connection


def add_tables(connection: sqlite3.Connection, tables: Mapping[str, Table]) -> None:
    """Rows behind those that are there."""
    for name, table in tables.items():
        spec = standard.tables()[name]
        slots = ", ".join("?" * len(spec.fields))
        rows = ([_sql_value(v) for v in row] for row in table.rows(*spec.names))
        connection.executemany(f'insert into "{name}" values ({slots})', rows)  # noqa: S608 (our names)
    connection.commit()


def write_access(
    root: pathlib.Path, tables: Mapping[str, Table], county: str, year: str, template: pathlib.Path
) -> pathlib.Path:
    """The ownership tables as `<county><year>.mdb` under 权属数据: `template`, an empty Access file, filled.

    Numbers are rounded to the standard's decimals. Raises AccessWriteError, naming table, row and field, where the
    template has no place for something; then no file is written.
    """
    folder = root / OWNERSHIP
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{county}{year}.mdb"
    filled = {
        name: access_rows(table.rows(*standard.tables()[name].names), standard.tables()[name])
        for name, table in tables.items()
        if len(table)
    }
    write_access_file(template, path, filled)
    return path


def access_rows(rows: Iterable[Sequence[Any]], spec: TableSpec) -> Rows:
    """Rows in the order of the standard's fields, as an Access file takes them."""
    return Rows(
        spec.names,
        ([_access_value(v, field) for v, field in zip(row, spec.fields, strict=True)] for row in rows),
    )


def _access_value(value: Any, field: Field) -> Any:
    """A text that is no date stays a text, for the writer to refuse it with its place."""
    if field.kind == "date":
        return parse_date(value) or value
    if field.kind == "float" and value is not None:
        return Decimal(f"{value:.{field.decimals}f}")
    return value


def _sql_type(field: Field) -> str:
    if field.kind == "char":
        return f"VARCHAR({field.length})"
    if field.kind == "date":
        return "VARCHAR(10)"  # YYYYMMDD; room for ISO dates of other writers
    return "INTEGER" if field.kind == "int" else f"DECIMAL({field.length},{field.decimals})"


def _sql_value(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int) else float(value)


def write_unit_sheet(root: pathlib.Path, units: Mapping[str, str], county: str, year: str) -> None:
    """The unit code table beside the ownership tables."""
    folder = root / OWNERSHIP
    folder.mkdir(parents=True, exist_ok=True)
    rows = [("权属单位代码", "权属单位名称"), *units.items()]
    _write_sheet(folder / f"{county}{year}{UNIT_SHEET}.xlsx", UNIT_SHEET, rows)


def write_summaries(
    root: pathlib.Path,
    values: Mapping[str, Mapping[str, list[float]]],
    headers: Mapping[str, Iterable[str]],
    units: Mapping[str, str],
    county: str,
    county_name: str,
) -> None:
    """The summary tables under 汇总表格, a row per unit."""
    folder = root / SUMMARIES
    folder.mkdir(parents=True, exist_ok=True)
    for name, by_unit in values.items():
        rows: list[tuple[Any, ...]] = [("权属单位代码", "权属单位名称", *headers[name])]
        rows += [(unit, units[unit], *numbers) for unit, numbers in by_unit.items()]
        _write_sheet(folder / f"{county}{county_name}{name}.xlsx", name, rows)


def _write_sheet(path: pathlib.Path, title: str, rows: Iterable[tuple[Any, ...]]) -> None:
    book = xlsxwriter.Workbook(str(path), {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _CREATED})
    sheet = book.add_worksheet(title[:31])
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            else:
                sheet.write_number(number, column, value)
    sheet.set_column(0, 1, 24)
    book.close()


def write_metadata(
    root: pathlib.Path,
    capacity: Mapping[str, int],
    *,
    county: str,
    county_name: str,
    year: str,
    date: dt.date,
    central_meridian: float,
    false_easting_km: float,
    facts: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """The vector metadata XML (annex D), one `layer` element per layer with its fields and number of features.

    `facts` are what the county says of itself by element name; they stand before what is said here.
    """
    folder = root / VECTORS
    folder.mkdir(parents=True, exist_ok=True)
    identity = {
        "title": f"{county_name}农村土地承包经营权数据库", "date": f"{date:%Y%m%d}", "geoID": county,
        "dataEdition": "SQLite3、ESRI Shapefile", "dataLang": "zh",
        "idAbs": f"{county_name}农村土地承包经营权确权登记数据库，共{len(capacity)}个图层。",
        "status": "001", "ending": f"{date:%Y%m%d}", "rpOrgName": f"{county_name}农业农村局", "rpCnt": "信息员",
        "voiceNum": "15400000000", "faxNum": "", "cntAddress": county_name, "cntCode": "999101", "cntEmail": "",
        "classCode": "005",
    }  # fmt: skip
    reference = {
        "coorRSID": "001", "centralMer": f"{central_meridian:g}", "eastFAL": str(false_easting_km),
        "northFAL": "0.0", "coorFDKD": "002",
    }  # fmt: skip
    parts = ['<?xml version="1.0" encoding="utf-8"?>', "<Metadata>"]
    identity |= {name: facts[name] for name in identity if name in facts}
    parts += _section("dataIdInfo", identity) + _section("refSysInfo", reference) + ["  <contInfo>"]
    for name, count in capacity.items():
        spec = standard.layers()[name]
        parts += [
            "    <layer>", f"      <layerName>{name}</layerName>",
            f"      <catFetTyps>{escape(spec.title['zh'])}</catFetTyps>", "      <attrTypList>",
            *(f"        <fieldID>{escape(field.title)}</fieldID>" for field in spec.fields),
            "      </attrTypList>", f"      <capacity>{count}</capacity>", "    </layer>",
        ]  # fmt: skip
    quality = {"dqStatement": "经县级自检合格。", "dqLineage": "实测法采集，内业编辑建库。"}
    quality |= {name: facts[name] for name in quality if name in facts}
    parts += ["  </contInfo>", *_section("dqInfo", quality), "</Metadata>", ""]
    (folder / f"SL{county}{year}.xml").write_text("\n".join(parts), "utf-8")


def _section(name: str, values: Mapping[str, str]) -> list[str]:
    lines = [f"    <{key}>{escape(value)}</{key}>" for key, value in values.items()]
    return [f"  <{name}>", *lines, f"  </{name}>"]


def write_report(root: pathlib.Path, county: str, county_name: str, text: str) -> None:
    """A plain text where the written reports belong."""
    folder = root / REPORTS
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{county}{county_name}数据说明.txt").write_text(text, "utf-8")
