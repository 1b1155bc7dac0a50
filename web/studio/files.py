"""Forms, periods, papers and the rest of a case type as text, with the same check as the model. Needs no script."""

from dataclasses import dataclass

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import DomainError, Invalid
from engine.usecases.edit_process import EDITABLE, problems_of, restore_file, save_file
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.inbox.words import both
from web.studio.blueprint import MODEL, Desk, blueprint, desk, page
from web.studio.words import problem_told

NEW_FORM = """form: NAME
title: {zh: 新表单, en: New form}
fields:
  - name: opinion
    kind: textarea
    label: {zh: 意见, en: Opinion}
    required: true
    max_length: 500
"""
NEW_PAPER = """{% extends "paper.html" %}
{% import "parts.html" as parts %}
{% block title %}新文书{% endblock %}
{% block paper %}
{{ parts.heading(office.name, "新文书", document.number) }}
<p></p>
{% endblock %}
"""
KINDS = {"form": ("forms/{}.yaml", NEW_FORM), "paper": ("documents/{}.html", NEW_PAPER)}


@dataclass(frozen=True)
class FileRow:
    path: str
    title: str
    state: str  # same, changed, added


@blueprint.get("/studio/<case_type>/files")
@needs("studio")
def files(case_type: str):
    found = desk(case_type)
    return page("files.html", found, "files", groups=_groups(found), error=None, name="")


@blueprint.post("/studio/<case_type>/files")
@needs("studio")
def add_file(case_type: str):
    """A new form or paper, with something in it to begin with."""
    found = desk(case_type)
    name, kind = request.form.get("name", "").strip(), request.form.get("kind", "")
    pattern, beginning = KINDS.get(kind, KINDS["form"])
    path, session = pattern.format(name), office_session()
    error = None
    if path in found.draft.files:
        error = _("已有这个名称的文件")
    else:
        try:
            text, tag = beginning.replace("NAME", name), request.form.get("tag", "")
            save_file(session, running().clock, g.actor, case_type, path, text, tag)
            session.commit()
            return redirect(url_for("studio.file", case_type=case_type, path=path), 303)
        except DomainError as fault:
            session.rollback()
            wrong = fault.code == "file"
            error = (
                _("名称用小写字母、数字和下划线，以字母开头，例如 second_check")
                if wrong
                else message_of(fault)
            )
    return page("files.html", found, "files", groups=_groups(found), error=error, name=name), 422


@blueprint.get("/studio/<case_type>/files/<path:path>")
@needs("studio")
def file(case_type: str, path: str):
    found = desk(case_type)
    return _editor(found, path, found.draft.text(path), found.draft.tag)


@blueprint.post("/studio/<case_type>/files/<path:path>")
@needs("studio")
def save_text(case_type: str, path: str):
    """Save, check or take back, by the button; a refusal keeps what was typed."""
    found = desk(case_type)
    found.draft.text(path)
    typed, tag, does = _typed(), request.form.get("tag", ""), request.form.get("do", "save")
    if does == "check":
        return _editor(found, path, typed, tag, problems_of(found.draft, {path: typed}))
    session, clock = office_session(), running().clock
    try:
        if does == "restore":
            draft = restore_file(session, clock, g.actor, case_type, path, tag)
        else:
            draft = save_file(session, clock, g.actor, case_type, path, typed, tag)
        session.commit()
    except DomainError as fault:
        session.rollback()
        return _editor(found, path, typed, tag, trouble=message_of(fault)), status_of(fault)
    flash(_("已恢复为发布的版本") if does == "restore" else _("草稿已保存"), "success")
    if path not in draft.files:
        return redirect(url_for("studio.files", case_type=case_type), 303)
    return redirect(url_for("studio.file", case_type=case_type, path=path), 303)


def _typed() -> str:
    """Browsers send CRLF; files keep LF."""
    text = request.form.get("text")
    if text is None:
        raise Invalid({"text": [_("没有收到文件内容")]})
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _editor(found: Desk, path: str, text: str, tag: str, problems=None, trouble: str | None = None) -> str:
    return page(
        "file.html",
        found,
        "files",
        path=path,
        text=text,
        tag=tag,
        title=_title(found, path),
        problems=None if problems is None else [problem_told(problem, path) for problem in problems],
        trouble=trouble,
        editable=path.endswith(EDITABLE) and not found.draft.submitted,
        changed=path in found.draft.changed,
    )


def _groups(found: Desk) -> list[tuple[str, list[FileRow]]]:
    rows = [FileRow(path, _title(found, path), _state(found, path)) for path in sorted(found.draft.files)]
    main = [row for row in rows if "/" not in row.path]
    forms = [row for row in rows if row.path.startswith("forms/")]
    papers = [row for row in rows if row.path.startswith("documents/")]
    return [(_("流程和规则"), main), (_("表单"), forms), (_("文书模板"), papers)]


def _state(found: Desk, path: str) -> str:
    if path not in found.draft.base_files:
        return "added"
    return "changed" if path in found.draft.changed else "same"


def _title(found: Desk, path: str) -> str:
    """What a file is, in words, from the version in force; a new one has none yet."""
    known = {
        "case_type.yaml": _("业务类型：岗位、材料、文书、代码表"),
        "parameters.yaml": _("期限和数值"),
        MODEL: _("流程模型（XML）"),
    }
    if path in known:
        return known[path]
    case_type = found.state.case_type
    name = path.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    if path.startswith("forms/") and name in case_type.form_names:
        return both(case_type.form_source(name).get("title"))
    return both(case_type.documents.get(name), "")
