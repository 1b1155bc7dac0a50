"""Reads ownership tables from an Access file (.mdb): by mdb-tools, and where they are missing or fail by access-parser.

mdb-tools come first because access-parser loses the scale of small numbers (0.45 mu is read as 45, see `scaled`)
and knows no widths of numeric columns. What mdb-tools cannot read is taken from access-parser: characters beyond
the first 65,536, as in rare names, and days far ahead (9999-01-01, a term without end).
"""

import csv
import io
import os
import pathlib
import re
import shutil
import subprocess
from collections.abc import Container
from decimal import Decimal, InvalidOperation
from typing import Any

import access_parser
import pyarrow as pa
from pyarrow import csv as arrow_csv

from engine.domain.said import say
from engine.exchange import standard
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import BLOCK, Values
from engine.exchange.package.filling import Filling
from engine.exchange.package.model import Column, Table

_SECONDS = 600
_CREATE = re.compile(r"CREATE TABLE \[(?P<table>[^\]]+)\]\s*\((?P<body>.*?)\n\);", re.DOTALL)
_COLUMN = re.compile(r"^\s*\[(?P<name>[^\]]+)\]\s+(?P<kind>[A-Za-z/ ]+?)\s*(?:\((?P<width>\d+)(?:, (?P<scale>\d+))?\))?(?:\s+NOT NULL)?,?\s*$", re.MULTILINE)  # fmt: skip
_PARSER_KINDS = {1: "any", 2: "number", 3: "number", 4: "number", 5: "number", 6: "number", 7: "number", 8: "date",
                 10: "char", 12: "char", 16: "number"}  # fmt: skip
_TEXT, _NUMERIC = 10, 16

_Raw = tuple[dict[str, Column], dict[str, Any]]  # declared, and columns as sequences


def read_tables(path: pathlib.Path, name: str) -> tuple[dict[str, Table], list[Finding]]:
    """The standard's tables of an Access file; `name` is its relative path."""
    try:
        read = _by_mdbtools(path) if shutil.which("mdb-export") else {}
        read = _mended(path, read) if read else _by_access_parser(path)
    except Exception as error:  # the parser has no errors of its own: a broken file may raise anything
        return {}, [
            finding(
                "F06", say("权属数据库无法读取：%(why)s", why=f"{type(error).__name__} {error}"), None, name
            )
        ]
    tables: dict[str, Table] = {}
    found: list[Finding] = []
    for actual, (declared, columns) in sorted(read.items()):
        count = max(map(len, columns.values()), default=0)
        filling = Filling(actual)
        for start in range(0, max(count, 1), BLOCK):
            stop = min(start + BLOCK, count)
            filling.add(
                {c.upper(): _block(values, start, stop) for c, values in columns.items()}, stop - start
            )
        filled, more = filling.done(actual, name)
        found += more
        tables[actual] = Table(actual, filled, count, {c.upper(): d for c, d in declared.items()}, path=name)
    return tables, found


def _block(values: Any, start: int, stop: int) -> Any:
    """Rows of a column; one that is shorter than its table ends in nothing."""
    if isinstance(values, Values):
        return values.arrow[start:stop]
    part = values[start:stop]
    return part + [None] * (stop - start - len(part))


def _by_mdbtools(path: pathlib.Path) -> dict[str, _Raw]:
    """Empty when the tools cannot make anything of the file."""
    try:
        schema = _run("mdb-schema", "--no-relations", str(path))
        read: dict[str, _Raw] = {}
        for match in _CREATE.finditer(schema):
            if match["table"].upper() in standard.tables():
                text = _run("mdb-export", *_DATES, str(path), match["table"])
                read[match["table"].upper()] = (_declared(match["body"]), _columns(text))
        return read
    except (subprocess.SubprocessError, OSError, pa.ArrowException):
        return {}


def _columns(text: str) -> dict[str, Any]:
    """The columns of a CSV as text, empty as null."""
    names = next(csv.reader(io.StringIO(text)), [])
    if not names:
        return {}
    options = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )  # fmt: skip
    parsing = arrow_csv.ParseOptions(newlines_in_values=True)
    read = arrow_csv.read_csv(io.BytesIO(text.encode()), parse_options=parsing, convert_options=options)
    return {name: Values(read.column(name).combine_chunks()) for name in read.column_names}


_DATES = ("-D", "%Y%m%d", "-T", "%Y%m%d")


def _run(*command: str) -> str:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "MDBICONV": "UTF-8", "MDB_JET3_CHARSET": "GBK"}
    done = subprocess.run(command, capture_output=True, check=True, timeout=_SECONDS, env=environment)
    return done.stdout.decode("utf-8", "replace")


def _declared(body: str) -> dict[str, Column]:
    return {m["name"]: _column(m["kind"].lower(), m["width"], m["scale"]) for m in _COLUMN.finditer(body)}


def _column(kind: str, width: str | None, scale: str | None) -> Column:
    if kind.startswith("memo"):
        return Column("char")
    if kind == "text":
        return Column("char", int(width) if width else None)
    if "date" in kind:
        return Column("date")
    if kind == "numeric":
        return Column("number", int(width) if width else None, int(scale or 0))
    return Column("any" if kind in ("boolean", "ole") else "number")


_NO_DAY = "19000100"  # a day beyond the year 4637, as mdb-tools write it


def _misread(value: Any) -> bool:
    return isinstance(value, str) and ("??" in value or value == _NO_DAY)


def _mended(path: pathlib.Path, read: dict[str, _Raw]) -> dict[str, _Raw]:
    """The cells that mdb-tools cannot have read, by access-parser; as they are where it cannot read the file."""
    wrong = {
        name: fields
        for name, (_, columns) in read.items()
        if (fields := [field for field, values in columns.items() if any(map(_misread, values))])
    }
    if not wrong:
        return read
    try:
        second = _by_access_parser(path, wrong)
    except Exception:  # it has no errors of its own
        return read
    for name, fields in wrong.items():
        columns, other = read[name][1], second.get(name, ({}, {}))[1]
        for field in fields:
            if len(other.get(field, ())) == len(columns[field]):
                pairs = zip(columns[field], other[field], strict=True)
                columns[field] = [theirs if _misread(own) else own for own, theirs in pairs]
    return read


def _by_access_parser(path: pathlib.Path, tables: Container[str] | None = None) -> dict[str, _Raw]:
    """The standard's tables, or those of `tables` alone."""
    database = access_parser.AccessParser(str(path))
    read: dict[str, _Raw] = {}
    for actual in database.catalog:
        if actual.upper() in (standard.tables() if tables is None else tables):
            own = list(database.get_table(actual).columns.values())
            values = database.parse_table(actual)
            columns = {c.col_name_str: _values(c, values.get(c.col_name_str)) for c in own}
            read[actual.upper()] = ({c.col_name_str: _parsed(c) for c in own}, columns)
    return read


def _parsed(column: Any) -> Column:
    return Column(_PARSER_KINDS.get(column.type, "any"), column.length // 2 if column.type == _TEXT else None)


def _values(column: Any, values: Any) -> list[Any]:
    if not isinstance(values, list):  # an empty table's columns are ""
        return []
    if column.type != _NUMERIC:
        return [None if v in ("", "(Empty Date)") else v for v in values]
    scale = (column.get("various") or {}).get("scale", 6)
    return [scaled(v, scale) for v in values]


def scaled(text: Any, scale: int) -> Any:
    """A number as access-parser writes it: where all digits are decimals it leaves the point out."""
    if not isinstance(text, str) or "." in text:
        return text
    try:
        return float(Decimal(text).scaleb(-scale))
    except InvalidOperation:
        return text
