"""The yearly statistics form of a division: reckoned from the register at the year's end, entered by hand, or confirmed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.changes.contracts import ASSIGNED, SWAPPED
from engine.domain.errors import NotFound
from engine.domain.said import say
from engine.domain.yearly_form import (
    Finding,
    Indicator,
    Values,
    YearlyForm,
    added_up,
    check_values,
    form_for,
    read_forms,
    shipped_forms,
)
from engine.queries.as_of import When
from engine.queries.ledgers.joins import in_force, lies_in
from engine.queries.scoped import within
from engine.queries.statistics import sums
from engine.queries.statistics.sums import FAMILY, View
from engine.store.register import county_of, version_of
from engine.store.tables import register as t
from engine.store.tables.statistics import StatisticsConfirmation, StatisticsEntry

RESERVE = "22"  # C.7 机动地
_NAMED = 5  # divisions in one sentence
ByDivision = dict[str, dict[str, Decimal]]


@dataclass(frozen=True)
class Line:
    """One indicator. ``own``: what the division itself entered, by whom; ``value`` is everything added up, m2 for areas."""

    indicator: Indicator
    value: Decimal | None
    last_year: Decimal | None
    own: StatisticsEntry | None
    may_enter: bool


@dataclass(frozen=True)
class FilledForm:
    """``confirmed``: of this very division; ``closed_by``: that, or of a division above it."""

    form: YearlyForm
    year: int
    division: str
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]
    confirmed: StatisticsConfirmation | None
    closed_by: StatisticsConfirmation | None
    below: tuple[str, ...]  # divisions below that have confirmed
    now_differs: tuple[str, ...]  # indicators that would be otherwise if it were confirmed today

    @property
    def errors(self) -> list[Finding]:
        return [one for one in self.findings if one.severity == "error"]


def forms_of(session: Session, county: str) -> tuple[YearlyForm, ...]:
    """The county's own editions where it has some, else those that come with the software."""
    own = county_of(session, county).settings.get("yearly_form")
    return read_forms(own) if own else shipped_forms()


def form_of_year(session: Session, county: str, year: int) -> YearlyForm:
    form = form_for(forms_of(session, county), year)
    if form is None:
        raise NotFound("yearly_form", "%(year)s年没有统计表的定义", year=year)
    return form


def filled_form(session: Session, actor: Actor, year: int, division: str, known: Any) -> FilledForm:
    """Computed values are those of 31 December, or of today while the year runs."""
    form = form_of_year(session, actor.county, year)
    confirmations = _confirmations(session, actor, year, division)
    closed = next((c for c in confirmations if division.startswith(c.division)), None)
    confirmed = next((c for c in confirmations if c.division == division), None)
    frozen = {c.division: decimals(c.values) for c in confirmations if c.division.startswith(division)}
    live = live_values(session, actor, form, year, division, known)
    now = added_up(live, frozen, division)
    values = frozen[division] if confirmed else now
    last_year = _confirmed_values(session, actor, year - 1, division)
    own = {entry.indicator: entry for entry in _entries(session, actor, year, division, alone=True)}
    enters = {one.id for one in form.entered_at(division)}
    lines = tuple(
        Line(
            one,
            values.get(one.id),
            (last_year or {}).get(one.id),
            own.get(one.id),
            one.id in enters and closed is None,
        )
        for one in form.indicators.values()
    )
    open_below = [] if closed else _unconfirmed(session, actor, division, frozen)
    return FilledForm(
        form,
        year,
        division,
        lines,
        (*check_values(form, values, last_year), *open_below),
        confirmed,
        closed,
        tuple(sorted(code for code in frozen if code != division)),
        tuple(name for name in values if confirmed and now.get(name) != values[name]),
    )


def _unconfirmed(session: Session, actor: Actor, division: str, frozen: Collection[str]) -> list[Finding]:
    """Divisions right below that have not confirmed: their values count as they stand, which whoever confirms must know."""
    below = sums.units(session, actor, division, deep=False)
    names = [name for code, name in below.items() if code not in frozen and len(division) < len(code) <= 12]
    if not names:
        return []
    named = "、".join(names[:_NAMED]) + ("……" if len(names) > _NAMED else "")
    message = say("下级还有%(n)s个没有确认，按现有的数字汇总：%(names)s", n=len(names), names=named)
    return [Finding("unconfirmed_below", "warning", message, ())]


def decimals(values: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items()}


def live_values(
    session: Session, actor: Actor, form: YearlyForm, year: int, division: str, known: Any
) -> ByDivision:
    """Division -> indicator -> value: computed by issuing party, entered by who entered it."""
    found: ByDivision = {}
    view = View(session, actor, When(date(year, 12, 31), known), division, keep=False)
    wanted = {one.computed: one.id for one in form.indicators.values() if one.computed}
    for reckon in RECKONINGS:
        if wanted.keys() & reckon.names:
            for place, name, value in reckon.by(view):
                if name in wanted:
                    of = found.setdefault(place, {})
                    of[wanted[name]] = of.get(wanted[name], Decimal(0)) + value
    for one in form.indicators.values():  # nothing held is 0, not unknown
        if one.computed:
            found.setdefault(division, {}).setdefault(one.id, Decimal(0))
    for entry in _entries(session, actor, year, division):
        if entry.value is not None and entry.indicator in form.indicators:
            of = found.setdefault(entry.division, {})
            of[entry.indicator] = of.get(entry.indicator, Decimal(0)) + entry.value
    return found


