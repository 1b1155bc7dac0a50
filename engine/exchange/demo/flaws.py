"""Plants one flaw of every implemented quality rule, each in a record of its own, and lists them.

Flaws in rows are planted before writing (so that the summary tables agree with the flawed rows and only the
planted sum is wrong), flaws in files afterwards.
"""

import pathlib
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pyproj
import shapely
from stdnum.iso7064 import mod_11_2

from engine.exchange import summaries
from engine.exchange.demo.flaws_ground import plant_on_ground
from engine.exchange.demo.settings import COUNTY, YEAR
from engine.exchange.package.model import OWNERSHIP, SUMMARIES, VECTORS, Table

MIN_HOUSEHOLDS = 35
FLAWED_ROOT = "田溪县成果"
_STEM = f"{COUNTY[0]}{YEAR}"


@dataclass(frozen=True)
class Flaw:
    """What was planted and where a finding must point."""

    rule: str
    table: str | None
    record: str
    field: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As the manifest lists it."""
        return asdict(self)


@dataclass
class Rows:
    """The county's rows, with untouched households and parcels to spoil one by one."""

    layers: dict[str, Table]
    tables: dict[str, Table]
    planted: list[Flaw] = field(default_factory=list)

    def __post_init__(self):
        held, parcels = self.tables["CBDKXX"], self.layers["DK"]
        transferred = {code for row in self.tables["LZHT"].rows("CBFBM", "SRFBM") for code in row}
        shared = {code for code, shares in held.rows("CBFBM", "SFQQQG") if shares == "1"}
        contractors = self.tables["CBF"].rows("CBFBM", "CBFLX")
        self._households = (c for c, kind in contractors if kind == "1" and c not in transferred | shared)
        self._free = (code for code, category in parcels.rows("DKBM", "DKLB") if category != "10")
        self._used: set[str] = set()
        self._taken: set[str] = set()

    def household(self) -> str:
        """A contractor code that no flaw has touched."""
        code = next(self._households)
        self._used.add(code)
        return code

    def parcel_of(self, household: str) -> str:
        """Its first parcel."""
        return next(dk for dk, cbf in self.tables["CBDKXX"].rows("DKBM", "CBFBM") if cbf == household)

    def parcel(self) -> str:
        """A contracted parcel of an untouched household."""
        return self.parcel_of(self.household())

    def uncontracted(self) -> str:
        """A parcel that nobody holds."""
        code = next(self._free)
        self._taken.add(code)
        return code

    def row(self, table: str, key: str, code: str) -> int:
        """Number of the row."""
        return self._any(table)[key].index(code)

    def put(self, table: str, row: int, **values: Any) -> None:
        """Overwrite some fields."""
        for name, value in values.items():
            self._any(table).columns[name][row] = value

    def add(self, table: str, like: int, shape: shapely.Geometry | None = None, **values: Any) -> None:
        """Append a copy of a row with other values; of a layer, with a geometry of its own."""
        own = self._any(table)
        if shape is not None and own.geometry is not None:
            own.geometry = np.append(own.geometry, shape)
        for name, column in own.columns.items():
            column.append(values.get(name, column[like]))
        own.count += 1

    def drop(self, table: str, rows: Sequence[int]) -> None:
        """Take rows out."""
        own = self._any(table)
        for row in sorted(rows, reverse=True):
            for column in own.columns.values():
                del column[row]
        if own.geometry is not None:
            own.geometry = np.delete(own.geometry, list(rows))
        own.count -= len(rows)

    @property
    def spoiled(self) -> set[str]:
        """Parcels of households that a flaw has touched, and those that nobody holds and a flaw has."""
        held = self.tables["CBDKXX"].rows("DKBM", "CBFBM")
        return {parcel for parcel, holder in held if holder in self._used} | self._taken

    def shape(self, code: str, outline: shapely.Geometry) -> None:
        """Give a parcel another outline, and the area that goes with it."""
        row = self.row("DK", "DKBM", code)
        outlines = self.layers["DK"].geometry
        assert isinstance(outlines, np.ndarray)
        outlines[row] = outline
        area = round(outline.area, 2)
        self.put("DK", row, SCMJ=area, SCMJM=round(area * 0.0015, 2))

    def say(self, rule: str, table: str, record: str, field: str | None = None) -> None:
        """Note a planted flaw."""
        self.planted.append(Flaw(rule, table, record, field))

    def _any(self, table: str) -> Table:
        return self.layers[table] if table in self.layers else self.tables[table]


