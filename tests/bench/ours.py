"""Our side of the figures: the use cases as the web calls them, each in a session and a transaction of its own."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.bootstrap import App
from engine.bpmn import Start
from engine.domain import events
from engine.domain.actor import Actor
from engine.operations.work import Work
from engine.store import cases
from engine.store.people import by_username, positions_on
from engine.store.register import read_household
from engine.store.tables.cases import Case, CaseState, Deadline
from engine.store.tables.register import Contractor
from engine.usecases.carry_on import CommandEvent, carry_on
from engine.usecases.claim_task import claim_task
from engine.usecases.complete_task import complete_task
from engine.usecases.fire_deadline import fire_deadline
from engine.usecases.procedures import current_procedure
from engine.usecases.publish_process import publish_process
from engine.usecases.start_case import new_number
from tests.bench.model import NAME, TASKS, as_case_type

USERS = {"village": "village1", "township": "township1", "county": "county"}


@dataclass
class OpenCase:
    number: str
    id: UUID
    tasks: dict[str, int]  # element -> number of the open task
    waits: bool = False  # for the publicity's end
    finished: bool = False


class Ours:
    def __init__(self, app: App, county: str):
        self.app, self.county = app, county
        with app.sessions(county) as session:
            publish_process(session, app.clock, county, as_case_type(), "one", "another")
            session.commit()
            self.actors = {lane: self._actor(session, name) for lane, name in USERS.items()}
            clerk = self.actors["village"]
            held = select(Contractor.code).where(
                Contractor.county == county, Contractor.division.startswith(clerk.division)
            )
            code = session.scalars(held.order_by(Contractor.code)).first()
            assert code is not None
            household = read_household(session, county, code)
            assert household is not None
            self.household = household

    def start(self, application: dict[str, Any]) -> OpenCase:
        """Variables are given as they are: what a case starts with is not what is measured."""
        clerk = self.actors["village"]
        with self.app.sessions(clerk.scope) as session:
            at = self.app.clock.now()
            procedure = current_procedure(session, self.county, NAME)
            case = Case(
                county=self.county,
                id=uuid4(),
                number=new_number(session, self.county, at),
                case_type=NAME,
                version_id=procedure.version_id,
                division=self.household.division,
                issuing_party_code=self.household.issuing_party.code,
                contractor_code=self.household.code,
                contractor_name=self.household.name,
                origin="village",
                status="open",
                started_at=at,
                changed_at=at,
                revision=0,
            )
            session.add(case)
            session.flush()
            work = Work(session=session, case=case, case_type=procedure.case_type, actor=clerk, at=at)
            variables = {"origin": "village", "application": application}
            told = {"data": variables, "version": procedure.version_id, "origin": "village"}
            step = carry_on(work, procedure, Start(variables), CommandEvent(events.CASE_STARTED, told))
            session.commit()
        found = OpenCase(case.number, case.id, {task.element: task.number for task in step.tasks})
        self.claim(found)
        return found

    def claim(self, case: OpenCase) -> None:
        for element, number in case.tasks.items():
            actor = self.actors[TASKS[element]]
            with self.app.sessions(actor.scope) as session:
                claim_task(session, self.app.clock, actor, case.number, number)
                session.commit()

    def complete(self, case: OpenCase, element: str, answers: dict[str, Any]) -> None:
        actor = self.actors[TASKS[element]]
        with self.app.sessions(actor.scope) as session:
            step = complete_task(session, self.app.clock, actor, case.number, case.tasks[element], answers)
            session.commit()
        self._note(case, step)

    def fire(self, case: OpenCase) -> None:
        """The publicity is over: its row is made due and fired as the ticker does."""
        with self.app.sessions(self.county) as session:
            row = session.scalars(
                select(Deadline).where(
                    Deadline.county == self.county,
                    Deadline.case_id == case.id,
                    Deadline.element == "publicity",
                    Deadline.status == "running",
                )
            ).one()
            row.due_at = self.app.clock.now() - timedelta(seconds=1)
            deadline = row.id
            session.commit()
        with self.app.sessions(self.county) as session:
            assert fire_deadline(session, self.app.clock, self.county, case.id, deadline)
            found = cases.open_tasks(session, cases.case_by_id(session, self.county, case.id))
            case.tasks = {task.element: task.number for task in found}
            session.commit()
        case.waits = False

    def size(self, case: OpenCase) -> int:
        """Bytes of the state."""
        with self.app.sessions(self.county) as session:
            query = select(func.octet_length(CaseState.state)).where(
                CaseState.county == self.county, CaseState.case_id == case.id
            )
            return session.scalar(query) or 0

    def _note(self, case: OpenCase, step: Any) -> None:
        case.tasks = {task.element: task.number for task in step.tasks}
        case.waits = any(wait.element == "publicity" for wait in step.waits)
        case.finished = step.finished

    def _actor(self, session: Session, username: str) -> Actor:
        person = by_username(session, username)
        assert person is not None
        position = positions_on(session, person.id, self.app.clock.now().date())[0]
        return Actor(str(person.id), person.name, position.role, position.division, self.county)
