"""What a delivery package holds, whichever files it came from.

Tables are columns of equal length, lean ones (columns.py), so that a county of two million boundary points stays
checkable in a small memory. Values are text or None for characters and dates (`YYYYMMDD` where the date is one),
int or float or None for numbers.
"""

import pathlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from engine.domain.division import around
from engine.exchange import standard
from engine.exchange.package.columns import Geometries, Values, arrow_of
from engine.exchange.package.values import KINDS

VECTORS = "矢量数据"
OWNERSHIP = "权属数据"
SUMMARIES = "汇总表格"
FIGURES = "图件"
REPORTS = "文字报告"
OTHERS = "其他资料"
POINT_NOTES = "点之记"
SOURCE_PAPERS = "权属来源附件"
UNIT_SHEET = "权属单位代码表"


@dataclass(frozen=True)
class Column:
    """How a file declares a field: kind char, number, date or any; width and decimals where it says so."""

    kind: str
    width: int | None = None
    decimals: int | None = None


@dataclass
class Table:
    """One layer or ownership table.

    Columns are `Values` where they were read, lists where our own code made them; `geometry` of a layer likewise
    `Geometries` (by number, slice or array of numbers) or an array of shapely geometries.
    """

    name: str
    columns: dict[str, Any]  # name -> Sequence; the demonstration's flaws change the lists
    count: int
    declared: dict[str, Column] = field(default_factory=dict)
    geometry: Geometries | np.ndarray | None = None
    crs: tuple[str, ...] = ()  # WKT or EPSG:n as the files give it; more than one where split files differ
    path: str = ""  # of the file, relative to the package
    known: dict[str, Any] = field(default_factory=dict, repr=False)  # what rules have found out and share

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, name: str) -> Sequence[Any]:
        """The column; all None when the file does not have it (which S01 reports)."""
        return (
            self.columns[name]
            if name in self.columns
            else Values(pa.nulls(self.count, _kind(self.name, name)))
        )

    def arrow(self, name: str) -> pa.Array:
        """The column as an array, perhaps with a dictionary; all null when the file does not have it."""
        array = arrow_of(self[name])
        kind = _kind(self.name, name)
        return array if pa.types.is_dictionary(array.type) or array.type == kind else array.cast(kind)

    def rows(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Rows of the named columns."""
        return zip(*self.columns_of(*names), strict=True)

    def columns_of(self, *names: str) -> list[Sequence[Any]]:
        """The named columns."""
        return [self[name] for name in names]


def _kind(table: str, name: str) -> pa.DataType:
    """How a column of the standard is kept; anything else is text."""
    field = next((f for f in standard.spec(table).fields if f.name == name), None)
    return KINDS[field.kind] if field else pa.string()


@dataclass
class Sheet:
    """One spreadsheet of numbers by unit: header names and rows of (code, name, values ...)."""

    name: str
    path: str
    header: tuple[str, ...]
    rows: list[tuple[Any, ...]]


@dataclass
class Metadata:
    """The metadata XML as far as it is compared with the rest."""

    path: str
    county: str | None
    central_meridian: float | None
    layers: tuple[str, ...]


@dataclass
class PackageData:
    """A whole package. `files` are the relative paths (with `/`) of everything in it."""

    root_name: str
    county: str
    year: str
    layers: dict[str, Table]
    tables: dict[str, Table]
    units: dict[str, str]  # 14-digit code -> full name
    sheets: dict[str, Sheet]
    metadata: Metadata | None
    files: Mapping[str, pathlib.Path | None]


def part_of(package: PackageData) -> str:
    """The division that the package is of: the county, or the one township or village in which all its parties lie."""
    parties = package.tables.get("FBF")
    codes = [code for code in parties["FBFBM"] if code] if parties is not None else []
    own = [code for code in codes if len(code) == 14 and code.startswith(package.county)]
    return around(own)[:12] if own and len(own) == len(codes) else package.county


def make_table(name: str, columns: Mapping[str, list[Any]], geometry: np.ndarray | None = None) -> Table:
    """A table built by our own code rather than read from a file; decimals become floats as in reading."""
    plain = {
        key: [float(v) if isinstance(v, Decimal) else v for v in values] for key, values in columns.items()
    }
    count = len(next(iter(plain.values()))) if plain else 0
    return Table(name, plain, count, geometry=geometry)
