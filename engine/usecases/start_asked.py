"""A case that another case asks for: started for it, and called off when nobody waits for its result any more.

Both are effects of the outbox, done by the system in a transaction of their own.
"""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain.actor import system
from engine.domain.clock import Clock
from engine.domain.errors import Conflict, Invalid, Refused
from engine.domain.said import say
from engine.domain.surveying import CALL_OFF
from engine.store import cases
from engine.store.register import read_household
from engine.usecases.deliver_event import deliver_message
from engine.usecases.procedures import current_procedure
from engine.usecases.start_case import check_may_start, open_case


def start_asked(session: Session, clock: Clock, county: str, asked: dict[str, Any]) -> str | None:
    """``asked``: case_type, origin, contractor, asked_by (a case's number) and answers. Number of the new case.

    None where the case that asked has ended meanwhile. Raises Invalid where the answers are not what the form wants.
    """
    asking = cases.find_case(session, county, asked["asked_by"], lock=True)
    if asking.status != "open":
        return None
    already = cases.asked_by(session, asking)
    if already:  # one survey at a time: a case that goes round asks again only after the last one has ended
        return already[0]
    actor = system(county)
    procedure = current_procedure(session, county, asked["case_type"])
    household = read_household(session, county, asked["contractor"])
    if household is None:
        raise Refused("no_household", say("登记簿中没有承包方 %(code)s"), code=asked["contractor"])
    check_may_start(procedure, actor, household.division, asked["origin"])
    form = procedure.start_form(asked["origin"])
    data, errors = form.read(
        {name: value for name, value in asked["answers"].items() if value is not None},
        context=procedure.facts_for(session, household),
    )
    if errors:
        raise Invalid(errors)
    started = open_case(
        session, clock.now(), actor, procedure, household, asked["origin"], data, asked_by=asking.number
    )
    return started.number


def call_off(session: Session, clock: Clock, county: str, asked: dict[str, Any]) -> None:
    """``asked``: to (the case's number), by. One that ended meanwhile needs no calling off."""
    try:
        deliver_message(session, clock, system(county), CALL_OFF, {"by": asked["by"]}, to=asked["to"])
    except Conflict:
        if cases.find_case(session, county, asked["to"]).status == "open":
            raise
