"""F01-F03 and F05-F08: folders, names, layers and tables that must be there, attachment paths, metadata.

F04 is found in reading (package/layers.py)."""

import pathlib
import re
from collections.abc import Iterator

from engine.domain.said import said_in_both, say
from engine.exchange import standard
from engine.exchange.checks.crs import central_meridian
from engine.exchange.checks.records import blank, records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.model import OWNERSHIP, SUMMARIES, UNIT_SHEET, VECTORS, PackageData
from engine.exchange.package.names import dated_name, layer_name

_PAPERS = (".pdf", ".jpg", ".jpeg")
_VECTOR_SUFFIXES = {".shp", ".shx", ".dbf", ".prj"}


def check_root(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """F01."""
    if not re.match(r"\d{6}", package.root_name):
        message = say("根文件夹“%(root_name)s”应以6位县级代码开头，后接县名", root_name=package.root_name)
        yield finding("F01", message, record=package.root_name)


def check_folders(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """F02."""
    present = {name.partition("/")[0] for name in package.files if "/" in name}
    for folder in (VECTORS, OWNERSHIP, SUMMARIES):
        if folder not in present:
            yield finding("F02", say("缺少文件夹“%(folder)s”，或其中没有文件", folder=folder), record=folder)


def check_names(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """F03: layers (once for the files of one), ownership database, unit sheet, metadata."""
    stems = set()
    for name in sorted(package.files, key=lambda n: (not n.lower().endswith(".shp"), n)):
        path = pathlib.PurePosixPath(name)
        suffix = path.suffix.lower()
        own = layer_name(path.stem) if suffix in _VECTOR_SUFFIXES else None
        if own and path.with_suffix("") not in stems:
            stems.add(path.with_suffix(""))
            if own.county is None or own.year is None:
                yield finding("F03", say("文件名应为图层名加6位县代码加4位年份"), own.layer, name)
            else:
                yield from _named(package, name, own.layer, own.county, own.year)
        elif _is_dated(name, suffix):
            dated = dated_name(path.stem.upper())
            if dated is None:
                yield finding("F03", say("文件名应以6位县代码加4位年份开头"), None, name)
            else:
                yield from _named(package, name, None, *dated)


def _is_dated(name: str, suffix: str) -> bool:
    if suffix == ".xml":
        return pathlib.PurePosixPath(name).name.upper().startswith("SL")
    sheet = suffix in (".xls", ".xlsx") and UNIT_SHEET in name
    return sheet or (suffix in (".sqlite", ".mdb") and name.startswith(OWNERSHIP))


def _named(package: PackageData, name: str, table: str | None, county: str, year: str) -> Iterator[Finding]:
    if package.county and county != package.county:
        yield finding(
            "F03",
            say("文件名的县代码是 %(county)s，根文件夹是 %(root)s", county=county, root=package.county),
            table,
            name,
        )
    if package.year and year != package.year:
        yield finding(
            "F03",
            say("文件名的年份是 %(year)s，其他文件是 %(others)s", year=year, others=package.year),
            table,
            name,
        )


def check_layers(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """F05; a layer that is there but cannot be read is F04's."""
    named = {own.layer for name in package.files if (own := layer_name(pathlib.PurePosixPath(name).stem))}
    for name, spec in standard.layers().items():
        if spec.mandatory and name not in package.layers and name not in named:
            path = f"{VECTORS}/{name}{package.county}{package.year}.shp"
            yield finding(
                "F05",
                say(
                    "缺少图层 %(name)s（%(title)s）",
                    name=name,
                    title=said_in_both(spec.title["zh"], spec.title["en"]),
                ),
                name,
                path,
            )


def check_tables(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """F06; without any table the missing database itself is already a finding."""
    if not package.tables:
        return
    for name, spec in standard.tables().items():
        if name not in package.tables and _wanted(package, spec.mandatory):
            path = next(iter(package.tables.values())).path
            yield finding(
                "F06",
                say(
                    "缺少表 %(name)s（%(title)s）",
                    name=name,
                    title=said_in_both(spec.title["zh"], spec.title["en"]),
                ),
                name,
                path,
            )


def _wanted(package: PackageData, mandatory: bool | str) -> bool:
    if mandatory == "household":
        return "CBF" in package.tables and "1" in package.tables["CBF"]["CBFLX"]
    if mandatory == "transfer":
        held = package.tables.get("CBDKXX")
        return held is not None and any(not blank(code) for code in held["LZHTBM"])
    return bool(mandatory)


def check_papers(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """F07."""
    present = {name.lower() for name in package.files}
    for name, field in (("KZD", "DZJ"), ("QSLYZLFJ", "FJ"), ("CBJYQZDJB", "DKSYT")):
        table = package.layers.get(name) or package.tables.get(name)
        if table is None:
            continue
        for record, value in zip(records(table), table[field], strict=True):
            if not blank(value):
                for path in paths(value):
                    if path.lower() not in present:
                        yield finding("F07", say("附件不存在：%(path)s", path=path), name, record, field)
                    elif not path.lower().endswith(_PAPERS):
                        yield finding(
                            "F07", say("附件应为 pdf 或 jpg：%(path)s", path=path), name, record, field
                        )


def paths(value: str) -> list[str]:
    """Relative paths with `/` of a path field: the standard separates folders by `\\` and files by `/`."""
    parts = value.split("/") if "\\" in value else [value]
    plain = [part.strip().replace("\\", "/").lstrip("/") for part in parts]
    return [path.removeprefix("./") for path in plain if path]


def check_metadata(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """F08 as far as the file could be read."""
    metadata = package.metadata
    if metadata is None:
        return
    if package.county and metadata.county != package.county:
        message = say(
            "元数据的县代码是 %(given)s，成果包是 %(county)s",
            given=metadata.county or "—",
            county=package.county,
        )
        yield finding("F08", message, None, metadata.path, "geoID")
    meridian = _package_meridian(package)
    if metadata.central_meridian is None:
        yield finding("F08", say("元数据没有中央子午线"), None, metadata.path, "centralMer")
    elif meridian is not None and abs(metadata.central_meridian - meridian) > 1e-6:
        message = say(
            "元数据的中央子午线是 %(central_meridian)s°，图层是 %(meridian)s°",
            central_meridian=f"{metadata.central_meridian:g}",
            meridian=f"{meridian:g}",
        )
        yield finding("F08", message, None, metadata.path, "centralMer")


def _package_meridian(package: PackageData) -> float | None:
    """Of the parcel layer, else of the first layer that has one."""
    ordered = sorted(package.layers.values(), key=lambda table: table.name != "DK")
    return next(
        (m for table in ordered for crs in table.crs if (m := central_meridian(crs)) is not None), None
    )
