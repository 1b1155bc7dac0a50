"""For procedure administrators: the versions of a case type."""

from dataclasses import asdict
from typing import Any

from flask import g
from marshmallow import Schema, fields
from sqlalchemy.orm import Session

from engine.domain.errors import NotFound
from engine.store import versions
from engine.store.drafts import versions_of
from web.api import schemas, shapes
from web.api.access import staff
from web.api.blueprint import blueprint
from web.db import office_session
from web.studio.blueprint import desk
from web.studio.compare import file_changes, model_changes
from web.studio.versions import NUMBER, before, numbered

blp = blueprint("studio", "流程版本 / Published versions")


class VersionChangesOut(Schema):
    first = fields.Boolean(metadata={"description": "there is none before it"})
    paths = fields.List(fields.String())
    files = fields.List(schemas.anything("{path, kind, lines}"))
    model = fields.List(schemas.anything("{kind, what, name, id, facts}"), allow_none=True)


class VersionTextOut(Schema):
    path = fields.String(required=True)
    text = fields.String(required=True)


@blp.route("/case-types")
@staff("studio")
@blp.response(200, schemas.VersionOut(many=True))
def case_types():
    """What the county has in force."""
    session = office_session()
    return [
        _version(session, row, True)
        for name, version in versions.case_types_in_force(session, g.actor.county)
        for row in versions_of(session, name)
        if row.id == version
    ]


@blp.route("/case-types/<case_type>/versions")
@staff("studio")
@blp.response(200, schemas.VersionOut(many=True))
def case_type_versions(case_type: str):
    """Every published version, the newest first."""
    session = office_session()
    current = versions.version_in_force(session, g.actor.county, case_type[:100])
    return [_version(session, row, row.id == current) for row in versions_of(session, case_type[:100])]


def _version(session: Session, row: Any, in_force: bool) -> dict[str, Any]:
    case_type = versions.case_type_of(session, row.id)
    names = ("case_type", "number", "published_at", "published_by", "approved_by", "note")
    shown = {name: shapes.plain(getattr(row, name)) for name in names}
    return shown | {
        "version": row.id,
        "title": case_type.title,
        "in_force": in_force,
        "files": sorted(case_type.files),
    }


@blp.route(f"/case-types/<case_type>/versions/<{NUMBER}:version_number>")
@staff("studio")
@blp.response(200, VersionChangesOut)
def version(case_type: str, version_number: int):
    """What one version changed against the one before it: file by file, and the model by meaning."""
    found = desk(case_type)
    files = versions.case_type_of(office_session(), numbered(found, version_number).id).files
    earlier = before(office_session(), found, version_number)
    model = model_changes(earlier, files) if earlier is not None else []
    return {
        "first": earlier is None,
        "paths": sorted(files),
        "files": [shapes.plain(asdict(one)) for one in file_changes(earlier, files)] if earlier else [],
        "model": None if model is None else [shapes.plain(asdict(one)) for one in model],
    }


@blp.route(f"/case-types/<case_type>/versions/<{NUMBER}:version_number>/files/<path:path>")
@staff("studio")
@blp.response(200, VersionTextOut)
def version_file(case_type: str, version_number: int, path: str):
    """One file of a published version, its model too."""
    files = versions.case_type_of(office_session(), numbered(desk(case_type), version_number).id).files
    if path not in files:
        raise NotFound("file", "业务类型中没有文件 %(path)s", path=path[:100])
    return {"path": path, "text": files[path].decode("utf-8", "replace")}
