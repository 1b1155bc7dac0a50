"""What the staff shell shows on every page, and what a person typed into a search, made safe."""

import unicodedata
from typing import Any
from urllib.parse import urlencode

from flask import g, request
from flask_login import current_user

from engine.domain.roles import may
from engine.queries.inbox import MOST_COUNTED, count_mine
from engine.store.notices import MOST_UNREAD, unread
from engine.store.tables.reference import County
from web.asked_page import asked_page as asked_page  # lists name it from here
from web.db import office_session

MOST_WORDS = 100


def staff_shell() -> dict[str, Any]:
    """Name of the county and the number beside the inbox."""
    actor = g.get("actor")
    if actor is None:
        return {}
    session = office_session()
    county = session.get(County, actor.county)
    return {
        "county_name": county.name if county else actor.county,
        "mu_decimals": int(county.settings.get("mu_decimals", 2)) if county else 2,
        "inbox_count": counted(count_mine(session, actor)),
        "keys_on": bool(current_user.person.preferences.get("keys", True))
        if current_user.is_authenticated
        else True,
        "notice_count": told(unread(session, actor)) if may(actor.role, "cases") else "",
    }


def counted(number: int | None) -> str:
    """As it stands beside a tab; "" for none."""
    return f"{MOST_COUNTED}+" if number is None else str(number or "")


def told(number: int) -> str:
    """As it stands beside the bell; "" for none."""
    return f"{MOST_UNREAD}+" if number > MOST_UNREAD else str(number or "")


def searched(name: str = "q") -> str:
    """The words of a search: full-width digits made plain, control characters dropped, at most 100."""
    return printable(unicodedata.normalize("NFKC", request.args.get(name, "")))[:MOST_WORDS]


def printable(text: str) -> str:
    """On one line, without control characters, runs of blanks made one."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def same_list(**changes: Any) -> str:
    """This list's address with something changed; None takes a part away."""
    kept = {key: value for key, value in request.args.items() if key != "lang"}
    kept = {key: value for key, value in (kept | changes).items() if value not in (None, "")}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
