"""Everything of one case that its pages show. The caller has found the case in scope (scoped.visible_case)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session, defer

from engine.domain.actor import Actor
from engine.domain.calendar import WorkCalendar
from engine.domain.changeset import (
    Change,
    SignContract,
    from_json,
)
from engine.domain.errors import NotFound
from engine.domain.register import ContractFacts, Household, ParcelFacts
from engine.domain.rent import INSPECTION_PHOTO
from engine.domain.said import say
from engine.queries.periods import Period, period
from engine.queries.scoped import within
from engine.store.register import last_known_household, parcel_facts, read_household
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Changeset, Deadline, EventWait, Paper, Task
from engine.store.tables.reference import Person, ProcessVersion

PAPER_GONE = say("没有找到这份文件，请核对地址")


@dataclass(frozen=True)
class ProposedChange:
    """What the case does to the register. ``before`` is the household as it is, or was when it was applied."""

    changes: tuple[Change, ...]
    findings: tuple[dict[str, Any], ...]
    applied_at: datetime | None
    before: Household

    @property
    def contract(self) -> SignContract | None:
        """The contract to be signed, where that is what the case is about."""
        return next((change for change in self.changes if isinstance(change, SignContract)), None)


@dataclass(frozen=True)
class Awaited:
    """A message or signal that the case waits for. ``key`` tells apart who waits for the same message."""

    kind: str
    name: str
    key: str | None
    element: str
    number: int


_TASKS = (
    select(Task, Person.name)
    .outerjoin(Person, Person.id == Task.assignee)
    .where(Task.county == bindparam("county"), Task.case_id == bindparam("case_id"), Task.status == "open")
    .order_by(Task.number)
)


def tasks(session: Session, case: Case) -> list[tuple[Task, str | None]]:
    """Open tasks, with the name of who has claimed them."""
    rows = session.execute(_TASKS, {"county": case.county, "case_id": case.id})
    return [(task, name) for task, name in rows]


def periods(session: Session, case: Case, calendar: WorkCalendar, now: datetime) -> list[Period]:
    """All deadlines of the case, the running ones first."""
    rows = session.scalars(
        select(Deadline)
        .where(Deadline.county == case.county, Deadline.case_id == case.id)
        .order_by(Deadline.started_at, Deadline.id)
    )
    found = [period(row, calendar, now) for row in rows]
    return sorted(found, key=lambda p: (p.state in ("met", "cancelled"), p.last_day is None, p.last_day))


def awaited(session: Session, case: Case) -> list[Awaited]:
    """Messages and signals that the case stands still for, in the order the waits began."""
    rows = session.scalars(
        select(EventWait)
        .where(EventWait.county == case.county, EventWait.case_id == case.id, ~EventWait.listens)
        .order_by(EventWait.number)
    )
    return [Awaited(row.kind, row.name, row.key, row.element, row.number) for row in rows]


def papers(session: Session, case: Case) -> list[tuple[Paper, str]]:
    """(paper, who made it) without what issued papers say, oldest first."""
    rows = session.scalars(
        select(Paper)
        .where(Paper.county == case.county, Paper.case_id == case.id)
        .options(defer(Paper.context))
        .order_by(Paper.created_at, Paper.id)
    ).all()
    names = names_of(session, {row.created_by for row in rows})
    return [(row, names.get(row.created_by, case.contractor_name)) for row in rows]


def names_of(session: Session, ids: set[str]) -> dict[str, str]:
    """actor id -> name of staff; ``system`` is the system. Applicants are not people here."""
    people = {UUID(i) for i in ids if i != "system"}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    return {str(row.id): row.name for row in rows} | {"system": "系统"}


def find_paper(session: Session, actor: Actor, paper_id: UUID) -> Paper:
    """A paper of the scope. One that no case has adopted yet is its creator's alone."""
    paper = session.scalar(
        select(Paper).where(
            within(Paper, actor),
            Paper.id == paper_id,
            or_(
                Paper.case_id.is_not(None),
                Paper.created_by == actor.id,
                Paper.kind == INSPECTION_PHOTO,  # of no case: whoever sees the land sees it
            ),
        )
    )
    if paper is None:
        raise NotFound("paper", PAPER_GONE)
    return paper


