"""What a surveying firm does is noted, and goes on, in the county's records, which the firm itself does not see."""

from contextlib import AbstractContextManager, nullcontext

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.roles import FIRM
from engine.store.changes import seeing_the_county


def seeing_enough(session: Session, actor: Actor) -> AbstractContextManager[None]:
    """The county for the block, where the actor is of a firm; what the actor sees anyway, for everybody else.

    Only for what the system does upon an act that was allowed: nothing read in it may reach the page.
    """
    return seeing_the_county(session, actor.county) if actor.role == FIRM else nullcontext()
