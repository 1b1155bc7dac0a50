"""How long one may ask for a review of an authority's decision, or sue, by the law of a day (data/remedies.yaml). Pure."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain.from_yaml import read_yaml

DIGITS = "零一二三四五六七八九"


@cache
def _periods() -> dict[str, Any]:
    return read_yaml((Path(__file__).parent / "data" / "remedies.yaml").read_text("utf-8"))["periods"]


def period(name: str, on: date) -> str:
    """``period("review", day)``: 六十日, as papers write it. LookupError for a name or a day that the law knows nothing of."""
    known = _periods()[name]
    values = [one["value"] for one in known["values"] if one["from"] <= on]
    return f"{in_characters(values[-1])}{known['unit']}"


def in_characters(number: int) -> str:
    """1 to 99 as papers write them: 六, 十五, 六十."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return f"{head}{DIGITS[ones] if ones or not tens else ''}"
