"""Change a published case type in the studio: a draft over the version in force, checked, submitted, approved.

The draft keeps only the files that differ. Publishing makes a new version of the whole case type; the next case
runs on it and open cases stay on theirs.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from engine.bpmn.check import Problem
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, NotFound, Refused
from engine.store import drafts, versions
from engine.store.tables.reference import ProcessDraft
from engine.usecases.publish_process import Published, check_files, publish_process

EDITABLE = (".bpmn", ".dmn", ".yaml", ".html")
MOST_CHARACTERS = 2_000_000


@dataclass(frozen=True)
class Draft:
    """A draft with the files of the version it is over; ``row`` is None before the first change."""

    case_type: str
    base_version: str
    files: dict[str, bytes]
    row: ProcessDraft | None

    @property
    def revision(self) -> int:
        return self.row.revision if self.row else 0

    @property
    def changed(self) -> list[str]:
        return sorted(self.row.files) if self.row else []


def read_draft(session: Session, county: str, case_type: str, lock: bool = False) -> Draft:
    """The open draft, or the version in force as if it were one."""
    row = drafts.open_draft(session, county, case_type, lock)
    base = row.base_version if row else versions.version_in_force(session, county, case_type)
    files = dict(versions.case_type_of(session, base).files)
    if row:
        files |= {path: text.encode() for path, text in row.files.items()}
    return Draft(case_type, base, files, row)


def save_file(
    session: Session, clock: Clock, actor: Actor, case_type: str, path: str, text: str, revision: int
) -> Draft:
    """Keep a changed file. Conflict when the draft is newer than the one that was opened, or submitted."""
    draft = read_draft(session, actor.county, case_type, lock=True)
    if path not in draft.files or not path.endswith(EDITABLE):
        raise NotFound("file", "业务类型中没有文件 %(path)s", path=path)
    if len(text) > MOST_CHARACTERS:
        raise Refused("too_large", "文件太大，最多200万字")
    row = draft.row
    if row is not None and row.status == "submitted":
        raise Conflict("submitted", "这份修改已提交复核，撤回后才能再改")
    if revision != draft.revision:
        raise Conflict("stale", "另一人刚保存过这份修改，请刷新后再改；您的内容还在这一页上")
    if row is None:
        row = ProcessDraft(
            id=uuid4(),
            county=actor.county,
            case_type=case_type,
            base_version=draft.base_version,
            files={},
            revision=0,
            status="editing",
            edited_by=actor.person_id,
            edited_at=clock.now(),
        )
        session.add(row)
    base = versions.case_type_of(session, draft.base_version).files
    kept: dict[str, Any] = {name: body for name, body in row.files.items() if name != path}
    if base.get(path) != text.encode():
        kept[path] = text
    row.files, row.revision = kept, row.revision + 1
    row.edited_by, row.edited_at = actor.person_id, clock.now()
    session.flush()
    return read_draft(session, actor.county, case_type)


def check_draft(session: Session, county: str, case_type: str) -> list[Problem]:
    return check_files(read_draft(session, county, case_type).files)


def submit_draft(session: Session, clock: Clock, actor: Actor, case_type: str, note: str) -> ProcessDraft:
    """Hand it to a second person. Refused while there are errors, or nothing differs."""
    draft = read_draft(session, actor.county, case_type, lock=True)
    row = draft.row
    if row is None or not row.files:
        raise Refused("unchanged", "没有修改，无需提交")
    if row.status == "submitted":
        raise Conflict("submitted", "这份修改已提交复核")
    errors = [problem for problem in check_files(draft.files) if problem.severity == "error"]
    if errors:
        raise Refused("problems", "流程有%(n)s处错误，改好后才能提交", n=len(errors))
    row.status, row.submitted_by, row.note = "submitted", actor.person_id, note[:500]
    row.edited_at = clock.now()
    session.flush()
    return row


def approve_draft(session: Session, clock: Clock, actor: Actor, case_type: str) -> Published:
    """Publish what another person submitted."""
    draft = read_draft(session, actor.county, case_type, lock=True)
    row = draft.row
    if row is None or row.status != "submitted":
        raise Conflict("not_submitted", "没有等待复核的修改，可能已被撤回或发布")
    if versions.version_in_force(session, actor.county, case_type) != draft.base_version:
        raise Conflict("base_changed", "修改期间已发布了新的版本，请在新版本上重新修改")
    published = publish_process(
        session, clock, actor.county, draft.files, str(row.submitted_by), actor.id, row.note
    )
    row.status = "published"
    session.flush()
    return published


def withdraw_draft(session: Session, actor: Actor, case_type: str) -> None:
    """Back to editing, by whoever submitted it or by the one who was to approve it."""
    row = drafts.open_draft(session, actor.county, case_type, lock=True)
    if row is None or row.status != "submitted":
        raise Conflict("not_submitted", "没有等待复核的修改，可能已被撤回或发布")
    row.status = "editing"
    session.flush()


def discard_draft(session: Session, actor: Actor, case_type: str) -> None:
    row = drafts.open_draft(session, actor.county, case_type, lock=True)
    if row is None:
        raise NotFound("draft", "没有正在编辑的修改")
    row.status = "discarded"
    session.flush()
