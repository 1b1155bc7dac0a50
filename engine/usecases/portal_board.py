"""What anybody hands in for the board of land: kept by the portal until an inside job takes it in."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain import land_board as rules
from engine.domain.clock import Clock
from engine.domain.errors import Refused
from engine.queries.portal_board import waiting
from engine.store.tables.portal import Applicant, Submission


def submit(
    portal: Session, clock: Clock, kind: str, county: str, said: dict[str, Any], person: Applicant | None
) -> UUID:
    """``kind``: land_offer, land_offer_report or land_offer_withdrawal. Id of the submission; commits."""
    if waiting(portal, county) >= rules.number("most_waiting"):
        raise Refused("too_much", "现在提交的人太多，请过一会儿再试，或到村民委员会办理")
    row = Submission(
        id=uuid4(),
        applicant_id=person.id if person else None,
        kind=kind,
        case_type="",
        data=said | {"county": county},
        submitted_at=clock.now(),
        status="waiting",
    )
    portal.add(row)
    portal.commit()
    return row.id
