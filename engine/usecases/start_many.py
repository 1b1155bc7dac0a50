"""Many small changes at once: a village's births and deaths as one list, each household's with a case of its own.

Each is started by itself: what is refused says why and does not undo the rest. A row that was started already, by
this list sent again or by anybody else, is recognised and told with its case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import DomainError, NotFound, Refused
from engine.domain.register import Household
from engine.domain.small_changes import application, grouped, remembered_days, same
from engine.queries import register
from engine.queries.concerning import open_or_filed
from engine.store import cases
from engine.store.papers import find_paper
from engine.store.register import read_household
from engine.store.tables.cases import Paper
from engine.usecases.procedures import Procedure, current_procedure
from engine.usecases.start_case import start_case

CODE = 18  # digits of a contractor code


@dataclass(frozen=True)
class Started:
    """What became of a household's rows (``places``, from 0): a case, one there was already, or ``error``."""

    places: tuple[int, ...]
    household: str
    number: str | None = None
    again: bool = False
    error: DomainError | None = None


def start_many(
    session: Session, clock: Clock, actor: Actor, case_type: str, data: Mapping[str, Any]
) -> list[Started]:
    """``data``: checked answers of the case type's list form, {rows, papers}. Commits nothing."""
    procedure = current_procedure(session, actor.county, case_type)
    if procedure.case_type.many is None:
        raise NotFound("many", "这项业务不能成批登记")
    rows: Sequence[Mapping[str, Any]] = data["rows"]
    found = []
    for name, _, places in grouped(rows):
        asked = [rows[place] for place in places]
        try:
            with session.begin_nested():
                household = household_named(session, actor, name)
                started = _one(session, clock, actor, procedure, household, asked, data.get("papers") or {})
            found.append(Started(tuple(places), f"{household.name} {household.code}", *started))
        except DomainError as error:
            found.append(Started(tuple(places), name, error=error))
    return found


def _one(
    session: Session,
    clock: Clock,
    actor: Actor,
    procedure: Procedure,
    household: Household,
    rows: Sequence[Mapping[str, Any]],
    papers: Mapping[str, list[str]],
) -> tuple[str, bool]:
    """(number, whether it was started before)."""
    known = procedure.case_type
    answers = application(rows, household, known.lists["relations"])
    asks = dict(answers)
    if earlier := started_before(session, clock, actor, known.name, household.code, asks):
        return earlier, True
    assert known.many is not None
    try:
        with session.begin_nested():
            answers["papers"] = {
                kind: [str(copied(session, clock, actor, paper)) for paper in listed]
                for kind, listed in papers.items()
            }
            begun = start_case(
                session, clock, actor, known.name, household.code, known.many["origin"], answers
            )
    except Refused:  # perhaps by the same list, sent twice at once
        if earlier := started_before(session, clock, actor, known.name, household.code, asks):
            return earlier, True
        raise
    return begun.number, False


def household_named(session: Session, actor: Actor, name: str) -> Household:
    """By contractor code, or by the head's name where the scope has one such household."""
    code = name
    if not (name.isascii() and name.isdecimal()):
        lines = register.households(session, actor, register.Asked(name), 1).rows
        fits = [line.code for line in lines if line.name == name]
        if len(fits) > 1:
            raise Refused(
                "two_households", "有%(n)s户的户主叫%(name)s，请改写承包方编码", n=len(fits), name=name
            )
        code = fits[0] if fits else name
    household = read_household(session, actor.county, code) if len(code) == CODE else None
    if household is None or not actor.sees(household.division):
        raise NotFound("contractor", "没有找到承包方 %(code)s，请核对编码", code=name[:60])
    return household


def started_before(
    session: Session, clock: Clock, actor: Actor, case_type: str, code: str, answers: Mapping[str, Any]
) -> str | None:
    """Number of a case, under way or filed within the days of small_changes.yaml, that asks for the same."""
    since = clock.now() - timedelta(days=remembered_days())
    for case in open_or_filed(session, actor, case_type, code, since):
        told = cases.read_state(session, case)[1].get("application") or {}
        if same(answers, told):
            return case.number
    return None


def copied(session: Session, clock: Clock, actor: Actor, paper_id: str) -> UUID:
    """The same file as a material of its own, since each case keeps its own papers. Only what the actor handed in."""
    try:
        paper = find_paper(session, actor.county, UUID(paper_id))
    except ValueError:
        paper = None
    if paper is None or paper.case_id is not None or paper.created_by != actor.id:
        raise Refused("paper", "没有找到这份文件，请重新上传")
    kept = (
        "county",
        "source",
        "kind",
        "title",
        "status",
        "media_type",
        "sha256",
        "size",
        "file_name",
        "facts",
        "division",
    )
    copy = Paper(
        id=uuid4(),
        case_id=None,
        created_at=clock.now(),
        created_by=actor.id,
        **{name: getattr(paper, name) for name in kept},
    )
    session.add(copy)
    session.flush()
    return copy.id
