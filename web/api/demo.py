"""The demonstration alone: move the clock, read the messages. There is no such address in production."""

from typing import Any

from flask_babel import gettext as _

from engine.domain.calendar import shipped_calendar
from engine.domain.errors import Invalid
from engine.queries.sent_messages import sent_messages
from engine.usecases.move_clock import after_working_days, move_clock
from web.api import schemas
from web.api.access import demonstration, staff
from web.api.blueprint import blueprint
from web.api.once import once
from web.db import db, running

blp = blueprint("demo", "仅演示环境 / Demonstrations only")
MOST_DAYS = 250


@blp.route("/demo/clock", methods=["POST"])
@demonstration
@staff()
@blp.arguments(schemas.ClockIn)
@blp.response(200, schemas.ClockOut)
@once
def clock(args: dict[str, Any]):
    """Move everybody's clock ahead: by working days, or to an instant."""
    now = running().clock.now()
    days, to = args.get("working_days"), args.get("to")
    if (days is None) == (to is None):
        raise Invalid({"working_days": [_("请填 working_days 或 to 其中一项")]})
    if days is not None:
        if not 1 <= days <= MOST_DAYS:
            raise Invalid({"working_days": [_("应为1至%(most)s", most=MOST_DAYS)]})
        to = after_working_days(shipped_calendar(), now, days)
    assert to is not None
    move_clock(db.session(), running().clock, to)
    db.session.flush()
    return {"now": to.isoformat()}


@blp.route("/demo/messages")
@demonstration
@blp.response(200, schemas.MessageOut(many=True))
def messages():
    """Short messages as they would have gone out, the newest first: one-time codes are read here."""
    rows = sent_messages(db.session())
    return [{"to": row.to, "text": row.text, "sent_at": row.sent_at.isoformat()} for row in rows]
