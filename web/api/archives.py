"""Archives of ended cases, and old certificates that came back and are destroyed by lists."""

from typing import Any
from uuid import UUID

from flask import Response, g
from marshmallow import Schema, fields, validate

from engine.documents.sheets import render_sheet
from engine.domain.archive import retentions
from engine.queries import certificates
from engine.queries.scoped import visible_case
from engine.usecases.archive_case import archive_of, archive_package, archive_sheet, file_archive
from engine.usecases.note_read import note_read
from engine.usecases.registry import destroy_certificates
from web.api.access import staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.shapes import plain
from web.db import office_session, running
from web.registry.attached import attached

blp = blueprint("archives", "档案和旧证 / Archives and old certificates")
BINARY = {"type": "string", "format": "binary"}


class ArchiveIn(Schema):
    retention = fields.String(required=True, validate=validate.OneOf(tuple(retentions())))
    checked_by = fields.String(required=True, validate=validate.Length(1, 50))
    remark = fields.String(allow_none=True, load_default=None, validate=validate.Length(max=1000))


class ArchiveOut(Schema):
    case = fields.String(required=True)
    status = fields.String(required=True)
    number = fields.String(allow_none=True, metadata={"description": "档号, once it is put in order"})
    retention = fields.String(allow_none=True)
    filed_by = fields.String(allow_none=True)
    checked_by = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)
    pages = fields.Integer()
    events = fields.Integer()
    intact = fields.Boolean()
    entries = fields.List(fields.Dict())


class WitnessIn(Schema):
    name = fields.String(required=True)
    office = fields.String(required=True)


class DestructionIn(Schema):
    certificates = fields.List(fields.UUID(), required=True)
    destroyed_on = fields.Date(required=True)
    place = fields.String(required=True)
    way = fields.String(required=True)
    witnesses = fields.List(fields.Nested(WitnessIn), required=True)


class CollectedOut(Schema):
    id = fields.String(required=True)
    case = fields.String()
    code = fields.String()
    serial = fields.String(allow_none=True)
    contractor_code = fields.String()
    contractor_name = fields.String()
    collected_on = fields.String()
    collected_by = fields.String()


class DestructionOut(Schema):
    id = fields.String(required=True)
    number = fields.String(required=True)
    destroyed_on = fields.String()
    place = fields.String()
    way = fields.String()
    witnesses = fields.List(fields.Dict())
    certificates = fields.Integer()


def shown_archive(number: str) -> dict[str, Any]:
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    found = archive_of(app, session, case)
    filed = found.filed
    return {
        "case": case.number,
        "status": case.status,
        "number": filed.number if filed else None,
        "retention": filed.retention if filed else None,
        "filed_by": filed.filed_by_name if filed else None,
        "checked_by": filed.checked_by if filed else None,
        "remark": filed.remark if filed else None,
        "pages": found.pages,
        "events": found.events,
        "intact": found.broken is None,
        "entries": [
            {
                "order": one.order, "title": one.item.title, "number": one.item.number, "author": one.item.author,
                "date": one.item.day.isoformat(), "span": one.span, "pages": one.item.pages, "sha256": one.item.sha256,
            }
            for one in found.entries
        ],
    }  # fmt: skip


@blp.route("/cases/<number>/archive")
@staff("cases")
@blp.response(200, ArchiveOut)
def archive(number: str):
    """卷内目录: the case's papers in order, and whether it was put in order for the archive."""
    session = office_session()
    case = visible_case(session, g.actor, number)
    note_read(session, running().clock, g.actor, "open", f"archive:{case.number}", case.division)
    answer = shown_archive(number)
    session.commit()
    return answer


@blp.route("/cases/<number>/archive", methods=["POST"])
@staff("registrar")
@blp.arguments(ArchiveIn)
@blp.response(200, ArchiveOut)
@once
def put_in_order(args: dict[str, Any], number: str):
    """立卷, once for an ended case."""
    file_archive(office_session(), running().clock, g.actor, number, **args)
    return shown_archive(number), 200


@blp.route("/cases/<number>/archive/list")
@staff("cases")
@blp.response(200, BINARY, content_type="application/pdf")
def archive_list(number: str) -> Response:
    """卷内目录 and 备考表 as PDF."""
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "download", f"archive:{case.number}", case.division)
    body = archive_sheet(app, session, case)
    session.commit()
    return attached(body, f"archive-{case.number}.pdf", "application/pdf")


@blp.route("/cases/<number>/archive/package")
@staff("registrar")
@blp.response(200, BINARY, content_type="application/zip")
def package(number: str) -> Response:
    """Everything of an ended case as a zip with a signed manifest and hashes."""
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    body = archive_package(app, session, g.actor, case)
    note_read(session, app.clock, g.actor, "download", f"archive:{case.number}", case.division)
    session.commit()
    return attached(body, f"archive-{case.number}.zip", "application/zip")


@blp.route("/certificates/collected")
@staff("registry")
@blp.response(200, CollectedOut(many=True))
def collected():
    """Old certificates that came back and are not destroyed yet, the oldest first."""
    return [
        plain(
            {
                "id": one.row.id, "case": one.case, "code": one.row.code, "serial": one.row.serial,
                "contractor_code": one.row.contractor_code, "contractor_name": one.row.contractor_name,
                "collected_on": one.row.collected_on, "collected_by": one.row.collected_by,
            }
        )
        for one in certificates.waiting(office_session(), g.actor)
    ]  # fmt: skip


def shown_list(row: Any, number: int) -> dict[str, Any]:
    told = {
        "id": row.id,
        "number": row.number,
        "destroyed_on": row.destroyed_on,
        "place": row.place,
        "way": row.way,
    }
    return plain(told | {"witnesses": row.witnesses, "certificates": number})


@blp.route("/destructions")
@staff("registry")
@blp.response(200, DestructionOut(many=True))
def destructions():
    """Lists of destroyed certificates, the newest first."""
    return [shown_list(row, number) for row, number in certificates.lists(office_session(), g.actor)]


@blp.route("/destructions", methods=["POST"])
@staff("registrar")
@blp.arguments(DestructionIn)
@blp.response(201, DestructionOut)
@once
def destroy(args: dict[str, Any]):
    """Put certificates on one list, before two witnesses. 409 when one of them is on another."""
    session = office_session()
    ids: list[UUID] = args.pop("certificates")
    made = destroy_certificates(session, running().clock, g.actor, ids, plain(args))
    return shown_list(made, len(set(ids))), 201


@blp.route("/destructions/<uuid:destruction_id>/list")
@staff("registry")
@blp.response(200, BINARY, content_type="application/pdf")
def destruction(destruction_id: UUID) -> Response:
    """权证收回销毁清单 as PDF."""
    session = office_session()
    found = certificates.find_list(session, g.actor, destruction_id)
    note_read(session, running().clock, g.actor, "download", f"destruction:{found.number}", found.division)
    body = render_sheet("destruction", certificates.sheet_context(session, g.actor, found))
    session.commit()
    return attached(body, f"destruction-{found.destroyed_on}.pdf", "application/pdf")
