"""What an operation is handed: the case under lock, its case type, who acts and when, and a list to speak into."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.calendar import WorkCalendar, shipped_calendar
from engine.domain.case_type import CaseType
from engine.domain.changes import Changed, Register
from engine.domain.changeset import Change, as_drawn, as_json, drawn, from_json
from engine.domain.clock import local_date
from engine.domain.division import at_level
from engine.domain.errors import NotFound, Refused
from engine.domain.events import Happened
from engine.domain.print_settings import PrintSettings
from engine.domain.register import Household
from engine.store import reservations
from engine.store.changes import make, register_for
from engine.store.found import Found, find
from engine.store.print_settings import settings_on
from engine.store.register import Cause, county_of, read_household
from engine.store.tables.cases import Case, Changeset
from engine.store.tables.reference import County, Division
from engine.store.tables.work import OutboxRow
from engine.store.together import Writes


class BusinessError(Exception):
    """An operation ends in something that the model may provide for: an error event with this code catches it.

    Where none does, the whole command fails and becomes an incident.
    """

    def __init__(self, code: str, detail: str = ""):
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


@dataclass
class Work:
    """One command's work on one case. ``data`` are the process variables as they stand.

    ``writes`` wait until the command is saved (usecases/carry_on.py), and then go in one round trip.
    """

    session: Session
    case: Case
    case_type: CaseType
    actor: Actor
    at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    last_form: str | None = None  # the form that the command handed in
    last_task: int | None = None  # and its task
    withheld: dict[str, Any] = field(default_factory=dict)  # answers of it that are kept nowhere
    proof: dict[str, Any] | None = None  # who signs, where the task is a signature
    device: dict[str, Any] = field(default_factory=dict)  # with what the form was handed in
    happened: list[Happened] = field(default_factory=list)
    writes: Writes = field(default_factory=Writes)
    calendar: WorkCalendar = field(default_factory=shipped_calendar)
    stands: tuple[Register, Register] | None = (
        None  # now, and with the changes; read once for all papers of a command
    )
    hops: int = 0  # messages and signals from case to case that led here

    @property
    def today(self) -> date:
        return local_date(self.at)

    def say(
        self, kind: str, payload: dict[str, Any], element: str | None = None, task: int | None = None
    ) -> None:
        """Note a fact; all facts of a command are chained to the case's events when it is saved."""
        self.happened.append(Happened(kind, payload, element, task))

    def later(self, kind: str, payload: dict[str, Any]) -> None:
        """Put a slow or outside effect into the outbox."""
        row = {"county": self.case.county, "kind": kind, "payload": payload}
        self.writes.insert(OutboxRow, [row | {"created_at": self.at, "case_id": self.case.id}])

    def new_id(self) -> UUID:
        return uuid4()

    @cached_property
    def found(self) -> Found:
        """The case as the command found it."""
        return find(self.session, self.case)

    @cached_property
    def county(self) -> County:
        return county_of(self.session, self.case.county)

    @cached_property
    def printing(self) -> PrintSettings:
        """How the county prints its papers on this day."""
        return settings_on(self.session, self.case.county, self.today)

    @property
    def mu_decimals(self) -> int:
        return self.printing.mu_decimals

    def office(self, level: str) -> Division:
        """The division of that level that the case lies in."""

        code = at_level(self.case.division, level)
        division = self.session.get(Division, code)
        if division is None:
            raise NotFound("division", "没有区划 %(code)s", code=code)
        return division

    def household(self, contractor: str | None = None) -> Household:
        """The case's household, or another one that it is about too."""
        code = contractor or self.case.contractor_code
        household = read_household(self.session, self.case.county, code)
        if household is None:
            raise Refused("no_household", "登记簿中没有承包方 %(code)s", code=code)
        return household

    def household_as_drawn(self) -> Household:
        """The household with its parcels as this case leaves them."""
        return as_case_has_it(self.session, self.case, self.household(), self.today)

    def changes(self) -> tuple[Change, ...]:
        return changes_of(self.session, self.case)

    def filed(self) -> bool:
        """Whether the changes are made: the register is as they wanted it."""
        row = self.changeset_row()
        return row is not None and row.applied_at is not None

    def make(self, changes: Iterable[Change]) -> list[Changed]:
        """Write the changes into the register, under its locks; the case holds nothing from then on.

        Raises Refused, with nothing written, when they do not fit the register as it is by then.
        """
        cause = Cause("case", self.case.number, self.today, self.at, self.actor.name)
        changed = make(self.session, self.case.county, changes, cause, self.case)
        row = self.changeset_row()
        assert row is not None
        row.applied_at = self.at
        reservations.release(self.session, self.case, self.at)
        self.stands = None
        return changed

    def changeset_row(self) -> Changeset | None:
        return self.session.get(Changeset, (self.case.county, self.case.id))

    def set_changes(self, changes: tuple[Change, ...], findings: list[Any] | None = None) -> None:
        row = self.changeset_row()
        if row is None:
            row = Changeset(
                county=self.case.county, case_id=self.case.id, division=self.case.division, changes=[]
            )
            self.session.add(row)
        row.changes = as_json(changes)
        self.stands = None
        row.findings = findings or []
        self.session.flush()


def changes_of(session: Session, case: Case) -> tuple[Change, ...]:
    row = session.get(Changeset, (case.county, case.id))
    return from_json(row.changes) if row else ()


def as_case_has_it(session: Session, case: Case, household: Household, day: date) -> Household:
    """The household with its parcels as the case's survey leaves them, or as its first contract will have them."""
    changes = changes_of(session, case)
    if not changes or (household.contract is not None and not drawn(changes)):
        return household
    return as_drawn(household, changes, register_for(session, case.county, changes, day, case))
