"""An objection to a public notice, from anybody: kept by the portal until an inside job takes it to the case."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.errors import Refused
from engine.domain.portal_rules import rules
from engine.domain.uploads import checked_upload
from engine.store.portal import hold_notice, objections_waiting
from engine.store.tables.portal import Applicant, PortalUpload, Submission
from engine.store.tables.portal_public import PublicNotice

MEDIA_TYPES = ["image/jpeg", "image/png", "application/pdf"]
KIND = "objection_record"  # of the papers it brings


def object_to(
    portal: Session,
    clock: Clock,
    notice: PublicNotice,
    said: dict[str, Any],
    files: list[tuple[str, bytes]],
    person: Applicant | None,
) -> UUID:
    """``said``: name, phone, relation, category, text. ``files``: (name, content). Id of the submission.

    Refused where the notice is no longer shown, a file cannot be taken, or too many wait to be taken in.
    """
    limits = rules()["objection"]
    if len(files) > limits["most_files"]:
        raise Refused("too_many_files", "最多交 %(n)s 个文件", n=limits["most_files"])
    held = hold_notice(portal, notice.id)
    if held is None or held.status != "open":
        raise Refused("over", "公示已经结束")
    if objections_waiting(portal, notice.case_number) >= limits["most_waiting"]:
        raise Refused("too_much", "现在提出异议的人太多，请过一会儿再试，或到村民委员会书面提出")
    kept = [_keep(portal, clock, name, body, limits["max_mb"], person) for name, body in files]
    row = Submission(
        id=uuid4(),
        applicant_id=person.id if person else None,
        kind="objection",
        case_type="",
        case_number=notice.case_number,
        data=said | {"publicity": str(notice.id), "county": notice.county, "evidence": kept},
        submitted_at=clock.now(),
        status="waiting",
    )
    portal.add(row)
    portal.commit()
    return row.id


def _keep(
    portal: Session, clock: Clock, name: str, body: bytes, max_mb: int, person: Applicant | None
) -> str:
    upload = checked_upload(body, name, MEDIA_TYPES, max_mb)
    row = PortalUpload(
        id=uuid4(),
        applicant_id=person.id if person else None,
        kind=KIND,
        file_name=upload.file_name,
        media_type=upload.media_type,
        sha256=hashlib.sha256(upload.body).hexdigest(),
        body=upload.body,
        uploaded_at=clock.now(),
    )
    portal.add(row)
    return str(row.id)
