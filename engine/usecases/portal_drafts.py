"""What an applicant fills in, page by page, until it is submitted to the inside."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.errors import Conflict, NotFound
from engine.store.portal import hold_draft, open_draft
from engine.store.tables.portal import Applicant, CaseView, PortalDraft, Submission
from engine.store.tables.portal_public import PartyView


def start_application(portal: Session, clock: Clock, person: Applicant, offer: dict[str, Any]) -> PortalDraft:
    """A new draft, or the one that was begun before."""
    which = {"case_type": offer["case_type"], "case_number": None}
    return open_draft(portal, person.id, **which) or _new(portal, clock, person, offer["form"], which)


def start_supplement(portal: Session, clock: Clock, person: Applicant, view: CaseView) -> PortalDraft:
    """The draft of the household's own open task. NotFound when nothing is asked of this person."""
    if not view.todo or view.applicant_id != person.id:
        raise NotFound("task", "这个办件现在没有要您办的事")
    which = {"case_number": view.number, "task_number": view.todo["task"]}
    known = open_draft(portal, person.id, **which)
    return known or _new(
        portal, clock, person, view.todo["form"], which | {"case_type": view.todo["case_type"]}
    )


def start_act(
    portal: Session, clock: Clock, person: Applicant, view: PartyView, act: dict[str, Any]
) -> PortalDraft:
    """The draft of something that a party does in a dispute; one that was begun before is given again."""
    which = {"case_number": view.number, "act": act["name"]}
    known = open_draft(portal, person.id, **which)
    return known or _new(portal, clock, person, act["form"], which | {"case_type": view.case_type})


def _new(portal: Session, clock: Clock, person: Applicant, form: str, which: dict[str, Any]) -> PortalDraft:
    draft = PortalDraft(
        id=uuid4(), applicant_id=person.id, form=form, data={}, saved_at=clock.now(), submitted=False, **which
    )
    portal.add(draft)
    portal.commit()
    return draft


def save_answers(
    portal: Session,
    clock: Clock,
    person: Applicant,
    draft_id: UUID,
    answers: dict[str, Any],
    papers: dict[str, dict[str, list[str]]] | None = None,
) -> PortalDraft:
    """Some fields' answers as typed, right or wrong; the others stay. Conflict once it is submitted.

    ``papers`` are file ids by field and kind: two pages that upload at once do not undo each other.
    """
    draft = _held(portal, person, draft_id)
    kept = {field: (draft.data.get(field) or {}) | kinds for field, kinds in (papers or {}).items()}
    draft.data = draft.data | answers | kept
    draft.saved_at = clock.now()
    portal.commit()
    return draft


def submit_draft(
    portal: Session, clock: Clock, person: Applicant, draft_id: UUID, data: dict[str, Any]
) -> UUID:
    """Id of the submission. Sent twice, one wins and the other is told so by Conflict."""
    draft = _held(portal, person, draft_id)
    draft.submitted, draft.saved_at = True, clock.now()
    row = Submission(
        id=uuid4(),
        applicant_id=person.id,
        draft_id=draft.id,
        kind="party" if draft.act else "apply" if draft.case_number is None else "supply",
        case_type=draft.case_type,
        case_number=draft.case_number,
        task_number=draft.task_number,
        act=draft.act,
        data=data,
        submitted_at=clock.now(),
        status="waiting",
    )
    portal.add(row)
    portal.commit()
    return row.id


def _held(portal: Session, person: Applicant, draft_id: UUID) -> PortalDraft:
    draft = hold_draft(portal, person.id, draft_id)
    if draft is None:
        raise NotFound("draft", "没有找到这份申请")
    if draft.submitted:
        portal.rollback()
        raise Conflict("submitted", "这份内容已经提交，不能再改")
    return draft


def drop_draft(portal: Session, person: Applicant, draft_id: UUID) -> None:
    """Thrown away by its owner."""
    portal.delete(_held(portal, person, draft_id))
    portal.commit()


def forget_lookup_code(portal: Session, person: Applicant, submission: Submission) -> None:
    """The person has noted the code; from now on only its keyed hash is anywhere."""
    answer = dict(submission.answer or {})
    answer.pop("lookup_code", None)
    submission.answer = answer
    portal.commit()
