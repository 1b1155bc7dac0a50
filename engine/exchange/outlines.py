"""Outlines out of a small file that a surveyor brings: GeoPackage, zipped shapefile, GeoJSON. In metres, east first."""

import io
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely import Polygon

from engine.domain.errors import Refused

LARGEST = 4 * 1024 * 1024  # bytes, of the file and of what a zip unpacks to
MOST = 50  # outlines
WANTED = (".shp", ".shx", ".dbf", ".prj", ".cpg", ".gpkg", ".geojson", ".json")
SOURCES = (".gpkg", ".shp", ".geojson", ".json")


def read_outlines(name: str, body: bytes) -> list[Polygon]:
    """Refused, in words, for a file that is too large, cannot be read, or holds no polygon."""
    if len(body) > LARGEST:
        raise Refused(
            "outlines_large", "坐标文件超过 %(max)s MB，请只保留要用的地块", max=LARGEST // 1024 // 1024
        )
    with tempfile.TemporaryDirectory(prefix="outlines") as folder:
        source = _unpacked(Path(folder), name, body)
        found = _polygons(source)
    if not found:
        raise Refused("outlines_none", "文件中没有地块（面）")
    if len(found) > MOST:
        raise Refused("outlines_many", "文件中有%(count)s个面，最多%(most)s个", count=len(found), most=MOST)
    return found


def _unpacked(folder: Path, name: str, body: bytes) -> Path:
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


UNREADABLE = "请选择 GeoPackage（.gpkg）、GeoJSON，或装着一个 shapefile 的 .zip 文件"


def _polygons(source: Path) -> list[Polygon]:
    try:
        _, _, geometries, _ = pyogrio.raw.read(source, columns=[], max_features=MOST + 1, force_2d=True)
    except (DataSourceError, DataLayerError, ValueError, OSError, RuntimeError) as fault:
        raise Refused("outlines_broken", "坐标文件读不出来，请检查文件是否完整") from fault
    shapes = shapely.from_wkb([wkb for wkb in geometries if wkb is not None], on_invalid="ignore")
    return [
        part for part in shapely.get_parts(shapes).tolist() if isinstance(part, Polygon) and not part.is_empty
    ]
