"""The people of a story: who holds the role that an actor names, in the case's offices or elsewhere."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from engine.domain.actor import Actor, applicant
from engine.domain.clock import local_date
from engine.domain.division import LEVELS, at_level
from engine.domain.roles import office_digits
from engine.queries import scenario_facts as facts
from engine.queries.counties import divisions_within
from engine.store.people import seats_on
from engine.store.register import read_household
from engine.store.tables.reference import Person
from engine.usecases.load_demonstration import stable_id
from engine.usecases.scenarios.stage import Differs
from engine.usecases.scenarios.story import Role
from engine.usecases.sign_in import actor_for

if TYPE_CHECKING:
    from engine.usecases.scenarios.play import Play


def actor_of(play: "Play", name: str) -> Actor:
    wanted = play.story.actors[name]
    principal = actor_of(play, wanted.stands_in) if wanted.stands_in else None
    with play.stage.sessions(play.county) as session:
        if wanted.role == "applicant":
            return _applicant(play, session, wanted)
        own = _staff(play, session, wanted)
        if wanted.person is not None:
            same = actor_of(play, wanted.person)
            return replace(own, id=same.id, name=same.name)
        return _standing_in(play, session, own, principal) if principal else own


def _standing_in(play: "Play", session: Session, own: Actor, principal: Actor) -> Actor:
    """In the principal's position while that lasts; in the deputy's own before and after."""
    seats = seats_on(session, own.person_id, local_date(play.stage.clock.now()))
    found = [s for s in seats if s.principal and s.principal.id == principal.person_id]
    person = session.get_one(Person, own.person_id)
    return actor_for(person, found[0].position, found[0].principal) if found else own


def _applicant(play: "Play", session: Session, wanted: Role) -> Actor:
    code: str | None = play.code
    if not wanted.here:
        code = facts.first_household(session, play.county, None, except_code=play.code)
    household = code and read_household(session, play.county, code)
    if not household:
        raise Differs("登记簿里没有另一户")
    return applicant(
        stable_id(f"applicant:{household.code}"), household.name, play.county, household.division
    )


def _staff(play: "Play", session: Session, wanted: Role) -> Actor:
    level = _level_of(play, wanted.role)
    if level == "firm":
        return _of_firm(play, session, wanted)
    own = at_level(facts.division_of(session, play.county, play.code), level)
    offices = [own]
    if not wanted.here:
        offices = [d.code for d in divisions_within(session, play.county, LEVELS[level]) if d.code != own]
    today = local_date(play.stage.clock.now())
    for office in offices:
        person = facts.holder_of(session, wanted.role, office, today)
        if person:
            return Actor(str(person.id), person.name, wanted.role, office, play.county)
    raise Differs(f"没有人担任 {wanted.role}（{'、'.join(offices) or '没有别的单位'}）")


def _of_firm(play: "Play", session: Session, wanted: Role) -> Actor:
    """Of the firm that the survey is given to, or was last; of another one where ``of`` says elsewhere."""
    own = play.case(session).surveyed_by or play.words["$firm"]
    code = own if wanted.here else next(c for c in ("$firm", "$other_firm") if play.words[c] != own)
    code = code if wanted.here else play.words[code]
    person = facts.holder_of(session, wanted.role, code, local_date(play.stage.clock.now()))
    if person is None:
        raise Differs(f"{code} 没有人")
    return Actor(str(person.id), person.name, wanted.role, code, play.county)


def _level_of(play: "Play", role: str) -> str:
    """Of a role that no task asks for, such as the supervisor's, the level of its office."""
    rows = [play.case_type.role_of(group) for group in play.case_type.groups]
    by_digits = {digits: level for level, digits in LEVELS.items()}
    return next((row.level for row in rows if row.role == role), by_digits.get(office_digits(role), "firm"))
