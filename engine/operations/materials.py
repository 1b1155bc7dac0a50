"""Materials: files that people hand in with a form become papers of the case."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.domain import events
from engine.domain.errors import Invalid
from engine.domain.said import say
from engine.operations.work import Work
from engine.store.papers import find_paper
from engine.store.tables.cases import Paper
from forms import Form


def adopt_materials(work: Work, form: Form, data: Mapping[str, Any], task: int | None) -> None:
    """Tie the files among the answers to the case. A file of another case or person is refused by field."""
    for field, kind, file_id in form.files_in(data):
        paper = find_paper(work.session, work.case.county, as_uuid(file_id), lock=True)
        if paper is None or not may_hand_in(work, paper):
            raise Invalid({field: [say("没有找到这份文件，请重新上传")]})
        if paper.case_id is None:
            paper.case_id, paper.division = work.case.id, work.case.division
            paper.kind, paper.task_number = kind or paper.kind, task
            told = {"paper": file_id, "kind": paper.kind, "name": paper.file_name, "sha256": paper.sha256}
            work.say(events.MATERIAL_ADDED, told, task=task)
    work.session.flush()


def as_uuid(file_id: str) -> UUID:
    """An id that is none of ours names no file."""
    try:
        return UUID(file_id)
    except ValueError:
        return UUID(int=0)


def may_hand_in(work: Work, paper: Paper) -> bool:
    """The case's own material again, or a file that this very person uploaded and no case has yet."""
    if paper.case_id is None:
        return paper.created_by == work.actor.id
    return paper.case_id == work.case.id
