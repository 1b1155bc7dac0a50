"""What a row is called in a finding."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from engine.exchange import standard
from engine.exchange.package.columns import values_at
from engine.exchange.package.model import Table


class Records(Sequence[str]):
    """Per row its own code; members `CBFBM/name`, layers without a code `LAYER:BSM`, else the row's number.

    Made when asked for: of two million rows a rule names but a few.
    """

    def __init__(self, table: Table):
        key = standard.spec(table.name).key
        self._layer = table.name if key is None else ""
        fields = ("CBFBM", "CYXM", "CYZJHM") if table.name == "CBF_JTCY" else (key or "BSM",)
        self._columns = table.columns_of(*fields)

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, row: Any) -> Any:
        return self._name(row + 1, *(column[row] for column in self._columns))

    def many(self, rows: np.ndarray) -> list[str]:
        """Of several rows at once."""
        columns = (values_at(column, rows) for column in self._columns)
        return [self._name(*values) for values in zip((rows + 1).tolist(), *columns, strict=True)]

    def __iter__(self) -> Iterator[str]:
        for number, values in enumerate(zip(*self._columns, strict=True), 1):
            yield self._name(number, *values)

    def _name(self, number: int, first: Any, *more: Any) -> str:
        if more:
            return f"{first or f'第{number}行'}/{more[0] or more[1] or ''}"
        if self._layer:
            return f"{self._layer}:{first if first is not None else f'第{number}行'}"
        return first or f"第{number}行"


def records(table: Table) -> Records:
    return Records(table)


def record_of(table: Table, row: int) -> str:
    """What one row is called."""
    return records(table)[row]


def blank(value: object) -> bool:
    """Null, or text of nothing but blanks."""
    return value is None or (isinstance(value, str) and not value.strip())