def plant_in_rows(layers: dict[str, Table], tables: dict[str, Table]) -> list[Flaw]:
    """Flaws of the rules on rows and geometry."""
    if len(tables["CBF"]) < MIN_HOUSEHOLDS:
        raise ValueError(f"flaws need at least {MIN_HOUSEHOLDS} households")
    rows = Rows(layers, tables)
    for plant in _IN_ROWS:
        plant(rows)
    return rows.planted


def _values(rows: Rows) -> None:
    """Single values: S02, A01-A07, A12, A13."""
    parties = rows.tables["FBF"]
    rows.put("FBF", 0, FBFFZRXM="某 某")
    rows.say("S02", "FBF", parties["FBFBM"][0], "FBFFZRXM")
    rows.put("FBF", 1, FBFDCRQ="20140230")
    rows.say("A07", "FBF", parties["FBFBM"][1], "FBFDCRQ")
    household = rows.household()
    rows.put("CBF", rows.row("CBF", "CBFBM", household), CBFDZ=None)
    rows.say("A01", "CBF", household, "CBFDZ")
    for rule, name, value in (
        ("A02", "ZJRXM", None), ("A03", "DLDJ", "11"), ("A04", "YSDM", "211012"),
    ):  # fmt: skip
        parcel = rows.parcel()
        rows.put("DK", rows.row("DK", "DKBM", parcel), **{name: value})
        rows.say(rule, "DK", parcel, name)
    transfer = rows.tables["LZHT"]["LZHTBM"][0]
    rows.put("LZHT", 0, SRFBM=rows.tables["LZHT"]["SRFBM"][0][:-1])
    rows.say("A05", "LZHT", transfer, "SRFBM")
    rows.put("QYJX", 0, BSM=0)
    rows.say("A06", "QYJX", "QYJX:0", "BSM")
    parcel = rows.parcel()
    row = rows.row("DK", "DKBM", parcel)
    rows.put("DK", row, SCMJM=rows.layers["DK"]["SCMJM"][row] + 0.02)
    rows.say("A12", "DK", parcel, "SCMJM")
    parcel = rows.parcel()
    rows.put("CBDKXX", rows.row("CBDKXX", "DKBM", parcel), SFQQQG="1")
    rows.say("A13", "CBDKXX", parcel, "HTMJ")


def _identities(rows: Rows) -> None:
    """A08-A11, R02-R04: terms, numbers, members."""
    code = rows.household() + "J"
    rows.put("CBJYQZDJB", rows.row("CBJYQZDJB", "CBJYQZBM", code), CBQXZ="20251231")
    rows.say("A08", "CBJYQZDJB", code, "CBQXZ")
    certificates = rows.tables["CBJYQZ"]
    row = 0
    while certificates["QZSFLQ"][row] != "1" or row == 0:
        code = rows.household() + "J"
        row = rows.row("CBJYQZ", "CBJYQZBM", code)
    number = certificates["QZLQRZJHM"][row]
    rows.put("CBJYQZ", row, QZLQRZJHM=number[:17] + ("1" if number[17] != "1" else "2"))
    rows.say("A09", "CBJYQZ", code, "QZLQRZJHM")
    _repeat_number(rows)
    person = next(c for c, kind in rows.tables["CBF"].rows("CBFBM", "CBFLX") if kind == "2")
    rows.put("CBF", rows.row("CBF", "CBFBM", person), CBFLX="3")
    rows.say("A11", "CBF", person, "CBFLX")
    stranger = rows.household()[:14] + "7999"
    body = f"{COUNTY[0]}19500505777"
    number = body + mod_11_2.calc_check_digit(body)
    rows.add("CBF_JTCY", 0, CBFBM=stranger, CYXM="无户人", CYXB="1", CYZJHM=number)
    rows.say("R02", "CBF_JTCY", f"{stranger}/无户人", "CBFBM")
    household = rows.household()
    row = rows.row("CBF", "CBFBM", household)
    rows.put("CBF", row, CBFCYSL=rows.tables["CBF"]["CBFCYSL"][row] + 1)
    rows.say("R03", "CBF", household, "CBFCYSL")
    household = rows.household()
    rows.put("CBF", rows.row("CBF", "CBFBM", household), CBFMC="错别名")
    rows.say("R04", "CBF", household, "CBFMC")


