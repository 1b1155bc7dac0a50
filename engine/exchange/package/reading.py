"""Reads an opened package into PackageData; what cannot be read becomes findings (F02-F06, F08, S01, S02).

Files are found by their names wherever they lie, so that one misplaced folder does not hide the faults of
everything in it.
"""

import pathlib
from collections import defaultdict

import pyarrow as pa

from engine.domain.said import said_of, say
from engine.exchange import summaries
from engine.exchange.findings import Finding, finding
from engine.exchange.package import access_files, layers, sqlite_files
from engine.exchange.package.columns import Geometries, Values, joined, plain
from engine.exchange.package.metadata import MetadataError, read_metadata
from engine.exchange.package.model import (
    OTHERS,
    OWNERSHIP,
    UNIT_SHEET,
    VECTORS,
    Metadata,
    PackageData,
    Sheet,
    Table,
)
from engine.exchange.package.names import county_of, dated_name, layer_name, year_of
from engine.exchange.package.opening import Opened
from engine.exchange.package.sheets import SheetError, read_sheet

_LAYER_SUFFIXES = {*layers.PARTS, ".cpg"}
_DATED_SUFFIXES = {".sqlite", ".mdb", ".xml", ".xls", ".xlsx"}


def read_package(opened: Opened, encoding: str) -> tuple[PackageData, list[Finding]]:
    """Everything the package holds, and what was wrong with its files."""
    files = opened.files
    on_disk = {name: place for name, place in files.items() if place is not None}
    stems = _layer_stems(on_disk)
    names = {stem: layer_name(pathlib.PurePosixPath(stem).name) for stem in stems}
    bearers = [name for name in on_disk if _suffix(name) in _DATED_SUFFIXES]
    dated = [d for name in bearers if (d := dated_name(pathlib.PurePosixPath(name).stem.upper()))]
    county = county_of(opened.root_name, [n.county for n in names.values() if n] + [c for c, _ in dated])
    year = year_of([n.year for n in names.values() if n] + [y for _, y in dated])

    vectors, found = _vectors(stems, on_disk, encoding)
    tables, more = _tables(on_disk)
    found += more
    units, more = _units(on_disk)
    found += more
    sheets, more = _sheets(on_disk)
    found += more
    metadata, more = _metadata(on_disk)
    found += more
    package = PackageData(opened.root_name, county, year, vectors, tables, units, sheets, metadata, files)
    return package, found


def _suffix(name: str) -> str:
    return pathlib.PurePosixPath(name).suffix.lower()


def _layer_stems(files: dict[str, pathlib.Path]) -> dict[str, dict[str, pathlib.Path]]:
    """Relative path without suffix -> suffix -> file, for everything that is named like a layer."""
    stems: dict[str, dict[str, pathlib.Path]] = defaultdict(dict)
    for name, place in sorted(files.items()):
        if _suffix(name) in _LAYER_SUFFIXES:
            stem = name[: -len(_suffix(name))]
            if layer_name(pathlib.PurePosixPath(stem).name):
                stems[stem][_suffix(name)] = place
    return {stem: parts for stem, parts in stems.items() if set(parts) - {".cpg", ".prj"}}


def _vectors(
    stems: dict[str, dict[str, pathlib.Path]], files: dict[str, pathlib.Path], encoding: str
) -> tuple[dict[str, Table], list[Finding]]:
    pieces: dict[str, list[Table]] = defaultdict(list)
    found: list[Finding] = []
    for stem, parts in stems.items():
        own = layer_name(pathlib.PurePosixPath(stem).name)
        assert own is not None
        table, more = layers.read_shapefile(own.layer, stem, parts, encoding)
        found += more
        if table is not None:
            pieces[own.layer].append(table)
    for name, place in files.items():
        if _suffix(name) == ".gpkg":
            tables, more = sqlite_files.read_geopackage(place, name)
            found += more
            for table in tables:
                pieces[table.name].append(table)
    return {name: _joined(tables) for name, tables in pieces.items()}, found


def _joined(pieces: list[Table]) -> Table:
    """Layers may be split over several files (DK...-1.shp, -2.shp): one table of them all."""
    if len(pieces) == 1:
        return pieces[0]
    first = pieces[0]
    names = dict.fromkeys(name for piece in pieces for name in piece.columns)
    columns = {
        name: Values(pa.chunked_array([plain(piece.arrow(name)) for piece in pieces]).combine_chunks())
        for name in names
    }
    shapes = [piece.geometry for piece in pieces]
    whole = [shape for shape in shapes if isinstance(shape, Geometries)]
    geometry = joined(whole) if len(whole) == len(shapes) else None
    count = sum(map(len, pieces))
    systems = tuple(dict.fromkeys(crs for piece in pieces for crs in piece.crs))
    return Table(first.name, columns, count, first.declared, geometry, systems, first.path)


def _tables(files: dict[str, pathlib.Path]) -> tuple[dict[str, Table], list[Finding]]:
    databases = [name for name in files if _suffix(name) in (".sqlite", ".mdb") and not _is_other(name)]
    if not databases:
        return {}, [
            finding(
                "F06",
                say("缺少权属数据库（%(folder)s 下的 .mdb 或 .sqlite）", folder=OWNERSHIP),
                None,
                OWNERSHIP,
            )
        ]
    databases.sort(key=lambda name: (not name.startswith(OWNERSHIP), _suffix(name) == ".mdb", name))
    reader = access_files if _suffix(databases[0]) == ".mdb" else sqlite_files
    tables, found = reader.read_tables(files[databases[0]], databases[0])
    if not tables and not found:
        found = [finding("F06", say("权属数据库内没有标准规定的任何表"), None, databases[0])]
    return tables, found


def _is_other(name: str) -> bool:
    return name.startswith(f"{OTHERS}/")


def _units(files: dict[str, pathlib.Path]) -> tuple[dict[str, str], list[Finding]]:
    names = [name for name in files if UNIT_SHEET in name and _suffix(name) in (".xls", ".xlsx")]
    if not names:
        return {}, [finding("F06", say("缺少%(sheet)s", sheet=UNIT_SHEET), UNIT_SHEET, OWNERSHIP)]
    try:
        sheet = read_sheet(files[names[0]], UNIT_SHEET, names[0])
    except SheetError as error:
        return {}, [finding("F06", said_of(error), UNIT_SHEET, names[0])]
    return {str(row[0]): str(row[1] or "").strip() if len(row) > 1 else "" for row in sheet.rows}, []


def _sheets(files: dict[str, pathlib.Path]) -> tuple[dict[str, Sheet], list[Finding]]:
    found: list[Finding] = []
    sheets: dict[str, Sheet] = {}
    for table in summaries.COLUMNS:
        name = next((n for n in files if table in n and _suffix(n) in (".xls", ".xlsx")), None)
        if name is None:
            continue
        try:
            sheets[table] = read_sheet(files[name], table, name)
        except SheetError as error:
            found.append(finding("R12", said_of(error), table, name))
    return sheets, found


def _metadata(files: dict[str, pathlib.Path]) -> tuple[Metadata | None, list[Finding]]:
    own = [
        name
        for name in files
        if _suffix(name) == ".xml"
        and pathlib.PurePosixPath(name).name.upper().startswith("SL")
        and dated_name(pathlib.PurePosixPath(name).stem.upper())
    ]
    if not own:
        return None, [finding("F08", say("缺少矢量元数据文件（SL<县代码><年份>.xml）"), None, VECTORS)]
    try:
        return read_metadata(files[own[0]], own[0]), []
    except MetadataError as error:
        return None, [finding("F08", said_of(error), None, own[0])]
