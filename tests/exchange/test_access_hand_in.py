"""The ownership tables as the standard's `.mdb`: written into an empty Access file, read in again by the importer."""

import datetime as dt

import pytest

from engine.exchange import standard
from engine.exchange.check_package import check_package
from engine.exchange.demo import make_tables
from engine.exchange.demo.county import make_county
from engine.exchange.demo.settings import COUNTY, YEAR
from engine.exchange.package import access_files, writing
from engine.exchange.package.access_writer import AccessWriteError, Rows, write_access_file
from engine.exchange.package.model import OWNERSHIP, make_table
from tests.exchange import empty_access
from tests.exchange.empty_access import Field, make_empty_access
from tests.exchange.test_standard import SHIPPED, needs_shipped

_KINDS = {
    "char": empty_access.TEXT,
    "date": empty_access.DATE,
    "int": empty_access.SHORT,
    "float": empty_access.NUMERIC,
}


def _field(field):
    if field.name in ("CBFDCJS", "FBFDCJS"):
        return Field(field.name, empty_access.MEMO, compressed=True)
    numeric = field.kind == "float"
    return Field(
        field.name, _KINDS[field.kind], field.length or 0, field.decimals, field.kind == "char", numeric
    )


@pytest.fixture(params=["made", pytest.param("shipped", marks=needs_shipped)])
def template(request, tmp_path):
    if request.param == "shipped":
        return SHIPPED / "ownership-template.mdb"
    tables = {name: [_field(field) for field in spec.fields] for name, spec in standard.tables().items()}
    return make_empty_access(tmp_path / "template.mdb", tables)


@pytest.fixture(scope="module")
def tables():
    return make_tables(make_county(1, 60))


def test_a_county_comes_back_as_it_was(template, tmp_path, tables):
    path = writing.write_access(tmp_path / "990101", tables, "990101", "2025", template)
    assert path == tmp_path / "990101" / OWNERSHIP / "9901012025.mdb"
    read, found = access_files.read_tables(path, "x.mdb")
    assert found == []
    assert {name: table.columns for name, table in read.items()} == {
        name: table.columns for name, table in tables.items()
    }


def test_a_package_with_it_has_no_findings(template, package, tables):
    """The Access file in the place of the SQLite one."""
    (sqlite,) = (package / OWNERSHIP).glob("*.sqlite")
    sqlite.unlink()
    writing.write_access(package, tables, COUNTY[0], YEAR, template)
    assert not check_package(package).findings


@pytest.mark.parametrize("reader", ["mdbtools first", "access-parser alone"])
def test_rare_names_and_terms_without_end_are_read(template, tmp_path, monkeypatch, reader):
    """mdb-tools alone would give 张?? and the day 0 of January 1900; a ?? that somebody wrote stays."""
    if reader == "access-parser alone":
        monkeypatch.setattr(access_files, "_by_mdbtools", lambda path: {})
    names = ["张泰𠅤", "𠮷田", "李四??", None, "王五"]
    ends = [dt.date(9999, 1, 1), None, dt.date(2057, 12, 31), dt.date(9999, 12, 31), dt.date(2027, 6, 30)]
    path = tmp_path / "a.mdb"
    write_access_file(template, path, {"CBJYQZDJB": Rows(["DBR", "CBQXZ"], zip(names, ends, strict=True))})
    table = access_files.read_tables(path, "a.mdb")[0]["CBJYQZDJB"]
    assert table["DBR"] == names
    assert table["CBQXZ"] == ["99990101", None, "20571231", "99991231", "20270630"]


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("CBFDCRQ", "20131301", "应为日期，不是 str"),
        ("CBFMC", "长" * 51, "文字有 51 个字符，最多 50 个"),
        ("CBFCYSL", 40000, "整数 40000 超出范围"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_written(template, tmp_path, tables, field, value, why):
    columns = {name: list(values) for name, values in tables["CBF"].columns.items()}
    columns[field][2] = value
    with pytest.raises(AccessWriteError, match=f"表 CBF 第 3 行字段 {field}：{why}"):
        writing.write_access(tmp_path, {"CBF": make_table("CBF", columns)}, "990101", "2025", template)
    assert list((tmp_path / OWNERSHIP).iterdir()) == []


def test_areas_are_rounded_to_the_standards_decimals(template, tmp_path, tables):
    columns = {name: list(values) for name, values in tables["CBDKXX"].columns.items()}
    columns["HTMJM"][0] = 1.23456
    path = writing.write_access(
        tmp_path, {"CBDKXX": make_table("CBDKXX", columns)}, "990101", "2025", template
    )
    assert access_files.read_tables(path, "a.mdb")[0]["CBDKXX"]["HTMJM"][0] == 1.23
