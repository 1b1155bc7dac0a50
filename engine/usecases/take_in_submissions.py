"""Take in what applicants asked for in the portal: sign-ins to check, applications and supplements to act on.

Each row is locked while it is worked on, so tickers do not meet. The inside commits first, under the
submission's id as idempotency key, then the portal: a job that dies in between finds its first answer again.
"""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from engine.domain.clock import local_date
from engine.domain.errors import DomainError, Invalid, Refused
from engine.domain.said import written
from engine.failpoints import reach
from engine.queries.counties import county_codes
from engine.store import outbox
from engine.store.portal import asked_sign_ins, hold, waiting_submissions
from engine.store.tables.portal import Applicant, PortalDraft, SignIn, Submission
from engine.usecases.check_sign_in import check_sign_in
from engine.usecases.hand_in import forget_uploads, hand_in
from engine.usecases.publish_forms import publish_forms
from engine.usecases.wiring import Wiring

log = structlog.get_logger()
MOST = 100  # of each kind in one round
TRIES = 8  # of a submission that fails for no reason of its own; about four minutes in all
FAILED = Refused("failed", "系统没能办成这次提交，您的内容没有丢，请过一会儿再提交；一直这样，请打电话问一问")


def take_in_submissions(app: Wiring) -> int:
    """One round. Gives how many sign-ins and submissions were answered."""
    with app.sessions() as session:
        counties = county_codes(session)
    for county in counties:
        with app.sessions(county) as session, app.portal_sessions() as portal:
            if publish_forms(session, portal, county, local_date(app.clock.now())):
                portal.commit()
    return _sign_ins(app, counties) + _submissions(app)


def _sign_ins(app: Wiring, counties: list[str]) -> int:
    done = 0
    with app.portal_sessions() as portal:
        for sign_in_id in asked_sign_ins(portal, app.clock.now(), MOST):
            row = hold(portal, SignIn, sign_in_id, "asked")
            if row is None:
                continue
            try:
                check_sign_in(app, portal, row, counties)
                portal.commit()
                done += 1
            except Exception as error:  # it stays asked until it expires; the others go on
                portal.rollback()
                log.error("sign-in check failed", sign_in=str(sign_in_id), error=str(error))
    return done


def _submissions(app: Wiring) -> int:
    done = 0
    with app.portal_sessions() as portal:
        for submission_id in waiting_submissions(portal, MOST):
            row = hold(portal, Submission, submission_id, "waiting")
            if row is not None:
                done += _answered(app, portal, row)
            portal.commit()
    return done


def _answered(app: Wiring, portal: Session, row: Submission) -> bool:
    """Act on one submission and write its answer; False when it is to be tried again later."""
    waits = row.answer or {}
    if waits.get("not_before", "") > app.clock.now().isoformat():
        return False
    person = portal.get_one(Applicant, row.applicant_id) if row.applicant_id else None
    with app.sessions(person.county if person else row.data["county"]) as session:
        try:
            answer = hand_in(session, portal, app.clock, app.files, person, row)
            session.commit()
            reach("handed_in")
        except DomainError as error:
            session.rollback()
            _refuse(portal, row, refusal(error))
            if row.kind == "apply" and person is not None:
                _tell_not_accepted(session, app, person, row, error)
            return True
        except Exception as error:  # not the applicant's doing: try again later
            session.rollback()
            return _failed(app, portal, row, waits.get("tries", 0) + 1, error)
    row.status, row.answer = "taken", answer
    forget_uploads(portal, row)
    return True


def _failed(app: Wiring, portal: Session, row: Submission, tries: int, error: Exception) -> bool:
    log.error("submission failed", submission=str(row.id), attempt=tries, error=str(error))
    if tries >= TRIES:
        _refuse(portal, row, refusal(FAILED))
        return True
    later = app.clock.now() + timedelta(seconds=2**tries)
    row.answer = {"tries": tries, "not_before": later.isoformat()}
    return False


def _refuse(portal: Session, row: Submission, answer: dict[str, Any]) -> None:
    """The draft is open again, with everything that was typed."""
    row.status, row.answer = "refused", answer
    if row.kind in ("sign", "deal_sign"):
        row.data = {
            name: row.data[name] for name in ("county", "deal") if name in row.data
        }  # number, code and strokes are given anew
    draft = portal.get(PortalDraft, row.draft_id) if row.draft_id else None
    if draft is not None:
        draft.submitted = False


def _tell_not_accepted(
    session: Session, app: Wiring, person: Applicant, row: Submission, error: DomainError
) -> None:
    """Whoever closed the page hears of it too. Committed before the portal: told twice at worst, never not at all."""
    why = (
        "有内容要更正。"
        if isinstance(error, Invalid)
        else f"{error.message % error.facts if error.facts else error.message}。"
    )
    told = {
        "kind": "not_accepted",
        "facts": {"why": why},
        "case": None,
        "contractor": person.contractor_code,
        "applicant": str(person.id),
        "phone": person.phone,
    }
    outbox.put(session, person.county, "tell_applicant", told, app.clock.now())
    session.commit()


def refusal(error: DomainError) -> dict[str, Any]:
    """What the portal can show in either language: errors by field, or a message with its facts."""
    if isinstance(error, Invalid):
        fields = {
            name: [written(text) or str(text) for text in texts] for name, texts in error.fields.items()
        }
        return {"kind": "invalid", "errors": fields}
    facts = {name: str(value) for name, value in error.facts.items()}
    return {"kind": "refused", "code": error.code, "message": error.message, "facts": facts}
