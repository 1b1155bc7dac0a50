"""What was uploaded in the portal becomes papers inside."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.store.files import FileStore
from engine.store.portal import own_upload
from engine.store.tables.portal import Submission
from engine.usecases.add_material import add_material
from engine.usecases.procedures import Procedure
from forms import Form


def taken_over(
    session: Session,
    portal: Session,
    clock: Clock,
    files: FileStore,
    actor: Actor,
    procedure: Procedure,
    form: Form,
    row: Submission,
) -> dict[str, Any]:
    """The answers with every upload of the portal replaced by the paper that it became inside.

    A file that is not the applicant's own keeps its id, which names nothing here, and is refused by the form.
    """
    papers: dict[str, str] = {}
    for _, kind, file_id in form.files_in(row.data):
        upload = own_upload(portal, row.applicant_id, UUID(file_id)) if is_id(file_id) else None
        if upload is None or upload.body is None or file_id in papers:
            continue
        limits = procedure.case_type.papers.get(kind or upload.kind, {})
        paper = add_material(
            session,
            clock,
            files,
            actor,
            bytes(upload.body),
            upload.file_name,
            kind or upload.kind,
            limits.get("media_types", []),
            limits.get("max_mb", 0),
        )
        papers[file_id] = str(paper)
    return renamed(row.data, papers)


def renamed(value: Any, papers: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: renamed(inner, papers) for name, inner in value.items()}
    if isinstance(value, list):
        return [renamed(inner, papers) for inner in value]
    return papers.get(value, value) if isinstance(value, str) else value


def is_id(text: str) -> bool:
    try:
        return len(text) == 36 and bool(UUID(text))
    except ValueError:
        return False
