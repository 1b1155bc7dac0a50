"""What is under an issuing party on a day, in lists: its parcels with who holds them, its contracts with whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.as_of import When
from engine.queries.household import location
from engine.queries.register import begins
from engine.queries.scoped import within
from engine.queries.things.kinds import Named, named
from engine.store.register import lies_with, version_of
from engine.store.tables import register as t

PAGE = 50


@dataclass(frozen=True)
class ParcelRow:
    """``area`` measured, ``contract_area`` under the contract in force; m2."""

    code: str
    name: str
    category: str
    use: str
    area: Decimal
    location: str
    holder: Named | None
    contract_area: Decimal | None


@dataclass(frozen=True)
class ContractRow:
    id: int
    code: str
    holder: Named
    way: str
    term_start: date
    term_end: date
    parcels: int
    area: Decimal
    state: str


def parcels(
    session: Session, actor: Actor, party: str, when: When, size: int, offset: int = 0, after: str = ""
) -> list[ParcelRow]:
    """By code; from a place in the list, or ``after`` a code."""
    p, v = t.Parcel, t.ParcelVersion
    query = _standing(actor, p, v, "parcel_id", party, when, p.id, p.code, v).where(p.code > after)
    rows = session.execute(query.order_by(p.code).limit(size).offset(offset)).all()
    held = holders_at(session, actor.county, [row_id for row_id, *_ in rows], when)
    return [
        ParcelRow(
            code, v.name, v.category, v.use, v.measured_area, location(v.east, v.south, v.west, v.north),
            *held.get(row_id, (None, None)),
        )
        for row_id, code, v in rows
    ]  # fmt: skip


def contracts(
    session: Session,
    actor: Actor,
    party: str,
    when: When,
    size: int,
    offset: int = 0,
    after: int | None = None,
) -> list[ContractRow]:
    """In force on the day, by code; or by number ``after`` one."""
    k, v = t.Contract, t.ContractVersion
    query = _standing(actor, k, v, "contract_id", party, when, k, v).where(v.state == "in_force")
    if after is not None:
        query = query.where(k.id > after)
    order = (k.code, k.id) if after is None else (k.id,)
    rows = session.execute(query.order_by(*order).limit(size).offset(offset)).all()
    whose = named(session, "contractor", actor.county, [contract.contractor_id for contract, _ in rows], when)
    return [
        ContractRow(
            k.id, k.code, whose[k.contractor_id], v.way, v.term_start, v.term_end, v.parcel_count, v.total_area, v.state
        )
        for k, v in rows
    ]  # fmt: skip


def _standing(
    actor: Actor, identity: Any, version: Any, owner: str, party: str, when: When, *columns: Any
) -> Select[*tuple[Any, ...]]:
    return (
        select(*columns)
        .select_from(identity)
        .join(version, version_of(identity, version, owner))
        .where(within(identity, actor), begins(identity.code, party), when.holds(version))
    )


def holders_at(
    session: Session, county: str, parcels: Sequence[int], when: When
) -> dict[int, tuple[Named, Decimal]]:
    """Parcel's row id -> who held it by a contract in force on the day, and its area under it.

    From the parcels to the versions that name them, to their contracts, to those contracts' versions of the day: each
    step has an index, and no index leads from a version to what restates it.
    """
    row, k, v = t.ContractedParcel, t.Contract, t.ContractVersion
    contracts = (
        select(v.contract_id)
        .join(row, and_(row.county == v.county, row.contract_version_id == v.id))
        .where(row.county == county, row.parcel_id.in_(parcels))
    )
    ids = session.scalars(contracts.distinct()).all()
    rows = session.execute(
        select(row.parcel_id, row.contract_area, k.contractor_id)
        .join(v, and_(v.county == row.county, lies_with(v) == row.contract_version_id))
        .join(k, and_(k.county == v.county, k.id == v.contract_id))
        .where(
            v.county == county,
            v.contract_id.in_(ids),
            v.state == "in_force",
            when.holds(v),
            row.county == county,
            row.parcel_id.in_(parcels),
        )
        .order_by(k.id)
    ).all()
    names = named(session, "contractor", county, [contractor for *_, contractor in rows], when)
    return {parcel: (names[contractor], area) for parcel, area, contractor in rows}
