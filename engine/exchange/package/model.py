"""What a delivery package holds, whichever files it came from.

Tables are columns of equal length, so that a county of a million boundary points stays checkable. Values are
text or None for characters and dates (`YYYYMMDD` where the date is one), int or float or None for numbers.
"""

import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

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
    """One layer or ownership table. `geometry` is an array of shapely geometries for layers, else None."""

    name: str
    columns: dict[str, list[Any]]
    count: int
    declared: dict[str, Column] = field(default_factory=dict)
    geometry: np.ndarray | None = None
    crs: tuple[str, ...] = ()  # WKT or EPSG:n as the files give it; more than one where split files differ
    path: str = ""  # of the file, relative to the package

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, name: str) -> list[Any]:
        """The column; all None when the file does not have it (which S01 reports)."""
        return self.columns.get(name) or [None] * self.count

    def rows(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Rows of the named columns."""
        return zip(*self.columns_of(*names), strict=True)

    def columns_of(self, *names: str) -> list[list[Any]]:
        """The named columns."""
        return [self[name] for name in names]


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


def make_table(name: str, columns: Mapping[str, list[Any]], geometry: np.ndarray | None = None) -> Table:
    """A table built by our own code rather than read from a file; decimals become floats as in reading."""
    plain = {
        key: [float(v) if isinstance(v, Decimal) else v for v in values] for key, values in columns.items()
    }
    count = len(next(iter(plain.values()))) if plain else 0
    return Table(name, plain, count, geometry=geometry)
