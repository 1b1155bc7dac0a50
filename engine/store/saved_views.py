"""Lists that people have given names."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.store.tables.desk import SavedView


def views_of(session: Session, actor: Actor) -> list[SavedView]:
    """One's own, by name."""
    query = select(SavedView).where(SavedView.county == actor.county, SavedView.person_id == actor.person_id)
    return list(session.scalars(query.order_by(SavedView.name)))


def own_view(session: Session, actor: Actor, name: str) -> SavedView | None:
    query = select(SavedView).where(
        SavedView.county == actor.county, SavedView.person_id == actor.person_id, SavedView.name == name
    )
    return session.scalar(query)
