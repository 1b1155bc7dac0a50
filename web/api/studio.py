"""For procedure administrators: the versions of a case type."""

from typing import Any

from flask import g
from sqlalchemy.orm import Session

from engine.store import versions
from engine.store.drafts import versions_of
from web.api import schemas, shapes
from web.api.access import staff
from web.api.blueprint import blueprint
from web.db import office_session

blp = blueprint("studio", "流程版本 / Published versions")


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
