"""The standard as data: complete, and equal to what real tools ship (where those files are at hand)."""

import os
import pathlib
import shutil
import struct

import access_parser
import pytest

from engine.exchange import standard
from engine.exchange.check_package import check_package

SHIPPED = pathlib.Path(
    os.environ.get("NYT2539_FILES", pathlib.Path(__file__).parents[3] / "shared/data/nyt2539")
)
needs_shipped = pytest.mark.skipif(not SHIPPED.is_dir(), reason="the vendor's template files are not here")


def test_fields_have_type_length_and_need():
    cbf = {f.name: f for f in standard.fields("CBF")}
    assert (cbf["CBFBM"].kind, cbf["CBFBM"].length, cbf["CBFBM"].need) == ("char", 18, "M")
    assert (cbf["CBFDCRQ"].kind, cbf["LXDH"].need, cbf["CBFDCJS"].need) == ("date", "O", "C")
    scmj = standard.spec("DK").field("SCMJ")
    assert (scmj.kind, scmj.length, scmj.decimals) == ("float", 15, 2)


def test_twelve_tables_and_the_mandatory_layers():
    assert len(standard.tables()) == 12
    assert {n for n, s in standard.layers().items() if s.mandatory} == {
        "KZD", "XJXZQ", "QYJX", "DK", "JZD", "JZX", "JBNTBHQ",
    }  # fmt: skip


def test_every_code_list_named_by_a_field_exists():
    for spec in [*standard.layers().values(), *standard.tables().values()]:
        for field in spec.fields:
            assert field.codes is None or standard.codes(field.codes)


def test_labels_in_both_languages():
    assert standard.label("C.7", "22") == "机动地"
    assert standard.label("C.7", "22", "en") == "Reserve land"
    assert standard.label("GB/T 4761", "02") == "户主"
    assert standard.label("C.7", "77") == "77"
    assert standard.codes("C.19", "en")["1"] == "Yes"


@needs_shipped
def test_tables_equal_the_shipped_access_template():
    database = access_parser.AccessParser(str(SHIPPED / "ownership-template.mdb"))
    shipped = {name for name in database.catalog if not name.startswith("MSys")}
    assert shipped >= set(standard.tables())
    for name, spec in standard.tables().items():
        columns = database.get_table(name).columns
        lengths = {c.col_name_str: c.length // 2 for c in columns.values() if c.type == 10}
        assert {c.col_name_str for c in columns.values()} == set(spec.names), name
        for field in spec.fields:
            if field.kind == "char" and field.name in lengths:
                assert lengths[field.name] == field.length, (name, field.name)


@needs_shipped
@pytest.mark.parametrize("layer", ["DK", "JZD", "JZX"])
def test_layers_equal_the_shipped_shapefile_templates(layer):
    shipped = _dbf_fields((SHIPPED / f"{layer}.dbf").read_bytes())
    spec = standard.spec(layer)
    assert set(shipped) == set(spec.names)
    for field in spec.fields:
        kind, width, decimals = shipped[field.name]
        assert kind == ("C" if field.kind == "char" else "N")
        assert width >= field.length if field.kind != "char" else width == field.length
        assert decimals == field.decimals


def _dbf_fields(data: bytes) -> dict[str, tuple[str, int, int]]:
    end = struct.unpack("<H", data[8:10])[0] - 1
    return {
        data[i : i + 11].split(b"\0")[0].decode(): (chr(data[i + 11]), data[i + 16], data[i + 17])
        for i in range(32, end, 32)
    }


@needs_shipped
def test_a_package_may_hold_the_access_template(package):
    """Empty tables: read with their declared fields, and refused for what is missing in them, not for their form."""
    (package / "权属数据" / "9901012025.sqlite").unlink()
    shutil.copy(SHIPPED / "ownership-template.mdb", package / "权属数据" / "9901012025.mdb")
    result = check_package(package)
    assert {name for name, count in result.counts.items() if count == 0} >= set(standard.tables())
    assert not {"S01", "F06"} & set(result.by_rule())
