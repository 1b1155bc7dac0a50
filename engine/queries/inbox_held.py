"""Which parcels open cases hold: the map that cases are selected on, and its table twin."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.map import Box, parcels_in
from engine.queries.scoped import within
from engine.store.tables.cases import Case, Reservation

MOST = 200


def held_land(session: Session, actor: Actor, division: str) -> list[Row[tuple[str, str, str]]]:
    """(parcel, case number, contractor's name), at most MOST, by parcel code."""
    query = _held(
        actor, division, select(Reservation.code.label("parcel"), Case.number, Case.contractor_name)
    )
    return list(session.execute(query.order_by(Reservation.code).limit(MOST)))


def land_to_choose_on(
    session: Session, actor: Actor, division: str, box: Box | None = None
) -> dict[str, Any]:
    """The division's parcels, of layer ``after`` where an open case holds them, without whose they are."""
    found = parcels_in(session, actor, division, box)
    held = _held_among(session, actor, division, [one["properties"]["code"] for one in found["features"]])
    for one in found["features"]:
        told = one["properties"]
        told["layer"] = "after" if told["code"] in held else "parcel"
        del told["holder"], told["holder_code"]
    return found


def _held_among(session: Session, actor: Actor, division: str, codes: Iterable[str]) -> set[str]:
    query = _held(actor, division, select(Reservation.code)).where(Reservation.code.in_(list(codes)))
    return set(session.scalars(query))


def _held(actor: Actor, division: str, query: Any) -> Any:
    return query.join(Case, (Case.county == Reservation.county) & (Case.id == Reservation.case_id)).where(
        within(Case, actor, division),
        Case.status == "open",
        Reservation.county == actor.county,
        Reservation.kind == "parcel",
        Reservation.released_at.is_(None),
    )
