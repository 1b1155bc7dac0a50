"""The delivery package of a county, or of a part of it, as its register stands: layers, tables, sheets, metadata, files.

A township's or a village's is a package of its county too, with the county's code in every name; it holds what lies
below that division, and the areas around it. Village by village, so that memory is that of a village and a file's part. Everything is read in one view of the
database. What the register itself does not have is not made up: a contract whose certificate is not handed out yet is
there without one, and `package check` says so.
"""

import contextlib
import dataclasses
import pathlib
import shutil
import sqlite3
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from engine.domain.errors import Invalid, Refused
from engine.domain.said import say
from engine.exchange import standard, summaries
from engine.exchange.checks import files as checked_files
from engine.exchange.checks.crs import zone
from engine.exchange.exporting import sketches
from engine.exchange.exporting.layer_files import Layers, Shapefiles
from engine.exchange.exporting.tables import (
    Part,
    feature_layers,
    narrowed,
    ownership_tables,
    parcel_layers,
)
from engine.exchange.package import writing
from engine.exchange.package.access_writer import AccessWriteError, write_access_file
from engine.exchange.package.geopackage import GeoPackage
from engine.exchange.package.model import FIGURES, OWNERSHIP, REPORTS, VECTORS, Table
from engine.store.files import FileStore
from engine.store.register import current
from engine.store.tables import register as t
from engine.store.tables import standard as s
from engine.store.tables.reference import County, Division

_LOCAL = ZoneInfo("Asia/Shanghai")
_PACKED = (".pdf", ".jpg", ".jpeg", ".png", ".zip")  # compressing them again gains nothing
_CHUNK = 1 << 20

Tell = Callable[[int, int | None, str], None]  # done, total, phase; may raise to end the work


@dataclass
class Exported:
    """What went out: rows by layer and table, files, sketches drawn anew, attachments that the store has lost."""

    path: pathlib.Path
    name: str  # of the package's root folder
    division: str = ""  # of which it is
    counts: dict[str, int] = field(default_factory=dict)
    attachments: int = 0
    drawn: int = 0
    lost: list[str] = field(default_factory=list)
    without_certificate: int = 0

    def as_dict(self) -> dict[str, Any]:
        """As `package export --json` prints it."""
        own = ("name", "division", "counts", "attachments", "drawn", "lost", "without_certificate")
        return {"path": str(self.path), **{name: getattr(self, name) for name in own}}


def export_package(
    session: Session,
    county: str,
    path: pathlib.Path,
    files: FileStore,
    draw: sketches.Draw,
    *,
    now: datetime,
    tell: Tell = lambda *told: None,
    geopackage: bool = False,
    template: pathlib.Path | None = None,
    division: str = "",
) -> Exported:
    """Write the county's package to `path`: a zip where it ends in .zip, else a folder that must not be there yet.

    `division`: only what lies below that township or village (9 or 12 digits). `draw` draws the sketches of entries whose land has changed (documents.lean_sketch).
    `template`: the county's empty Access file, to have the ownership tables as .mdb too. The session must see the
    whole county, and should have one view (store.scope.one_view). Raises Refused, with nothing left behind, when the
    county is unknown, the target is there, or a value does not fit the Access file; Invalid for a division that has
    no register.
    """
    row = session.get(County, county)
    if row is None:
        raise Refused("no_county", "没有县 %(county)s 的登记数据", county=county)
    scope = scope_of(session, county, division)
    if path.exists():
        raise Refused("target_exists", "%(path)s 已存在，未覆盖", path=path.name)
    if not path.parent.is_dir():
        raise Refused("no_folder", "没有文件夹 %(folder)s", folder=str(path.parent))
    day = now.astimezone(_LOCAL).date()
    with tempfile.TemporaryDirectory(prefix="export-", dir=path.parent) as scratch:
        name = _named(session, row, scope)
        target = _Target(path, pathlib.Path(scratch), f"{county}{name}")
        run = _Export(session, row, scope, name, f"{day.year:04d}", files, draw, tell, target)
        run.layers = _layer_files(run, geopackage)
        run.write_parts()
        run.write_rest(day, geopackage, template)
        run.attach()
        target.finish()
    return run.done


