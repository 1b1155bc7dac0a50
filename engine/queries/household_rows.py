"""Where lists of households are read: today's from the lines that are kept, another day's from the versions.

Both have the same columns, so that what narrows and orders a list is said once.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, null, or_, select, union_all
from sqlalchemy.orm import aliased

from engine.domain.actor import Actor
from engine.queries.as_of import When
from engine.queries.scoped import within
from engine.store.register import lies_with, version_of
from engine.store.tables import register as t
from engine.store.tables.summaries import HouseholdLine

SHOWN = (
    "code", "division", "version_id", "name", "kind", "member_count", "contract", "parcel_count", "total_area",
    "term_end",
)  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """A FROM with the columns that it has; ``holds``: which of its rows are of the day.

    ``version_id``: the version itself; ``members_with``: the one that its members lie with.
    """

    source: Any
    holds: tuple[ColumnElement[bool], ...]
    county: Any
    division: Any
    contractor_id: Any
    version_id: Any
    members_with: Any
    code: Any
    name: Any
    kind: Any
    phone: Any
    member_count: Any
    contract: Any
    parcel_count: Any
    total_area: Any
    term_end: Any

    @property
    def shown(self) -> list[Any]:
        return [getattr(self, name).label(name) for name in SHOWN]


def of_today() -> Rows:
    row = HouseholdLine
    return Rows(
        row, (), row.county, row.division, row.contractor_id, row.version_id, row.version_id, row.code, row.name,
        row.kind, row.phone, row.member_count, row.contract, row.parcel_count, row.total_area, row.term_end,
    )  # fmt: skip


def of_day(when: When, actor: Actor, division: str, contracts: str) -> Rows:
    """``contracts``: "every" row's are looked up at once, "few" one by one (for a page of rows), "none" at all."""
    c, v, k, kv = t.Contractor, t.ContractorVersion, t.Contract, t.ContractVersion
    source = c.__table__.join(v.__table__, version_of(c, v, "contractor_id"))
    in_force = (
        select(k.county, k.contractor_id, k.code, kv.parcel_count, kv.total_area, kv.term_end)
        .join(kv, version_of(k, kv, "contract_id"))
        .where(within(k, actor, division), kv.state == "in_force", when.holds(kv))
    )
    held: Any = None
    if contracts == "every":
        held = in_force.distinct(k.contractor_id).order_by(k.contractor_id, k.id.desc()).subquery()
        on = and_(held.c.county == c.county, held.c.contractor_id == c.id)
        source = source.outerjoin(held, on)
    elif contracts == "few":
        own = and_(k.county == c.county, k.contractor_id == c.id)
        held = in_force.where(own).order_by(k.id.desc()).limit(1).correlate(c).lateral()
        source = source.outerjoin(held, literal(True))
    of_contract = (
        [held.c[name] for name in ("code", "parcel_count", "total_area", "term_end")]
        if contracts != "none"
        else [null()] * 4
    )
    return Rows(
        source, (when.holds(v), v.county == actor.county), c.county, c.division, c.id, v.id,
        lies_with(v), c.code, v.name, v.kind, v.phone, v.member_count, *of_contract,
    )  # fmt: skip


def with_number(rows: Rows, county: str, number: bytes, word: str) -> ColumnElement[bool]:
    """Households that bear the identity number (by its fingerprint) or one of whose members does, or with that code.

    Found first among all versions, by indexes alone; then of the day.
    """
    c, v, m = aliased(t.Contractor), aliased(t.ContractorVersion), aliased(t.Member)
    ever = union_all(
        select(c.id).where(c.county == county, c.code == word),
        select(v.contractor_id).where(v.county == county, v.id_number_found == number),
        select(v.contractor_id)
        .join(m, and_(m.county == v.county, m.contractor_version_id == v.id))
        .where(m.county == county, m.id_number_found == number),
    )
    own = select(v.id).where(v.county == county, v.id_number_found == number)
    member = select(m.contractor_version_id).where(m.county == county, m.id_number_found == number)
    of_the_day = or_(rows.code == word, rows.version_id.in_(own), rows.members_with.in_(member))
    return and_(rows.contractor_id.in_(ever), of_the_day)


def with_member(rows: Rows, county: str, name: str) -> ColumnElement[bool]:
    """Households one of whose members is called that, found by an index first."""
    m = aliased(t.Member)
    return rows.members_with.in_(select(m.contractor_version_id).where(m.county == county, m.name == name))
