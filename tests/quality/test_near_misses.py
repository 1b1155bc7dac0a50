"""What lies just inside a rule's reading, all in one county at once: nothing may be found."""

import re
import sqlite3
from dataclasses import dataclass, field

import pyproj
import pytest
from stdnum.iso7064 import mod_11_2

from engine.exchange.check_package import check_package
from engine.exchange.checks import run_checks
from engine.exchange.checks.attributes import check_feature_codes, check_shares
from engine.exchange.checks.identity import check_types
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.checks.sums import check_summaries
from engine.exchange.demo import make_tables, write_demo_county
from engine.exchange.demo.county import make_county
from engine.exchange.demo.layers import make_layers
from engine.exchange.demo.settings import EPSG
from engine.exchange.findings import rules
from engine.exchange.package.model import OWNERSHIP, VECTORS, PackageData, Sheet, make_table
from engine.exchange.summaries import COLUMNS, summarise

GROUP = "99010110020101"
FILES = frozenset(rule for rule in rules() if rule[0] in "FS") - {"S02"} | {"R12"}


@dataclass
class County:
    package: PackageData
    free: list[str] = field(default_factory=list)  # households that nothing was done to

    def __post_init__(self):
        held = self.package.tables["CBDKXX"].rows("CBFBM", "SFQQQG", "LZHTBM")
        odd = {code for code, shares, transfer in held if shares == "1" or transfer}
        rows = self.package.tables["CBF"].rows("CBFBM", "CBFLX")
        self.free = [code for code, kind in rows if kind == "1" and code not in odd]

    def table(self, name):
        return self.package.layers.get(name) or self.package.tables[name]

    def put(self, name, row, **values):
        for column, value in values.items():
            self.table(name).columns[column][row] = value

    def add(self, name, like, **values):
        table = self.table(name)
        for column, own in table.columns.items():
            own.append(values.get(column, own[like]))
        table.count += 1

    def rows(self, name, column, value):
        return [n for n, own in enumerate(self.table(name)[column]) if own == value]

    def household(self):
        return self.free.pop()


def a01_what_may_be_blank_is_blank(c):
    c.put("DK", 3, SYQXZ=None, TDLYLX=None, DKBZXX=None)
    (row,) = c.rows("CBF", "CBFBM", c.household())
    c.put("CBF", row, LXDH=None)


def a03_the_last_code_of_a_list(c):
    c.put("DK", 3, DLDJ="10")
    c.put("CBF_JTCY", c.rows("CBF_JTCY", "CBFBM", c.household())[0], CYBZ="9")


def a05_a_receiver_of_another_county_by_a_code_of_the_right_length(c):
    c.put("LZHT", 0, SRFBM="110105001001010001")


def r01_an_issuing_party_with_nothing_under_it_yet(c):
    code = c.table("FBF")["FBFBM"][0][:12] + "99"
    c.add("FBF", 0, FBFBM=code, FBFMC="新组")
    c.package.units[code] = "新组"


def r02_r03_a_child_is_born_and_counted(c):
    code = c.household()
    like = c.rows("CBF_JTCY", "CBFBM", code)[0]
    body = "99010120240601777"
    number = body + mod_11_2.calc_check_digit(body)
    c.add("CBF_JTCY", like, CYXM="新生儿", CYXB="1", CYZJHM=number, YHZGX="20", CYBZ="6")
    (row,) = c.rows("CBF", "CBFBM", code)
    c.put("CBF", row, CBFCYSL=c.table("CBF")["CBFCYSL"][row] + 1)


def r07_another_way_in_contract_and_entry_alike(c):
    code = c.household() + "J"
    for name, key in (("CBHT", "CBHTBM"), ("CBJYQZDJB", "CBJYQZBM")):
        (row,) = c.rows(name, key, code)
        c.put(name, row, CBFS="100")


def r08_a_reissue_of_an_entry_that_is_there(c):
    body = "99010119600606778"
    values = {
        "CBJYQZBM": c.household() + "J", "QZBFYY": "遗失", "BFRQ": "20180601", "QZBFLQRQ": "20180608",
        "QZBFLQRXM": "某人", "BFLQRZJLX": "1", "BFLQRZJHM": body + mod_11_2.calc_check_digit(body),
    }  # fmt: skip
    table = c.table("CBJYQZ_QZBF")
    for name, value in values.items():
        table.columns[name].append(value)
    table.count += 1


def a02_one_side_of_four_is_blank(c):
    c.put("DK", 0, DKDZ=None)


def a02_no_collector_of_a_certificate_that_was_not_collected(c):
    (row,) = c.rows("CBJYQZ", "CBJYQZBM", c.household() + "J")
    c.put("CBJYQZ", row, QZSFLQ="2", QZLQRQ=None, QZLQRXM=None, QZLQRZJLX=None, QZLQRZJHM=None)