def _repeat_number(rows: Rows) -> None:
    """A10: the spouse of one household gets the number of another's of the same sex."""
    members = rows.tables["CBF_JTCY"]
    first: int | None = None
    while True:
        household = rows.household()
        spouse = next(
            (n for n, (c, r) in enumerate(members.rows("CBFBM", "YHZGX")) if c == household and r == "12"),
            None,
        )
        if spouse is not None and first is None:
            first = spouse
        elif spouse is not None and first is not None:
            rows.put("CBF_JTCY", spouse, CYZJHM=members["CYZJHM"][first])
            rows.say("A10", "CBF_JTCY", f"{household}/{members['CYXM'][spouse]}", "CYZJHM")
            return


def _references(rows: Rows) -> None:
    """U01, U02, R01, R05-R11."""
    lines = rows.layers["JZX"]
    rows.put("JZX", 1, BSM=lines["BSM"][0])
    rows.say("U01", "JZX", f"JZX:{lines['BSM'][0]}", "BSM")
    _contract_twice(rows)
    party = rows.tables["FBF"]["FBFBM"][0][:12] + "99"
    rows.add("FBF", 2, FBFBM=party, FBFMC="无此组")
    rows.say("R01", "FBF", party, "FBFBM")
    parcel = rows.uncontracted()
    rows.put("DK", rows.row("DK", "DKBM", parcel), DKLB="10")
    rows.say("R05", "DK", parcel, "DKBM")
    household = rows.household()
    parcel = rows.parcel_of(household)
    rows.put("CBDKXX", rows.row("CBDKXX", "DKBM", parcel), CBJYQZBM=household[:14] + "7998J")
    rows.say("R06", "CBDKXX", parcel, "CBJYQZBM")
    code = rows.household() + "J"
    rows.put("CBJYQZDJB", rows.row("CBJYQZDJB", "CBJYQZBM", code), CBFS="120")
    rows.say("R07", "CBJYQZDJB", code, "CBFS")
    _reissue_of_nothing(rows)
    code = rows.household() + "J"
    row = rows.row("CBHT", "CBHTBM", code)
    area = round(rows.tables["CBHT"]["HTZMJ"][row] + 5, 2)
    rows.put("CBHT", row, HTZMJ=area, HTZMJM=round(area * 0.0015, 2))
    rows.say("R09", "CBHT", code, "HTZMJ")
    parcel = rows.parcel()
    row = rows.row("DK", "DKBM", parcel)
    rows.put("DK", row, KJZB=rows.layers["DK"]["KJZB"][row] + "/J99999")
    rows.say("R10", "DK", parcel, "KJZB")
    code = rows.household() + "J"
    for table, key in (("CBHT", "CBHTBM"), ("CBJYQZDJB", "CBJYQZBM")):
        rows.put(table, rows.row(table, key, code), CBQXZ="20361231")
    rows.say("R11", "CBHT", code, "CBQXZ")


def _contract_twice(rows: Rows) -> None:
    """U02: a parcel that one household holds is given to another too, whose contract counts it properly."""
    parcel, other = rows.parcel(), rows.household()
    held, contracts = rows.tables["CBDKXX"], rows.tables["CBHT"]
    like = rows.row("CBDKXX", "DKBM", parcel)
    code = other + "J"
    area = held["HTMJ"][like]
    before = (area, round(area * 0.0015, 2))
    rows.add(
        "CBDKXX", like, CBFBM=other, FBFBM=other[:14], CBHTBM=code, CBJYQZBM=code, YHTMJ=before[0], YHTMJM=before[1],
    )  # fmt: skip
    row = rows.row("CBHT", "CBHTBM", code)
    total = round(contracts["HTZMJ"][row] + area, 2)
    rows.put("CBHT", row, CBDKZS=contracts["CBDKZS"][row] + 1, HTZMJ=total, HTZMJM=round(total * 0.0015, 2))
    rows.say("U02", "CBDKXX", parcel, "DKBM")


