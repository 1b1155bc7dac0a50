"""Outlines out of a small file that a surveyor brings: GeoPackage, zipped shapefile, GeoJSON. In metres, east first."""

import contextlib
import io
import sqlite3
import tempfile
import time
import zipfile
from pathlib import Path, PurePosixPath

import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely import Polygon

from engine.domain.errors import Refused
from engine.domain.said import say
from engine.exchange.checks.crs import require_zone

LARGEST = 4 * 1024 * 1024  # bytes, of the file and of what a zip unpacks to
MOST = 50  # outlines
SECONDS = 5  # that reading a GeoPackage may take
WANTED = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".gpkg", ".geojson", ".json")
SOURCES = (".gpkg", ".shp", ".geojson", ".json")


def read_outlines(name: str, body: bytes, epsg: int) -> list[Polygon]:
    """Refused, in words, for a file that is too large, cannot be read, holds no polygon, or says that its coordinates are
    not in the county's reference system (``epsg``). GeoJSON says nothing: it has no way to name one.
    """
    if len(body) > LARGEST:
        raise Refused(
            "outlines_large", "坐标文件超过 %(max)s MB，请只保留要用的地块", max=LARGEST // 1024 // 1024
        )
    with tempfile.TemporaryDirectory(prefix="outlines") as folder:
        source = unpacked(Path(folder), name, body)
        found = _polygons(source, epsg)
    if not found:
        raise Refused("outlines_none", "文件中没有地块（面）")
    if len(found) > MOST:
        raise Refused("outlines_many", "文件中有%(count)s个面，最多%(most)s个", count=len(found), most=MOST)
    return found


def unpacked(folder: Path, name: str, body: bytes) -> Path:
    """The one file to open, under a name of ours: what the person called it never reaches the file system."""
    suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    if suffix == ".zip":
        return _from_zip(folder, body)
    if suffix not in (".gpkg", ".geojson", ".json"):
        raise Refused("outlines_kind", UNREADABLE)
    path = folder / f"outlines{suffix}"
    path.write_bytes(body)
    return path


def _from_zip(folder: Path, body: bytes) -> Path:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            members = [m for m in archive.infolist() if PurePosixPath(m.filename).suffix.lower() in WANTED]
            if len(members) > 20 or sum(member.file_size for member in members) > LARGEST:
                raise Refused(
                    "outlines_large",
                    "坐标文件超过 %(max)s MB，请只保留要用的地块",
                    max=LARGEST // 1024 // 1024,
                )
            stems = {PurePosixPath(m.filename).stem: f"outlines{n}" for n, m in enumerate(members)}
            for member in members:
                inner = PurePosixPath(member.filename)
                with archive.open(member) as packed:
                    content = packed.read(LARGEST + 1)
                (folder / f"{stems[inner.stem]}{inner.suffix.lower()}").write_bytes(content[:LARGEST])
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as fault:
        raise Refused("outlines_zip", "压缩文件打不开，请重新压缩（不要加密）") from fault
    sources = [path for path in sorted(folder.iterdir()) if path.suffix in SOURCES]
    if len(sources) != 1:
        raise Refused("outlines_kind", UNREADABLE)
    return sources[0]


UNREADABLE = say("请选择 GeoPackage（.gpkg）、GeoJSON，或装着一个 shapefile 的 .zip 文件")


def _polygons(source: Path, epsg: int) -> list[Polygon]:
    try:
        if source.suffix == ".gpkg":
            bodies, systems = _of_geopackage(source)
            require_zone(systems, epsg)
            return _parts(bodies)
        meta, _, geometries, _ = pyogrio.raw.read(source, columns=[], max_features=MOST + 1, force_2d=True)
        if source.suffix == ".shp" and meta["crs"]:
            require_zone((meta["crs"],), epsg)
    except (DataSourceError, DataLayerError, ValueError, OSError, RuntimeError) as fault:
        raise Refused("outlines_broken", "坐标文件读不出来，请检查文件是否完整") from fault
    return _parts([wkb for wkb in geometries if wkb is not None])


def _of_geopackage(source: Path) -> tuple[list[bytes], list[str]]:
    """WKB of at most MOST + 1 features, read by SQLite itself: a view in the file may compute for ever; and the
    reference systems that it names.
    """
    until = time.monotonic() + SECONDS
    try:
        with contextlib.closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as file:
            file.execute("pragma trusted_schema = off")
            file.set_progress_handler(lambda: int(time.monotonic() > until), 10_000)
            tables = file.execute(
                "select table_name, column_name, organization, organization_coordsys_id, definition"
                " from gpkg_geometry_columns left join gpkg_spatial_ref_sys using (srs_id) limit 20"
            ).fetchall()
            found: list[bytes] = []
            systems: list[str] = []
            for table, column, keeper, number, definition in tables:
                systems.append(f"EPSG:{number}" if str(keeper).upper() == "EPSG" else str(definition))
                names = ('"' + str(name).replace('"', '""') + '"' for name in (column, table))
                rows = file.execute("select {} from {} limit ?".format(*names), (MOST + 1,))  # noqa: S608
                found += [body for (body,) in rows if isinstance(body, bytes)]
    except sqlite3.Error as fault:
        raise Refused("outlines_broken", "坐标文件读不出来，请检查文件是否完整") from fault
    bare = [
        body[8 + _ENVELOPES[(body[3] >> 1) & 7] :] for body in found if body[:2] == b"GP" and len(body) > 8
    ]
    return bare, systems


# Bytes of the envelope between header and WKB, by its code in the flags (OGC 12-128r18, 2.1.3); 5 to 7 are invalid.
_ENVELOPES = (0, 32, 48, 48, 64, 0, 0, 0)


def _parts(wkb: list[bytes]) -> list[Polygon]:
    shapes = shapely.force_2d(shapely.from_wkb(wkb, on_invalid="ignore"))
    return [
        part for part in shapely.get_parts(shapes).tolist() if isinstance(part, Polygon) and not part.is_empty
    ]
