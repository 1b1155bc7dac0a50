"""Look-ups of other departments: a parcel by its code, for a purpose that is recorded, from the query store."""

import unicodedata

from flask import Blueprint, g, render_template, request

from engine.domain.errors import Invalid
from engine.usecases.look_up import LookedUp, look_up
from web.auth import needs
from web.db import office_session, query_session, running
from web.errors import faults_of
from web.inbox.shell import printable, staff_shell
from web.limits import limiter
from web.open.views import state_words, term_words, way_words

blueprint = Blueprint("lookups", __name__)
blueprint.context_processor(staff_shell)
often = limiter.limit("60/minute;1200/hour")


@blueprint.get("/lookups")
@needs("lookups")
def page():
    return _page("", "", {}, None, False)


@blueprint.post("/lookups")
@needs("lookups")
@often
def now():
    """The answer on the page itself: its address says nothing of what was asked."""
    code = "".join(unicodedata.normalize("NFKC", request.form.get("code", "")).split())[:40]
    purpose = printable(request.form.get("purpose", ""))
    session = office_session()
    try:
        found = look_up(session, query_session(), running().clock, g.actor, code, purpose)
    except Invalid as error:
        session.rollback()
        faults = faults_of(error)
        return _page(code, purpose, faults, None, False), 422
    session.commit()
    return _page(code, purpose, {}, found, True)


def _page(code: str, purpose: str, errors: dict[str, list[str]], found: LookedUp | None, asked: bool) -> str:
    return render_template(
        "lookups.html",
        code=code,
        purpose=purpose,
        errors=errors,
        found=found,
        asked=asked,
        state_words=state_words,
        term_words=term_words,
        way_words=way_words,
    )