def _reissue_of_nothing(rows: Rows) -> None:
    table = rows.tables["CBJYQZ_QZBF"]
    code = rows.household()[:14] + "7997J"
    body = f"{COUNTY[0]}19600606778"
    values = {
        "CBJYQZBM": code, "QZBFYY": "遗失", "BFRQ": "20180601", "QZBFLQRQ": "20180608", "QZBFLQRXM": "无证人", "BFLQRZJLX": "1",
        "BFLQRZJHM": body + mod_11_2.calc_check_digit(body),
    }  # fmt: skip
    for name, value in values.items():
        table.columns[name].append(value)
    table.count += 1
    rows.say("R08", "CBJYQZ_QZBF", code, "CBJYQZBM")


_IN_ROWS: tuple[Callable[[Rows], None], ...] = (_values, _identities, _references, plant_on_ground)


def plant_in_summary(values: dict[str, dict[str, list[float]]]) -> Flaw:
    """R12: one count is one too high."""
    unit = min(values[summaries.BY_PARCEL])
    values[summaries.BY_PARCEL][unit][0] += 1
    path = f"汇总表/{COUNTY[0]}{COUNTY[1]}{summaries.BY_PARCEL}.xlsx"
    return Flaw("R12", summaries.BY_PARCEL, path, summaries.COLUMNS[summaries.BY_PARCEL][0][0])


def plant_in_files(root: pathlib.Path) -> tuple[pathlib.Path, list[Flaw]]:
    """Flaws of folders and files; the root is renamed, so its new path is given back."""
    flaws = list(_files(root))
    renamed = root.with_name(FLAWED_ROOT)
    root.rename(renamed)
    return renamed, [Flaw("F01", None, FLAWED_ROOT), *flaws]


def _files(root: pathlib.Path) -> Iterator[Flaw]:
    vectors = root / VECTORS
    (root / SUMMARIES).rename(root / "汇总表")
    yield Flaw("F02", None, SUMMARIES)
    for path in sorted(vectors.glob(f"ZJQY{_STEM}.*")):
        path.rename(path.with_name(path.name.replace(YEAR, "2024")))
    yield Flaw("F03", "ZJQY", f"{VECTORS}/ZJQY{COUNTY[0]}2024.shp")
    (vectors / f"XZDW{_STEM}.shx").unlink()
    yield Flaw("F04", "XZDW", f"{VECTORS}/XZDW{_STEM}.shp", ".shx")
    for path in vectors.glob(f"KZD{_STEM}.*"):
        path.unlink()
    yield Flaw("F05", "KZD", f"{VECTORS}/KZD{_STEM}.shp")
    yield from _database(root)
    other_zone = pyproj.CRS.from_epsg(4526).to_wkt("WKT1_ESRI")
    (vectors / f"CJQY{_STEM}.prj").write_text(other_zone, "utf-8")
    yield Flaw("S03", "CJQY", f"{VECTORS}/CJQY{_STEM}.shp")
    metadata = vectors / f"SL{_STEM}.xml"
    text = metadata.read_text("utf-8")
    metadata.write_text(re.sub(r"<centralMer>\d+<", "<centralMer>114<", text), "utf-8")
    yield Flaw("F08", None, f"{VECTORS}/SL{_STEM}.xml", "centralMer")


def _database(root: pathlib.Path) -> Iterator[Flaw]:
    path = root / OWNERSHIP / f"{_STEM}.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("drop table QSLYZLFJ")
        connection.execute("alter table CBF drop column GSJS")
        code, sketch = connection.execute(
            "select CBJYQZBM, DKSYT from CBJYQZDJB order by 1 desc limit 1"
        ).fetchone()
    connection.close()
    yield Flaw("F06", "QSLYZLFJ", f"{OWNERSHIP}/{_STEM}.sqlite")
    yield Flaw("S01", "CBF", f"{OWNERSHIP}/{_STEM}.sqlite", "GSJS")
    (root / sketch.replace("\\", "/")).unlink()
    yield Flaw("F07", "CBJYQZDJB", code, "DKSYT")
