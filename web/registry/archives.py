"""The archive of a case: its list and note on a page and as PDF, putting it in order, and the package to hand in."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.domain.archive import retentions
from engine.domain.errors import DomainError, Invalid
from engine.domain.roles import may
from engine.queries.scoped import visible_case
from engine.usecases.archive_case import archive_of, archive_package, archive_sheet, file_archive
from engine.usecases.note_read import note_read
from web.auth import needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.registry.attached import attached
from web.registry.blueprint import blueprint

FIELDS = ("retention", "checked_by", "remark")


@blueprint.get("/cases/<number>/archive")
@needs("cases")
def archive(number: str):
    return _page(number)


def _page(
    number: str, typed: Any = None, errors: dict[str, list[str]] | None = None, trouble: str | None = None
):
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "open", f"archive:{case.number}", case.division)
    html = render_template(
        "registry/archive.html",
        case=case,
        archive=archive_of(app, session, case),
        retentions=retentions(),
        typed=typed or {},
        errors=errors or {},
        trouble=trouble,
        registrar=may(g.actor.role, "registrar"),
    )
    session.commit()
    return html


@blueprint.post("/cases/<number>/archive")
@needs("registrar")
def put_in_order(number: str):
    """立卷, once; whatever is amiss, what was typed stays."""
    session: Session = office_session()
    number = visible_case(session, g.actor, number).number
    typed = {name: request.form.get(name, "") for name in FIELDS}
    try:
        row = file_archive(session, running().clock, g.actor, number, **typed)
        session.commit()
    except Invalid as error:
        session.rollback()
        told = {name: [_(text) for text in texts] for name, texts in error.fields.items()}
        return _page(number, typed, told), 422
    except DomainError as error:
        session.rollback()
        return _page(number, typed, trouble=message_of(error)), status_of(error)
    flash(_("已立卷，档号 %(number)s", number=row.number), "success")
    return redirect(url_for("registry.archive", number=number), 303)


@blueprint.get("/cases/<number>/archive.pdf")
@needs("cases")
def archive_list(number: str):
    """卷内目录 and 备考表."""
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    note_read(session, app.clock, g.actor, "download", f"archive:{case.number}", case.division)
    body = archive_sheet(app, session, case)
    session.commit()
    return attached(body, f"{_('卷内目录')}_{case.number}.pdf", "application/pdf", inline=True)


@blueprint.get("/cases/<number>/archive.zip")
@needs("registrar")
def package(number: str):
    """Everything of an ended case, with a signed manifest and hashes."""
    session, app = office_session(), running()
    case = visible_case(session, g.actor, number)
    body = archive_package(app, session, g.actor, case)
    note_read(session, app.clock, g.actor, "download", f"archive:{case.number}", case.division)
    session.commit()
    return attached(body, f"{_('电子档案')}_{case.number}.zip", "application/zip")