def own_papers(session: Session, actor: Actor, case: Case | None, ids: list[str]) -> list[Paper]:
    """The named papers that this person may use in a form: of the case, or handed in by them and still free."""
    known = [UUID(i) for i in ids if _is_id(i)]
    if not known:
        return []
    free = and_(Paper.case_id.is_(None), Paper.created_by == actor.id)
    allowed = or_(free, Paper.case_id == case.id) if case else free
    return list(
        session.scalars(
            select(Paper)
            .where(Paper.county == actor.county, Paper.id.in_(known), allowed)
            .options(defer(Paper.context))
        )
    )


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def version_number(session: Session, case: Case) -> int:
    return session.scalar(select(ProcessVersion.number).where(ProcessVersion.id == case.version_id)) or 0


def proposed_change(session: Session, case: Case) -> ProposedChange | None:
    """The case's changeset beside the register; None before it has one."""
    row = session.scalar(
        select(Changeset).where(Changeset.county == case.county, Changeset.case_id == case.id)
    )
    if row is None or not row.changes:
        return None
    household = read_household(session, case.county, case.contractor_code)
    if household is None:  # it has ended: by this very case perhaps
        household = last_known_household(session, case.county, case.contractor_code)
    if household is None:
        return None
    if row.applied_at:
        household = _as_it_was(session, household, row.applied_at)
    return ProposedChange(from_json(row.changes), tuple(row.findings or ()), row.applied_at, household)


def linked(session: Session, actor: Actor, case: Case) -> list[Case]:
    """The case that asked for this one, then those that this one asked for; as far as the actor sees them."""
    either = Case.asked_by == case.number
    if case.asked_by:
        either |= Case.number == case.asked_by
    found = session.scalars(select(Case).where(within(Case, actor), either).order_by(Case.number))
    return sorted(found, key=lambda one: one.number != case.asked_by)


def check_findings(session: Session, case: Case) -> list[dict[str, Any]]:
    """What the checks said of the case's latest changes, for those too who see the case and not the register."""
    wanted = select(Changeset.findings).where(Changeset.county == case.county, Changeset.case_id == case.id)
    return session.scalar(wanted) or []


def _as_it_was(session: Session, household: Household, applied_at: datetime) -> Household:
    """The household with the contract and parcels that the changes replaced at that instant."""
    found = session.execute(
        select(t.Contract, t.ContractVersion)
        .join(
            t.ContractVersion,
            and_(
                t.ContractVersion.county == t.Contract.county, t.ContractVersion.contract_id == t.Contract.id
            ),
        )
        .where(
            t.Contract.county == household.county,
            t.Contract.contractor_id == household.id,
            t.ContractVersion.superseded_at == applied_at,
            t.ContractVersion.state == "in_force",
        )
        .order_by(t.ContractVersion.id)
    ).first()
    if found is None:
        return replace(household, contract=None, parcels=())
    contract, version = found
    parcels = _parcels_then(session, household.county, version.restates or version.id, applied_at)
    facts = ContractFacts(
        contract.id,
        contract.code,
        version.way,
        version.term_start,
        version.term_end,
        version.total_area,
        version.parcel_count,
        version.signed_on,
    )
    return replace(household, contract=facts, parcels=parcels)


def _parcels_then(
    session: Session, county: str, contract_version: int, applied_at: datetime
) -> tuple[ParcelFacts, ...]:
    v = t.ParcelVersion
    rows = session.execute(
        select(t.Parcel, v, t.ContractedParcel.contract_area)
        .join(v, and_(v.county == t.Parcel.county, v.parcel_id == t.Parcel.id))
        .join(
            t.ContractedParcel,
            and_(t.ContractedParcel.county == t.Parcel.county, t.ContractedParcel.parcel_id == t.Parcel.id),
        )
        .where(
            t.Parcel.county == county,
            t.ContractedParcel.contract_version_id == contract_version,
            v.recorded_at < applied_at,
            v.valid_to.is_(None),
            or_(v.superseded_at.is_(None), v.superseded_at >= applied_at),
        )
        .order_by(t.Parcel.code)
    )
    return tuple(parcel_facts(parcel, version, area) for parcel, version, area in rows)
