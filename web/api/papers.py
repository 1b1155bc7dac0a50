"""Papers: what a case issued and what was handed in; upload and download."""

from typing import Any
from uuid import UUID

from flask import Response, g, make_response
from flask_babel import gettext as _
from marshmallow import Schema, fields

from engine.domain.errors import Conflict, Invalid
from engine.queries import case_file
from engine.queries.scoped import visible_case
from engine.usecases.add_material import add_material
from engine.usecases.note_read import note_read
from engine.usecases.procedures import current_procedure, procedure_of
from web.api import schemas, shapes
from web.api.access import documents, staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.uploads import posted_upload, upload_body
from web.db import office_session, running
from web.inbox.download import disposition
from web.inbox.papers import SHOWN

blp = blueprint("papers", "文书和材料 / Papers")


class UploadForm(Schema):
    kind = fields.String(required=True, metadata={"description": "kind of paper, from the case type"})
    case_type = fields.String(required=True)


@blp.route("/cases/<number>/papers")
@staff("cases")
@blp.response(200, schemas.PaperOut(many=True))
def papers(number: str):
    """Papers of the case, oldest first."""
    session = office_session()
    found = visible_case(session, g.actor, number)
    known = procedure_of(session, found).case_type
    return [
        shapes.paper(paper, by) | {"void": known.voided(paper.kind, found.status)}
        for paper, by in case_file.papers(session, found)
    ]


@blp.route("/papers", methods=["POST"])
@staff("inbox")
@documents(
    requestBody=upload_body(
        ("kind", "case_type"), kind="of paper, from the case type", case_type="whose limits count"
    )
)
@blp.response(201, schemas.UploadedOut)
@once
def upload():
    """Hand in a file; its id then goes among a form's answers. Judged by content, not by name."""
    form, given = posted_upload(UploadForm)
    limits = limits_of(form["case_type"], form["kind"])
    app, max_mb = running(), int(limits["max_mb"])
    body = given.stream.read(max_mb * 1024 * 1024 + 1)
    paper = add_material(
        office_session(),
        app.clock,
        app.files,
        g.actor,
        body,
        given.filename or "file",
        form["kind"],
        list(limits["media_types"]),
        max_mb,
    )
    return {"id": str(paper), "kind": form["kind"]}, 201


def limits_of(case_type: str, kind: str) -> dict[str, Any]:
    known = current_procedure(office_session(), g.actor.county, case_type[:100]).case_type.papers
    if kind not in known:
        raise Invalid({"kind": [_("没有这种材料")]})
    return known[kind]


@blp.route("/papers/<uuid:paper_id>/file")
@staff("cases")
@blp.response(200, {"type": "string", "format": "binary"}, content_type="*/*")
def download(paper_id: UUID) -> Response:
    """The file itself; who took it is recorded. 409 while it is still being printed."""
    session, app = office_session(), running()
    found = case_file.find_paper(session, g.actor, paper_id)
    if found.status != "ready" or not found.sha256:
        raise Conflict("waiting", "这份文书正在生成，请过一会儿刷新页面再打开")
    note_read(session, app.clock, g.actor, "download", f"paper:{paper_id}", found.division)
    answer = file_answer(app.files.get(found.sha256), found.media_type, found.file_name or found.title)
    session.commit()
    return answer


def file_answer(body: bytes, media_type: str, name: str) -> Response:
    answer = make_response(body)
    answer.headers["Content-Type"] = media_type if media_type in SHOWN else "application/octet-stream"
    answer.headers["Content-Disposition"] = disposition(name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
