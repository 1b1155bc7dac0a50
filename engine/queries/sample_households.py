"""Households that the demonstration offers to play: identity numbers unmasked, because nobody stands behind them."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from engine.queries.register import open_cases
from engine.queries.scoped import places
from engine.store.register import current
from engine.store.tables import register as t
from engine.store.tables.reference import Person, Position

PER_VILLAGE = 3


@dataclass(frozen=True)
class Sample:
    """``clerk`` is the account at its village, ``open_case`` the number of what runs."""

    code: str
    name: str
    id_number: str
    phone: str
    place: str
    clerk: str
    open_case: str | None


def sample_households(session: Session, county: str) -> list[Sample]:
    """The first few of every village that can sign in and apply: a household with telephone, contract and land."""
    c, v, k, kv = t.Contractor, t.ContractorVersion, t.Contract, t.ContractVersion
    rank = func.row_number().over(partition_by=func.left(c.division, 12), order_by=c.code)
    ranked = (
        select(v.id.label("version"), rank.label("rank"))
        .join(c, and_(c.county == v.county, c.id == v.contractor_id))
        .join(k, and_(k.county == c.county, k.contractor_id == c.id))
        .join(kv, and_(kv.county == k.county, kv.contract_id == k.id))
        .where(c.county == county, v.kind == "1", v.phone.is_not(None), *current(v))
        .where(kv.state == "in_force", kv.parcel_count > 1, *current(kv))
        .subquery()
    )
    rows = session.execute(
        select(c, v)
        .join(v, and_(v.county == c.county, v.contractor_id == c.id))
        .join(ranked, ranked.c.version == v.id)
        .where(c.county == county, ranked.c.rank <= PER_VILLAGE)
        .order_by(c.code)
    ).all()
    named = places(session, {contractor.division for contractor, _version in rows})
    held = open_cases(session, county, [contractor.code for contractor, _version in rows])
    clerks = _clerks(session, county)
    return [
        Sample(
            contractor.code,
            version.name,
            version.id_number,
            version.phone or "",
            named[contractor.division],
            clerks.get(contractor.division[:12], ""),
            held.get(contractor.code),
        )
        for contractor, version in rows
    ]


def _clerks(session: Session, county: str) -> dict[str, str]:
    """village -> its clerk's account."""
    rows = session.execute(
        select(Position.division, Person.username)
        .join(Person, Person.id == Position.person_id)
        .where(Position.role == "village_clerk", Position.division.startswith(county))
    )
    return {row.division: row.username for row in rows}
