"""An application that is kept half done at the counter."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.register import Household
from engine.queries.counter import find_draft
from engine.store.tables.desk import CounterDraft


def keep_draft(
    session: Session, clock: Clock, actor: Actor, case_type: str, household: Household, data: dict[str, Any]
) -> datetime:
    """One for each person, business and household; saving again writes it anew."""
    row = find_draft(session, actor, case_type, household.code)
    if row is None:
        row = CounterDraft(
            county=actor.county,
            id=uuid4(),
            person_id=actor.person_id,
            case_type=case_type,
            contractor_code=household.code,
            contractor_name=household.name,
            division=household.division,
        )
        session.add(row)
    row.data, row.saved_at = data, clock.now()
    session.flush()
    return row.saved_at


def drop_draft(session: Session, actor: Actor, case_type: str, code: str) -> None:
    row = find_draft(session, actor, case_type, code)
    if row is not None:
        session.delete(row)
        session.flush()
