"""A party to a dispute, or its agent, does something by the portal: answers, hands in evidence, challenges, chooses.

What the office would have typed from paper is the party's own word: a task of the office is completed by it, or the message
goes into the case that the office's form would have sent. The rest is only said, and stands beside the office's tasks.
"""

from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from engine.domain import events
from engine.domain.actor import applicant
from engine.domain.clock import Clock, local_date
from engine.domain.errors import Invalid, NotAllowed, Refused
from engine.domain.events import Happened
from engine.domain.parties import Party, PartyAct
from engine.operations.materials import adopt_materials
from engine.operations.work import Work
from engine.queries.parties import acts_now, options_of, party_of
from engine.store import cases, history, outbox
from engine.store.files import FileStore
from engine.store.tables.cases import Case
from engine.store.tables.disputes import PartyAct as Done
from engine.store.tables.portal import Applicant, Submission
from engine.usecases.act_in_case import send_act
from engine.usecases.answer_once import earlier_answer, remember_answer
from engine.usecases.complete_task import complete_for_party
from engine.usecases.procedures import Procedure, procedure_of
from engine.usecases.taken_over import taken_over


def act_as_party(
    session: Session, portal: Session, clock: Clock, files: FileStore, person: Applicant, row: Submission
) -> dict[str, Any]:
    """{case, act}. NotAllowed for whoever is no party, or of another side; Refused where it is not the time for it."""
    assert row.case_number is not None
    case = cases.find_case(session, person.county, row.case_number, lock=True)
    actor = applicant(person.id, person.name, person.county, case.division)
    before = earlier_answer(session, actor, str(row.id), row.data)
    if before is not None:
        return before
    procedure = procedure_of(session, case)
    _, data = cases.read_state(session, case)
    party = party_of(session, portal, case, procedure.case_type, data, person)
    if party is None:
        raise NotAllowed("not_party", "您不是这件纠纷的当事人或者代理人")
    act = _act(session, case, procedure, party, row.act)
    form = procedure.form(act.form)
    handed = taken_over(session, portal, clock, files, actor, procedure, form, row)
    today = local_date(clock.now())
    context = {"options": options_of(session, case, data, today), "today": today.isoformat()}
    answers, errors = form.read(handed, context=context)
    if errors:
        raise Invalid(errors)
    filled = act.filled(answers, party.stands_for, today.isoformat())
    if act.task:
        complete_for_party(session, clock, actor, case, act.task, filled)
    elif act.act:
        send_act(session, clock, actor, case, procedure, act.act, filled)
    else:
        work = Work(session=session, case=case, case_type=procedure.case_type, actor=actor, at=clock.now())
        adopt_materials(work, form, answers, None)
        history.append(session, case.county, case.id, work.happened, actor, clock.now())
    _note(session, clock, case, act, party, person, answers)
    answer = {"case": case.number, "act": act.name}
    remember_answer(session, clock, actor, str(row.id), row.data, answer)
    return answer


def _act(session: Session, case: Case, procedure: Procedure, party: Party, name: str | None) -> PartyAct:
    act = next((one for one in acts_now(session, case, procedure.case_type) if one.name == name), None)
    if act is None:
        raise Refused("not_now", "这一项现在不能办：可能已经办过、期限已过，或者案件已经往下办了")
    if party.side not in act.sides:
        raise NotAllowed("other_side", "这一项由另一方当事人办理")
    return act


def _note(
    session: Session,
    clock: Clock,
    case: Case,
    act: PartyAct,
    party: Party,
    person: Applicant,
    answers: dict[str, Any],
) -> None:
    at = clock.now()
    session.add(
        Done(
            county=case.county,
            id=uuid4(),
            case_id=case.id,
            act=act.name,
            title=act.title,
            form=act.form,
            side=party.side,
            party=party.stands_for,
            by_name=person.name,
            applicant=person.id,
            said=answers,
            said_at=at,
            division=case.division,
        )
    )
    session.flush()
    actor = applicant(person.id, person.name, person.county, case.division)
    told = {"act": act.name, "title": act.title, "party": party.stands_for, "side": party.side}
    history.append(session, case.county, case.id, [Happened(events.PARTY_SAID, told)], actor, at)
    outbox.put(session, case.county, "publish_case", {"case": case.number}, at, case.id)
