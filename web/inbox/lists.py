"""The inbox: its tabs, its search, and claiming a task from its row."""

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.calendar import shipped_calendar
from engine.domain.errors import Conflict
from engine.queries import inbox
from engine.queries.scoped import visible_case
from engine.usecases.claim_task import claim_task, release_task
from engine.usecases.note_read import note_search
from web.auth import local_path, needs
from web.db import office_session, running
from web.errors import message_of
from web.inbox.blueprint import blueprint
from web.inbox.shell import asked_page, counted, same_list, searched

NUMBER = "int(max=2147483647)"  # a task's number within its case


@blueprint.get("/inbox")
@needs("inbox")
def tasks():
    """The list's state is its address: tab, q, page."""
    tab = request.args.get("tab", "mine")
    tab = tab if tab in inbox.TABS else "mine"
    words, session, app = searched(), office_session(), running()
    if words:
        note_search(session, app.clock, g.actor, "inbox", words)
    found = inbox.listing(session, g.actor, tab, asked_page(), words, shipped_calendar(), app.clock.now())
    counts = inbox.counts(session, g.actor, words)
    page = render_template(
        "inbox/list.html",
        tab=tab,
        words=words,
        found=found,
        counts={name: counted(number) or "0" for name, number in counts.items()},
        same_list=same_list,
    )
    session.commit()
    return page


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
