"""Fills a table with what a file holds, block by block, in the standard's kinds."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from engine.domain.said import say
from engine.exchange import standard
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import Values, compact
from engine.exchange.package.values import KINDS, typed

_SHOWN = 50  # wrong values of one field that are told


class Filling:
    """Columns of one table on their way in. Fields that the standard does not have are left out."""

    def __init__(self, name: str):
        self._fields = {field.name: field for field in standard.spec(name).fields}
        self._blocks: dict[str, list[pa.Array]] = defaultdict(list)
        self._wrong: dict[str, list[tuple[int, Any]]] = defaultdict(list)
        self.rows = 0

    def wants(self, field: str) -> bool:
        return field in self._fields

    def add(self, raw: Mapping[str, Sequence[Any] | pa.Array], rows: int) -> None:
        """So many more rows; ``raw`` has the same fields each time."""
        for name, values in raw.items():
            if name in self._fields:
                array, wrong = typed(values, self._fields[name])
                self._blocks[name].append(array)
                for row in wrong[: _SHOWN - len(self._wrong[name])]:
                    shown = values[row]
                    self._wrong[name].append(
                        (self.rows + row, shown.as_py() if isinstance(shown, pa.Scalar) else shown)
                    )
        self.rows += rows

    def done(self, name: str, path: str) -> tuple[dict[str, Any], list[Finding]]:
        """The columns in the standard's order, and S01 for what was no number."""
        columns = {}
        for field in self._fields.values():
            if field.name in self._blocks:
                columns[field.name] = Values(compact(self._blocks.pop(field.name), KINDS[field.kind]))
        found = [
            finding(
                "S01",
                say("第 %(row)s 行的值不是数字：%(shown)s", row=row + 1, shown=repr(shown)),
                name,
                path,
                field,
            )
            for field in self._fields
            for row, shown in self._wrong[field]
        ]
        return columns, found
