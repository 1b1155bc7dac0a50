"""Disputes to which the signed-in person is a party, or whose agent. Reads the portal's schema alone."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.store.tables.portal import Applicant, Submission
from engine.store.tables.portal_public import PartyView


def disputes_of(portal: Session, person: Applicant) -> list[PartyView]:
    """The newest first."""
    query = select(PartyView).where(
        PartyView.county == person.county, PartyView.id_number_found == person.id_number_found
    )
    return list(portal.scalars(query.order_by(PartyView.number.desc())))


def dispute_of(portal: Session, person: Applicant, number: str) -> PartyView | None:
    return portal.get(PartyView, (number, person.id_number_found))


def act_of(view: PartyView, name: str) -> dict[str, Any] | None:
    """Something that this side may do now."""
    return next((act for act in view.told["acts"] if act["name"] == name), None)


def waiting_acts(portal: Session, person: Applicant, number: str) -> list[Submission]:
    """What the person sent in this case and the inside has not answered."""
    query = select(Submission).where(
        Submission.applicant_id == person.id,
        Submission.case_number == number,
        Submission.kind == "party",
        Submission.status == "waiting",
    )
    return list(portal.scalars(query.order_by(Submission.seq)))
