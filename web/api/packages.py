"""Delivery packages by program: bring one, follow its check, read findings and difference, confirm; export."""

from typing import Any
from uuid import UUID

from flask import Response, g, send_file, url_for
from marshmallow import Schema, fields, validate

from engine.domain.errors import NotFound
from engine.exchange.exporting.package import scope_of
from engine.queries import packages as queries
from engine.queries.cursors import number_at
from engine.store.tables.packages import PackageIntake
from engine.store.tables.register import ImportBatch
from engine.usecases import take_in_package as use
from engine.usecases.long_work import ask_long_work, read_long_work
from engine.usecases.note_read import note_read
from engine.usecases.package_files import incoming, keep_upload, read_intake
from engine.usecases.package_works import read_findings
from web.api import schemas, shapes
from web.api.access import staff
from web.api.audit import LongWorkOut, work_shape
from web.api.blueprint import blueprint
from web.api.once import once
from web.api.paging import PageArgs, page, part, place_of
from web.api.uploads import posted_upload, upload_body
from web.db import office_session, running
from web.inbox.download import disposition
from web.packages.receiving import large
from web.packages.words import CHANGES, THINGS

blp = blueprint("packages", "成果包 / Delivery packages")


class IntakeOut(Schema):
    id = fields.Integer(required=True)
    name = fields.String()
    status = fields.String(
        metadata={"description": "waiting, staged, asked, taking, taken, refused or dropped"}
    )
    brought_by = fields.String()
    brought_at = fields.String()
    sha256 = fields.String(allow_none=True)
    counts = fields.Dict(allow_none=True, metadata={"description": "rows by layer and table"})
    errors = fields.Integer(allow_none=True)
    warnings = fields.Integer(allow_none=True)
    by_rule = fields.Dict(allow_none=True)
    difference = fields.Dict(
        allow_none=True,
        metadata={"description": "thing -> added, changed, ended, same; null for a new county"},
    )
    asked_by = fields.String(allow_none=True)
    batch = fields.Integer(allow_none=True, metadata={"description": "the import batch that it became"})
    note = fields.String(allow_none=True, metadata={"description": "why it was refused"})
    work = fields.Nested(LongWorkOut, allow_none=True)


class BatchOut(Schema):
    id = fields.Integer(required=True)
    name = fields.String()
    sha256 = fields.String()
    imported_at = fields.String()
    imported_by = fields.String()
    confirmed_by = fields.String(
        allow_none=True, metadata={"description": "the second person, if there was one"}
    )
    counts = fields.Dict()
    warnings = fields.Integer()
    difference = fields.Dict(allow_none=True)


class PackageFindingOut(Schema):
    rule = fields.String(required=True)
    severity = fields.String()
    table = fields.String(allow_none=True)
    record = fields.String(allow_none=True)
    field = fields.String(allow_none=True)
    message = fields.String()


class DifferingOut(Schema):
    code = fields.String(required=True)
    name = fields.String(allow_none=True)
    change = fields.String()
    fields_ = fields.List(fields.String(), data_key="fields")
    area_before = fields.String(allow_none=True, metadata={"description": "m2"})
    area_after = fields.String(allow_none=True, metadata={"description": "m2"})


class DifferingPage(Schema):
    items = fields.List(fields.Nested(DifferingOut), required=True)
    after = fields.String(allow_none=True, metadata={"description": "give it as `after` for what follows"})


class DifferingIn(Schema):
    thing = fields.String(load_default="parcel", validate=validate.OneOf(list(THINGS)))
    change = fields.String(load_default="changed", validate=validate.OneOf(list(CHANGES)))
    after = fields.String(load_default="", validate=validate.Length(max=40))


class FolderIn(Schema):
    name = fields.String(required=True, validate=validate.Length(1, 200))


class ExportIn(Schema):
    gpkg = fields.Boolean(load_default=False, metadata={"description": "layers as a GeoPackage"})
    division = fields.String(
        load_default="",
        validate=validate.Length(max=14),
        metadata={"description": "only a township or a village: 9 or 12 digits"},
    )


class NoWords(Schema):
    pass


@blp.route("/packages")
@staff("packages")
@blp.response(200, IntakeOut(many=True))
def packages():
    """On their way in, and the last that were refused or dropped."""
    session = office_session()
    rows = [*queries.open_intakes(session, g.actor), *queries.ended_intakes(session, g.actor)]
    return [shape(row) for row in rows]


@blp.route("/packages", methods=["POST"])
@staff("packages")
@large
@blp.doc(requestBody=upload_body(()))
@blp.response(202, IntakeOut)
@once
def bring():
    """A zip; it is checked and staged as long work."""
    session, app = office_session(), running()
    _words, given = posted_upload(NoWords)
    name = (given.filename or "package.zip").replace("\\", "/").rpartition("/")[2][:200]
    place = keep_upload(app.settings, given.stream)
    return _followed(use.bring_package(session, app.clock, g.actor, name, place, "upload"))


@blp.route("/packages/incoming")
@staff("packages")
@blp.response(200, FolderIn(many=True))
def in_folder():
    """What lies in the county's incoming folder on the machine."""
    return [{"name": name} for name in incoming(running().settings, g.actor.county)]


@blp.route("/packages/incoming", methods=["POST"])
@staff("packages")
@blp.arguments(FolderIn)
@blp.response(202, IntakeOut)
@once
def bring_from_folder(args: dict[str, Any]):
    """One of those that lie there; it is checked and staged as long work."""
    session, app = office_session(), running()
    return _followed(use.bring_from_folder(session, app.clock, g.actor, app.settings, args["name"]))


