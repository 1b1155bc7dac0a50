"""What is written into an empty Access file is read back equal by two readers that know nothing of the writer."""

import csv
import datetime as dt
import io
import os
import shutil
import struct
import subprocess
import tracemalloc
from decimal import Decimal

import access_parser
import pytest
from access_parser.utils import numeric_to_string

from engine.exchange.package.access_writer import AccessWriteError, Rows, write_access_file
from tests.exchange.empty_access import (
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    LONG,
    MEMO,
    NUMERIC,
    OLE,
    PAGE,
    SHORT,
    SINGLE,
    TEXT,
    Field,
    make_empty_access,
)

_NULL = "<null>"
_MOMENT = "%Y-%m-%d %H:%M:%S"

KINDS = (
    Field("WZ", TEXT, 254), Field("YS", TEXT, 254, compressed=True), Field("JS", MEMO, compressed=True),
    Field("SF", BOOLEAN), Field("XH", BYTE), Field("RS", SHORT), Field("BH", LONG), Field("DJ", SINGLE),
    Field("MJ", DOUBLE), Field("RQ", DATE), Field("MU", NUMERIC, 15, 2), Field("GX", NUMERIC, 28, 6, varying=True),
)  # fmt: skip
NAMES = [field.name for field in KINDS]
ROWS = [
    ("张三", "ASCII text 123", "短记", True, 255, -32768, -(2**31), 0.5, -1.25e-30, dt.date(2016, 2, 29),
     Decimal("9999999999999.99"), Decimal("-0.000001")),
    ("", "", "", False, 0, 0, 0, 0.0, 0.0, dt.datetime(2024, 12, 31, 23, 59, 59), 0, Decimal(0)),
    (None, None, None, False, None, None, None, None, None, None, None, None),
    ("龘靐䶮㐂", "买买提·吐尔逊", "第一行\n第二行，“引号”\"", True, 1, 32767, 2**31 - 1, -2.0, 1e300, dt.date(1999, 1, 1),
     0.45, 2**64),
    ("长" * 254, "a" * 254, "记" * 20000, True, 1, 1, 1, 1.0, 1.0, dt.date(1900, 1, 1), -927.5, -(2**65)),
    ("ab", "é·", "z" * 33, False, 2, 2, 2, 2.0, 0.1, dt.date(2400, 1, 1), Decimal("1E+2"), 7),
]  # fmt: skip


def by_mdbtools(path, table, fields):
    """Through mdb-export, which does not tell an empty text from none; mdb-count reads what the definition counts."""
    if shutil.which("mdb-export") is None:
        pytest.skip("mdbtools is not installed")
    command = ["mdb-export", "-0", _NULL, "-D", _MOMENT, "-T", _MOMENT, str(path), table]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MDBICONV": "UTF-8"}
    done = subprocess.run(command, capture_output=True, check=True, env=environment, timeout=60)
    csv.field_size_limit(1 << 30)
    rows = list(csv.reader(io.StringIO(done.stdout.decode(), newline="")))
    assert rows[0] == [field.name for field in fields]
    counted = subprocess.run(["mdb-count", str(path), table], capture_output=True, check=True, timeout=60)
    assert int(counted.stdout) == len(rows) - 1
    kinds = {BOOLEAN: lambda v: v == "1", DATE: lambda v: dt.datetime.strptime(v, _MOMENT), NUMERIC: Decimal, TEXT: str,
             MEMO: str, SINGLE: float, DOUBLE: float}  # fmt: skip
    return [
        tuple(None if v == _NULL else kinds.get(f.kind, int)(v) for v, f in zip(row, fields, strict=True))
        for row in rows[1:]
    ]


def by_access_parser(path, table, fields):
    """Its own ways: bytes with a sign, numbers without their point where all digits are decimals."""
    columns = access_parser.AccessParser(str(path)).parse_table(table)

    def value(raw, field):
        if raw is None:
            return None
        if field.kind == NUMERIC:
            text = numeric_to_string(raw, field.scale) if isinstance(raw, bytes) else raw
            return Decimal(text) if "." in text else Decimal(text).scaleb(-field.scale)
        if field.kind == DATE:
            return dt.datetime.strptime(raw, _MOMENT)
        return raw % 256 if field.kind == BYTE else raw

    cells = [[value(raw, field) for raw in columns[field.name]] for field in fields]
    return list(zip(*cells, strict=True))


