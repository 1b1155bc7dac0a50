"""Cases that concern one contractor."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.scoped import within
from engine.store.tables.cases import Case

MOST = 20


def open_or_filed(
    session: Session, actor: Actor, case_type: str, contractor: str, since: datetime
) -> Sequence[Case]:
    """Under way, or started since then and completed; the last ones first, at most 20."""
    filed = (Case.status == "completed") & (Case.started_at > since)
    query = select(Case).where(
        within(Case, actor),
        Case.case_type == case_type,
        Case.contractor_code == contractor,
        or_(Case.status == "open", filed),
    )
    return session.scalars(query.order_by(Case.number.desc()).limit(MOST)).all()
