"""Play one scenario: its people do what they do through the real use cases, on a clock that it moves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from shapely import Polygon
from sqlalchemy.orm import Session

from engine.domain import registry
from engine.domain.actor import Actor, system
from engine.domain.calendar import shipped_calendar
from engine.domain.case_type import CaseType
from engine.domain.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, Refused
from engine.domain.scans import KINDS as SCANS
from engine.exchange.survey_return import KIND as SURVEY_RETURN
from engine.queries import scenario_facts as facts
from engine.queries.scenario_facts import Holding
from engine.settings import processes_folder
from engine.store import cases, history, outbox
from engine.store.register import read_household
from engine.store.rehearsal import block, unblock
from engine.store.tables.cases import Case
from engine.store.versions import put_in_force, read_folder, store_version
from engine.usecases.act_in_case import act_in_case
from engine.usecases.carry_out_effect import carry_out_effect
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.deliver_event import deliver_message, deliver_signal
from engine.usecases.fire_deadline import fire_deadline
from engine.usecases.scenarios import papers
from engine.usecases.scenarios.beside import BESIDE_THE_TASKS
from engine.usecases.scenarios.stage import Differs, Stage
from engine.usecases.scenarios.story import (
    Story,
    filled,
    moment_after,
)
from engine.usecases.scenarios.who import actor_of
from engine.usecases.start_case import start_case

APPLY, BEGIN_OTHER, PARTIES_SIGN = "apply", "begin_other", "parties_sign"
ERRORS: dict[str, type[DomainError]] = {
    "not_found": NotFound,
    "not_allowed": NotAllowed,
    "conflict": Conflict,
    "invalid": Invalid,
    "refused": Refused,
}


@dataclass
class Play:
    """One scenario under way. ``seen`` are the marks from which a step's own papers and messages count."""

    stage: Stage
    county: str
    case_type: CaseType
    story: Story
    printing: bool
    left_alone: Collection[str] = ()  # households that the story is never about
    code: str = ""  # of the household that the story is about
    other: str | None = None  # of another household that takes part
    words: dict[str, Any] = field(default_factory=dict)
    before: Holding | None = None
    vacant: list[Polygon] = field(default_factory=list)  # land that the stage took out of the register
    asking: "Play | None" = None  # the case that asked for this one
    number: str | None = None
    case_id: UUID | None = None
    seen_event: int = 0
    seen_message: int = 0
    aside: tuple[str | None, UUID | None, int, CaseType] | None = (
        None  # the case that the story tells otherwise
    )
    correction: tuple[str | None, UUID | None, int, CaseType] | None = None

    def follow(self, asking: "Play") -> bool:
        """The story goes on with the case that ``asking``'s case asked for; whether there is one yet."""
        with self.stage.sessions(self.county) as session:
            numbers = cases.asked_by(session, asking.case(session))
            if not numbers:
                return False
            case = cases.find_case(session, self.county, numbers[0])
        self.asking = asking
        self.code, self.words, self.before, self.other = (
            asking.code,
            asking.words,
            asking.before,
            asking.other,
        )
        self.number, self.case_id = case.number, case.id
        return True

    def turn(self, to_correction: bool) -> None:
        """To the correction of what was filed, which is a case of its own, or back from it."""
        here = (self.number, self.case_id, self.seen_event, self.case_type)
        if to_correction and self.aside is None:
            self.aside = here
            self.number, self.case_id, self.seen_event, self.case_type = self.correction or here
        elif not to_correction and self.aside is not None:
            self.correction = here
            self.number, self.case_id, self.seen_event, self.case_type = self.aside
            self.aside = None

    def mark(self) -> None:
        """A step begins: what comes now is its own."""
        if self.asking:
            self.asking.mark()
        with self.stage.sessions(self.county) as session:
            messages = facts.messages_after(session, self.county, self.seen_message)
            self.seen_message = messages[-1].id if messages else self.seen_message
            if self.case_id:
                self.seen_event = history.head(session, self.county, self.case_id)[0]

    def stand_against(self, facts: Mapping[str, str]) -> None:
        """Something comes up, outside the case, that forbids changing a thing; or is lifted."""
        told = filled(facts, self.words)
        with self.stage.sessions(self.county) as session:
            household = read_household(session, self.county, self.code)
            assert household is not None
            if "lifted" in told:
                unblock(session, self.county, told["lifted"])
            else:
                block(session, self.county, household.division, self.stage.clock.now(), **told)
            session.commit()

    # --- who --------------------------------------------------------------------------------------------

    def actor(self, name: str) -> Actor:
        return actor_of(self, name)

    # --- what -------------------------------------------------------------------------------------------

    def act(self, who: str, does: str, step: Mapping[str, Any]) -> None:
        """Start the case, or claim and complete a task; committed. Raises what the use cases raise."""
        actor = self.actor(who)
        answers = filled(step.get("data") or {}, self.words)
        if step.get("papers"):
            flaw = step.get("scan") or {}
            answers["papers"] = {kind: papers.upload(self, actor, kind, flaw) for kind in step["papers"]}
        if step.get("brings"):
            answers["file"] = {SURVEY_RETURN: [papers.bring(self, actor, filled(step["brings"], self.words))]}
        with self.stage.sessions(actor.scope) as session:
            if does == APPLY:
                self._apply(session, actor, answers)
            elif does == BEGIN_OTHER:
                self._begin_other(session, actor, step["other"], answers)
            elif does in BESIDE_THE_TASKS:
                BESIDE_THE_TASKS[does](self, session, actor, answers)
            elif does in self.case_type.acts:
                act_in_case(session, self.stage.clock, actor, self.case_number(), does, answers)
            else:
                self._complete(session, actor, does, answers)
            session.commit()

    def _apply(self, session: Session, actor: Actor, answers: dict[str, Any]) -> None:
        code = answers.get("contractor_code", self.code)
        by_household = UUID(actor.id) if actor.role == "applicant" else None
        started = start_case(
            session,
            self.stage.clock,
            actor,
            self.case_type.name,
            code,
            self.story.origin,
            answers,
            applicant=by_household,
        )
        self.number, self.case_id, self.seen_event = started.number, started.id, 0
        self.words["$case"] = started.number

    def _begin_other(
        self, session: Session, actor: Actor, other: Mapping[str, str], answers: dict[str, Any]
    ) -> None:
        """A case of another type for the same household, in the version that its folder has."""
        kind, at = other["case_type"], self.stage.clock.now()
        files = read_folder(processes_folder() / kind)
        put_in_force(
            session, self.county, kind, store_version(session, files, "scenarios", "scenarios", at), at
        )
        clock = self.stage.clock
        begun = start_case(session, clock, actor, kind, self.code, other["origin"], answers)
        self.words["$other_case"] = begun.number

    def _complete(self, session: Session, actor: Actor, element: str, answers: dict[str, Any]) -> None:
        number, task = self.case_number(), self.task(element)
        if actor.role == "applicant":
            answers = papers.signed(self, session, actor, task, answers)
            complete_task(session, self.stage.clock, actor, number, task, answers)
            return
        claim_task(session, self.stage.clock, actor, number, task)
        answers = papers.signed(self, session, actor, task, answers)
        revision = cases.find_case(session, self.county, number).revision  # as the page has it that is open
        complete_task(session, self.stage.clock, actor, number, task, answers, revision=revision)

    def claim(self, who: str, does: str) -> None:
        actor = self.actor(who)
        if actor.role != "applicant":
            with self.stage.sessions(actor.scope) as session:
                claim_task(session, self.stage.clock, actor, self.case_number(), self.task(does))
                session.commit()

    def attempt(self, tried: Mapping[str, Any]) -> None:
        """Something that must be refused with the named error and change nothing."""
        signs = "document" in (tried.get("data") or {})
        if signs and tried["error"] == "invalid":
            self.claim(tried["who"], tried["does"])  # a try that is counted keeps the claim
        if signs or tried["does"] == PARTIES_SIGN or SCANS & set(tried.get("papers") or ()):
            papers.all_printed(self, "contract")
        before, number = self.footprint(), self.number
        wanted, told = ERRORS[tried["error"]], f"{tried['who']} · {tried['does']}"
        try:
            self.act(tried["who"], tried["does"], tried)
        except DomainError as error:
            if not isinstance(error, wanted):
                raise Differs(
                    f"{told}：应为 {tried['error']}，实为 {type(error).__name__}：{error}"
                ) from None
            found = sorted(error.fields) if isinstance(error, Invalid) else []
            if found != sorted(tried.get("fields", [])):
                raise Differs(f"{told}：出错的栏目应为 {tried.get('fields')}，实为 {found}") from None
            if (says := filled(tried.get("says"), self.words)) and says not in str(error):
                raise Differs(f"{told}：理由应有“{says}”，实为：{error}") from None
            if (hides := filled(tried.get("hides"), self.words)) and hides in str(error):
                raise Differs(f"{told}：理由不应有“{hides}”，实为：{error}") from None
        else:
            raise Differs(f"{told}：应被拒绝（{tried['error']}），却办成了")
        if self.footprint() != before or self.number != number:
            raise Differs(f"{told}：虽被拒绝，却留下了变化")

    def footprint(self) -> tuple[Any, ...]:
        """What a refused attempt must leave as it was."""
        with self.stage.sessions(self.county) as session:
            count = facts.cases_of(session, self.county, self.code)
            if self.case_id is None:
                return (count,)
            case = self.case(session)
            return (
                count,
                case.revision,
                history.head(session, self.county, case.id),
                cases.read_state(session, case),
                [(task.number, task.assignee) for task in cases.open_tasks(session, case)],
                facts.papers_of(session, self.county, case.id),
                facts.held_by(session, case),
            )

    # --- when -------------------------------------------------------------------------------------------

    def wait(self, waits: Mapping[str, Any]) -> None:
        self.stage.clock.move_to(moment_after(waits, self.stage.clock.now(), shipped_calendar()))
        while due := self._due():
            with self.stage.sessions(self.county) as session:
                if not fire_deadline(session, self.stage.clock, self.county, self.id_of_case(), due[0]):
                    raise Differs("一个到期的期限没有触发")
                session.commit()

    def _due(self) -> list[UUID]:
        """Deadlines of the case that have come, in the order in which they fell due."""
        now: datetime = self.stage.clock.now()
        with self.stage.sessions(self.county) as session:
            rows = cases.active_deadlines(session, self.case(session))
        come = [(row.due_at, row.id) for row in rows if row.due_at is not None and row.due_at <= now]
        return [row_id for _, row_id in sorted(come)]

    def receive(self, told: Mapping[str, Any]) -> None:
        """A message or a signal comes in from outside."""
        keys = {f"$hand_over_{n}": registry.key_of(self.case_number(), n) for n in range(1, 9)}
        payload = filled(told.get("payload"), self.words | keys)
        with self.stage.sessions(self.county) as session:
            actor = system(self.county)
            if "message" in told:
                deliver_message(
                    session, self.stage.clock, actor, told["message"], payload, to=self.case_number()
                )
            elif not deliver_signal(
                session, self.stage.clock, actor, self.id_of_case(), told["signal"], payload
            ):
                raise Differs(f"办件没有在等待信号“{told['signal']}”")
            session.commit()

    def carry_out(self) -> None:
        """The effects that the case asked for: messages, the portal's view, and papers where they are printed."""
        with self.stage.sessions(self.county) as session:
            rows = outbox.of_case(session, self.county, self.case_id) if self.case_id else []
        for row in rows:
            if row.status == "waiting" and (self.printing or row.kind != "render_document"):
                carry_out_effect(self.stage, row.id, alone=True)
        with self.stage.sessions(self.county) as session:
            again = outbox.of_case(session, self.county, self.case_id) if self.case_id else []
        failed = next((row for row in again if row.error), None)
        if failed:
            raise Differs(f"{failed.kind} 没有做成：{failed.error}")
        if any(row.status == "waiting" and row.id not in {r.id for r in rows} for row in again):
            self.carry_out()  # printing a paper asks for the case to be published anew
        if self.asking:
            self.asking.carry_out()

    # --- the case ---------------------------------------------------------------------------------------

    def case(self, session: Session) -> Case:
        return cases.find_case(session, self.county, self.case_number())

    def case_number(self) -> str:
        if self.number is None:
            raise Differs("还没有办件")
        return self.number

    def id_of_case(self) -> UUID:
        if self.case_id is None:
            raise Differs("还没有办件")
        return self.case_id

    def task(self, element: str) -> int:
        with self.stage.sessions(self.county) as session:
            number = facts.last_task(session, self.case(session), element)
        if number is None:
            raise Differs(f"{element} 没有打开过")
        return number