def a06_a_very_small_transfer(c):
    c.put("LZHT", 0, LZMJ=0.01, LZMJM=0.0)


def a07_reviewed_on_the_day_of_the_survey_and_signed_the_day_after(c):
    code = c.household()
    (row,) = c.rows("CBF", "CBFBM", code)
    c.put("CBF", row, CBFDCRQ="20150301", GSSHRQ="20150301")
    (contract,) = c.rows("CBHT", "CBHTBM", code + "J")
    c.put("CBHT", contract, QDSJ="20150302")


def a08_r11_the_register_s_term_has_no_end(c):
    (row,) = c.rows("CBJYQZDJB", "CBJYQZBM", c.household() + "J")
    c.put("CBJYQZDJB", row, CBQXZ="99990101")


def a09_a_small_x(c):
    members = c.table("CBF_JTCY")
    row = next(n for n, number in enumerate(members["CYZJHM"]) if number.endswith("X"))
    c.put("CBF_JTCY", row, CYZJHM=members["CYZJHM"][row].lower())


def a10_a_number_twice_with_papers_that_explain_it(c):
    members, codes = c.table("CBF_JTCY"), (c.household(), c.household())
    rows = [
        next(n for n in c.rows("CBF_JTCY", "CBFBM", code) if members["YHZGX"][n] == "02") for code in codes
    ]
    number = members["CYZJHM"][rows[0]]
    c.put("CBF_JTCY", rows[1], CYZJHM=number, CYXB=members["CYXB"][rows[0]])
    (holder,) = c.rows("CBF", "CBFBM", codes[1])
    c.put("CBF", holder, CBFZJHM=number)
    for code in codes:
        c.package.files[f"其他资料/CBFSFZ{code}.pdf"] = None


def a12_mu_off_by_exactly_the_rounding(c):
    parcels = c.table("DK")
    c.put("DK", 1, SCMJM=round(float(parcels["SCMJ"][1]) * 0.0015 + 0.005, 6))


def u01_the_same_number_in_another_layer_and_in_another_parcel(c):
    c.put("MZDW", 0, BSM=c.table("DK")["BSM"][0]) if len(c.table("MZDW")) else None


def r04_a_head_by_the_older_code(c):
    members = c.table("CBF_JTCY")
    row = next(n for n in c.rows("CBF_JTCY", "CBFBM", c.household()) if members["YHZGX"][n] == "02")
    c.put("CBF_JTCY", row, YHZGX="01")


def r09_a_total_off_by_a_hundredth_for_each_parcel(c):
    contracts = c.table("CBHT")
    for code in reversed(c.free):
        (row,) = c.rows("CBHT", "CBHTBM", code + "J")
        total = round(float(contracts["HTZMJ"][row]) + 0.01 * contracts["CBDKZS"][row], 2)
        if abs(contracts["HTZMJM"][row] - total * 0.0015) < 0.0049:
            c.free.remove(code)
            c.put("CBHT", row, HTZMJ=total)
            return
    raise AssertionError("no contract with room")


def r10_fewer_corners_than_points(c):
    corners = c.table("DK")["KJZB"][2].split("/")
    c.put("DK", 2, KJZB="/".join(corners[:-1]))


def r11_thirty_years_to_the_day(c):
    code = c.household() + "J"
    for name, key in (("CBHT", "CBHTBM"), ("CBJYQZDJB", "CBJYQZBM")):
        (row,) = c.rows(name, key, code)
        start = c.table(name)["CBQXQ"][row]
        c.put(name, row, CBQXZ=f"{int(start[:4]) + 30}{start[4:]}")


def s02_a_name_with_a_dot_and_of_full_length(c):
    c.put("FBF", 0, FBFFZRXM="阿卜杜拉·买买提")
    c.put("FBF", 1, FBFMC="长" * 50)


NEAR_MISSES = [found for name, found in list(globals().items()) if name[1:3].isdigit() and callable(found)]


def test_near_misses_are_silent():
    own = make_county(4, 60)
    package = PackageData(
        "990101田溪县", "990101", "2025", make_layers(own), make_tables(own), own.plan.units(), {}, None, {}
    )
    county = County(package)
    for spoil in NEAR_MISSES:
        spoil(county)
    assert len(NEAR_MISSES) > 20
    held, contractors = package.tables["CBDKXX"], package.tables["CBF"]
    shares = [parcel for parcel, own in held.rows("DKBM", "SFQQQG") if own == "1"]
    assert len(shares) > len(set(shares)), "U02: a parcel of several by shares"
    assert any(held["LZHTBM"]), "R06: a contracted parcel that names a transfer"
    assert "2" in contractors["CBFLX"], "R02: a person, without members"
    assert set(package.layers["DK"]["DKLB"]) - {"10"}, "R05: land that nobody holds"
    found = run_checks(package, CheckSettings(off=FILES))
    assert [(f.rule, f.table, f.record, f.field, f.message) for f in found] == []


