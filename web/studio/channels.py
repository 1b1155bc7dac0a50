"""By which ways applicants are told things: which kind by which way, under which name, on or off, and a way tried out."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.channels import Channels
from engine.domain.errors import Invalid
from engine.domain.messages import CHOSEN, EMAIL, PORTAL, SMS, templates
from engine.queries.sent_messages import sent_lately
from engine.store.channels import channels_of, rows_of
from engine.usecases.set_channels import set_channels, try_channel
from web.auth import needs
from web.db import office_session, running
from web.errors import faults_of, status_of
from web.limits import limiter
from web.studio.blueprint import blueprint


def way_names() -> dict[str, str]:
    return {PORTAL: _("我的消息"), SMS: _("短信"), EMAIL: _("电子邮件")}


@blueprint.get("/studio/channels")
@needs("studio")
def channels():
    return _page(channels_of(office_session(), g.actor.county).as_json())


@blueprint.post("/studio/channels")
@needs("studio")
def set_channels_now():
    session, given = office_session(), _given()
    try:
        set_channels(session, running().clock, g.actor, given, request.form.get("reason", "")[:1000])
        session.commit()
    except Invalid as error:
        session.rollback()
        return _page(given | {"reason": request.form.get("reason", "")}, _said(error)), status_of(error)
    flash(_("通知渠道已保存，从现在起的通知都照此发送"), "success")
    return redirect(url_for("studio.channels"), 303)


def _given() -> dict[str, Any]:
    """A way that is not ticked is off; a kind without a tick goes by no way."""
    on = request.form.getlist("on")
    return {
        "sender": request.form.get("sender", "")[:200],
        "off": [way for way in CHOSEN if way not in on],
        "kinds": {kind: request.form.getlist(f"kinds-{kind}") for kind in templates()},
    }


@blueprint.post("/studio/channels/test")
@needs("studio")
@limiter.limit("5/minute;30/hour")
def try_channel_now():
    session = office_session()
    way, to = request.form.get("way", "")[:20], request.form.get("to", "")[:300]
    try:
        try_channel(session, running().clock, g.actor, way, to)
        session.commit()
    except Invalid as error:
        session.rollback()
        now = channels_of(session, g.actor.county).as_json()
        return _page(now, _said(error), {"way": way, "to": to}), status_of(error)
    flash(_("测试消息已交去发送，收到就说明正常；没有收到的，看“后台任务”里的原因"), "success")
    return redirect(url_for("studio.channels", _anchor="test"), 303)


def _said(error: Invalid) -> dict[str, list[str]]:
    return faults_of(error)


def _page(
    shown: dict[str, Any], faults: dict[str, list[str]] | None = None, tried: dict[str, str] | None = None
) -> str:
    session, app = office_session(), running()
    kinds = shown["kinds"]
    return render_template(
        "studio/channels.html",
        shown=shown,
        kinds=[(kind, row, kinds.get(kind, row["ways"])) for kind, row in templates().items()],
        ways=way_names(),
        chosen=CHOSEN,
        ready={SMS: bool(app.settings.sms_url), EMAIL: bool(app.settings.smtp_url)},
        usual=Channels.sender,
        faults=faults or {},
        tried=tried or {},
        sent=sent_lately(session, app.clock, g.actor.county),
        rows=rows_of(session, g.actor.county),
    )