def expected(rows, fields, blank=("", "")):
    """The rows as a reader has them; `blank` is what it makes of an empty text and an empty memo."""

    def value(given, field):
        if field.kind == NUMERIC and given is not None:
            return Decimal(str(given))
        if field.kind == DATE and given is not None:
            return given if isinstance(given, dt.datetime) else dt.datetime.combine(given, dt.time())
        return blank[field.kind == MEMO] if given == "" else given

    return [tuple(value(v, f) for v, f in zip(row, fields, strict=True)) for row in rows]


READERS = pytest.mark.parametrize(
    ("read", "blank"),
    [(by_mdbtools, (None, None)), (by_access_parser, ("", None))],
    ids=["mdbtools", "access-parser"],
)


def write(tmp_path, fields, rows, table="T", **options):
    template = make_empty_access(
        tmp_path / "template.mdb", {table: fields, "OTHER": [Field("BM", TEXT, 18)]}, **options
    )
    target = tmp_path / "990101.mdb"
    counts = write_access_file(template, target, {table: Rows([field.name for field in fields], rows)})
    assert counts == {table: len(rows)}
    return target


@READERS
def test_every_kind_of_value_comes_back(tmp_path, read, blank):
    path = write(tmp_path, KINDS, ROWS)
    assert read(path, "T", KINDS) == expected(ROWS, KINDS, blank)


def test_characters_of_two_units_and_dates_without_end(tmp_path):
    """Not by mdbtools, which reads neither: it knows 65,536 characters and no day after the year 4637."""
    fields = [Field("XM", TEXT, 4), Field("JS", MEMO), Field("RQ", DATE)]
    rows = [("𠮷田", "𠀋" * 3000, dt.date(9999, 1, 1)), ("𠮷𠮷", "", dt.date(5000, 12, 31))]
    path = write(tmp_path, fields, rows)
    assert by_access_parser(path, "T", fields) == expected(rows, fields, ("", None))
    with pytest.raises(AccessWriteError, match="第 1 行字段 XM：文字有 5 个字符，最多 4 个"):
        write(tmp_path, fields, [("𠮷𠮷田", None, None)])


def test_before_1899_12_30_days_count_backwards_and_hours_forwards(tmp_path):
    """Neither reader knows such days, so the number itself is looked for: -1.25 is 06:00 of the day before."""
    path = write(tmp_path, [Field("RQ", DATE)], [(dt.datetime(1899, 12, 29, 6),)])
    assert path.read_bytes()[-PAGE:].endswith(struct.pack("<Hdb", 1, -1.25, 1))


@READERS
@pytest.mark.parametrize("length", [32, 33, 2037, 2038, 2039, 4072, 4073, 40000])
def test_memos_of_every_length_where_their_place_changes(tmp_path, length, read, blank):
    fields = [Field("BM", TEXT, 9), Field("A", MEMO), Field("B", MEMO)]
    rows = [(str(n), chr(0x4E00 + n) * length, None if n % 2 else "乙" * (length - n)) for n in range(5)]
    path = write(tmp_path, fields, rows)
    assert read(path, "T", fields) == rows


@READERS
@pytest.mark.parametrize("count", [1, 255, 256, 1500, 2600])
def test_rows_on_many_pages_keep_their_order(tmp_path, count, read, blank):
    """2,600 rows take 867 pages: more than a map holds within its row."""
    fields = [Field("BM", TEXT, 19, compressed=True), Field("JS", TEXT, 254), Field("BZ", TEXT, 254)]
    rows = [(f"{n:019d}", "地" * 254, "块" * 254) for n in range(count)]
    path = write(tmp_path, fields, rows)
    assert read(path, "T", fields) == rows


def test_small_rows_stop_at_what_a_pointer_can_name(tmp_path):
    fields = [Field("A", BYTE)]
    rows = [(n % 256,) for n in range(700)]
    path = write(tmp_path, fields, rows)
    assert by_access_parser(path, "T", fields) == rows
    file = path.read_bytes()
    pages = [file[at : at + PAGE] for at in range(0, len(file), PAGE)]
    counts = [
        int.from_bytes(page[12:14], "little")
        for page in pages
        if page[:2] == b"\1\1" and page[4:8] == b"\5\0\0\0"
    ]
    assert counts == [255, 255, 190]


