"""第二轮延包: which contracts run out in a year, and how far signing them anew has come on a day.

A contract is due in the year in which its last version in force ends. It is *filed* when it is in force no more and
its contractor has one that runs longer, *open* while a signing case about the contractor runs, *ended*
when it went without a successor (surrendered, extinct), and otherwise *not_begun*. A contract that another with no
longer term took the place of (a new import of the county) is not counted: the other one is.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Select, and_, case, cast, extract, func, or_, select, true
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import SHANGHAI
from engine.domain.said import Said, say
from engine.queries.as_of import When
from engine.queries.scoped import within
from engine.store.register import version_of
from engine.store.tables import register as t
from engine.store.tables.cases import Case

SIGNING = ("contract_signing",)  # case types that sign a contract anew
REPLACED = "replaced"
STATUS: Mapping[str, Said] = {
    "filed": say("已备案"),
    "open": say("在办"),
    "not_begun": say("未开始"),
    "ended": say("已终止"),
}


def due(actor: Actor, when: When, division: str = "", year: int | None = None) -> Select[*tuple[Any, ...]]:
    """Contracts that end in the year (in any, without one), each with its state on the day.

    A successor and a running case are looked up contract by contract, by index, and only where they matter: of a page,
    for its rows alone.
    """
    last = _one_by_one(actor, when, division, year)
    later = _later_end(actor, when, last)
    running = (
        select(func.min(Case.number))
        .where(
            within(Case, actor, division),
            Case.contractor_code == last.c.contractor,
            Case.case_type.in_(SIGNING),
            *ran_on(when.day),
        )
        .correlate(last)
        .scalar_subquery()
    )
    stands = or_(last.c.valid_to.is_(None), last.c.valid_to > when.day)
    status = case(
        (and_(stands, running.is_not(None)), "open"),
        (stands, "not_begun"),
        (later > last.c.term_end, "filed"),
        (later.is_not(None), REPLACED),
        else_="ended",
    )
    return select(
        last,
        status.label("status"),
        case((~stands, later)).label("later_end"),
        case((stands, running)).label("case_number"),
    ).where(or_(stands, later.is_(None), later > last.c.term_end))  # else another took its place


def _later_end(actor: Actor, when: When, last: Any) -> Any:
    """The last day of the contract that the contractor of a row of ``last`` has now."""
    k, v = t.Contract, t.ContractVersion
    return (
        select(func.max(v.term_end))
        .join(k, and_(k.county == v.county, k.id == v.contract_id))
        .where(
            k.county == actor.county,
            v.county == actor.county,
            k.contractor_id == last.c.contractor_id,
            v.state == "in_force",
            when.holds(v),
        )
        .correlate(last)
        .scalar_subquery()
    )


def _one_by_one(actor: Actor, when: When, division: str, year: int | None) -> Any:
    """As ``_last_versions``, looked up contract by contract: a page's are found without those of the whole county."""
    k, v, c = t.Contract, t.ContractVersion, t.Contractor
    last = (
        select(v.term_end, v.total_area, v.parcel_count, v.valid_to)
        .where(v.county == actor.county, v.contract_id == k.id, *_begun(when))
        .order_by(v.valid_from.desc(), v.id.desc())
        .limit(1)
        .correlate(k)
        .lateral()
    )
    query = (
        select(k.id, k.division, k.code, k.contractor_id, c.code.label("contractor"), last)
        .join(c, and_(c.county == k.county, c.id == k.contractor_id))
        .join(last, true())
        .where(within(k, actor, division), c.county == actor.county)
    )
    if year is not None:
        query = query.where(last.c.term_end.between(date(year, 1, 1), date(year, 12, 31)))
    return query.subquery()


def _begun(when: When) -> tuple[Any, ...]:
    """Versions in force that had begun by the day, as it was known."""
    v = t.ContractVersion
    return (
        v.state == "in_force",
        v.valid_from <= when.day,
        v.recorded_at <= when.known,
        or_(v.superseded_at.is_(None), v.superseded_at > when.known),
    )


def _last_versions(
    actor: Actor,
    when: When,
    division: str,
    year: int | None = None,
    only: frozenset[str] | None = None,
    contractors: list[str] | None = None,
) -> Any:
    """The last version in force of every contract that had begun by the day, of some divisions or contractors."""
    k, v, c = t.Contract, t.ContractVersion, t.Contractor
    query = (
        select(
            k.id, k.division, k.code, k.contractor_id, c.code.label("contractor"), v.term_end, v.total_area,
            v.parcel_count, v.valid_to,
        )
        .join(v, version_of(k, v, "contract_id"))
        .join(c, and_(c.county == k.county, c.id == k.contractor_id))
        .where(within(k, actor, division), v.county == actor.county, *_begun(when))
        .distinct(k.id)
        .order_by(k.id, v.valid_from.desc(), v.id.desc())
    )  # fmt: skip
    if only is not None:
        query = query.where(k.division.in_(only))
    if contractors is not None:
        query = query.where(c.code.in_(contractors))
    found = query.subquery()
    if year is None:
        return found
    within_year = found.c.term_end.between(date(year, 1, 1), date(year, 12, 31))
    return select(found).where(within_year).subquery()


def midnight(day: date) -> datetime:
    """When the day begins in China."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def ran_on(day: date) -> tuple[Any, Any]:
    """Cases that were open at the end of the day."""
    after = midnight(day + timedelta(days=1))
    return Case.started_at < after, or_(Case.ended_at.is_(None), Case.ended_at >= after)


def terms(actor: Actor, when: When, division: str, only: frozenset[str] | None) -> Select[*tuple[Any, ...]]:
    """(division, year, state, month, contracts, area) of all contracts by the year in which their last version ends.

    ``state``: *stands* on the day, *filed*, *ended*, or replaced; ``month`` in which it was filed anew, as 2026-09.
    """
    last = _last_versions(actor, when, division, only=only)
    stands = or_(last.c.valid_to.is_(None), last.c.valid_to > when.day)
    later = _later_end(actor, when, last)
    state = case(
        (stands, "stands"),
        (later > last.c.term_end, "filed"),
        (later.is_not(None), REPLACED),
        else_="ended",
    )
    found = select(
        last.c.division, last.c.term_end, last.c.valid_to, last.c.total_area, state.label("state")
    ).subquery()
    year = cast(extract("year", found.c.term_end), BigInteger)
    month = case((found.c.state == "filed", func.to_char(found.c.valid_to, "YYYY-MM")))
    key = (found.c.division, year, found.c.state, month)
    return select(*key, func.count(), func.sum(found.c.total_area)).group_by(*key)


def signed_now(
    session: Session, actor: Actor, when: When, division: str, year: int
) -> list[tuple[str, int, Decimal]]:
    """(division, contracts, area) of contracts that end in the year and for which a signing case is open: few."""
    running = select(Case.contractor_code).where(
        within(Case, actor, division), Case.case_type.in_(SIGNING), *ran_on(when.day)
    )
    contractors = list(session.scalars(running.distinct()))
    if not contractors:
        return []
    last = _last_versions(actor, when, division, year, contractors=contractors)
    rows = session.execute(
        select(last.c.division, func.count(), func.sum(last.c.total_area))
        .where(or_(last.c.valid_to.is_(None), last.c.valid_to > when.day))
        .group_by(last.c.division)
    )
    return [(row[0], row[1], row[2]) for row in rows]