@dataclass(frozen=True)
class Reckoning:
    """Some computed indicators from one look at the register: ``by`` yields (division, name, value)."""

    names: frozenset[str]
    by: Callable[[View], Any]


def _contracts(view: View):
    for row in sums.contracts(view):
        if row.way == FAMILY:
            yield row.division, "family_area", row.area
            yield row.division, "family_contracts", Decimal(row.contracts)
            yield row.division, "families", Decimal(row.contractors)


def _certificates(view: View):
    for row in sums.certificates(view):
        yield row.division, "certificates", Decimal(row.certificates)
        kind = "certificates_family" if row.family else "certificates_other"
        yield row.division, kind, Decimal(row.certificates)


def _reserve(view: View):
    for row in sums.parcels(view):
        if row.category == RESERVE:
            yield row.division, "reserve_area", row.area


def _changed_hands(view: View):
    """Contract areas that were swapped or assigned within the year: so held on its last day and not on the eve of it.

    Read off the register, not off cases, so that corrections and imports count alike; land that changed hands twice in
    a year counts once.
    """
    eve = When(date(view.when.day.year, 1, 1) - timedelta(days=1), view.when.known)
    before = {(row.contractor_id, row.parcel_id, row.acquired_by) for row in _acquired(view, eve)}
    for row in _acquired(view, view.when):
        if (row.contractor_id, row.parcel_id, row.acquired_by) not in before:
            name = "assigned_area" if row.acquired_by == ASSIGNED else "swapped_area"
            yield row.division, name, row.contract_area


def _acquired(view: View, when: When) -> list[Any]:
    k, v, cp, county = t.Contract, t.ContractVersion, t.ContractedParcel, view.actor.county
    query = (
        select(k.division, k.contractor_id, cp.parcel_id, cp.acquired_by, cp.contract_area)
        .join(v, version_of(k, v, "contract_id"))
        .join(cp, lies_in(cp, "contract_version_id", v))
        .where(
            within(k, view.actor, view.division),
            v.county == county,
            cp.county == county,
            cp.acquired_by.in_((ASSIGNED, SWAPPED)),
            in_force(when),
        )
    )
    return list(view.session.execute(query))


RECKONINGS = (
    Reckoning(frozenset(("family_area", "family_contracts", "families")), _contracts),
    Reckoning(frozenset(("certificates", "certificates_family", "certificates_other")), _certificates),
    Reckoning(frozenset(("reserve_area",)), _reserve),
    Reckoning(frozenset(("assigned_area", "swapped_area")), _changed_hands),
)
COMPUTED = frozenset().union(*(one.names for one in RECKONINGS))


def _entries(
    session: Session, actor: Actor, year: int, division: str, alone: bool = False
) -> list[StatisticsEntry]:
    e = StatisticsEntry
    query = select(e).where(within(e, actor, division), e.year == year, e.superseded_at.is_(None))
    return list(session.scalars(query.where(e.division == division) if alone else query))


def _confirmations(session: Session, actor: Actor, year: int, division: str) -> list[StatisticsConfirmation]:
    """In force: of the division, of those below it, and of those above it."""
    c = StatisticsConfirmation
    query = select(c).where(
        c.county == actor.county,
        c.year == year,
        c.withdrawn_at.is_(None),
        or_(within(c, actor, division), func.starts_with(division, c.division)),
    )
    return list(session.scalars(query.order_by(func.length(c.division), c.division)))


def _confirmed_values(session: Session, actor: Actor, year: int, division: str) -> Values | None:
    """What the division confirmed for a year; None where it did not."""
    c = StatisticsConfirmation
    row = session.scalar(
        select(c).where(
            c.county == actor.county, c.year == year, c.division == division, c.withdrawn_at.is_(None)
        )
    )
    return decimals(row.values) if row else None


def history_of(session: Session, actor: Actor, year: int, division: str) -> list[StatisticsConfirmation]:
    """Confirmations of the division, withdrawn ones too, the newest first."""
    c = StatisticsConfirmation
    return list(
        session.scalars(
            select(c).where(within(c, actor), c.year == year, c.division == division).order_by(c.id.desc())
        )
    )


def years_before(
    session: Session, actor: Actor, division: str, year: int, most: int = 4
) -> dict[int, dict[str, Decimal]]:
    """Year -> confirmed values of the division, for comparison."""
    c = StatisticsConfirmation
    rows = session.scalars(
        select(c)
        .where(within(c, actor), c.division == division, c.year < year, c.withdrawn_at.is_(None))
        .order_by(c.year.desc())
        .limit(most)
    )
    return {row.year: decimals(row.values) for row in rows}
