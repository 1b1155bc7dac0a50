"""Keep a file that an applicant hands in, checked by its content, until the inside takes it over."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.errors import Refused
from engine.domain.uploads import MB, checked_upload
from engine.store.portal import bytes_waiting
from engine.store.tables.portal import Applicant, PortalUpload

MOST_WAITING = 200 * MB  # of one applicant


def keep_upload(
    portal: Session,
    clock: Clock,
    person: Applicant,
    kind: str,
    body: bytes,
    file_name: str,
    limits: dict[str, Any],
) -> UUID:
    """``limits``: {media_types, max_mb} of the kind of paper. Raises Refused in the person's words."""
    upload = checked_upload(body, file_name, limits["media_types"], limits["max_mb"])
    if bytes_waiting(portal, person.id) + len(upload.body) > MOST_WAITING:
        raise Refused("too_much", "您还没提交的文件太多，请先提交或删除一些")
    row = PortalUpload(
        id=uuid4(),
        applicant_id=person.id,
        kind=kind,
        file_name=upload.file_name,
        media_type=upload.media_type,
        sha256=hashlib.sha256(upload.body).hexdigest(),
        body=upload.body,
        uploaded_at=clock.now(),
    )
    portal.add(row)
    portal.commit()
    return row.id