def scope_of(session: Session, county: str, division: str) -> str:
    """The division of which a package is asked: the county where none is named. Invalid where it has no register."""
    if not division or division == county:
        return county
    parties = select(t.IssuingParty.id).where(
        t.IssuingParty.county == county, Part(county, division).holds(t.IssuingParty.division)
    )
    ours = division.startswith(county) and division.isdigit() and len(division) in (9, 12)
    if not ours or session.scalar(parties.limit(1)) is None:
        raise Invalid({"division": [say("没有这个乡镇或村的登记数据：应为本县的9位或12位区划代码")]})
    return division


def _named(session: Session, county: County, scope: str) -> str:
    """The county's name, and those of the township and village that the package is of."""
    inner = [scope[:digits] for digits in (9, 12) if digits <= len(scope)]
    names = dict(
        session.execute(select(Division.code, Division.name).where(Division.code.in_(inner))).tuples().all()
    )
    return county.name + "".join(names.get(code, code) for code in inner)


def _layer_files(run: "_Export", geopackage: bool) -> Layers:
    county, srid = run.county.code, run.county.srid
    if geopackage:
        return GeoPackage(run.target.data / VECTORS / f"{county}{run.year}.gpkg", srid)
    return Shapefiles(run.target.data / VECTORS, county, run.year, srid)


class _Target:
    """Where the package goes: data files lie in a folder until the end, attachments go in as they come."""

    def __init__(self, path: pathlib.Path, scratch: pathlib.Path, name: str):
        self.path, self.name = path, name
        self.data = scratch / name
        self.data.mkdir()
        self._zip: zipfile.ZipFile | None = None
        if path.suffix.lower() == ".zip":
            self._half = scratch / "package.zip"
            self._zip = zipfile.ZipFile(self._half, "w", zipfile.ZIP_DEFLATED, compresslevel=1)

    def add(self, relative: str, chunks: Iterator[bytes]) -> None:
        if self._zip is None:
            place = self.data / relative
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("wb") as out:
                out.writelines(chunks)
            return
        info = zipfile.ZipInfo(f"{self.name}/{relative}", (2025, 1, 1, 0, 0, 0))
        packed = relative.lower().endswith(_PACKED)
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        with self._zip.open(info, "w", force_zip64=True) as out:
            for chunk in chunks:
                out.write(chunk)

    def finish(self) -> None:
        if self._zip is None:
            shutil.move(self.data, self.path)
            return
        for place in sorted(self.data.rglob("*")):
            if place.is_file():
                with place.open("rb") as file:
                    self.add(place.relative_to(self.data).as_posix(), iter(lambda: file.read(_CHUNK), b""))
        self._zip.close()
        shutil.move(self._half, self.path)


