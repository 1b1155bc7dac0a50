"""An applicant's messages, and by which ways they come."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import Invalid
from engine.queries import portal_messages
from engine.usecases.portal_settings import choose_ways, mark_read
from web.db import portal_session, running
from web.i18n import in_words
from web.limits import limiter
from web.portal.access import own


def add_routes(blueprint: Blueprint) -> None:
    blueprint.get("/portal/messages")(own(messages))
    blueprint.post("/portal/messages/read")(own(read))
    blueprint.get("/portal/settings")(own(settings))
    blueprint.post("/portal/settings")(limiter.limit("20/minute")(own(settings_now)))


def messages():
    found = portal_messages.messages_of(portal_session(), g.applicant)
    return render_template("portal/messages.html", messages=found)


def read():
    """Everything that is there was seen."""
    mark_read(portal_session(), running().clock, g.applicant)
    return redirect(url_for("portal.messages"))


def settings():
    return _page(g.applicant.channels, g.applicant.email or "", {})


def _page(channels: list[str], email: str, errors: dict[str, list[str]], status: int = 200):
    html = render_template("portal/settings.html", channels=channels, email=email, errors=errors)
    return html, status


def settings_now():
    ways, email = request.form.getlist("channels"), request.form.get("email", "")[:300]
    try:
        choose_ways(portal_session(), g.applicant, ways, email)
    except Invalid as faults:
        errors = {name: [in_words(text) for text in texts] for name, texts in faults.fields.items()}
        return _page(ways, email, errors, 422)
    flash(_("已保存"), "success")
    return redirect(url_for("portal.settings"))
