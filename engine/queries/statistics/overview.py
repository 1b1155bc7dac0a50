"""What a leader sees first: a division's figures on a day, those of the divisions below it, and what wants attention."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from engine.domain.calendar import WorkCalendar
from engine.queries.statistics import sums, supervision
from engine.queries.statistics.extension import STATUS
from engine.queries.statistics.sums import FAMILY, Sums, View, rolled, units
from engine.queries.statistics.supervision import Load, Month, Step

COLUMNS = (
    "area", "contracts", "family_area", "households", "contractors", "parcels", "parcel_area", "contracted_parcels",
    "certificates", *STATUS,
)  # fmt: skip
_AT = {name: place for place, name in enumerate(COLUMNS)}


@dataclass(frozen=True)
class Figures:
    """Of one division; areas in m2, contracts by the state of their extension."""

    division: str
    name: str
    area: Decimal  # of contracts in force
    contracts: int
    family_area: Decimal
    households: int
    contractors: int
    parcels: int
    parcel_area: Decimal  # measured, all categories
    contracted_parcels: int  # of category 10
    certificates: int
    filed: int
    open: int
    not_begun: int
    ended: int
    late: int = 0

    @property
    def due(self) -> int:
        """To be signed anew, or signed."""
        return self.filed + self.open + self.not_begun

    @property
    def filed_share(self) -> Decimal | None:
        return share(self.filed, self.due)

    @property
    def certified_share(self) -> Decimal | None:
        return share(self.certificates, self.contracts)


@dataclass(frozen=True)
class Overview:
    whole: Figures
    below: tuple[Figures, ...]
    uses: dict[str, Decimal]  # C.9 -> m2 of contracted parcels
    categories: dict[str, Decimal]  # C.7 -> m2 of all parcels
    ending: dict[int, tuple[int, Decimal]]  # year -> contracts, m2
    year: int | None  # whose contracts are signed anew
    years: tuple[int, ...]  # that may be chosen
    months: tuple[str, ...]
    signed: dict[str, list[int]]  # name of a division below -> filed anew, added up by month
    changes: tuple[Month, ...]
    steps: tuple[Step, ...]
    load: Load
    notices: tuple["Notice", ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Notice:
    """What wants attention: kind and numbers; the page has the words."""

    kind: str  # late, slowest, unsigned
    number: int
    division: str = ""
    name: str = ""
    share: Decimal | None = None


def share(part: int, whole: int) -> Decimal | None:
    """Percent with one decimal."""
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1")) if whole else None


def overview(view: View, calendar: WorkCalendar, year: int | None = None) -> Overview:
    """``year``: whose ending contracts are followed; without one, the first that ends now or later."""
    session, actor, when, division = view.session, view.actor, view.when, view.division
    named = units(session, actor, division, deep=False)
    below_digits = max((len(code) for code in named), default=len(division))
    view = replace(view, digits=below_digits, found={})
    years = sums.due_years(view)
    chosen = year if year in years else _first(years, when.day)
    found = Sums(len(COLUMNS))
    uses: dict[str, Decimal] = {}
    categories: dict[str, Decimal] = {}
    _sum(view, chosen, found, uses, categories)
    late = supervision.late_by_place(session, actor, when, division, below_digits)
    figures = {
        code: _figures(code, named[code], amounts, late) for code, amounts in rolled(found, named).items()
    }
    whole = figures.pop(division)
    months = tuple(supervision.months_before(when.day, 12))
    filed = sums.filed_by_month(view, chosen, below_digits) if chosen else []
    signed = supervision.running_total(filed, list(months))
    whole = Figures(**{**whole.__dict__, "late": sum(late.values())})
    below = tuple(figures.values())
    return Overview(
        whole, below, uses, categories,
        sums.ending_years(view),
        chosen, tuple(years), months,
        {named.get(code, code): values for code, values in sorted(signed.items())},
        tuple(supervision.changes_by_month(session, actor, when, division)),
        tuple(supervision.steps(session, actor, when, division, calendar)),
        supervision.load(session, actor, when, division),
        _notices(whole, below),
    )  # fmt: skip


def _first(years: list[int], day: date) -> int | None:
    return next((year for year in years if year >= day.year), years[-1] if years else None)


def _sum(
    view: View, year: int | None, found: Sums, uses: dict[str, Decimal], categories: dict[str, Decimal]
) -> None:
    for held in sums.contracts(view):
        found.add(held.division, _AT["area"], held.area)
        found.add(held.division, _AT["contracts"], held.contracts)
        if held.way == FAMILY:
            found.add(held.division, _AT["family_area"], held.area)
    for who in sums.contractors(view):
        found.add(who.division, _AT["contractors"], who.contractors)
        if who.kind == "1":
            found.add(who.division, _AT["households"], who.contractors)
    for land in sums.parcels(view):
        found.add(land.division, _AT["parcels"], land.parcels)
        found.add(land.division, _AT["parcel_area"], land.area)
        categories[land.category] = categories.get(land.category, Decimal(0)) + land.area
        if land.category == "10":
            found.add(land.division, _AT["contracted_parcels"], land.parcels)
            uses[land.use] = uses.get(land.use, Decimal(0)) + land.area
    for issued in sums.certificates(view):
        found.add(issued.division, _AT["certificates"], issued.certificates)
    if year:
        for place, status, contracts in sums.progress(view, year):
            found.add(place, _AT[status], contracts)


def _figures(code: str, name: str, amounts: list[Decimal], late: dict[str, int]) -> Figures:
    areas = {"area", "family_area", "parcel_area"}
    values = {
        column: amount if column in areas else int(amount)
        for column, amount in zip(COLUMNS, amounts, strict=True)
    }
    return Figures(code, name, **values, late=late.get(code, 0))  # type: ignore[arg-type]


def _notices(whole: Figures, below: tuple[Figures, ...]) -> tuple[Notice, ...]:
    found = []
    if whole.late:
        worst = max(below, key=lambda one: one.late, default=whole)
        found.append(Notice("late", whole.late, worst.division, worst.name))
    waiting = [one for one in below if one.due and one.not_begun]
    if len(waiting) > 1:
        slowest = min(waiting, key=lambda one: one.filed_share or Decimal(0))
        found.append(
            Notice("slowest", slowest.not_begun, slowest.division, slowest.name, slowest.filed_share)
        )
    without = whole.contracts - whole.certificates
    if without > 0:
        found.append(Notice("uncertified", without))
    return tuple(found)
