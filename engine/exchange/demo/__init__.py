"""The demonstration county: a synthetic delivery package in the standard's form, the same for the same seed."""

import json
import pathlib
import shutil
import tempfile
import zipfile
from dataclasses import dataclass

from engine.exchange import summaries
from engine.exchange.demo import paper
from engine.exchange.demo.county import County, make_county
from engine.exchange.demo.flaws import FLAWED_ROOT, Flaw, plant_in_files, plant_in_rows, plant_in_summary
from engine.exchange.demo.layers import make_layers
from engine.exchange.demo.settings import CENTRAL_MERIDIAN, COUNTY, EDITION_DATE, EPSG, YEAR
from engine.exchange.package import writing
from engine.exchange.package.model import FIGURES, OTHERS, POINT_NOTES, SOURCE_PAPERS, Table, make_table
from engine.exchange.standard import tables as standard_tables

_ZIP_TIME = (2025, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Written:
    """Where the package is and what it holds; `flaws` are the planted ones, as their manifest lists them."""

    path: pathlib.Path
    counts: dict[str, int]
    flaws: tuple[dict[str, str], ...] = ()


def write_demo_county(
    path: str | pathlib.Path, seed: int = 1, households: int = 1500, flaws: bool = False
) -> Written:
    """Write the package and return what was written.

    `path` ending in `.zip` becomes a zip; a folder named with the county code becomes the package's root
    itself; otherwise the root `990101田溪县` is made inside it. With `flaws`, one flaw of every implemented
    quality rule is planted and listed in `flaws.json` beside the root. An existing package there is replaced;
    a folder that holds anything else is left alone (FileExistsError).
    """
    path = pathlib.Path(path)
    if path.suffix.lower() == ".zip":
        with tempfile.TemporaryDirectory() as folder:
            written = write_demo_county(folder, seed, households, flaws)
            _zip(pathlib.Path(folder), path)
        return Written(path, written.counts, written.flaws)
    root = path if path.name.startswith(COUNTY[0]) else path / "".join(COUNTY)
    _make_room(root)
    county = make_county(seed, households)
    layers, tables = make_layers(county), make_tables(county)
    planted = plant_in_rows(layers, tables) if flaws else []
    planted += write_county(root, county, layers, tables, flaws)
    counts = {name: len(table) for name, table in (layers | tables).items()}
    if not flaws:
        return Written(root, counts)
    flawed_root = root.with_name(FLAWED_ROOT)
    _make_room(flawed_root)
    root, in_files = plant_in_files(root)
    manifest = [flaw.as_dict() for flaw in in_files + planted]
    (root.parent / "flaws.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")
    return Written(root, counts, tuple(manifest))


def make_tables(county: County) -> dict[str, Table]:
    """The ownership tables as columns in the standard's order."""
    return {
        name: make_table(name, {f: [row.get(f) for row in county.rows[name]] for f in spec.names})
        for name, spec in standard_tables().items()
    }


def write_county(
    root: pathlib.Path,
    county: County,
    layers: dict[str, Table],
    tables: dict[str, Table],
    flaws: bool = False,
) -> list[Flaw]:
    """All files of the package; with `flaws`, one number of the summary tables is wrong."""
    code, name = COUNTY
    units = county.plan.units()
    writing.write_layers(root, layers, code, YEAR, EPSG)
    writing.write_metadata(
        root, {table: len(rows) for table, rows in layers.items()}, county=code, county_name=name, year=YEAR, date=EDITION_DATE,
        central_meridian=CENTRAL_MERIDIAN, false_easting_km=37_500.0,
    )  # fmt: skip
    writing.write_tables(root, tables, code, YEAR)
    writing.write_unit_sheet(root, units, code, YEAR)
    headers = {table: [column for column, _ in columns] for table, columns in summaries.COLUMNS.items()}
    values = summaries.summarise(layers, tables, units)
    planted = [plant_in_summary(values)] if flaws else []
    writing.write_summaries(root, values, headers, units, code, name)
    writing.write_report(root, code, name, f"{name}为虚构的演示县，人名、证件号码和坐标均系随机生成。\n")
    _write_papers(root, county, layers)
    return planted


def _write_papers(root: pathlib.Path, county: County, layers: dict[str, Table]) -> None:
    """Sketches, source papers and control point notes: every path that the tables name."""
    parcels = [parcel for group in county.groups for parcel in group.parcels]
    held: dict[str, list] = {}
    for parcel in parcels:
        for holder in parcel.holders:
            held.setdefault(holder.code, []).append(parcel)
    source = root / OTHERS / SOURCE_PAPERS
    notes = root / OTHERS / POINT_NOTES
    for folder in (source, notes):
        folder.mkdir(parents=True, exist_ok=True)
    for holder in county.holders:
        folder = root / FIGURES / holder.group.code
        folder.mkdir(parents=True, exist_ok=True)
        own = held.get(holder.code, [])
        lines = [f"{p.code}  {p.area} m2" for p in own]
        rings = [list(p.outline.exterior.coords) for p in own]
        (folder / f"DKSYT{holder.contract}.pdf").write_bytes(
            paper.sketch(f"DKSYT {holder.contract}", lines, rings)
        )
        text = [f"CBJYQZBM {holder.contract}", f"CBFBM {holder.code}"]
        (source / f"{holder.contract}1.pdf").write_bytes(paper.letter(f"QSLYZLFJ {holder.contract}1", text))
    for number in layers["KZD"]["KZDDH"]:
        (notes / f"{number}.jpg").write_bytes(paper.picture(number))


def _make_room(root: pathlib.Path) -> None:
    if not root.exists():
        return
    known = {"矢量数据", "权属数据", "汇总表格", "汇总表", "图件", "文字报告", "其他资料"}
    if not root.is_dir() or {entry.name for entry in root.iterdir()} - known:
        raise FileExistsError(f"{root} 已存在，且不是成果包，未覆盖")
    shutil.rmtree(root)


def _zip(folder: pathlib.Path, path: pathlib.Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for entry in sorted(folder.rglob("*")):
            if entry.is_file() and entry.name != "flaws.json":
                info = zipfile.ZipInfo(entry.relative_to(folder).as_posix(), _ZIP_TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, entry.read_bytes())
