"""An applicant's own messages. The session has the portal's role alone."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.store.tables.portal import Applicant
from engine.store.tables.portal_public import PortalMessage

MOST = 100


def messages_of(portal: Session, person: Applicant) -> Sequence[PortalMessage]:
    """The newest first."""
    query = select(PortalMessage).where(PortalMessage.applicant_id == person.id)
    return portal.scalars(query.order_by(PortalMessage.seq.desc()).limit(MOST)).all()


def unread(portal: Session, person: Applicant) -> int:
    query = select(func.count()).where(
        PortalMessage.applicant_id == person.id, PortalMessage.read_at.is_(None)
    )
    return portal.scalar(query) or 0
