"""Change a published case type in the studio: a draft over the version in force, checked, submitted, approved.

The draft keeps only the files that differ. Publishing makes a new version of the whole case type; the next case
runs on it and open cases stay on theirs. Everything that changes a draft names the ``tag`` of what was looked at,
so nobody overwrites, submits or approves what they have not seen.
"""

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine.bpmn.check import Problem
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, Invalid, NotFound, Refused
from engine.domain.from_yaml import read_yaml
from engine.domain.said import Said, say
from engine.store import drafts, people, versions
from engine.store.tables.reference import DraftStep, ProcessDraft
from engine.usecases.publish_process import Published, check_files, publish_process

ABOUT = "case_type.yaml"
EDITABLE = (".bpmn", ".dmn", ".yaml", ".html", ".md")
ADDABLE = re.compile(
    r"forms/[a-z][a-z0-9_]{0,60}\.yaml|documents/[a-z][a-z0-9_]{0,60}\.html|[a-z][a-z0-9_]{0,60}\.dmn"
)
MOST_CHARACTERS = 2_000_000
MOST_NOTE = 500


@dataclass(frozen=True)
class Draft:
    """A draft with the files of the version it is over; ``row`` is None before the first change."""

    case_type: str
    base_version: str
    base_files: dict[str, bytes]
    files: dict[str, bytes]
    row: ProcessDraft | None

    @property
    def tag(self) -> str:
        """Names this state of the draft: another base, another draft or another saving is another tag."""
        base = self.base_version[:12]
        return f"{base}.{self.row.id.hex[:12]}.{self.row.revision}" if self.row else base

    @property
    def changed(self) -> list[str]:
        return sorted(self.row.files) if self.row else []

    @property
    def submitted(self) -> bool:
        return self.row is not None and self.row.status == "submitted"

    def text(self, path: str) -> str:
        """Raises NotFound; Refused where the file is not UTF-8 and so cannot be edited as text."""
        try:
            return self.files[path].decode()
        except KeyError:
            raise NotFound("file", "业务类型中没有文件 %(path)s", path=path[:100]) from None
        except UnicodeDecodeError:
            raise Refused("encoding", "文件 %(path)s 不是 UTF-8 编码，不能在这里编辑", path=path) from None


def read_draft(session: Session, county: str, case_type: str, lock: bool = False) -> Draft:
    """The open draft, or the version in force as if it were one."""
    row = drafts.open_draft(session, county, case_type, lock)
    base = row.base_version if row else versions.version_in_force(session, county, case_type)
    base_files = dict(versions.case_type_of(session, base).files)
    typed = {path: text.encode() for path, text in row.files.items()} if row else {}
    return Draft(case_type, base, base_files, base_files | typed, row)


def save_file(
    session: Session, clock: Clock, actor: Actor, case_type: str, path: str, text: str, tag: str
) -> Draft:
    """Keep a changed file, or a new form, paper or decision. It need not be right yet.

    Conflict when the draft is newer than the one that was opened, or submitted.
    """
    draft = _held(session, actor, case_type, tag)
    if (path not in draft.files and not ADDABLE.fullmatch(path)) or not path.endswith(EDITABLE):
        raise NotFound("file", "业务类型中没有文件 %(path)s", path=path[:100])
    if len(text) > MOST_CHARACTERS:
        raise Refused("too_large", "文件太大，最多200万字")
    if "\0" in text or not _is_unicode(text):
        raise Refused("characters", "文件含有不能保存的控制字符，请删去后再保存")
    row = draft.row or _new_draft(session, clock, actor, draft)
    kept: dict[str, Any] = {name: body for name, body in row.files.items() if name != path}
    if draft.base_files.get(path) != text.encode():
        kept[path] = text
    row.files, row.revision = kept, row.revision + 1
    row.edited_by, row.edited_at = actor.person_id, clock.now()
    session.flush()
    return read_draft(session, actor.county, case_type)


def restore_file(session: Session, clock: Clock, actor: Actor, case_type: str, path: str, tag: str) -> Draft:
    """Take a file's changes back: as in the version it is over, or gone where that has none."""
    draft = _held(session, actor, case_type, tag)
    row = draft.row
    if row is None or path not in row.files:
        raise NotFound("file", "文件 %(path)s 没有修改", path=path[:100])
    row.files = {name: body for name, body in row.files.items() if name != path}
    row.revision += 1
    row.edited_by, row.edited_at = actor.person_id, clock.now()
    session.flush()
    return read_draft(session, actor.county, case_type)


def _held(session: Session, actor: Actor, case_type: str, tag: str) -> Draft:
    """The draft, locked, if it may be changed and is as the person saw it."""
    draft = read_draft(session, actor.county, case_type, lock=True)
    if draft.submitted:
        raise Conflict("submitted", "这份修改已提交复核，撤回后才能再改")
    _as_seen(session, draft, tag)
    return draft


def _as_seen(session: Session, draft: Draft, tag: str) -> None:
    if tag == draft.tag:
        return
    if draft.row is None:
        raise Conflict("stale", "您打开之后，这份修改已发布或放弃。请复制您的内容，刷新后再改")
    who = people.name_of(session, draft.row.edited_by)
    raise Conflict("stale", "您打开之后，%(who)s又保存过这份修改。请复制您的内容，刷新后再改", who=who)


