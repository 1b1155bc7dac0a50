"""Change how the county's papers are printed, from a day on. Papers issued before keep what they were issued with."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.documents.fonts import describe, missing_glyphs
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Invalid
from engine.domain.print_settings import checked
from engine.domain.said import say
from engine.store.print_settings import settings_on
from engine.store.tables.desk import PrintSetting

LONGEST = 200  # characters of a reason


def set_printing(
    session: Session, clock: Clock, actor: Actor, valid_from: str, given: dict[str, Any], reason: str
) -> PrintSetting:
    """``valid_from`` is an ISO day, today or later. Raises Invalid by field."""
    faults: dict[str, list[str]] = {}
    today, why = local_date(clock.now()), " ".join(reason.split())
    day = _day(valid_from)
    if day is None or day < today:
        faults["valid_from"] = [say("请填今天或以后的日期，如 2026-03-15")]
    if not 1 <= len(why) <= LONGEST:
        faults["reason"] = [say("请写明为什么改，1至200个字")]
    try:
        settings = checked(given, settings_on(session, actor.county, day or today))
    except Invalid as error:
        raise Invalid(faults | error.fields) from None
    if unknown := missing_glyphs(
        "".join(settings.clauses)
    ):  # else contracts could not be drawn from that day on
        faults["clauses"] = [say("附加条款中有打印不出的字：%(chars)s", chars=describe(unknown))]
    if faults or day is None:
        raise Invalid(faults)
    row = PrintSetting(
        county=actor.county,
        valid_from=day,
        settings=settings.as_json(),
        by=actor.person_id,
        by_name=actor.name,
        at=clock.now(),
        reason=why,
    )
    session.add(row)
    session.flush()
    return row


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
