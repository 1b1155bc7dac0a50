"""Joins that several ledgers share: the contract in force on a day, and who holds a parcel by it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from engine.queries.as_of import When
from engine.queries.ledgers.ask import Asked
from engine.queries.scoped import within
from engine.store.register import lies_with, version_of
from engine.store.tables import register as t


def in_force(when: When) -> ColumnElement[bool]:
    """Contract versions that stood on the day and were in force."""
    return and_(t.ContractVersion.state == "in_force", when.holds(t.ContractVersion))


def lies_in(child: Any, owner: str, version: Any) -> ColumnElement[bool]:
    """Members and contracted parcels lie with the version that a row restates."""
    return and_(child.county == version.county, getattr(child, owner) == lies_with(version))


def is_held(county: str, when: When) -> ColumnElement[bool]:
    """Whether a contract in force on the day names the parcel of the outer query."""
    cp, kv = t.ContractedParcel, t.ContractVersion
    return (
        select(cp.id)
        .join(kv, lies_in(cp, "contract_version_id", kv))
        .where(cp.county == county, kv.county == county, cp.parcel_id == t.Parcel.id, in_force(when))
        .exists()
    )


def holders_on(session: Session, county: str, when: When, parcels: list[int]) -> dict[int, Any]:
    """parcel id -> (code, name, contract_area, acquired_by, contract) of who held it on the day."""
    cp, k, kv, c, cv = t.ContractedParcel, t.Contract, t.ContractVersion, t.Contractor, t.ContractorVersion
    rows = session.execute(
        select(
            cp.parcel_id,
            c.code,
            cv.name,
            cp.contract_area,
            cp.acquired_by,
            k.code.label("contract"),
        )
        .join(kv, lies_in(cp, "contract_version_id", kv))
        .join(k, and_(k.county == kv.county, k.id == kv.contract_id))
        .join(c, and_(c.county == k.county, c.id == k.contractor_id))
        .join(cv, version_of(c, cv, "contractor_id"))
        .where(
            cp.county == county,
            kv.county == county,
            cp.parcel_id.in_(parcels),
            in_force(when),
            when.holds(cv),
        )
        .order_by(k.id)
    )
    return {row.parcel_id: row for row in rows}


def names_on(session: Session, asked: Asked, codes: set[str]) -> dict[str, str]:
    """Contractor code -> its name on the day, as far as it is within the scope."""
    c, v = t.Contractor, t.ContractorVersion
    rows = session.execute(
        select(c.code, v.name)
        .join(v, version_of(c, v, "contractor_id"))
        .where(within(c, asked.actor), v.county == asked.county, c.code.in_(codes), asked.when.holds(v))
    )
    return {code: name for code, name in rows}