@READERS
def test_several_tables_and_fields_in_any_order_and_case(tmp_path, read, blank):
    first, second = [Field("A", TEXT, 5), Field("B", LONG), Field("C", TEXT, 5)], [Field("BM", TEXT, 18)]
    template = make_empty_access(
        tmp_path / "template.mdb", {"FIRST": first, "SECOND": second, "THIRD": second}
    )
    target = tmp_path / "a.mdb"
    tables = {"first": Rows(["c", "B"], iter([("丙", 3), (None, 4)])), "THIRD": Rows(["BM"], [("三",)])}
    assert write_access_file(template, target, tables) == {"first": 2, "THIRD": 1}
    assert read(target, "FIRST", first) == [(None, 3, "丙"), (None, 4, None)]
    assert read(target, "THIRD", second) == [("三",)]
    assert access_parser.AccessParser(str(target)).parse_table("SECOND") == {"BM": ""}


@pytest.mark.parametrize("count", [20, 2600])
def test_maps_tell_which_pages_are_whose(tmp_path, count):
    """Free pages stay free and those behind the end are; the table owns its own, and offers the last one."""
    fields = [Field("A", TEXT, 254), Field("B", TEXT, 254), Field("C", TEXT, 254)]
    path = write(tmp_path, fields, [("地" * 254,) * 3] * count, spare_pages=2)
    file = path.read_bytes()
    pages = [file[at : at + PAGE] for at in range(0, len(file), PAGE)]
    free = _mapped(file, 1, 0)
    assert {n for n in free if n < len(pages)} == {9, 10}
    assert len(pages) in free
    own = {n for n, page in enumerate(pages) if page[:2] == b"\1\1" and page[4:8] == b"\5\0\0\0"}
    assert len(own) == count // 2
    assert _mapped(file, 6, 0) == own
    assert _mapped(file, 6, 1) == {max(own)}
    assert all(any(page) for page in pages[11:])


def _mapped(file, page, row):
    """The pages a map names: bits from a page on, or the pages that hold the bits."""
    at = PAGE * page + 14 + 2 * row
    start = int.from_bytes(file[at : at + 2], "little")
    end = int.from_bytes(file[at - 2 : at], "little") if row else PAGE
    content = file[PAGE * page + start : PAGE * page + end]
    if content[0] == 0:
        return _bits(content[5:], int.from_bytes(content[1:5], "little"))
    numbers = [int.from_bytes(content[i : i + 4], "little") for i in range(1, len(content), 4)]
    maps = [(i, file[n * PAGE : (n + 1) * PAGE]) for i, n in enumerate(numbers) if n]
    assert all(bitmap[:4] == b"\5\1\0\0" for _, bitmap in maps)
    return set().union(*(_bits(bitmap[4:], i * (PAGE - 4) * 8) for i, bitmap in maps))


def _bits(content, first):
    number = int.from_bytes(content, "little")
    return {first + bit for bit in range(8 * len(content)) if number >> bit & 1}


def test_memory_does_not_grow_with_the_rows(tmp_path):
    template = make_empty_access(tmp_path / "template.mdb", {"T": [Field("A", TEXT, 254), Field("M", MEMO)]})
    rows = (("地" * 254, "记" * 2000) for _ in range(800))  # 4 MB
    tracemalloc.start()
    write_access_file(template, tmp_path / "a.mdb", {"T": Rows(["A", "M"], rows)})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "a.mdb").stat().st_size > 3 << 20
    assert peak < 1 << 20


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("WZ", "长" * 255, "文字有 255 个字符，最多 254 个"),
        ("YS", "a" * 255, "文字有 255 个字符，最多 254 个"),
        ("WZ", 5, "应为文字，不是 int"),
        ("WZ", "\ud842", "含有不成对的代理字符"),
        ("WZ", "a\0b", "含有空字符"),
        ("WZ", "\ufeff张", "以 U\\+FEFF 开头"),
        ("SF", None, "应为是或否，不能为空"),
        ("XH", 256, "整数 256 超出范围"),
        ("RS", 40000, "整数 40000 超出范围"),
        ("BH", 1.0, "应为整数，不是 float"),
        ("BH", True, "应为整数，不是 bool"),
        ("DJ", 1e300, "超出范围"),
        ("MJ", "1", "应为数字，不是 str"),
        ("RQ", "20160229", "应为日期，不是 str"),
        ("RQ", dt.date(99, 1, 1), "超出范围"),
        ("RQ", dt.datetime(2016, 1, 1, tzinfo=dt.UTC), "超出范围"),
        ("MU", Decimal("0.001"), "超出 15 位、2 位小数"),
        ("MU", Decimal("10000000000000"), "超出 15 位、2 位小数"),
        ("MU", float("nan"), "不是数字"),
        ("MU", float("inf"), "不是数字"),
    ],
)
def test_a_value_that_does_not_fit_names_its_place(tmp_path, field, value, why):
    template = make_empty_access(tmp_path / "template.mdb", {"KINDS": KINDS})
    target = tmp_path / "990101.mdb"
    target.write_bytes(b"as before")
    wrong = list(ROWS[0])
    wrong[NAMES.index(field)] = value
    with pytest.raises(AccessWriteError, match=f"^表 KINDS 第 3 行字段 {field}：.*{why}"):
        write_access_file(template, target, {"KINDS": Rows(NAMES, [ROWS[0], ROWS[1], wrong])})
    assert target.read_bytes() == b"as before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["990101.mdb", "template.mdb"]


