"""Which parcels open cases hold: the table twin of the map that cases are selected on."""

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.scoped import within
from engine.store.tables.cases import Case, Reservation

MOST = 200


def held_land(session: Session, actor: Actor, division: str) -> list[Row[tuple[str, str, str]]]:
    """(parcel, case number, contractor's name), at most MOST, by parcel code."""
    query = (
        select(Reservation.code.label("parcel"), Case.number, Case.contractor_name)
        .join(Case, (Case.county == Reservation.county) & (Case.id == Reservation.case_id))
        .where(
            within(Case, actor, division),
            Case.status == "open",
            Reservation.county == actor.county,
            Reservation.kind == "parcel",
            Reservation.released_at.is_(None),
        )
        .order_by(Reservation.code)
        .limit(MOST)
    )
    return list(session.execute(query))
