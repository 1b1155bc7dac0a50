"""What people of a story do in a case that is no task of its model."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import local_date
from engine.store import publicities
from engine.store.firms import firm_of
from engine.store.people import positions_on
from engine.store.tables.reference import Person
from engine.usecases.accounts.deputise import Wanted, name_deputy
from engine.usecases.correct_filed import report_error
from engine.usecases.procedures import current_procedure
from engine.usecases.raise_objection import raise_objection
from engine.usecases.remind_parties import remind_parties
from engine.usecases.remind_task import remind_task
from engine.usecases.report_death import report_death
from engine.usecases.scenarios.stage import Differs
from engine.usecases.scenarios.transfers import parties_sign
from engine.usecases.start_case import start_case
from engine.usecases.survey_firms import FACTS, save_firm
from engine.usecases.withdraw_case import withdraw_case

if TYPE_CHECKING:
    from engine.usecases.scenarios.play import Play


def _object(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    """To what is on display, or was last."""
    shown = publicities.of_case(session, play.case(session))
    if not shown:
        raise Differs("没有公示")
    handed = [UUID(paper) for papers in answers.pop("papers", {}).values() for paper in papers]
    day = answers.pop("raised_on", None)
    own = actor.role == "applicant"
    raise_objection(
        session,
        play.stage.clock,
        actor,
        publicity_id=shown[-1].id,
        raised_on=date.fromisoformat(day) if day else None,
        evidence=handed,
        channel="portal" if own else "counter",
        applicant=UUID(actor.id) if own else None,
        **({"objector": actor.name} | answers),
    )


def _withdraw(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    withdraw_case(session, play.stage.clock, actor, play.case_number(), **answers)


def _remind_parties(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    """``told``: how many are reminded."""
    url = play.stage.settings.public_url
    told = remind_parties(session, play.stage.clock, actor, play.case_number(), url)
    if told != answers.get("told", told):
        raise Differs(f"提醒了{told}方，应为{answers['told']}方")


def _report_error(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    report_error(session, play.stage.clock, actor, play.case_number(), **answers)


def _correct(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    """The village begins the correction; steps with ``case: correction`` are about it."""
    kind = current_procedure(session, play.county, "contract_change").case_type
    at, code = play.stage.clock, play.code
    started = start_case(session, at, actor, kind.name, code, "village", answers)
    play.correction = (started.number, started.id, 0, kind)


def _name_deputy(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    """``deputy`` is an actor of the story; the days are included."""
    deputy = session.get_one(Person, play.actor(answers["deputy"]).person_id)
    day = local_date(play.stage.clock.now())
    own = next(p for p in positions_on(session, actor.person_id, day) if p.role == actor.role)
    since, until = (date.fromisoformat(answers[key]) for key in ("since", "until"))
    wanted = Wanted(deputy.username, since, until, answers["reason"])
    name_deputy(session, play.stage.clock, actor, own.id, wanted)


def _rival_applies(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    """The story's other household applies as well: a case of its own beside the one that is told."""
    assert play.other is not None
    at = play.stage.clock
    started = start_case(session, at, actor, play.case_type.name, play.other, "village", answers)
    play.words["$rival"] = started.number


def _rival_withdraws(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    withdraw_case(session, play.stage.clock, actor, play.words["$rival"], **answers)


def _report_death(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    report_death(session, play.stage.clock, actor, play.case_number())


def _remind(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    number = play.task(answers["task"])
    remind_task(session, play.stage.clock, actor, play.case_number(), number, answers.get("text", ""))


def _change_firm(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    """Other facts of a surveying firm: ``firm`` (its code), and what changes, as ``valid_to`` or ``active``."""
    firm = firm_of(session, play.county, answers.pop("firm"))
    if firm is None:
        raise Differs("没有这个测绘单位")
    days = {name: date.fromisoformat(answers[name]) for name in ("valid_from", "valid_to") if name in answers}
    told = {name: getattr(firm, name) for name in FACTS} | answers | days
    save_firm(session, play.stage.clock, actor, told, firm.code)


BESIDE_THE_TASKS: dict[str, Callable[["Play", Session, Actor, dict[str, Any]], None]] = {
    "raise_objection": _object,
    "withdraw": _withdraw,
    "report_error": _report_error,
    "correct": _correct,
    "name_deputy": _name_deputy,
    "rival_applies": _rival_applies,
    "rival_withdraws": _rival_withdraws,
    "report_death": _report_death,
    "remind_parties": _remind_parties,
    "remind": _remind,
    "parties_sign": parties_sign,
    "change_firm": _change_firm,
}
