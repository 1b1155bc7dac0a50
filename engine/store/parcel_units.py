"""不动产单元号 of parcels, as the registry told them: written from its receipts, read where land is shown."""

from collections.abc import Collection, Mapping

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session

from engine.domain.said import say
from engine.domain.unit_codes import PREFIX
from engine.store.locks import lock_name
from engine.store.register import Cause, current, supersede, version_of
from engine.store.tables.register import Parcel, ParcelVersion
from engine.store.tables.registry import ParcelUnit


def units_now(session: Session, county: str, parcels: Collection[str]) -> dict[str, str]:
    """Parcel code -> unit, of those that have one."""
    rows = session.execute(
        select(Parcel.code, ParcelUnit.unit)
        .join(ParcelUnit, version_of(Parcel, ParcelUnit, "parcel_id"))
        .where(Parcel.county == county, Parcel.code.in_(parcels), *current(ParcelUnit))
    )
    return {code: unit for code, unit in rows}


def taken(session: Session, county: str, units: Mapping[str, str]) -> dict[str, list[str]]:
    """Faults by field: units that another parcel has which still is there. Locked until the transaction ends."""
    if not units:
        return {}
    lock_name(session, f"units:{county}")
    stands = exists().where(version_of(Parcel, ParcelVersion, "parcel_id"), *current(ParcelVersion))
    rows = session.execute(
        select(ParcelUnit.unit, Parcel.code)
        .join(Parcel, and_(Parcel.county == ParcelUnit.county, Parcel.id == ParcelUnit.parcel_id))
        .where(ParcelUnit.county == county, ParcelUnit.unit.in_(units.values()), *current(ParcelUnit), stands)
    )
    others = {unit: code for unit, code in rows if units.get(code) != unit}
    return {
        f"{PREFIX}{parcel}": [say("地块 %(parcel)s 已是这个不动产单元号", parcel=others[unit])]
        for parcel, unit in units.items()
        if unit in others
    }


def tell(
    session: Session, county: str, units: Mapping[str, str], cause: Cause, hand_over: str, by: str
) -> list[str]:
    """Write what is new; gives the parcels whose code it is. Of a parcel that is no more, its code is free again."""
    parcels = session.scalars(select(Parcel).where(Parcel.county == county, Parcel.code.in_(units)))
    known = units_now(session, county, units)
    new = [parcel for parcel in parcels if known.get(parcel.code) != units[parcel.code]]
    for former in session.scalars(
        select(ParcelUnit.parcel_id).where(
            ParcelUnit.county == county,
            ParcelUnit.unit.in_([units[parcel.code] for parcel in new]),
            *current(ParcelUnit),
        )
    ).all():
        supersede(session, ParcelUnit, "parcel_id", county, former, cause)
    for parcel in new:
        supersede(session, ParcelUnit, "parcel_id", county, parcel.id, cause)
        session.add(
            ParcelUnit(
                county=county,
                parcel_id=parcel.id,
                unit=units[parcel.code],
                hand_over=hand_over,
                recorded_by=by,
                division=parcel.division,
                **cause.columns(),
            )
        )
    session.flush()
    return sorted(parcel.code for parcel in new)
