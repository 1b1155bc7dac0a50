"""The published model in the browser: the editor's page, what it loads, saves and has checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, g, jsonify, request

from engine.bpmn.errors import ModelRefused
from engine.bpmn.model import read_model
from engine.domain.errors import DomainError, Invalid
from engine.usecases.edit_process import problems_of, save_file
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.i18n import lang
from web.studio.blueprint import MODEL, blueprint, desk, page
from web.studio.words import problem_told, type_words


@dataclass(frozen=True)
class OutlineRow:
    """One element of the model, for the keyboard and for reading without the drawing."""

    id: str
    type: str
    name: str
    lane: str
    form: str
    groups: str


@blueprint.get("/studio/<case_type>")
@needs("studio")
def model(case_type: str):
    found = desk(case_type)
    asked = request.args.get("element", "")[:200]
    return page("model.html", found, "model", outline=outline(found.draft.files), asked=asked)


@blueprint.get("/studio/<case_type>/model.bpmn")
@needs("studio")
def model_file(case_type: str):
    draft = desk(case_type).draft
    return xml_answer(draft.files[MODEL], draft.tag)


@blueprint.put("/studio/<case_type>/model.bpmn")
@needs("studio")
def save_model(case_type: str):
    """Save what is drawn, right or not yet. 409 keeps the drawing in the browser and says who was faster."""
    desk(case_type)
    session, opened = office_session(), request.headers.get("If-Match", "")
    try:
        draft = save_file(
            session, running().clock, g.actor, case_type, MODEL, _body(), opened.removeprefix("W/").strip('"')
        )
        session.commit()
    except DomainError as error:
        session.rollback()
        return jsonify(message=message_of(error)), status_of(error)
    answer = jsonify(changed=draft.changed)
    answer.set_etag(draft.tag)
    return answer


@blueprint.post("/studio/<case_type>/check")
@needs("studio")
def check(case_type: str):
    """The publish check over what is drawn now, together with the draft's other files. Nothing is saved."""
    draft = desk(case_type).draft
    try:
        found = problems_of(draft, {MODEL: _body()})
    except DomainError as error:
        return jsonify(message=message_of(error)), status_of(error)
    return jsonify(problems=[problem_told(problem, MODEL) for problem in found])


def _body() -> str:
    try:
        return request.get_data().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid({}, "模型不是 UTF-8 编码") from None


def xml_answer(body: bytes, tag: str) -> Response:
    """A model to be loaded by a script, never to be opened as a page of this site."""
    answer = Response(body, content_type="application/xml; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{MODEL}"'
    answer.headers["Cache-Control"] = "no-store"
    answer.set_etag(tag)
    return answer


def outline(files: Mapping[str, bytes]) -> list[OutlineRow] | None:
    """The elements in the order of the file; None when the model cannot be read."""
    try:
        found = read_model({path: body for path, body in files.items() if path.endswith((".bpmn", ".dmn"))})
    except ModelRefused:
        return None
    return [_row(found, element) for element in found.elements()]


def _row(found: Any, element: Any) -> OutlineRow:
    lane, english = found.lane(element) or "", lang() == "en"
    does = element.form or element.topic or element.decision or element.called or ""
    return OutlineRow(
        element.id,
        type_words(element.type),
        (english and element.name_en) or element.name,
        (english and found.lanes_en.get(lane)) or lane,
        does,
        "、".join(element.groups),
    )
