"""Lists under a name of one's own: the address of the inbox with its tab, filters, order and columns."""

from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, Invalid, NotFound, Refused
from engine.domain.said import say
from engine.store.saved_views import own_view, views_of
from engine.store.tables.desk import SavedView

LONGEST_NAME, LONGEST_QUERY, MOST = 40, 4000, 30


def find_view(session: Session, actor: Actor, view_id: UUID) -> SavedView:
    """Anybody's of the county: its link can be handed on. What it lists is what the reader's position may see."""
    found = session.get(SavedView, (actor.county, view_id))
    if found is None:
        raise NotFound("view", "没有这个视图，可能已被删除")
    return found


def save_view(session: Session, clock: Clock, actor: Actor, name: str, query: str) -> SavedView:
    """One of that name is written anew."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid({"name": [say("请给视图起个名字，1至40个字")]})
    if len(query) > LONGEST_QUERY:
        raise Refused("view_too_long", "筛选条件太长，不能存为视图")
    found = own_view(session, actor, name)
    if found is None:
        if len(views_of(session, actor)) >= MOST:
            raise Conflict("too_many_views", "最多存30个视图，请先删除不用的")
        found = SavedView(county=actor.county, id=uuid4(), person_id=actor.person_id, name=name)
        session.add(found)
    found.query, found.made_at = query, clock.now()
    session.flush()
    return found


def delete_view(session: Session, actor: Actor, view_id: UUID) -> None:
    """Only one's own; another's is not there."""
    found = find_view(session, actor, view_id)
    if found.person_id != actor.person_id:
        raise NotFound("view", "没有这个视图，可能已被删除")
    session.delete(found)
    session.flush()
