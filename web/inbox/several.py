"""The same done to several tasks of the inbox, told item by item; and the list as a workbook."""

import tempfile
from pathlib import Path
from uuid import UUID

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from engine.domain.actor import Actor
from engine.domain.calendar import shipped_calendar
from engine.domain.clock import Clock
from engine.domain.errors import Invalid
from engine.usecases.bulk import ACTS, Act, Picked, bulk
from engine.usecases.export_inbox import write_list
from engine.usecases.note_read import note_read
from engine.usecases.reassign_tasks import checked_reason, reassign_task
from web.auth import local_path, needs
from web.db import office_session, running
from web.i18n import N_, in_words
from web.inbox.asked import asked_list, asked_tab
from web.inbox.blueprint import blueprint
from web.inbox.download import disposition
from web.inbox.reassigning import asked_person
from web.inbox.words import case_title, step_name

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLES = {"claim": N_("批量签收"), "remind": N_("批量催办"), "reassign": N_("批量转办")}


@blueprint.post("/inbox/bulk")
@needs("inbox", desk=True)
def several():
    """Claim or remind what was marked. Each by itself; the page that answers says of each what became of it."""
    act, back = (
        request.form.get("act", ""),
        local_path(request.form.get("next", "")) or url_for("inbox.tasks"),
    )
    if act == "export":
        return export()
    if act not in TITLES:
        raise BadRequest
    picked = picked_tasks(request.form.getlist("picked"))
    if not picked:
        flash(_("还没有选中任务。在行首打勾，或按 x"))
        return redirect(back, 303)
    session = office_session()
    to = asked_person(request.form.get("to", ""))
    if act == "reassign" and to is None:
        flash(_("请选择转给谁"))
        return redirect(back, 303)
    try:
        outcomes = bulk(session, running().clock, g.actor, ACTS.get(act) or giving(to), picked)
        session.commit()
    except Invalid as error:
        session.rollback()
        flash(in_words(error.fields["reason"][0]))
        return redirect(back, 303)
    done = sum(one.done for one in outcomes)
    return render_template(
        "inbox/outcome.html", title=_(TITLES[act]), outcomes=outcomes, done=done, back=back
    )


def giving(to: UUID | None) -> Act:
    """The act of reassigning to them; Invalid without a reason, before anything is done."""
    assert to is not None
    why = request.form.get("reason", "")[:1000]
    checked_reason(why)

    def act(session: Session, clock: Clock, actor: Actor, number: str, task: int) -> None:
        reassign_task(session, clock, actor, number, task, to, why)

    return act


def picked_tasks(given: list[str]) -> list[Picked]:
    """``number:task``, or ``number:task+task`` of a case, as the boxes post it; what is none is left out."""
    found = []
    for text in given:
        number, _colon, tasks = text.partition(":")
        for task in tasks.split("+"):
            if number.isalnum() and task.isascii() and task.isdigit() and len(task) < 10:
                found.append((number[:40], int(task)))
    return found


@blueprint.get("/inbox/list.xlsx")
@needs("inbox", desk=True)
def export():
    """The list as it is narrowed and ordered, or what was marked of it. Who took it away is recorded."""
    session, app, tab = office_session(), running(), asked_tab()
    picked = {text.partition(":")[0][:40] for text in request.form.getlist("picked")}
    asked = asked_list(tab)
    with tempfile.TemporaryDirectory(prefix="inbox-") as folder:
        path = Path(folder) / "list.xlsx"
        rows = write_list(
            session, g.actor, tab, asked, picked, shipped_calendar(), app.clock.now(), path,
            title=case_title, step=step_name,
        )  # fmt: skip
        body = path.read_bytes()
    note_read(session, app.clock, g.actor, "download", f"inbox:{tab} {rows}")
    session.commit()
    answer = make_response(body)
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = disposition(f"{_('办件清单')}_{app.clock.now():%Y%m%d}.xlsx")
    return answer