@dataclass
class _Export:
    session: Session
    county: County
    scope: str  # division
    name: str  # of the scope, from the county down
    year: str
    files: FileStore
    draw: sketches.Draw
    tell: Tell
    target: _Target
    layers: Any = None
    units: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    sums: list[summaries.Sums] = field(default_factory=list)
    sketched: set[str] = field(default_factory=set)  # paths of sketches drawn anew
    current_sketches: set[str] = field(default_factory=set)  # paths of all sketches, lower case
    point_notes: set[str] = field(default_factory=set)  # paths of the control points' notes, lower case

    def __post_init__(self) -> None:
        self.done = Exported(self.target.path, self.target.name, self.scope)
        self.units = units_of(self.session, self.scope)

    @property
    def code(self) -> str:
        return self.county.code

    @property
    def database(self) -> pathlib.Path:
        return self.target.data / OWNERSHIP / f"{self.code}{self.year}.sqlite"

    def write_parts(self) -> None:
        """Layers and tables, a village at a time; the features of the whole scope first."""
        self.tell(0, None, "features")
        for table in feature_layers(self.session, Part(self.code, self.scope)).values():
            if len(table) or standard.layers()[table.name].mandatory:
                self._add(table)
            if table.name == "KZD":
                notes = [path for value in table["DZJ"] if value for path in checked_files.paths(value)]
                self.point_notes = {path.lower() for path in notes}
        for table in _shared_with_others(self.session, self.code, self.scope):
            self._add(table)
        parts = parts_of(self.session, self.code, self.scope)
        with contextlib.closing(writing.open_tables(self.database)) as connection:
            for number, part in enumerate(parts):
                self.tell(number, len(parts), "villages")
                layers = parcel_layers(self.session, part)
                tables = ownership_tables(self.session, part)
                for table in layers.values():
                    self.layers.add(table)
                writing.add_tables(connection, tables)
                if len(tables["FBF"]):  # nothing hangs on a township or a county that lets no land out itself
                    self.sums.append(summaries.sums_of(layers, tables))
                for table in (*layers.values(), *tables.values()):
                    self.counts[table.name] += len(table)
                self._sketch(part, layers, tables)
                self.session.expunge_all()
        self.layers.close()
        self.tell(len(parts), len(parts), "villages")

    def _add(self, table: Table) -> None:
        self.layers.add(table)
        self.counts[table.name] += len(table)

    def _sketch(self, part: Part, layers: Mapping[str, Table], tables: Mapping[str, Table]) -> None:
        """Sketches of register entries whose land has changed since the one that is kept."""
        certified = set(tables["CBJYQZ"]["CBJYQZBM"])
        self.done.without_certificate += sum(
            code not in certified for code in tables["CBJYQZDJB"]["CBJYQZBM"]
        )
        paths = dict(tables["CBJYQZDJB"].rows("CBJYQZBM", "DKSYT"))
        plain = {code: sketches.paths(value) for code, value in paths.items() if value}
        self.current_sketches |= {path.lower() for own in plain.values() for path in own}
        for code, body in sketches.drawn_anew(self.session, part, layers, tables, plain, self.draw):
            path = next(iter(plain[code]))
            self.target.add(path, iter([body]))
            self.sketched |= {own.lower() for own in plain[code]}
            self.done.drawn += 1

    def write_rest(self, day: Any, geopackage: bool, template: pathlib.Path | None) -> None:
        self.tell(0, None, "sheets")
        root, name = self.target.data, self.name
        headers = {table: [column for column, _ in columns] for table, columns in summaries.COLUMNS.items()}
        values = summaries.by_units(self.sums, self.units)
        writing.write_unit_sheet(root, self.units, self.code, self.year)
        writing.write_summaries(root, values, headers, self.units, self.code, name)
        found = zone(f"EPSG:{self.county.srid}")
        assert found is not None
        facts = _described(self.session, self.code)
        if self.scope != self.code:
            facts.pop("title", None)  # the county's
        writing.write_metadata(
            root, {layer: n for layer, n in self.counts.items() if layer in standard.layers()}, county=self.code,
            county_name=name, year=self.year, date=day, central_meridian=found.meridian,
            false_easting_km=found.false_easting / 1000,
            facts=facts | {"date": f"{day:%Y%m%d}", "ending": f"{day:%Y%m%d}"} | _edition(geopackage, template),
        )  # fmt: skip
        self.done.counts = {
            name: self.counts[name] for name in (*standard.layers(), *standard.tables()) if self.counts[name]
        }
        if template is not None:
            self.tell(0, None, "access")
            try:
                with contextlib.closing(sqlite3.connect(self.database)) as connection:
                    write_access_file(template, self.database.with_suffix(".mdb"), _access_rows(connection))
            except (AccessWriteError, OSError) as error:
                raise Refused("access", "权属数据不能写入 Access 文件：%(why)s", why=str(error)) from error

    def attach(self) -> None:
        """Files as they were taken in; a sketch whose entry is no more, or that was drawn anew, stays behind.

        Of the county's own (rasters, reports) a part has only the notes of its control points.
        """
        f = s.RegisterFile
        theirs = or_(
            Part(self.code, self.scope).holds(f.division), func.lower(f.path).in_(sorted(self.point_notes))
        )
        rows = self.session.execute(
            select(f.path, f.sha256, f.size)
            .where(f.county == self.code, theirs, *current(f))
            .order_by(f.path)
        ).all()
        for number, row in enumerate(rows):
            self.tell(number, len(rows), "attachments")
            path = row.path.lower()
            own_sketch = path.startswith(FIGURES) and "dksyt" in path
            if path in self.sketched or (own_sketch and path not in self.current_sketches):
                continue
            try:
                with self.files.open(row.sha256) as file:
                    self.target.add(row.path, iter(lambda: file.read(_CHUNK), b""))
            except OSError:
                self.done.lost.append(row.path)
            else:
                self.done.attachments += 1
        if not any(row.path.startswith(f"{REPORTS}/") for row in rows):
            writing.write_report(self.target.data, self.code, self.name, self._report())
        self.tell(len(rows), len(rows), "attachments")

    def _report(self) -> str:
        specs = {**standard.layers(), **standard.tables()}
        lines = [f"{specs[name].title['zh']} {name}：{count}" for name, count in self.done.counts.items()]
        more = [
            f"附件：{self.done.attachments}",
            f"重新绘制的地块示意图：{self.done.drawn}",
            f"尚未颁发权证的登记簿：{self.done.without_certificate}",
        ]
        return "\n".join([f"{self.name}农村土地承包经营权数据库成果", *lines, *more, ""])