def alone(**tables):
    layers = {name: table for name, table in tables.items() if name == "DK"}
    return PackageData(
        "", "990101", "2025", layers, {n: t for n, t in tables.items() if n != "DK"}, {}, {}, None, {}
    )


@pytest.mark.parametrize(
    ("number", "kind", "right"),
    [("0001", "1", True), ("8000", "1", True), ("8001", "2", True), ("9000", "2", True), ("9001", "3", True),
     ("8001", "1", False), ("8000", "2", False), ("9000", "3", False)],
)  # fmt: skip
def test_a11_at_the_borders_of_the_ranges(number, kind, right):
    table = make_table("CBF", {"CBFBM": [GROUP + number], "CBFLX": [kind]})
    assert (list(check_types(alone(CBF=table), CheckSettings())) == []) == right


@pytest.mark.parametrize(("share", "right"), [(50.01, True), (50.02, False)])
def test_a13_shares_together_no_more_than_the_parcel(share, right):
    held = make_table("CBDKXX", {"DKBM": ["P"] * 2, "SFQQQG": ["1"] * 2, "HTMJ": [share] * 2})
    parcels = make_table("DK", {"DKBM": ["P"], "SCMJ": [100.0]})
    assert (list(check_shares(alone(CBDKXX=held, DK=parcels), CheckSettings())) == []) == right


def test_a04_codes_that_differ_by_one_digit_are_each_layer_s_own():
    layers = {
        name: make_table(name, {"YSDM": [code]})
        for name, code in (("DK", "211011"), ("JZD", "211021"), ("JZX", "211031"))
    }
    package = PackageData("", "990101", "2025", layers, {}, {}, {}, None, {})
    assert list(check_feature_codes(package, CheckSettings())) == []


@pytest.mark.parametrize(("off", "right"), [(0.05, True), (0.06, False)])
def test_r12_areas_within_five_hundredths_of_a_mu(off, right):
    own = make_county(4, 12)
    layers, tables, units = make_layers(own), make_tables(own), own.plan.units()
    sheets = {}
    for name, rows in summarise(layers, tables, units).items():
        counted = [count for _, count in COLUMNS[name]]
        lines = [
            (unit, "", *(value if is_count else value + off for value, is_count in zip(values, counted, strict=True)))
            for unit, values in rows.items()
        ]  # fmt: skip
        sheets[name] = Sheet(name, f"汇总表格/{name}.xlsx", (), lines)
    package = PackageData("", "990101", "2025", layers, tables, units, sheets, None, {})
    assert (list(check_summaries(package, CheckSettings())) == []) == right


def spoil_nothing(root):
    """Files that look otherwise than usual, and are as good."""
    vectors = root / VECTORS
    for name in ("文字报告", "栅格数据"):  # F02: more folders than must be
        (root / name).mkdir(exist_ok=True)
        (root / name / "说明.txt").write_text("…", "utf-8")
    for path in vectors.glob("ZJQY*.*"):  # F03: the names in capitals
        path.rename(path.with_name(path.name.upper()))
    for path in vectors.glob("CJQY*.cpg"):  # F04: no .cpg, which says the encoding
        path.unlink()
    for path in vectors.glob("XZDW*.*"):  # F05: a layer that need not be
        path.unlink()
    for path in vectors.glob("CJQY*.prj"):  # S03: the same zone in other words
        path.write_text(pyproj.CRS.from_epsg(EPSG).to_wkt("WKT1_GDAL"), "utf-8")
    paper = sorted((root / "其他资料" / "权属来源附件").iterdir())[0]  # F07: an ending in capitals
    paper.rename(paper.with_suffix(paper.suffix.upper()))
    metadata = next(vectors.glob("SL*.xml"))  # F08: a meridian with decimals
    text = metadata.read_text("utf-8")
    metadata.write_text(re.sub(r"<centralMer>(\d+)<", r"<centralMer>\1.000<", text), "utf-8")
    with sqlite3.connect(next((root / OWNERSHIP).glob("*.sqlite"))) as connection:
        connection.execute("drop table CBJYQZ_QZZX")  # F06: a table that need not be
        connection.execute("alter table CBF add column BZ2 text")  # S01: a field more
    connection.close()
    return root.rename(root.with_name(root.name + "二轮延包"))  # F01: a longer name


def test_unusual_files_are_silent(tmp_path):
    root = spoil_nothing(write_demo_county(tmp_path, households=20).path)
    found = check_package(root).findings
    assert [(f.rule, f.table, f.record, f.field, f.message) for f in found] == []
