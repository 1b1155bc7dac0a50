"""The office's side of the board of land: review what was handed in, enter for somebody, take down, settle reports."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.land_board import STATES
from engine.queries import land_board as queries
from engine.queries.scoped import places
from engine.usecases import land_board as does
from web.asked_page import asked_page
from web.auth import needs
from web.db import office_session, running
from web.i18n import N_, lang
from web.inbox.shell import same_list
from web.supervision.acting import attempt
from web.supervision.board_form import LABELS, PUBLISHERS, WAYS, offer_form

WORDS = {
    "waiting": N_("待审核"),
    "public": N_("已公开"),
    "rejected": N_("未通过"),
    "withdrawn": N_("已撤下"),
    "expired": N_("已过期"),
}


SHOWN = 30  # entries of a page


def add_routes(blueprint: Blueprint) -> None:
    guard = needs("supervision")
    blueprint.get("/supervision/board")(guard(board))
    blueprint.post("/supervision/board")(guard(board_enter))
    blueprint.post("/supervision/board/<uuid:offer_id>")(guard(board_review))
    blueprint.post("/supervision/board/reports/<uuid:report_id>")(guard(board_settle))


def board():
    return _board({}, None)


def own_places() -> list[tuple[str, str]]:
    """The villages of the position's scope, or its own."""
    found = queries.villages(office_session(), g.actor)
    named = places(office_session(), {one.code for one in found})
    return [(one.code, named[one.code]) for one in found]


def _board(errors: dict[str, list[str]], data: dict[str, Any] | None, entered: bool = False):
    session, today = office_session(), local_date(running().clock.now())
    state = request.args.get("state", "waiting")
    state = state if state in STATES else "waiting"
    page = asked_page()
    rows = queries.entries(session, g.actor, state, today, (page - 1) * SHOWN, SHOWN + 1)
    more, rows = len(rows) > SHOWN, rows[:SHOWN]
    form = offer_form(own_places())
    return render_template(
        "supervision/board.html",
        rows=rows,
        before=same_list(page=page - 1) if page > 1 else None,
        after=same_list(page=page + 1) if more else None,
        state=state,
        states=WORDS,
        kinds=LABELS,
        ways=WAYS,
        publishers=PUBLISHERS,
        reported=queries.reported(session, g.actor),
        named=places(session, {row.offer.division for row in rows}),
        views=form.view(data, errors if entered else {}, lang()),
        errors=errors,
        entered=entered,
    )


def board_enter():
    form = offer_form(own_places())
    data, errors = form.read(request.form, lang=lang())
    errors = errors or attempt(lambda s, c: does.publish_own(s, c, g.actor, data))
    return _told(errors, form.draft(request.form), "public", True)


def board_review(offer_id: UUID):
    told = request.form.get("decision", ""), request.form.get("reason", "")
    errors = attempt(lambda s, c: does.review_offer(s, c, g.actor, offer_id, *told))
    return _told(errors, None, request.args.get("state", "waiting"))


def board_settle(report_id: UUID):
    down = request.form.get("take_down") == "yes"
    errors = attempt(
        lambda s, c: does.settle_report(s, c, g.actor, report_id, request.form.get("finding", ""), down)
    )
    return _told(errors, None, "public")


def _told(errors: dict[str, list[str]], data: dict[str, Any] | None, state: str, entered: bool = False):
    if errors:
        return _board(errors, data, entered), g.get("refused", 422)
    flash(_("已登记"), "success")
    return redirect(url_for("supervision.board", state=state if state in STATES else None), 303)