@pytest.mark.parametrize(
    ("tables", "why"),
    [
        ({"NONE": Rows(["A"], [])}, "没有表 NONE"),
        ({"T": Rows(["A", "X"], [])}, "表 T 没有字段 X"),
        ({"T": Rows(["A", "a"], [])}, "表 T 没有字段 a，或者写了两次"),
        ({"T": Rows(["A"], [("a",), ("a", "b")])}, "表 T 第 2 行有 2 个值，应有 1 个"),
        ({"T": Rows(["PIC"], [])}, "表 T 字段 PIC 的类型无法写入"),
        ({"AUTO": Rows(["A"], [])}, "表 AUTO 有索引或自动编号"),
        (
            {"LONG": Rows([f"F{i}" for i in range(9)], [["长" * 254] * 9])},
            "表 LONG 第 1 行有 \\d+ 字节，最多 4060",
        ),
    ],
)
def test_what_the_template_cannot_hold_is_refused(tmp_path, tables, why):
    fields = {
        "T": [Field("A", TEXT, 5), Field("PIC", OLE)],
        "AUTO": [Field("ID", LONG, automatic=True), Field("A", TEXT, 5)],
        "LONG": [Field(f"F{i}", TEXT, 254) for i in range(9)],
    }
    template = make_empty_access(tmp_path / "template.mdb", fields)
    with pytest.raises(AccessWriteError, match=why):
        write_access_file(template, tmp_path / "a.mdb", tables)
    assert [p.name for p in tmp_path.iterdir()] == ["template.mdb"]


def test_tables_with_indexes_are_refused(tmp_path):
    template = make_empty_access(tmp_path / "template.mdb", {"T": [Field("A", TEXT, 5)]}, indexes=1)
    with pytest.raises(AccessWriteError):
        write_access_file(template, tmp_path / "a.mdb", {"T": Rows(["A"], [])})


def test_a_template_must_be_an_empty_access_file(tmp_path):
    filled = write(tmp_path, [Field("A", TEXT, 5)], [("a",)])
    later = bytearray(filled.read_bytes())
    later[0x14] = 2
    broken = bytearray(filled.read_bytes())
    broken[5 * PAGE] = 0
    for content, why in [
        (filled.read_bytes(), "表 T 不是空的"), (bytes(later), "无法使用"), (bytes(broken), "无法使用"),
        (b"", "无法使用"), (os.urandom(5 * PAGE), "无法使用"), (filled.read_bytes()[:-1], "无法使用"),
    ]:  # fmt: skip
        template = tmp_path / "t.mdb"
        template.write_bytes(content)
        with pytest.raises(AccessWriteError, match=why):
            write_access_file(template, tmp_path / "b.mdb", {"T": Rows(["A"], [("a",)])})
    with pytest.raises(AccessWriteError, match="无法使用"):
        write_access_file(tmp_path / "none.mdb", tmp_path / "b.mdb", {})


def test_equal_rows_make_equal_files(tmp_path):
    once, again = (write(tmp_path, KINDS, ROWS).read_bytes() for _ in range(2))
    assert once == again


def test_a_reader_that_stops_midway_leaves_nothing(tmp_path):
    template = make_empty_access(tmp_path / "template.mdb", {"T": [Field("A", TEXT, 5)]})

    def rows():
        yield ("a",)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_access_file(template, tmp_path / "a.mdb", {"T": Rows(["A"], rows())})
    assert [p.name for p in tmp_path.iterdir()] == ["template.mdb"]
