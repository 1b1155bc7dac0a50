"""Remarks on a case among the offices, and asking a task's office to get on with it."""

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from engine.domain.errors import DomainError, Invalid
from engine.queries.scoped import visible_case
from engine.usecases.comment import comment
from engine.usecases.remind_parties import remind_parties as remind_of_signing
from engine.usecases.remind_task import remind_task
from web.auth import local_path, needs
from web.db import office_session, running
from web.errors import message_of, status_of
from web.i18n import in_words
from web.inbox.blueprint import blueprint
from web.inbox.cases import case_page
from web.inbox.lists import NUMBER


@blueprint.post("/cases/<number>/remarks")
@needs("cases")
def remark(number: str):
    """Back to the case; a fault keeps what was written."""
    session, text = office_session(), request.form.get("text", "")
    visible_case(session, g.actor, number)
    try:
        told = comment(session, running().clock, g.actor, number, text)
        session.commit()
    except Invalid as error:
        session.rollback()
        return case_page(number, text, [in_words(said) for said in error.fields["text"]]), status_of(error)
    flash(_("备注已保存，并已通知%(who)s", who="、".join(told)) if told else _("备注已保存"), "success")
    return redirect(url_for("inbox.case", number=number, _anchor="remarks"), 303)


@blueprint.post("/cases/<number>/parties/remind")
@needs("cases")
def remind_parties(number: str):
    """Parties of a deal that have not signed get their link again."""
    session, app = office_session(), running()
    visible_case(session, g.actor, number)
    back = local_path(request.form.get("next", "")) or url_for("inbox.case", number=number)
    try:
        told = remind_of_signing(session, app.clock, g.actor, number, app.settings.public_url)
        session.commit()
    except DomainError as error:
        session.rollback()
        flash(message_of(error))
        return redirect(back, 303)
    flash(ngettext("已提醒%(n)s方", "已提醒%(n)s方", told, n=told), "success")
    return redirect(back, 303)


@blueprint.post(f"/cases/<number>/tasks/<{NUMBER}:task_number>/remind")
@needs("remind")
def remind(number: str, task_number: int):
    session = office_session()
    visible_case(session, g.actor, number)
    back = local_path(request.form.get("next", "")) or url_for("inbox.case", number=number)
    try:
        told = remind_task(
            session, running().clock, g.actor, number, task_number, request.form.get("text", "").strip()
        )
        session.commit()
    except DomainError as error:
        session.rollback()
        fields = getattr(error, "fields", None) or {}
        flash("；".join(in_words(said) for said in fields.get("text", ())) or message_of(error))
        return redirect(back, 303)
    flash(ngettext("已催办，通知了%(n)s人", "已催办，通知了%(n)s人", told, n=told), "success")
    return redirect(back, 303)