@blp.route("/packages/<int:intake>")
@staff("packages")
@blp.response(200, IntakeOut)
def package(intake: int):
    """How far it is, what was found, what it would change."""
    session = office_session()
    row = read_intake(session, g.actor.county, intake)
    work = work_shape(read_long_work(session, g.actor.county, row.work)) if row.work else None
    return shape(row) | {"work": work}


@blp.route("/packages/<int:intake>/findings")
@staff("packages")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.page_of(PackageFindingOut))
def findings(args: dict[str, Any], intake: int):
    """Findings of its check, in the order in which they were made."""
    session, app = office_session(), running()
    found = read_findings(app, read_intake(session, g.actor.county, intake))
    note_read(session, app.clock, g.actor, "open", f"package:{intake}:findings")
    session.commit()
    shown, place = part(found, args)
    return page([finding.as_dict() for finding in shown], place)


@blp.route("/packages/<int:intake>/differences")
@staff("packages")
@blp.arguments(DifferingIn, location="query")
@blp.response(200, DifferingPage)
def differences(args: dict[str, Any], intake: int):
    """What it would add, change or end, by code."""
    session = office_session()
    read_intake(session, g.actor.county, intake)
    found, more = queries.differing(session, g.actor, intake, args["thing"], args["change"], args["after"])
    note_read(session, running().clock, g.actor, "open", f"package:{intake}:{args['thing']}:{args['change']}")
    session.commit()
    names = ("code", "name", "change", "area_before", "area_after")
    items = [{n: shapes.plain(getattr(d, n)) for n in names} | {"fields_": d.fields} for d in found]
    return {"items": items, "after": more}


@blp.route("/packages/<int:intake>/<any(ask, confirm, take_back, compare, drop):act>", methods=["POST"])
@staff("packages")
@blp.response(200, IntakeOut)
@once
def act(intake: int, act: str):
    """ask: hand it to the second person, or take it in where none is needed; confirm: as the second person."""
    session, app, actor = office_session(), running(), g.actor
    if act == "ask":
        row = use.ask_to_take_in(session, app.clock, actor, intake)
    elif act == "confirm":
        row = use.confirm(session, app.clock, actor, intake)
    elif act == "take_back":
        row = use.take_back(session, actor, intake)
    elif act == "compare":
        row = use.compare_again(session, app.clock, actor, intake)
    else:
        row = use.drop_package(session, app.clock, actor, app.settings, intake)
    return shape(row)


@blp.route("/packages/batches")
@staff("packages")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.page_of(BatchOut))
def batches(args: dict[str, Any]):
    """What was taken in: who, when, which file; the newest first."""
    place = place_of(args)
    before = number_at(place, 0) if place else None
    rows = queries.batches(office_session(), g.actor, args["limit"] + 1, before)
    shown = rows[: args["limit"]]
    return page([_batch(row) for row in shown], [shown[-1].id] if len(rows) > len(shown) else None)


@blp.route("/packages/exports", methods=["POST"])
@staff("packages")
@blp.arguments(ExportIn)
@blp.response(202, LongWorkOut)
@once
def export(args: dict[str, Any]):
    """The package of the county, or of one township or village, out of the register, as long work: follow Location."""
    session = office_session()
    scope_of(session, g.actor.county, args["division"])
    work = ask_long_work(session, running().clock, g.actor, "export_package", args)
    where = url_for("api-packages.export_work", work_id=work)
    return work_shape(read_long_work(session, g.actor.county, work)), 202, {"Location": where}


@blp.route("/packages/exports/<uuid:work_id>")
@staff("packages")
@blp.response(200, LongWorkOut)
def export_work(work_id: UUID):
    """How far the export is, and what it holds."""
    return work_shape(_export(work_id))


@blp.route("/packages/exports/<uuid:work_id>/content")
@staff("packages")
@blp.response(200, content_type="application/zip")
def export_content(work_id: UUID) -> Response:
    """The package as a zip. Who fetched it is recorded."""
    work, app = _export(work_id), running()
    if not work.result:
        raise NotFound("export", "还没有导出完")
    session = office_session()
    note_read(session, app.clock, g.actor, "download", f"package:export:{work_id}")
    session.commit()
    answer = send_file(app.files.open(work.result["sha256"]), "application/zip")
    answer.headers["Content-Disposition"] = disposition(work.result["name"])
    return answer


def _export(work_id: UUID):
    work = read_long_work(office_session(), g.actor.county, work_id)
    if work.kind != "export_package":
        raise NotFound("export", "没有这次导出")
    return work


def _followed(row: PackageIntake) -> tuple[dict[str, Any], int, dict[str, str]]:
    return shape(row), 202, {"Location": url_for("api-packages.package", intake=row.id)}


def shape(row: PackageIntake) -> dict[str, Any]:
    names = ("id", "name", "status", "brought_by", "brought_at", "sha256", "counts", "errors", "warnings", "by_rule",
             "difference", "asked_by", "batch", "note")  # fmt: skip
    return {name: shapes.plain(getattr(row, name)) for name in names} | {"work": None}


def _batch(row: ImportBatch) -> dict[str, Any]:
    names = ("id", "name", "sha256", "imported_at", "imported_by", "confirmed_by", "counts", "difference")
    return {name: shapes.plain(getattr(row, name)) for name in names} | {"warnings": len(row.findings)}
