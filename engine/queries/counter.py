"""At the counter: who stands there, what is under way for the household already, which applications lie half done."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.register import Household
from engine.queries import register
from engine.queries.scoped import within
from engine.store.register import read_household
from engine.store.tables.cases import Case, Paper
from engine.store.tables.desk import CounterDraft

MOST_EARLIER = 5
MOST_DRAFTS = 50


@dataclass(frozen=True)
class Person:
    """Somebody whom the register knows by the number: of which household, and by what name."""

    household: Household
    name: str
    relation: str | None  # code of GB/T 4761; empty for the contractor
    open_case: str | None


def persons(session: Session, actor: Actor, id_number: str) -> list[Person]:
    """Households of the scope that the register has this identity number in. The number is a checked one."""
    found = []
    for line in register.households(session, actor, register.Asked(id_number), 1).rows:
        household = read_household(session, actor.county, line.code)
        if household is None:
            continue
        members = [one for one in household.members if one.id_number == id_number]
        name, relation = (members[0].name, members[0].relation) if members else (household.name, None)
        found.append(Person(household, name, relation, line.open_case))
    return found


def earlier_cases(session: Session, actor: Actor, contractor_code: str) -> list[Case]:
    """The household's latest cases, open ones among them, whoever entered them."""
    query = select(Case).where(within(Case, actor), Case.contractor_code == contractor_code)
    return list(session.scalars(query.order_by(Case.number.desc()).limit(MOST_EARLIER)))


def same_papers(
    session: Session, actor: Actor, sha256s: list[str], case: Case | None
) -> dict[str, list[str]]:
    """SHA-256 of a file -> numbers of other cases of the scope that it was handed in with."""
    if not sha256s:
        return {}
    query = (
        select(Paper.sha256, Case.number)
        .join(Case, (Case.county == Paper.county) & (Case.id == Paper.case_id))
        .where(within(Paper, actor), Paper.source == "material", Paper.sha256.in_(sha256s))
        .order_by(Case.number)
    )
    if case is not None:
        query = query.where(Case.id != case.id)
    found: dict[str, list[str]] = {}
    for sha256, number in session.execute(query):
        if sha256 and number not in found.setdefault(sha256, []):
            found[sha256].append(number)
    return found


def sha256s_of(session: Session, actor: Actor, paper_ids: list[str]) -> list[str]:
    """Of files that this person handed in."""
    rows = session.scalars(
        select(Paper.sha256).where(
            Paper.county == actor.county,
            Paper.id.in_([UUID(one) for one in paper_ids]),
            Paper.created_by == actor.id,
        )
    )
    return [one for one in rows if one]


def find_draft(session: Session, actor: Actor, case_type: str, code: str) -> CounterDraft | None:
    return session.scalar(
        select(CounterDraft).where(
            CounterDraft.county == actor.county,
            CounterDraft.person_id == actor.person_id,
            CounterDraft.case_type == case_type,
            CounterDraft.contractor_code == code,
        )
    )


def drafts_of(session: Session, actor: Actor) -> list[CounterDraft]:
    """One's own, the latest first."""
    query = select(CounterDraft).where(within(CounterDraft, actor), CounterDraft.person_id == actor.person_id)
    return list(session.scalars(query.order_by(CounterDraft.saved_at.desc()).limit(MOST_DRAFTS)))
