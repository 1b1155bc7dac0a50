"""The six summary tables (汇总表格) of a delivery package, from the register on any day, for every unit of a scope.

Columns are those of ``engine.exchange.summaries``, which computes the same from a package's tables; both must agree.
Counts are exact, areas in 亩 with 2 decimals from the sum of m2.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from engine.domain.register import mu
from engine.exchange.summaries import (
    BY_CATEGORY,
    BY_CERTIFICATE,
    BY_CONTRACTOR,
    BY_PARCEL,
    BY_PROTECTION,
    BY_PURPOSE,
    COLUMNS,
)
from engine.queries.statistics import sums
from engine.queries.statistics.sums import Sums, View, rolled, units

CONTRACTED = "10"  # C.7
Table = dict[str, list[Decimal | int]]  # division code -> values in the order of COLUMNS

_USES = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}  # C.9 -> column
_CATEGORIES = {"21": 0, "22": 1, "23": 2, "99": 3}  # C.7 -> column
_PROTECTED = {"1": 0, "2": 1}  # C.19 -> column


def summary_tables(view: View, deep: bool = True) -> tuple[dict[str, str], dict[str, Table]]:
    """(code -> name of the units, table name -> its rows): all levels of the scope, or the next one alone."""
    named = units(view.session, view.actor, view.division, deep)
    view = replace(view, digits=max(map(len, named), default=14), found={})
    land, issued = sums.parcels(view), sums.certificates(view)
    made: Mapping[str, Callable[[Sums], None]] = {
        BY_PARCEL: lambda found: _by_parcel(view, land, issued, found),
        BY_PURPOSE: lambda found: _by_purpose(land, found),
        BY_CATEGORY: lambda found: _by_category(land, found),
        BY_PROTECTION: lambda found: _by_protection(land, found),
        BY_CERTIFICATE: lambda found: _by_certificate(issued, found),
        BY_CONTRACTOR: lambda found: _by_contractor(view, found),
    }
    tables = {}
    for name, columns in COLUMNS.items():
        found = Sums(len(columns))
        made[name](found)
        counted = [is_count for _, is_count in columns]
        tables[name] = {
            unit: [
                int(value) if is_count else mu(value) for value, is_count in zip(values, counted, strict=True)
            ]
            for unit, values in rolled(found, named).items()
        }
    return named, tables


def _by_parcel(view: View, land: list, issued: list, found: Sums) -> None:
    for row in sums.parties(view):
        found.add(row.division, 0, row.parties)
    for row in land:
        first = 1 if row.category == CONTRACTED else 3
        found.add(row.division, first, row.parcels)
        found.add(row.division, first + 1, row.area)
    for row in issued:
        found.add(row.division, 5, row.certificates)


def _by_purpose(land: list, found: Sums) -> None:
    for row in land:
        if row.category == CONTRACTED and row.use in _USES:
            found.add(row.division, _USES[row.use], row.area)
            found.add(row.division, 6, row.area)
            if row.use != "5":
                found.add(row.division, 0, row.area)


def _by_category(land: list, found: Sums) -> None:
    for row in land:
        if row.category in _CATEGORIES:
            found.add(row.division, _CATEGORIES[row.category], row.area)
            found.add(row.division, 4, row.area)


def _by_protection(land: list, found: Sums) -> None:
    for row in land:
        if row.category == CONTRACTED and row.basic_farmland in _PROTECTED:
            found.add(row.division, _PROTECTED[row.basic_farmland], row.area)
            found.add(row.division, 2, row.area)


def _by_certificate(issued: list, found: Sums) -> None:
    for row in issued:
        found.add(row.division, 0, row.certificates)
        found.add(row.division, 1 if row.family else 2, row.certificates)
        found.add(row.division, 3, row.area)


def _by_contractor(view: View, found: Sums) -> None:
    for row in sums.contractors(view):
        found.add(row.division, 0, row.contractors)
        if row.kind == "1":
            found.add(row.division, 1, row.contractors)
        elif row.kind in ("2", "3"):
            found.add(row.division, 3, row.contractors)
            found.add(row.division, 5 if row.kind == "2" else 4, row.contractors)
    for home in sums.members(view):
        found.add(home.division, 2, home.members)
