"""No two positions that keep each other in check are held by one person at a time (GB/T 22239-2019, 8.1.10)."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.errors import Refused
from engine.domain.roles import TITLES, incompatible
from engine.domain.said import said_in_both
from engine.store.people import roles_held


def check_compatible(
    session: Session,
    person_id: UUID,
    role: str,
    since: date,
    until: date | None,
    states: Iterable[str] = ("granted", "asked"),
) -> None:
    """Refused names what the position does not go with, among those of ``states`` on any of the same days."""
    for held in roles_held(session, person_id, tuple(states), since, until):
        if incompatible(role, held):
            raise clash(role, held)


def clash(role: str, held: str) -> Refused:
    one, other = (said_in_both(*TITLES[name].values()) for name in (role, held))
    return Refused("incompatible", "同一人不能同时担任%(one)s和%(other)s", one=one, other=other)
