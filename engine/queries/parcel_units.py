"""不动产单元号 of parcels on a day, and how a parcel came by the one that it has."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.as_of import When
from engine.queries.scoped import within
from engine.store.register import version_of
from engine.store.tables.register import Parcel
from engine.store.tables.registry import ParcelUnit


def units_on(session: Session, actor: Actor, parcels: Collection[str], when: When) -> dict[str, str]:
    """Parcel code -> unit, of those in scope that had one."""
    rows = session.execute(
        select(Parcel.code, ParcelUnit.unit)
        .join(ParcelUnit, version_of(Parcel, ParcelUnit, "parcel_id"))
        .where(within(ParcelUnit, actor), Parcel.code.in_(parcels), when.holds(ParcelUnit))
    )
    return {code: unit for code, unit in rows}


def told(session: Session, actor: Actor, parcel: str, when: When) -> list[ParcelUnit]:
    """Every code that the registry told of the parcel and that was known then, the newest first."""
    rows = session.scalars(
        select(ParcelUnit)
        .join(Parcel, (Parcel.county == ParcelUnit.county) & (Parcel.id == ParcelUnit.parcel_id))
        .where(
            within(ParcelUnit, actor),
            Parcel.code == parcel,
            ParcelUnit.restates.is_(None),  # the row that says an end says nothing new
            ParcelUnit.recorded_at <= when.known,
        )
        .order_by(ParcelUnit.id.desc())
    )
    return list(rows)
