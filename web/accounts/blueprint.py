"""The blueprint of the county's accounts, and what every page of it may use."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, g

from engine.domain.clock import local_date
from engine.domain.roles import DEPUTISED, TITLES
from engine.usecases.accounts.noted import SECURITY, SYSTEM
from web.accounts.words import event_words
from web.db import running
from web.i18n import lang
from web.inbox.shell import staff_shell

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")
blueprint.context_processor(staff_shell)
BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.context_processor
def words() -> dict[str, Any]:
    return {
        "title_of": lambda role: TITLES.get(role, {}).get(lang(), role),
        "is_system": g.actor is not None and g.actor.role == SYSTEM,
        "is_security": g.actor is not None and g.actor.role == SECURITY,
        "event_words": event_words,
        "deputised": DEPUTISED,
        "rows_of": lambda faults: [{"row": row, "who": who, "what": what} for row, who, what in faults],
    }


def today() -> date:
    return local_date(running().clock.now())


def as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
