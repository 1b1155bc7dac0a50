"""Start a case: by the household itself from the portal, or by the village on its behalf."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.bpmn import Start, Step
from engine.domain import events
from engine.domain.actor import Actor
from engine.domain.clock import SHANGHAI, Clock, local_date
from engine.domain.errors import Invalid, NotAllowed, NotFound
from engine.domain.register import Household
from engine.domain.roles import does
from engine.domain.said import say
from engine.operations.codes import new_code
from engine.operations.materials import adopt_materials
from engine.operations.work import Work
from engine.queries.form_options import start_options
from engine.store import serials
from engine.store.capital import known_parcels
from engine.store.changes.locks import seeing_the_county
from engine.store.register import read_household
from engine.store.sealed import fingerprint
from engine.store.tables.cases import Case
from engine.usecases.carry_on import CommandEvent, carry_on
from engine.usecases.carry_out_ruling import carry_out, free_for, ruling_named
from engine.usecases.correct_filed import link_correction
from engine.usecases.procedures import Procedure, current_procedure
from forms import Form


@dataclass(frozen=True)
class StartedCase:
    """``lookup_code`` is told to the applicant once; only its keyed hash is kept."""

    number: str
    lookup_code: str
    id: UUID
    step: Step


def start_case(
    session: Session,
    clock: Clock,
    actor: Actor,
    case_type: str,
    contractor_code: str,
    origin: str,
    answers: Any,
    *,
    files: Any = None,
    store: Any = None,
    applicant: UUID | None = None,
) -> StartedCase:
    """``answers`` are a posted form or JSON. Raises Invalid by field, Refused when the household is held.

    Commits nothing: the caller commits, with its idempotency key.
    """
    procedure = current_procedure(session, actor.county, case_type)
    household = read_household(session, actor.county, contractor_code)
    if household is None or not actor.sees(household.division):
        raise NotFound("contractor", "没有找到承包方 %(code)s，请核对编码", code=contractor_code)
    check_may_start(procedure, actor, household.division, origin)
    form = procedure.start_form(origin)
    today = local_date(clock.now())
    facts = procedure.start_facts(session, household, form) | {"today": today.isoformat()}
    facts["options"] = start_options(session, actor.county, form, household, today)
    data, errors = form.read(answers, context=facts, files=files, store=store)
    if errors:
        raise Invalid(errors)
    check_parcels(session, actor.county, form, data)
    dispute = ruling_named(session, procedure, data, household.issuing_party.code)
    if dispute is not None:
        free_for(session, clock, dispute)
    started = open_case(session, clock.now(), actor, procedure, household, origin, data, applicant=applicant)
    if dispute is not None:
        carry_out(session, clock, actor, dispute, started.number)
    return started


def open_case(
    session: Session,
    at: datetime,
    actor: Actor,
    procedure: Procedure,
    household: Household,
    origin: str,
    data: dict[str, Any],
    *,
    applicant: UUID | None = None,
    asked_by: str | None = None,
    hops: int = 0,
) -> StartedCase:
    """With answers that were checked. ``asked_by``: number of the case that asks for this one. Commits nothing."""
    lookup_code = new_code(8)
    case = Case(
        county=actor.county,
        id=uuid4(),
        number=new_number(session, actor.county, at),
        case_type=procedure.case_type.name,
        version_id=procedure.version_id,
        division=household.division,
        issuing_party_code=household.issuing_party.code,
        contractor_code=household.code,
        contractor_name=household.name,
        origin=origin,
        status="open",
        lookup_found=fingerprint(lookup_code),
        started_at=at,
        changed_at=at,
        revision=0,
        applicant=applicant,
        asked_by=asked_by,
    )
    session.add(case)
    session.flush()
    work = Work(session=session, case=case, case_type=procedure.case_type, actor=actor, at=at)
    work.hops = hops
    adopt_materials(work, procedure.start_form(origin), data, None)
    variables = {"origin": origin, procedure.case_type.start_variable: data}
    told = CommandEvent(
        events.CASE_STARTED, {"data": variables, "version": procedure.version_id, "origin": origin}
    )
    step = carry_on(work, procedure, Start(variables), told)
    link_correction(session, actor, procedure, case, data, at)
    return StartedCase(case.number, lookup_code, case.id, step)


def check_may_start(procedure: Procedure, actor: Actor, division: str, origin: str) -> None:
    role = procedure.case_type.starter(origin)
    if not does(actor.role, role) or not division.startswith(actor.division):
        raise NotAllowed("may_not_start", "您没有为该承包方发起此项业务的权限")


def check_parcels(session: Session, county: str, form: Form, data: dict[str, Any]) -> None:
    """Codes that were typed are of the county's register, in whatever village: who typed one wrong is told at once, not
    whoever takes the application in.
    """
    for field in form.fields:
        codes = data.get(field.name) if field.kind == "parcel_codes" else None
        if not codes:
            continue
        with seeing_the_county(session, county):
            known = known_parcels(session, county, codes)
        unknown = [code for code in codes if code not in known]
        if unknown:
            told = say("登记簿中没有地块 %(code)s，请核对编码", code="、".join(unknown[:5]))
            raise Invalid({field.name: [told]})


def new_number(session: Session, county: str, at: datetime) -> str:
    """业务流水号 YWLSH: county 6 + day 8 + serial of the day 6 (access specification, table 4 note b)."""
    day = at.astimezone(SHANGHAI).strftime("%Y%m%d")
    return f"{county}{day}{serials.take(session, county, 'case', day):06d}"
