"""The inbox: its tabs, filters, search and views, and claiming a task from its row."""

from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.calendar import shipped_calendar
from engine.domain.clock import local_date
from engine.domain.errors import Conflict, DomainError, NotFound
from engine.queries import inbox
from engine.queries.divisions import to_choose_from
from engine.queries.reassigning import holders
from engine.queries.scoped import visible_case
from engine.store.saved_views import views_of
from engine.usecases.claim_task import claim_task, release_task
from engine.usecases.note_read import note_search
from engine.usecases.saved_views import delete_view, find_view, save_view
from web.auth import local_path, needs
from web.db import office_session, running
from web.errors import message_of
from web.i18n import in_words
from web.inbox.asked import COLUMNS, KEPT, asked_columns, asked_list, asked_tab, choices, kept, same
from web.inbox.blueprint import blueprint
from web.inbox.shell import asked_page, counted, searched

NUMBER = "int(max=2147483647)"  # a task's number within its case


@blueprint.get("/inbox")
@needs("inbox")
def tasks():
    """The list's state is its address; ``?view=`` leads to the address that somebody saved under a name."""
    session, app = office_session(), running()
    if "view" in request.args:
        opened = _opened(request.args["view"])
        if opened:
            return redirect(opened)
    tab, words, now = asked_tab(), searched(), app.clock.now()
    if words:
        note_search(session, app.clock, g.actor, "inbox", words)
    asked = asked_list(tab)
    found = inbox.listing(session, g.actor, tab, asked_page(), asked, shipped_calendar(), now)
    counts = inbox.counts(session, g.actor, now, asked)
    page = render_template(
        "inbox/list.html",
        tab=tab,
        words=words,
        asked=asked,
        found=found,
        counts={name: counted(number) or "0" for name, number in counts.items()},
        choices=choices(session, g.actor),
        divisions=to_choose_from(session, g.actor, asked.division),
        columns=asked_columns(),
        all_columns=COLUMNS,
        kept=kept(),
        views=[(view, _address(view.query)) for view in views_of(session, g.actor)],
        takers=[
            one
            for one in holders(session, g.actor.county, g.actor.role, g.actor.division, local_date(now))
            if one.id != g.actor.stands_as
        ]
        if tab in ("mine", "claim")
        else [],
        of_cases=tab in inbox.CASE_TABS,
        same_list=same,
    )
    session.commit()
    return page


def _opened(view: str) -> str | None:
    """Where a saved view leads; nothing, and a word about it, where there is none."""
    try:
        return _address(find_view(office_session(), g.actor, UUID(view)).query)
    except (ValueError, NotFound):
        flash(_("没有这个视图，可能已被删除"))
        return None


def _address(query: str) -> str:
    parts = [(name, value) for name, value in parse_qsl(query) if name in KEPT]
    return f"{url_for('inbox.tasks')}?{urlencode(parts)}"


@blueprint.post("/inbox/views")
@needs("inbox", desk=True)
def keep_view():
    """Save the list as it stands under a name, or delete one of one's own."""
    session, back = office_session(), local_path(request.form.get("next", "")) or url_for("inbox.tasks")
    try:
        if request.form.get("delete"):
            delete_view(session, g.actor, _uuid(request.form["delete"]))
            message = _("视图已删除")
        else:
            query = request.form.get("query", "")
            view = save_view(session, running().clock, g.actor, request.form.get("name", "")[:200], query)
            message = _("视图“%(name)s”已保存", name=view.name)
        session.commit()
    except DomainError as error:
        session.rollback()
        fields: dict[str, Any] = getattr(error, "fields", {})
        flash("；".join(in_words(text) for texts in fields.values() for text in texts) or message_of(error))
        return redirect(back, 303)
    flash(message, "success")
    return redirect(back, 303)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("view", "没有这个视图，可能已被删除") from None


@blueprint.post(f"/cases/<number>/tasks/<{NUMBER}:task_number>/claim")
@needs("inbox")
def claim(number: str, task_number: int):
    session = office_session()
    visible_case(session, g.actor, number)
    try:
        claim_task(session, running().clock, g.actor, number, task_number)
        session.commit()
    except Conflict as error:  # somebody was faster: back to the list, which says who
        session.rollback()
        flash(message_of(error))
        return redirect(_back(number, task_number), 303)
    flash(_("已签收办件 %(number)s", number=number), "success")
    return redirect(_back(number, task_number), 303)


@blueprint.post(f"/cases/<number>/tasks/<{NUMBER}:task_number>/release")
@needs("inbox")
def release(number: str, task_number: int):
    session = office_session()
    visible_case(session, g.actor, number)
    release_task(session, running().clock, g.actor, number, task_number)
    session.commit()
    flash(_("已放弃签收办件 %(number)s，本单位其他人可以签收", number=number), "success")
    return redirect(url_for("inbox.tasks", tab="claim"), 303)


def _back(number: str, task_number: int) -> str:
    return local_path(request.form.get("next", "")) or url_for(
        "inbox.task", number=number, task_number=task_number
    )
