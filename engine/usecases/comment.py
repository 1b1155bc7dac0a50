"""A remark on a case among the offices: chained to its events, told to whom it names. Applicants do not see it."""

import re
from datetime import datetime

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Invalid
from engine.domain.events import Happened
from engine.domain.roles import AREAS
from engine.domain.said import say
from engine.queries.scoped import visible_case
from engine.store import history, notices
from engine.store.case_texts import add_words
from engine.store.people import who_see
from engine.store.tables.cases import Case
from engine.store.tables.reference import Person
from engine.store.together import Writes

LONGEST = 1000  # characters
_NAMED = re.compile(r"(?<![0-9A-Za-z.])[@＠]([^\s@＠，。、；：！？,;:!?（）()]{1,40})")
SEE_CASES = tuple(role for role, areas in AREAS.items() if "cases" in areas)


def comment(session: Session, clock: Clock, actor: Actor, number: str, text: str) -> list[str]:
    """Gives the names of those told. Invalid where it is empty, too long, or names somebody who cannot see the case."""
    case = visible_case(session, actor, number, lock=True)
    said = text.strip().replace("\r\n", "\n")
    if not said:
        raise Invalid({"text": [say("请写下要说的内容")]})
    if len(said) > LONGEST:
        raise Invalid({"text": [say("最多写1000个字，请缩短")]})
    at = clock.now()
    named = mentioned(said, may_be_named(session, case, at))
    facts = {"text": said, "mentions": sorted(str(person.id) for person in named)}
    fact = Happened(events.COMMENT_ADDED, facts)
    history.append(session, case.county, case.id, [fact], actor, at)
    notices.tell(session, case, [person.id for person in named], "mentioned", said, actor, at)
    writes = Writes()
    add_words(writes, case, [said])
    writes.send(session)
    return [person.name for person in named if str(person.id) != actor.id]


def may_be_named(session: Session, case: Case, at: datetime) -> list[Person]:
    """Staff who see the case."""
    return who_see(session, case.division, SEE_CASES, local_date(at))


def mentioned(text: str, people: list[Person]) -> list[Person]:
    """Those that @name or @username names; Chinese runs on, so a name may stand in front of more words.

    Several of one name are all told. Invalid for a name that nobody has.
    """
    found: dict[str, Person] = {}
    for word in _NAMED.findall(text):
        called = [(label, person) for person in people for label in _labels(person) if word.startswith(label)]
        if not called:
            raise Invalid({"text": [say("没有找到“@%(name)s”，请写能看到本办件的人的姓名", name=word[:20])]})
        longest = max(len(label) for label, _ in called)
        found |= {str(person.id): person for label, person in called if len(label) == longest}
    return list(found.values())


def _labels(person: Person) -> tuple[str, ...]:
    """The whole name, its last word (accounts are often called by office and name: 县审批 何静), the user name."""
    return tuple(dict.fromkeys((person.name.replace(" ", ""), person.name.split()[-1], person.username)))
