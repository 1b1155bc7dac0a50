"""Rent of transferred land: when it falls due, how each payment stands, and what inspections may find. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain.from_yaml import read_yaml

MOST_PAYMENTS = 400
PAID, OVERDUE, SOON, LATER = "paid", "overdue", "soon", "later"
CHANGED_USE, ABANDONED, AREA, DAMAGE, OTHER, FINE = (
    "changed_use",
    "abandoned",
    "area",
    "damage",
    "other",
    "fine",
)
FINDINGS = (FINE, CHANGED_USE, ABANDONED, AREA, DAMAGE, OTHER)
INSPECTION_PHOTO = "inspection_photo"  # kind of paper
EVERY = (1, 3, 6, 12)  # months between payments


@dataclass(frozen=True)
class Due:
    day: date
    yuan: Decimal


@dataclass(frozen=True)
class Rent:
    """What a contract says of rent. ``percent``: by which it rises every ``years`` from the first day on; 0: it does not."""

    yearly: Decimal  # yuan, at first
    every: int  # months between payments
    first: date
    percent: Decimal = Decimal(0)
    years: int = 0

    def yearly_on(self, day: date) -> Decimal:
        """Yuan a year, as it stands for a payment of that day."""
        if not self.years or not self.percent:
            return self.yearly
        whole = day.year - self.first.year - ((day.month, day.day) < (self.first.month, self.first.day))
        return self.yearly * (1 + self.percent / 100) ** (whole // self.years)


def of_area(rent_mu: Decimal, area_mu: Decimal) -> Decimal:
    """Yuan a year for the whole land, to the cent."""
    return (rent_mu * area_mu).quantize(Decimal("0.01"), ROUND_HALF_UP)


def schedule(rent: Rent, term_end: date) -> list[Due]:
    """Payments of a contract: the first on its day, each later one so many months on, while the term lasts.

    The amount is that part of the yearly rent, to the cent. Raises ValueError where there would be none, or too many.
    """
    days = list(_days(rent.first, rent.every, term_end))
    if not days or len(days) > MOST_PAYMENTS:
        raise ValueError(f"{len(days)} payments")
    return [
        Due(day, (rent.yearly_on(day) * rent.every / 12).quantize(Decimal("0.01"), ROUND_HALF_UP))
        for day in days
    ]


def _days(first: date, every: int, term_end: date) -> Iterator[date]:
    for turn in range(MOST_PAYMENTS + 1):
        months = first.month - 1 + turn * every
        year, month = first.year + months // 12, months % 12 + 1
        if year > date.max.year:
            return
        day = date(year, month, min(first.day, monthrange(year, month)[1]))
        if day > term_end:
            return
        yield day


def state_of(due_on: date, paid_on: date | None, today: date) -> str:
    """The due day itself still counts: overdue begins the day after."""
    if paid_on is not None:
        return PAID
    if due_on < today:
        return OVERDUE
    return SOON if due_on <= today + timedelta(days=remind_before()) else LATER


def remind_before() -> int:
    return int(_numbers()["remind_before_days"]["value"])


def rectify_days() -> int:
    return int(_numbers()["rectify_days"]["value"])


def rectify_by(day: date) -> date:
    return day + timedelta(days=rectify_days())


@cache
def _numbers() -> dict[str, Any]:
    found: dict[str, Any] = read_yaml(
        (Path(__file__).parent / "data" / "supervision.yaml").read_text("utf-8")
    )
    return found
