"""Take a file in: its type by its content, its size and its name checked; it becomes a paper once a form names it."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.scans import KINDS as SCANS
from engine.domain.uploads import Upload, checked_upload
from engine.exchange.survey_return import KIND as SURVEY_RETURN
from engine.exchange.survey_return import read_return
from engine.reading.scan import read_scan
from engine.store.files import FileStore
from engine.store.register import county_of
from engine.store.tables.cases import Paper


def add_material(
    session: Session,
    clock: Clock,
    files: FileStore,
    actor: Actor,
    body: bytes,
    file_name: str,
    kind: str,
    allowed: list[str],
    max_mb: int,
) -> UUID:
    """Id of the stored paper, seen by its creator alone until a case adopts it.

    Raises Refused with the reason in the user's words: too large, empty, not one of the allowed types, or a scan
    or a survey's result that cannot be read. What is read off a file is kept with it, and judged when a form names it.
    """
    upload = checked_upload(body, file_name, allowed, max_mb)
    facts = read_off(session, actor.county, kind, upload)
    sha256 = files.put(upload.body)
    paper = Paper(
        county=actor.county,
        id=uuid4(),
        case_id=None,
        source="material",
        kind=kind,
        title=kind,
        status="ready",
        media_type=upload.media_type,
        sha256=sha256,
        size=len(upload.body),
        file_name=upload.file_name,
        facts=facts,
        created_at=clock.now(),
        created_by=actor.id,
        division=actor.division,
    )
    session.add(paper)
    session.flush()
    return paper.id


def read_off(session: Session, county: str, kind: str, upload: Upload) -> dict[str, Any]:
    """What is read off a file as it comes in: a scan's pages, the parcels of a survey's result."""
    if kind in SCANS:
        return {"scan": [page.as_json() for page in read_scan(upload.body)]}
    if kind == SURVEY_RETURN:
        return {"survey_return": read_return(upload.body, upload.media_type, county_of(session, county).srid)}
    return {}
