"""The draft of a case type: its files, what it changes, whether it may be published, and the two persons who publish it."""

from dataclasses import asdict
from typing import Any

from flask import Response, after_this_request, g, request
from marshmallow import Schema, fields, validate

from engine.usecases import edit_process as edit
from engine.usecases.edit_process import Draft, problems_of, restore_file, save_file
from web.api import schemas, shapes
from web.api.access import documents, staff
from web.api.blueprint import blueprint, etag
from web.api.once import once
from web.api.schemas import text
from web.db import office_session, running
from web.studio.blueprint import MODEL, Desk, desk
from web.studio.changes import tell_portal
from web.studio.compare import file_changes, model_changes
from web.studio.words import problem_told

blp = blueprint("drafts", "流程草稿 / Drafts of procedures")
TAG = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "description": "ETag of the draft as it was read: without it, or with another, 409",
    "schema": {"type": "string", "maxLength": 120},
}
TOLD = {"ETag": {"description": "names this state of the draft", "schema": {"type": "string"}}}


class ProcedureFileOut(Schema):
    path = fields.String(required=True)
    state = fields.String(metadata={"enum": ["same", "changed", "added"]})


class DraftStepOut(Schema):
    did = fields.String()
    who = fields.String()
    at = schemas.instant()
    note = fields.String()


class ProcedureDraftOut(Schema):
    case_type = fields.String(required=True)
    base = fields.String(metadata={"description": "version that it is over"})
    rebased = fields.Boolean(metadata={"description": "another version came into force since"})
    status = fields.String(metadata={"enum": ["none", "editing", "submitted"]})
    edited_by = text()
    submitted_by = text()
    files = fields.List(fields.Nested(ProcedureFileOut))
    steps = fields.List(fields.Nested(DraftStepOut))


class DraftTextOut(Schema):
    path = fields.String(required=True)
    text = fields.String(required=True)


class TextIn(Schema):
    text = fields.String(required=True, validate=validate.Length(max=edit.MOST_CHARACTERS))


class CheckIn(Schema):
    files = fields.Dict(
        keys=fields.String(),
        values=fields.String(validate=validate.Length(max=edit.MOST_CHARACTERS)),
        load_default=dict,
        validate=validate.Length(max=20),
        metadata={"description": "path -> text, in place of the draft's own"},
    )


class ModelProblemOut(Schema):
    element = text()
    rule = fields.String()
    severity = fields.String(metadata={"enum": ["error", "warning"]})
    message = fields.String()
    fix = text()
    file = text()


class ModelProblemsOut(Schema):
    problems = fields.List(fields.Nested(ModelProblemOut))


class DraftChangesOut(ModelProblemsOut):
    files = fields.List(schemas.anything("{path, kind, lines}"))
    model = fields.List(schemas.anything("{kind, what, name, id, facts}"), allow_none=True)


class DraftActIn(Schema):
    note = fields.String(
        load_default="",
        validate=validate.Length(max=edit.MOST_NOTE),
        metadata={"description": "what was changed and why; what is to be mended, when it is given back"},
    )


def tag() -> str:
    return request.headers.get("If-Match", "").removeprefix("W/").strip('"')


@blp.route("/case-types/<case_type>/draft")
@staff("studio")
@blp.response(200, ProcedureDraftOut, headers=TOLD)
def draft(case_type: str):
    """How it stands. Without any change: the version in force, as if it were one."""
    return _shape(desk(case_type))


def _shape(found: Desk) -> tuple[dict[str, Any], int, dict[str, str]]:
    own, state = found.draft, found.state.draft
    rows = [{"path": path, "state": state_of(own, path)} for path in sorted(own.files)]
    body = {
        "case_type": own.case_type,
        "base": own.base_version,
        "rebased": found.rebased,
        "status": own.row.status if own.row else "none",
        "edited_by": (state.edited_by or None) if state else None,
        "submitted_by": state.submitted_by if state and own.submitted else None,
        "files": rows,
        "steps": [shapes.plain(asdict(step)) for step in state.steps] if state else [],
    }
    return body, 200, etag(own.tag)


