"""Reads ownership tables from an Access file (.mdb): by access-parser, and where that fails by mdb-tools."""

import csv
import io
import pathlib
import shutil
import subprocess
from typing import Any

import access_parser

from engine.exchange import standard
from engine.exchange.findings import Finding, finding
from engine.exchange.package.layers import fill
from engine.exchange.package.model import Column, Table

_KINDS = {1: "any", 2: "number", 3: "number", 4: "number", 5: "number", 6: "number", 7: "number", 8: "date",
          10: "char", 12: "char", 16: "number"}  # fmt: skip
_TEXT = 10
_SECONDS = 300


def read_tables(path: pathlib.Path, name: str) -> tuple[dict[str, Table], list[Finding]]:
    """The standard's tables of an Access file; `name` is its relative path."""
    try:
        return _read(path, name)
    except Exception as error:  # the parser has no errors of its own: a broken file may raise anything
        return {}, [finding("F06", f"权属数据库无法读取：{type(error).__name__} {error}", None, name)]


def _read(path: pathlib.Path, name: str) -> tuple[dict[str, Table], list[Finding]]:
    database = access_parser.AccessParser(str(path))
    tables: dict[str, Table] = {}
    found: list[Finding] = []
    for actual in sorted(database.catalog):
        if actual.upper() not in standard.tables():
            continue
        declared = _declared(database, actual)
        raw = _columns(database, path, actual)
        raw = {column: raw.get(column, []) for column in declared}
        count = max(map(len, raw.values()), default=0)
        table = Table(actual.upper(), {}, count, {c.upper(): d for c, d in declared.items()}, path=name)
        found += fill(table, {c.upper(): values + [None] * (count - len(values)) for c, values in raw.items()})
        tables[table.name] = table
    return tables, found


def _declared(database: Any, table: str) -> dict[str, Column]:
    columns = database.get_table(table).columns.values()
    return {
        c.col_name_str: Column(_KINDS.get(c.type, "any"), c.length // 2 if c.type == _TEXT else None) for c in columns
    }


def _columns(database: Any, path: pathlib.Path, table: str) -> dict[str, list[Any]]:
    try:
        return dict(database.parse_table(table))
    except Exception:  # as above; the second reader then says what is wrong
        if shutil.which("mdb-export") is None:
            raise
        return _exported(path, table)


def _exported(path: pathlib.Path, table: str) -> dict[str, list[Any]]:
    done = subprocess.run(
        ["mdb-export", "-D", "%Y%m%d", "-T", "%Y%m%d", str(path), table],
        capture_output=True, check=True, timeout=_SECONDS, encoding="utf-8", errors="replace",
    )  # fmt: skip
    rows = list(csv.reader(io.StringIO(done.stdout)))
    return {name: [row[i] or None for row in rows[1:]] for i, name in enumerate(rows[0])} if rows else {}
