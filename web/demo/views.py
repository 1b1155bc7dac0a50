"""The demonstration's own page: the messages that would have gone to telephones, households to play, the clock.

Not there in production.
"""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.calendar import shipped_calendar
from engine.domain.clock import SHANGHAI
from engine.domain.errors import Refused
from engine.queries.counties import county_codes
from engine.queries.sample_households import sample_households
from engine.queries.sent_messages import sent_messages
from engine.usecases.move_clock import after_working_days, move_clock
from web.db import office_session, running
from web.limits import limiter

blueprint = Blueprint("demo", __name__)
MOST_DAYS = 250


@blueprint.before_request
def only_in_demonstrations() -> None:
    if not current_app.config["DEMO"]:
        abort(404)


@blueprint.get("/demo/messages")
def messages():
    session = office_session()
    samples = []
    for county in county_codes(session):
        with running().sessions(county) as inside:
            samples += sample_households(inside, county)
    return render_template(
        "demo/messages.html",
        messages=sent_messages(session),
        samples=samples,
        now=running().clock.now().astimezone(SHANGHAI),
        most_days=MOST_DAYS,
    )


@blueprint.post("/demo/clock")
@limiter.limit("30/minute")
def clock():
    """Ahead by working days, for everybody."""
    typed = request.form.get("working_days", "")
    days = int(typed) if typed.isdecimal() and len(typed) <= 3 else 0
    if not 1 <= days <= MOST_DAYS:
        flash(_("没有拨动时钟：天数应为1至%(most)s", most=MOST_DAYS), "error")
        return redirect(url_for("demo.messages"))
    here = running()
    try:
        to = after_working_days(shipped_calendar(), here.clock.now(), days)
        with here.sessions() as session:
            move_clock(session, here.clock, to)
            session.commit()
    except Refused as refused:
        flash(_(refused.message, **refused.facts), "error")
    else:
        flash(_("时钟已往后拨%(days)s个工作日。到期的环节几秒钟内会跟上。", days=days), "success")
    return redirect(url_for("demo.messages"))
