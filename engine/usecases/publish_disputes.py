"""Publish a dispute to the public list: number, cause, stage and hearing; names are masked before they get there."""

from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.case_type import CaseType
from engine.domain.clock import Clock
from engine.queries.scoped import full_place
from engine.store import disputes
from engine.store.tables.cases import Case
from engine.store.tables.portal_public import PublicDispute


def publish_dispute(session: Session, portal: Session, clock: Clock, case: Case, case_type: CaseType) -> None:
    """Only of case types that say ``dispute: {public: true}``, and once they are taken in."""
    if not case_type.about.get("dispute", {}).get("public"):
        return
    row = disputes.of_case(session, case)
    if row is None:
        return
    called = [one for one in disputes.hearings_of(session, case) if one.status == "called" and one.public]
    hearing = {"starts_at": called[-1].starts_at.isoformat(), "place": called[-1].place} if called else {}
    portal.merge(
        PublicDispute(
            id=case.id,
            county=case.county,
            division=case.division,
            number=row.number,
            kind=row.kind,
            cause=row.cause_title,
            place=full_place(session, case.division[:12]),
            applicant=masking.name(row.applicant),
            respondents=[masking.name(name) for name in row.respondents],
            opened_on=row.opened_on,
            closed_on=row.closed_on,
            outcome=row.outcome,
            hearing=hearing,
            updated_at=clock.now(),
        )
    )