def _edition(geopackage: bool, template: pathlib.Path | None) -> dict[str, str]:
    layers = "OGC GeoPackage" if geopackage else "ESRI Shapefile"
    return {"dataEdition": "、".join(["SQLite3", *(["Access 2000-2003"] if template else []), layers])}


def _access_rows(connection: sqlite3.Connection) -> dict[str, writing.Rows]:
    """The tables that have rows, read from the finished SQLite file as they are written."""
    found = {}
    for name, spec in standard.tables().items():
        rows = connection.execute(f'select * from "{name}" order by rowid')  # noqa: S608  the standard's names
        first = rows.fetchone()
        if first is not None:
            found[name] = writing.access_rows(_after(first, rows), spec)
    return found


def _after(first: Any, rows: Any) -> Iterator[Any]:
    yield first
    yield from rows


def _shared_with_others(session: Session, county: str, scope: str) -> list[Table]:
    """Boundary points and lines that parcels of a part have together with land around it; the others are not named."""
    if scope == county:
        return []
    above = [scope[:digits] for digits in (6, 9) if digits < len(scope)]
    beyond = {"JZD": s.BoundaryPoint.division.in_(above), "JZX": s.BoundaryLine.division.in_(above)}
    tables = narrowed(session, Part(county, scope), beyond).values()
    return [
        dataclasses.replace(table, columns=table.columns | {"DKBM": _only(table["DKBM"], scope)})
        for table in tables
    ]


def _only(values: Iterable[str], scope: str) -> list[str]:
    return ["/".join(code for code in value.split("/") if code.startswith(scope)) for value in values]


def parts_of(session: Session, county: str, scope: str = "") -> list[Part]:
    """Every village, then what hangs on a township or the county alone: together the whole scope, once."""
    scope = scope or county
    divisions = session.scalars(
        select(t.IssuingParty.division)
        .where(t.IssuingParty.county == county, Part(county, scope).holds(t.IssuingParty.division))
        .distinct()
    ).all()
    villages = sorted({division[:12] for division in divisions if len(division) >= 12})
    all_above = {county} | {division[:9] for division in divisions if len(division) >= 9}
    above = sorted(division for division in all_above if division.startswith(scope))
    return [
        *(Part(county, village, shared=False) for village in villages),
        *(Part(county, division, alone=True, shared=False) for division in above),
    ]


def units_of(session: Session, scope: str) -> dict[str, str]:
    """The unit code table: every division from the city down to the groups of the scope, padded to 14 digits."""
    around = [scope[:digits] for digits in (4, 6, 9) if digits < len(scope)]
    rows = session.execute(
        select(Division.code, Division.full_name)
        .where(Division.code.in_(around) | Division.code.startswith(scope))
        .order_by(Division.code)
    )
    return {f"{code:0<14}": name for code, name in rows}


def _described(session: Session, county: str) -> dict[str, str]:
    """What the last package that was taken in said of the county in its metadata."""
    found = session.scalar(
        select(t.ImportBatch.described)
        .where(t.ImportBatch.county == county, t.ImportBatch.described != text("'{}'::jsonb"))
        .order_by(t.ImportBatch.id.desc())
        .limit(1)
    )
    return {name: value for name, value in (found or {}).items() if name not in ("geoID", "idAbs")}