def _new_draft(session: Session, clock: Clock, actor: Actor, draft: Draft) -> ProcessDraft:
    row = ProcessDraft(
        id=uuid4(),
        county=actor.county,
        case_type=draft.case_type,
        base_version=draft.base_version,
        files={},
        revision=0,
        status="editing",
        edited_by=actor.person_id,
        edited_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict("stale", "另一人同时开始了修改。请复制您的内容，刷新后再改") from None
    return row


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def problems_of(draft: Draft, typed: dict[str, str] | None = None) -> list[Problem]:
    """The publish check, with what is typed but not yet saved put in place of the draft's own."""
    files = draft.files | {path: text.encode("utf-8", "replace") for path, text in (typed or {}).items()}
    found = check_files(files)
    if any(problem.file == ABOUT for problem in found):
        return found
    if read_yaml(files[ABOUT])["case_type"] != draft.case_type:
        message = say("case_type 应为 %(name)s，不能改名：在办案件按这个名称找到它", name=draft.case_type)
        found.append(Problem(None, "case-type-name", "error", message, say("请改回原来的名称"), ABOUT))
    return found


def submit_draft(
    session: Session, clock: Clock, actor: Actor, case_type: str, note: str, tag: str
) -> ProcessDraft:
    """Hand it to a second person. Refused while there are errors, or nothing differs."""
    draft = _held(session, actor, case_type, tag)
    row = draft.row
    if row is None or not row.files:
        raise Refused("unchanged", "没有修改，无需提交")
    _not_rebased(session, actor, draft)
    said = _said(note, say("请写明改了什么、为什么改，复核人和以后的人要看"))
    errors = [problem for problem in problems_of(draft) if problem.severity == "error"]
    if errors:
        raise Refused("problems", "流程有%(n)s处错误，改好后才能提交", n=len(errors), problems=errors)
    row.status, row.submitted_by, row.note = "submitted", actor.person_id, said
    _step(session, clock, actor, row, "submitted", said)
    return row


def approve_draft(session: Session, clock: Clock, actor: Actor, case_type: str, tag: str) -> Published:
    """Publish what another person submitted."""
    draft, row = _submitted(session, actor, case_type)
    if row.submitted_by == actor.person_id:
        raise Refused("second_person", "发布需要另一人复核：提交人不能复核自己的修改")
    _as_seen(session, draft, tag)
    _not_rebased(session, actor, draft)
    errors = [problem for problem in problems_of(draft) if problem.severity == "error"]
    if errors:
        raise Refused("problems", "流程有%(n)s处错误，不能发布", n=len(errors), problems=errors)
    published = publish_process(
        session, clock, actor.county, draft.files, str(row.submitted_by), actor.id, row.note
    )
    row.status = "published"
    _step(session, clock, actor, row, "published", "")
    return published


def return_draft(session: Session, clock: Clock, actor: Actor, case_type: str, note: str, tag: str) -> None:
    """Back to editing with what is to be mended, by a person other than the one who submitted it."""
    draft, row = _submitted(session, actor, case_type)
    if row.submitted_by == actor.person_id:
        raise Refused("second_person", "退回由复核人办理；您提交的修改可以撤回")
    _as_seen(session, draft, tag)
    said = _said(note, say("请写明要改什么"))
    row.status = "editing"
    _step(session, clock, actor, row, "returned", said)


def withdraw_draft(session: Session, clock: Clock, actor: Actor, case_type: str) -> None:
    """Back to editing, by whoever submitted it."""
    _, row = _submitted(session, actor, case_type)
    if row.submitted_by != actor.person_id:
        raise Refused("not_yours", "只有提交人可以撤回；复核人可以退回")
    row.status = "editing"
    _step(session, clock, actor, row, "withdrawn", "")


def discard_draft(session: Session, clock: Clock, actor: Actor, case_type: str, tag: str) -> None:
    draft = _held(session, actor, case_type, tag)
    if draft.row is None:
        raise NotFound("draft", "没有正在编辑的修改")
    draft.row.status = "discarded"
    _step(session, clock, actor, draft.row, "discarded", "")


def _submitted(session: Session, actor: Actor, case_type: str) -> tuple[Draft, ProcessDraft]:
    draft = read_draft(session, actor.county, case_type, lock=True)
    if draft.row is None or not draft.submitted:
        raise Conflict("not_submitted", "没有等待复核的修改，可能已被撤回或发布")
    return draft, draft.row


def _not_rebased(session: Session, actor: Actor, draft: Draft) -> None:
    if versions.version_in_force(session, actor.county, draft.case_type) != draft.base_version:
        raise Conflict("base_changed", "修改期间已发布了新的版本，请在新版本上重新修改")


def _said(note: str, missing: Said) -> str:
    note = note.replace("\0", "").strip()
    if not note:
        raise Invalid({"note": [missing]})
    if len(note) > MOST_NOTE:
        raise Invalid({"note": [say("最多%(n)s个字", n=MOST_NOTE)]})
    return note


def _step(session: Session, clock: Clock, actor: Actor, row: ProcessDraft, did: str, note: str) -> None:
    session.add(DraftStep(draft_id=row.id, did=did, person_id=actor.person_id, at=clock.now(), note=note))
    session.flush()
