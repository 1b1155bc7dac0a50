"""Who a command acts for."""

from datetime import datetime

import click
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import local_date
from engine.store.people import by_username, positions_on
from engine.usecases.sign_in import actor_for


def acting_as(session: Session, username: str, now: datetime) -> Actor:
    """The named account in its first position of the day."""
    person = by_username(session, username)
    positions = positions_on(session, person.id, local_date(now)) if person else []
    if person is None or not positions:
        raise click.UsageError(f"没有账号 {username}，或今天没有任职")
    return actor_for(person, positions[0])