def state_of(own: Draft, path: str) -> str:
    if path not in own.base_files:
        return "added"
    return "changed" if path in own.changed else "same"


@blp.route("/case-types/<case_type>/draft/changes")
@staff("studio")
@blp.response(200, DraftChangesOut, headers=TOLD)
def changes(case_type: str):
    """File by file, the model by meaning, and the publish check over the whole."""
    own = desk(case_type).draft
    told = model_changes(own.base_files, own.files) if own.changed else []
    body = {
        "files": [shapes.plain(asdict(one)) for one in file_changes(own.base_files, own.files)],
        "model": None if told is None else [shapes.plain(asdict(one)) for one in told],
        "problems": _problems(problems_of(own)) if own.changed else [],
    }
    return body, 200, etag(own.tag)


@blp.route("/case-types/<case_type>/draft/files/<path:path>")
@staff("studio")
@blp.response(200, DraftTextOut, headers=TOLD)
def file(case_type: str, path: str):
    """One file's text, the model's too."""
    own = desk(case_type).draft
    return {"path": path, "text": own.text(path)}, 200, etag(own.tag)


@blp.route("/case-types/<case_type>/draft/files/<path:path>", methods=["PUT"])
@staff("studio")
@documents(parameters=[TAG])
@blp.arguments(TextIn)
@blp.response(200, ProcedureDraftOut, headers=TOLD)
def keep(args: dict[str, Any], case_type: str, path: str):
    """Keep it, right or not yet; a new form, paper or decision table by a new name. 409 when somebody was faster."""
    desk(case_type)
    session = office_session()
    save_file(session, running().clock, g.actor, case_type, path, args["text"], tag())
    session.commit()
    return _shape(desk(case_type))


@blp.route("/case-types/<case_type>/draft/files/<path:path>", methods=["DELETE"])
@staff("studio")
@documents(parameters=[TAG])
@blp.response(200, ProcedureDraftOut, headers=TOLD)
def restore(case_type: str, path: str):
    """Take its changes back."""
    desk(case_type)
    session = office_session()
    restore_file(session, running().clock, g.actor, case_type, path, tag())
    session.commit()
    return _shape(desk(case_type))


@blp.route("/case-types/<case_type>/draft/check", methods=["POST"])
@staff("studio")
@blp.arguments(CheckIn)
@blp.response(200, ModelProblemsOut)
def check(args: dict[str, Any], case_type: str):
    """The publish check with these texts in place of the draft's. Keeps nothing."""
    return {"problems": _problems(problems_of(desk(case_type).draft, args["files"]))}


def _problems(found: list[Any]) -> list[dict[str, Any]]:
    return [problem_told(one, MODEL) | {"file": one.file or MODEL} for one in found]


@blp.route(
    "/case-types/<case_type>/draft/<any(submit, approve, give_back, withdraw, discard):act>", methods=["POST"]
)
@staff("studio")
@documents(parameters=[TAG])
@blp.arguments(DraftActIn)
@blp.response(200, ProcedureDraftOut, headers=TOLD)
@once
def act(args: dict[str, Any], case_type: str, act: str):
    """submit (with a note), approve or give_back (another person), withdraw (who submitted), discard."""
    desk(case_type)
    session, clock, note = office_session(), running().clock, args["note"]
    if act == "submit":
        edit.submit_draft(session, clock, g.actor, case_type, note, tag())
    elif act == "approve":
        edit.approve_draft(session, clock, g.actor, case_type, tag())
        after_this_request(_portal_told)
    elif act == "give_back":
        edit.return_draft(session, clock, g.actor, case_type, note, tag())
    elif act == "withdraw":
        edit.withdraw_draft(session, clock, g.actor, case_type)
    else:
        edit.discard_draft(session, clock, g.actor, case_type, tag())
    session.flush()
    return _shape(desk(case_type))


def _portal_told(answer: Response) -> Response:
    """When the version is there for good."""
    if answer.status_code == 200:
        tell_portal()
    return answer
