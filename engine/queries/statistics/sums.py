"""Sums over the register on a day, by the division of the issuing party.

A county of 362,000 parcels has some 2,000 issuing parties: what comes back is small, and ``rolled`` adds it up.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.division import LEVELS
from engine.queries.scoped import AFTER
from engine.queries.statistics.extension import REPLACED, signed_now
from engine.queries.statistics.kept import part
from engine.queries.statistics.parts import (
    FAMILY,
    Certificates,
    Contractors,
    Contracts,
    Members,
    Papers,
    Parcels,
    Parties,
    Terms,
    View,
)
from engine.store.tables.reference import Division

__all__ = ["FAMILY", "Sums", "View", "rolled", "units"]

DIGITS = tuple(LEVELS.values())


def parties(view: View) -> list[Parties]:
    return part(view, "parties")


def parcels(view: View) -> list[Parcels]:
    return part(view, "parcels")


def contracts(view: View) -> list[Contracts]:
    return part(view, "contracts")


def contractors(view: View) -> list[Contractors]:
    return part(view, "contractors")


def members(view: View) -> list[Members]:
    return part(view, "members")


def certificates(view: View) -> list[Certificates]:
    return part(view, "certificates")


def papers(view: View) -> list[Papers]:
    return part(view, "papers")


def terms(view: View) -> list[Terms]:
    return part(view, "terms")


def due_years(view: View) -> list[int]:
    """Years in which contracts end or ended by their last version in force."""
    return sorted({row.year for row in terms(view)})


def ending_years(view: View) -> dict[int, tuple[int, Decimal]]:
    """Year -> contracts in force on the day that end in it, and their area in m2."""
    found: dict[int, tuple[int, Decimal]] = {}
    for row in sorted(terms(view), key=lambda row: row.year):
        if row.state == "stands":
            contracts, area = found.get(row.year, (0, Decimal(0)))
            found[row.year] = contracts + row.contracts, area + row.area
    return found


def progress(view: View, year: int) -> list[tuple[str, str, int]]:
    """(division, status of the extension, contracts) of those due in the year; what was replaced is not counted."""
    found = [
        (row.division, row.state if row.state != "stands" else "not_begun", row.contracts)
        for row in terms(view)
        if row.year == year and row.state != REPLACED
    ]
    for division, contracts, _ in signed_now(view.session, view.actor, view.when, view.division, year):
        found += [(division, "open", contracts), (division, "not_begun", -contracts)]
    return found


def filed_by_month(view: View, year: int, digits: int) -> list[tuple[str, str, int]]:
    """(month as 2026-09, division of so many digits, contracts filed anew in it) of those due in the year."""
    found: dict[tuple[str, str], int] = {}
    for row in terms(view):
        if row.year == year and row.month:
            key = (row.month, row.division[:digits])
            found[key] = found.get(key, 0) + row.contracts
    return [(month, place, number) for (month, place), number in sorted(found.items())]


Amounts = list[Decimal]


class Sums:
    """Amounts by division, in so many columns."""

    def __init__(self, width: int):
        self.width = width
        self.amounts: dict[str, Amounts] = {}

    def add(self, division: str, column: int, amount: Decimal | int) -> None:
        self.amounts.setdefault(division, [Decimal(0)] * self.width)[column] += amount


def rolled(sums: Sums, units: Iterable[str]) -> dict[str, Amounts]:
    """Unit (division code) -> amounts of everything at and below it."""
    found = {unit: [Decimal(0)] * sums.width for unit in units}
    for division, amounts in sums.amounts.items():
        for digits in DIGITS:
            if digits <= len(division) and (row := found.get(division[:digits])) is not None:
                for column, amount in enumerate(amounts):
                    row[column] += amount
    return found


def units(session: Session, actor: Actor, division: str, deep: bool = True) -> dict[str, str]:
    """Code -> name of the division and of all below it; of the next level alone where not ``deep``."""
    rows = session.execute(
        select(Division.code, Division.name)
        .where(Division.code >= division, Division.code < division + AFTER)
        .order_by(Division.code)
    )
    found: Mapping[str, str] = {row[0]: row[1] for row in rows if row[0].startswith(actor.division)}
    if deep:
        return dict(found)
    below = next((n for n in DIGITS if n > len(division) and any(len(code) == n for code in found)), 0)
    return {code: name for code, name in found.items() if code == division or len(code) == below}
