"""An applicant's messages, and by which ways they come."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import Invalid
from engine.queries import portal_messages
from engine.usecases.portal_settings import choose_ways, mark_read, prove_email
from web.db import portal_session, running
from web.i18n import in_words
from web.limits import limiter
from web.portal.access import own


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get("/portal/messages")(own(messages))
    blueprint.post("/portal/messages/read")(own(read))
    blueprint.get("/portal/settings")(own(settings))
    blueprint.post("/portal/settings")(limiter.limit("20/minute")(own(settings_now)))
    blueprint.post("/portal/settings/email")(limiter.limit("20/minute")(own(prove_now)))


def messages():
    found = portal_messages.messages_of(portal_session(), g.applicant)
    return render_template("portal/messages.html", messages=found)


def read():
    """Everything that is there was seen."""
    mark_read(portal_session(), running().clock, g.applicant)
    return redirect(url_for("portal.messages"))


def settings():
    person = g.applicant
    return _page(person.channels, person.email_asked or person.email or "", {})


def _page(channels: list[str], email: str, errors: dict[str, list[str]], status: int = 200):
    html = render_template(
        "portal/settings.html", channels=channels, email=email, errors=errors, person=g.applicant
    )
    return html, status


def settings_now():
    ways, email = request.form.getlist("channels"), request.form.get("email", "")[:300]
    try:
        choose_ways(portal_session(), running().clock, g.applicant, ways, email)
    except Invalid as faults:
        return _page(ways, email, _said(faults), 422)
    if g.applicant.email_asked:
        flash(_("验证码已发到 %(email)s，请填在下面", email=g.applicant.email_asked), "note")
    else:
        flash(_("已保存"), "success")
    return redirect(url_for("portal.settings"))


def prove_now():
    """The code that came to the address."""
    person, typed = g.applicant, "".join(request.form.get("code", "").split())[:12]
    try:
        prove_email(portal_session(), running().clock, person, typed)
    except Invalid as faults:
        return _page(person.channels, person.email_asked or person.email or "", _said(faults), 422)
    flash(_("邮箱已确认，以后的通知会发到 %(email)s", email=person.email), "success")
    return redirect(url_for("portal.settings"))


def _said(faults: Invalid) -> dict[str, list[str]]:
    return {name: [in_words(text) for text in texts] for name, texts in faults.fields.items()}
