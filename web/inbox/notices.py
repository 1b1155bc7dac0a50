"""Notices within the application: who named me in a remark, who asked me to get on."""

from flask import flash, g, redirect, render_template, url_for
from flask_babel import ngettext

from engine.store import notices
from web.auth import needs
from web.db import office_session, running
from web.inbox.blueprint import blueprint


@blueprint.get("/notices")
@needs("cases")
def notices_page():
    found = notices.newest(office_session(), g.actor)
    return render_template("inbox/notices.html", found=found, shown=notices.SHOWN)


@blueprint.post("/notices/read")
@needs("cases", desk=True)
def notices_read():
    """All of them."""
    session = office_session()
    done = notices.mark_read(session, g.actor, running().clock.now())
    session.commit()
    flash(ngettext("%(n)s条消息已标为已读", "%(n)s条消息已标为已读", done, n=done), "success")
    return redirect(url_for("inbox.notices_page"), 303)


@blueprint.post("/notices/<int(max=9223372036854775807):notice_id>")
@needs("cases", desk=True)
def open_notice(notice_id: int):
    """On to the case or task that it is about; from now on it is read. Somebody else's leads to one's own list."""
    session = office_session()
    found = {notice.id: (notice, number) for notice, number in notices.newest(session, g.actor)}
    if notice_id not in found:
        return redirect(url_for("inbox.notices_page"), 303)
    notice, number = found[notice_id]
    notices.mark_read(session, g.actor, running().clock.now(), [notice_id])
    session.commit()
    if notice.task_number is not None:
        return redirect(url_for("inbox.task", number=number, task_number=notice.task_number), 303)
    return redirect(url_for("inbox.case", number=number, _anchor="remarks"), 303)
