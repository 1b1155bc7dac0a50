"""A file that comes in parts: a broken connection goes on where it stopped. Whole, it is checked like any other.

Parts lie in the portal's own schema, sealed from other applicants by their owner; what nobody finishes within a day is
thrown away.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.domain.errors import Conflict, NotFound, Refused
from engine.domain.uploads import MB, safe_name
from engine.store.portal import (
    all_parts,
    bytes_waiting,
    drop_parts,
    forget_parts,
    held_part_upload,
    hold_person,
    parts_waiting,
)
from engine.store.tables.portal import Applicant
from engine.store.tables.portal_public import PartUpload, UploadPart
from engine.usecases.portal_uploads import MOST_WAITING, keep_upload

KEPT = timedelta(days=1)
MOST_IN_PART = 4 * MB


def begin_parts(
    portal: Session, clock: Clock, person: Applicant, kind: str, name: str, size: int, limits: dict[str, Any]
) -> PartUpload:
    """``size`` in bytes; ``limits``: {media_types, max_mb} of the kind of paper. Refused before anything is sent."""
    if size < 1:
        raise Refused("empty", "文件是空的，请重新选择")
    if size > limits["max_mb"] * MB:
        raise Refused("too_large", "文件超过%(mb)s兆字节，请压缩后再上传", mb=limits["max_mb"])
    hold_person(portal, person.id)
    forget_parts(portal, clock.now() - KEPT)
    if bytes_waiting(portal, person.id) + parts_waiting(portal, person.id) + size > MOST_WAITING:
        portal.rollback()
        raise Refused("too_much", "您还没提交的文件太多，请先提交或删除一些")
    row = PartUpload(
        id=uuid4(),
        applicant_id=person.id,
        kind=kind,
        file_name=safe_name(name),
        size=size,
        received=0,
        limits=limits,
        begun_at=clock.now(),
    )
    portal.add(row)
    portal.commit()
    return row


def part_upload(portal: Session, person: Applicant, upload_id: UUID) -> PartUpload:
    """One's own, under its lock. NotFound for any other."""
    row = held_part_upload(portal, person.id, upload_id)
    if row is None:
        raise NotFound("upload", "没有找到这次上传，请重新选择文件")
    return row


def add_part(
    portal: Session, clock: Clock, person: Applicant, upload_id: UUID, at: int, body: bytes
) -> PartUpload:
    """Conflict where ``at`` is not the byte to go on with; Refused where there is too much, or the whole is not a
    file of the kind: then it is thrown away.
    """
    row = part_upload(portal, person, upload_id)
    if row.upload_id is not None or at != row.received:
        portal.rollback()
        raise Conflict("offset", "上传的位置不对，请从断开的地方接着传")
    if len(body) > MOST_IN_PART or row.received + len(body) > row.size:
        portal.rollback()
        raise Refused("too_large", "传来的内容比文件还大，请重新选择文件")
    if body:
        portal.add(UploadPart(part_upload_id=row.id, at=at, body=body))
        row.received += len(body)
        portal.flush()
    if row.received == row.size:
        _finish(portal, clock, person, row)
    portal.commit()
    return row


def _finish(portal: Session, clock: Clock, person: Applicant, row: PartUpload) -> None:
    whole = all_parts(portal, row.id)
    try:
        kept = keep_upload(portal, clock, person, row.kind, whole, row.file_name, row.limits)
    except Refused:
        portal.delete(row)
        portal.commit()
        raise
    row.upload_id = kept
    drop_parts(portal, row.id)


def give_up(portal: Session, person: Applicant, upload_id: UUID) -> None:
    portal.delete(part_upload(portal, person, upload_id))
    portal.commit()
