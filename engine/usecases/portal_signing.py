"""What the portal writes when an applicant signs: requests for a code, and the signature itself, sealed.

A telephone number, an identity number or a code never lies readable in the portal's tables; the inside opens it.
"""

import json
from base64 import b64decode, b64encode
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.store.sealed import seal, unseal
from engine.store.tables.portal import Applicant, CaseView, Submission


def ask_code(
    portal: Session, clock: Clock, person: Applicant, view: CaseView, reference: str | None = None
) -> UUID:
    """``reference``: what a face check at the county's provider ended with, where there is one."""
    data = {"sealed": _sealed({"reference": reference})} if reference else {}
    return _submit(portal, clock, person, view, "sign_code", data)


def reference_of(row: Submission) -> str | None:
    """Inside."""
    return _opened(row)["reference"] if "sealed" in row.data else None


def hand_in_signature(
    portal: Session,
    clock: Clock,
    person: Applicant,
    view: CaseView,
    answers: dict[str, Any],
    device: dict[str, Any],
) -> UUID:
    content = {"answers": answers, "device": device}
    return _submit(portal, clock, person, view, "sign", {"sealed": _sealed(content)})


def opened(row: Submission) -> tuple[dict[str, Any], dict[str, Any]]:
    """(answers, device) of a signature, inside."""
    content = _opened(row)
    return content["answers"], content["device"]


def _sealed(content: dict[str, Any]) -> str:
    return b64encode(seal(json.dumps(content, ensure_ascii=False))).decode()


def _opened(row: Submission) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(unseal(b64decode(row.data["sealed"])))
    return content


def _submit(
    portal: Session, clock: Clock, person: Applicant, view: CaseView, kind: str, data: dict[str, Any]
) -> UUID:
    assert view.todo is not None
    row = Submission(
        id=uuid4(),
        applicant_id=person.id,
        draft_id=None,
        kind=kind,
        case_type=view.todo["case_type"],
        case_number=view.number,
        task_number=view.todo["task"],
        data=data,
        submitted_at=clock.now(),
        status="waiting",
    )
    portal.add(row)
    portal.commit()
    return row.id
