"""What an applicant asks for beside filling in forms: facts right or wrong, a reminder, withdrawal.

Each becomes a submission that an inside job takes in; here only what the portal itself can know is checked.
"""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import Clock, local_date
from engine.domain.corrections import WAITING
from engine.domain.errors import Conflict, Invalid, NotAllowed, Refused
from engine.domain.portal_rules import CATEGORIES, facts_mark
from engine.domain.said import say
from engine.store.portal import hold_person, waiting_request
from engine.store.tables.portal import Applicant, CaseView, Submission

MOST_TEXT = 500
MOST_FINDING = 480  # with the category before it, no more than a finding may have


def say_of_facts(
    portal: Session, clock: Clock, person: Applicant, answer: str, categories: list[str], text: str
) -> UUID:
    """无误, or 有误 with what and why. Once for each state of the facts: Conflict afterwards."""
    faults: dict[str, list[str]] = {}
    if answer not in ("right", "wrong"):
        faults["answer"] = [say("请选择无误或有误")]
    chosen = [name for name in CATEGORIES if name in categories] if answer == "wrong" else []
    if answer == "wrong" and not chosen:
        faults["categories"] = [say("请选择哪一方面有误")]
    text = text.strip() if answer == "wrong" else ""
    if answer == "wrong" and not text:
        faults["text"] = [say("请写明哪里有误")]
    if len(text) > MOST_TEXT:
        faults["text"] = [say("最多 %(n)s 个字", n=MOST_TEXT)]
    if faults:
        raise Invalid(faults)
    mark = facts_mark(person.facts)
    hold_person(portal, person.id)
    if waiting_request(portal, person.id, "confirm", mark=mark, taken=True):
        raise Conflict("said_before", "您已经对这份登记信息表过态，登记信息变更后才能再说")
    data = {"answer": answer, "categories": chosen, "text": text, "mark": mark}
    return _ask(portal, clock, person, "confirm", data)


def ask_reminder(portal: Session, clock: Clock, person: Applicant, view: CaseView) -> UUID:
    """催办. NotAllowed for whoever did not apply, Refused before its day."""
    _own(person, view)
    first = view.may.get("remind_from")
    if first is None or first > local_date(clock.now()).isoformat():
        raise Refused("too_soon", "现在还不到可以催办的时候")
    hold_person(portal, person.id)
    if waiting_request(portal, person.id, "remind", case_number=view.number):
        raise Conflict("asked_before", "您的催办正在转给经办单位")
    return _ask(portal, clock, person, "remind", {}, view.number)


def ask_withdrawal(portal: Session, clock: Clock, person: Applicant, view: CaseView, reason: str) -> UUID:
    """撤回申请. Refused where the case has gone too far to be withdrawn."""
    _own(person, view)
    if not view.may.get("withdraw"):
        raise Refused("cannot_withdraw", "这个办件现在不能撤回，请联系村民委员会")
    if not reason.strip():
        raise Invalid({"reason": [say("请写明为什么撤回")]})
    if len(reason) > MOST_TEXT:
        raise Invalid({"reason": [say("最多 %(n)s 个字", n=MOST_TEXT)]})
    hold_person(portal, person.id)
    if waiting_request(portal, person.id, "withdrawal", case_number=view.number):
        raise Conflict("asked_before", "您的撤回申请正在登记")
    return _ask(portal, clock, person, "withdrawal", {"reason": reason.strip()}, view.number)


def ask_correction(
    portal: Session, clock: Clock, person: Applicant, view: CaseView, category: str, text: str
) -> UUID:
    """更正: what the case filed is wrong, in which respect and how. Anybody of the household may say so, one at a time."""
    if not view.may.get("correct"):
        raise Refused("not_filed", "此件还没有备案，有误的请在办理中补正、退回或撤回")
    faults: dict[str, list[str]] = {}
    if category not in CATEGORIES:
        faults["category"] = [say("请选择哪一方面有误")]
    if not text.strip():
        faults["text"] = [say("请写明哪里有误")]
    elif len(text.strip()) > MOST_FINDING:
        faults["text"] = [say("最多 %(n)s 个字", n=MOST_FINDING)]
    if faults:
        raise Invalid(faults)
    hold_person(portal, person.id)
    earlier = view.may.get("correction") or {}
    if earlier.get("state") == WAITING or waiting_request(
        portal, person.id, "correct", case_number=view.number
    ):
        raise Conflict("asked_before", "您说的错误正在核对，有结果会告诉您")
    return _ask(portal, clock, person, "correct", {"category": category, "text": text.strip()}, view.number)


def _own(person: Applicant, view: CaseView) -> None:
    if view.applicant_id != person.id:
        raise NotAllowed("not_applicant", "这件事由提出申请的家人登录后办理")


def _ask(
    portal: Session,
    clock: Clock,
    person: Applicant,
    kind: str,
    data: dict[str, Any],
    case_number: str | None = None,
) -> UUID:
    row = Submission(
        id=uuid4(),
        applicant_id=person.id,
        kind=kind,
        case_type="",
        case_number=case_number,
        data=data,
        submitted_at=clock.now(),
        status="waiting",
    )
    portal.add(row)
    portal.commit()
    return row.id
