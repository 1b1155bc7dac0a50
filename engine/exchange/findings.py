"""What a check finds: one finding per breach, clickable to its record."""

import functools
import pathlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.domain.from_yaml import read_yaml

ERROR, WARNING = "error", "warning"
_WHERE = ("other", "x", "y")


@dataclass(frozen=True, slots=True)
class Finding:
    """`record` is the row's own code, `LAYER:BSM` where it has none, or a file's relative path."""

    rule: str
    severity: str  # error | warning
    table: str | None
    record: str | None
    field: str | None
    message: str  # Chinese, for users
    other: str | None = None  # code of the other record, where a breach lies between two
    x: float | None = None  # easting and northing in metres, where there is one place
    y: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """As `package check --json` gives it; the other record and the place only where there is one."""
        found = asdict(self) | {"message": str(self.message)}
        return {key: value for key, value in found.items() if value is not None or key not in _WHERE}


def finding(
    rule: str,
    message: str,
    table: str | None = None,
    record: str | None = None,
    field: str | None = None,
    severity: str | None = None,
    other: str | None = None,
    at: tuple[float, float] | None = None,
) -> Finding:
    """A finding with the rule's own severity, unless one is named; ``at``: easting, northing in metres."""
    x, y = (round(at[0], 3), round(at[1], 3)) if at else (None, None)
    return Finding(rule, severity or rules()[rule]["severity"], table, record, field, message, other, x, y)


@functools.cache
def rules() -> Mapping[str, dict[str, Any]]:
    """All rules: id -> severity, zh, en, source, verify, firm; in the order they are checked and listed."""
    return read_yaml((pathlib.Path(__file__).parent / "checks" / "rules.yaml").read_text("utf-8"))
