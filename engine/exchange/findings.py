"""What a check finds: one finding per breach, clickable to its record."""

import functools
import pathlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import yaml


@dataclass(frozen=True, slots=True)
class Finding:
    """`record` is the row's own code, `LAYER:BSM` where it has none, or a file's relative path."""

    rule: str
    severity: str  # error | warning
    table: str | None
    record: str | None
    field: str | None
    message: str  # Chinese, for users

    def as_dict(self) -> dict[str, str | None]:
        """As `package check --json` gives it."""
        return asdict(self)


def finding(
    rule: str,
    message: str,
    table: str | None = None,
    record: str | None = None,
    field: str | None = None,
    severity: str | None = None,
) -> Finding:
    """A finding with the rule's own severity, unless one is named."""
    return Finding(rule, severity or rules()[rule]["severity"], table, record, field, message)


@functools.cache
def rules() -> Mapping[str, dict[str, str]]:
    """All implemented rules: id -> severity, zh, en; in the order they are checked and listed."""
    return yaml.safe_load((pathlib.Path(__file__).parent / "checks" / "rules.yaml").read_text("utf-8"))
