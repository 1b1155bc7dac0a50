"""Materials: files that people hand in with a form become papers of the case."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.domain import events
from engine.domain.errors import Invalid
from engine.operations.work import Work
from engine.store.papers import find_paper
from forms import Form


def adopt_materials(work: Work, form: Form, data: Mapping[str, Any], task: int | None) -> None:
    """Tie the files among the answers to the case. A file of another case or person is refused by field."""
    for field, kind, file_id in form.files_in(data):
        paper = find_paper(work.session, work.case.county, as_uuid(file_id), lock=True)
        strange = paper is None or paper.case_id not in (None, work.case.id)
        if strange or (paper.case_id is None and paper.created_by != work.actor.id):
            raise Invalid({field: ["没有找到这份文件，请重新上传"]})
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
