"""The public board of land offered and wanted: its words, how long an entry is shown, what fits what. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from engine.domain import masking
from engine.domain.from_yaml import read_yaml

OFFERED, WANTED = "offered", "wanted"
KINDS = (OFFERED, WANTED)
WAYS = ("lease", "shares", "other")
PUBLISHERS = ("household", "village", "firm", "person")
WAITING, PUBLIC, REJECTED, WITHDRAWN, EXPIRED = "waiting", "public", "rejected", "withdrawn", "expired"
STATES = (WAITING, PUBLIC, REJECTED, WITHDRAWN, EXPIRED)


class Entry(Protocol):
    """What two entries are compared by. ``place_code``: the village or township (9 or 12 digits)."""

    kind: Any
    way: Any
    area_mu: Any
    place_code: Any


def fits(one: Entry, other: Entry) -> bool:
    """An offer and a wish of the same township and way, whose areas are at most twice as large as one another."""
    smaller, larger = sorted((Decimal(one.area_mu), Decimal(other.area_mu)))
    return (
        one.kind != other.kind
        and one.way == other.way
        and one.place_code[:9] == other.place_code[:9]
        and larger <= smaller * 2
    )


def matching(one: Entry, others: Iterable[Any]) -> list[Any]:
    return [other for other in others if fits(one, other)]


def shown_until(day: date, wished: date | None) -> date:
    """The last day on which an entry is shown: as wished, but no longer than the rules say."""
    last = day + timedelta(days=number("valid_days"))
    return min(wished, last) if wished else last


def public_name(kind: str, name: str) -> str:
    """People are masked; villages and firms stand in full."""
    return name if kind in ("village", "firm") else masking.name(name)


def number(name: str) -> int:
    return int(_rules()[name]["value"])


@cache
def _rules() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml((Path(__file__).parent / "data" / "land_board.yaml").read_text("utf-8"))
    return found
