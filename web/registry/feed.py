"""Messages to the upper platform: the county's row of them, one with its content, the platform's answer, sending again."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import DomainError, Invalid
from engine.domain.feed import answer_codes
from engine.domain.roles import may
from engine.exchange.feed_file import write_message
from engine.queries import feed
from engine.usecases.feed import give_answer, repeat
from engine.usecases.note_read import note_read, note_search
from web.auth import needs
from web.db import office_session, running
from web.errors import faults_of, message_of, status_of
from web.inbox.shell import asked_page, searched
from web.registry import feed_words
from web.registry.attached import attached
from web.registry.blueprint import blueprint


@blueprint.get("/registry/feed")
@needs("registry")
def feed_overview():
    session, asked, page = office_session(), searched(), asked_page()
    tab = request.args.get("tab", "all")
    tab = tab if tab in feed.TABS else "all"
    if asked:
        note_search(session, running().clock, g.actor, "feed", asked)
    lines, more = feed.listing(session, g.actor, tab, asked, page)
    html = render_template(
        "registry/feed.html",
        tab=tab,
        words=asked,
        lines=lines,
        more=more,
        page=page,
        counts=feed.counts(session, g.actor),
        stopped=feed.stopped_at(session, g.actor),
        f=feed_words,
    )
    session.commit()
    return html


@blueprint.get("/registry/feed/<uuid:message_id>")
@needs("registry")
def feed_message(message_id: UUID):
    return _one(message_id)


def _one(
    message_id: UUID,
    typed: Any = None,
    errors: dict[str, list[str]] | None = None,
    trouble: str | None = None,
):
    session = office_session()
    line = feed.find(session, g.actor, message_id)
    note_read(session, running().clock, g.actor, "open", f"feed:{line.row.id}", line.row.division)
    attempts = [one for one in feed.of_case(session, g.actor, line.case.id) if one.row.turn == line.row.turn]
    html = render_template(
        "registry/feed_one.html",
        line=line,
        attempts=attempts,
        typed=typed or {},
        errors=errors or {},
        trouble=trouble,
        codes=answer_codes(),
        registrar=may(g.actor.role, "registrar"),
        f=feed_words,
    )
    session.commit()
    return html


@blueprint.post("/registry/feed/<uuid:message_id>/answer")
@needs("registrar")
def feed_answer(message_id: UUID):
    """What the platform said of a message that was carried over as a file."""
    typed = {name: request.form.get(name, "").strip() for name in ("code", "text")}
    return _done(message_id, typed, lambda session: give_answer(session, running().clock, g.actor, message_id, typed), _("应答已登记。"))  # fmt: skip


@blueprint.post("/registry/feed/<uuid:message_id>/repeat")
@needs("registrar")
def feed_repeat(message_id: UUID):
    typed = {"why": request.form.get("why", "").strip()}
    return _done(message_id, typed, lambda session: repeat(session, running().clock, g.actor, message_id, typed["why"]), _("已再次报送，排在后面的报文接着送出。"))  # fmt: skip


def _done(message_id: UUID, typed: dict[str, str], does: Any, told: str):
    session = office_session()
    feed.find(session, g.actor, message_id)
    try:
        row = does(session)
        session.commit()
    except Invalid as error:
        session.rollback()
        errors = faults_of(error)
        return _one(message_id, typed, errors), 422
    except DomainError as error:
        session.rollback()
        return _one(message_id, typed, trouble=message_of(error)), status_of(error)
    flash(told, "success")
    return redirect(url_for("registry.feed_message", message_id=row.id), 303)


@blueprint.get("/registry/feed/<uuid:message_id>/file")
@needs("registrar")
def feed_file(message_id: UUID):
    """The message as XML: as it was sent, or as it would be."""
    session, app = office_session(), running()
    row = feed.find(session, g.actor, message_id).row
    note_read(session, app.clock, g.actor, "download", f"feed:{row.id}", row.division)
    body = app.files.get(row.file) if row.file else write_message(row.facts, app.settings.feed_key)
    session.commit()
    return attached(body, f"DJYW{row.serial}.xml", "application/xml")
