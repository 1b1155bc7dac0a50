"""Published versions: who, when, why, how many open cases; an old one's diagram and what it changed."""

from flask import abort
from sqlalchemy.orm import Session

from engine.queries.studio import VersionRow
from engine.store.versions import case_type_of
from web.auth import needs
from web.db import office_session
from web.studio.blueprint import MODEL, Desk, blueprint, desk, page
from web.studio.compare import file_changes, model_changes
from web.studio.model import outline, xml_answer

NUMBER = "int(min=1, max=1000000)"


@blueprint.get("/studio/<case_type>/versions")
@needs("studio")
def versions(case_type: str):
    return page("versions.html", desk(case_type), "versions")


@blueprint.get(f"/studio/<case_type>/versions/<{NUMBER}:number>")
@needs("studio")
def version(case_type: str, number: int):
    found = desk(case_type)
    row = numbered(found, number)
    session = office_session()
    files = case_type_of(session, row.id).files
    earlier = before(session, found, number)
    return page(
        "version.html",
        found,
        "versions",
        row=row,
        outline=outline(files),
        files=file_changes(earlier, files) if earlier is not None else [],
        model=model_changes(earlier, files) if earlier is not None else [],
        first=earlier is None,
    )


@blueprint.get(f"/studio/<case_type>/versions/<{NUMBER}:number>/model.bpmn")
@needs("studio")
def version_model(case_type: str, number: int):
    row = numbered(desk(case_type), number)
    return xml_answer(case_type_of(office_session(), row.id).files[MODEL], row.id)


def numbered(found: Desk, number: int) -> VersionRow:
    row = next((row for row in found.state.versions if row.number == number), None)
    if row is None:
        abort(404)
    return row


def before(session: Session, found: Desk, number: int):
    earlier = next((row for row in found.state.versions if row.number < number), None)
    return case_type_of(session, earlier.id).files if earlier else None
