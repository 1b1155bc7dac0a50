"""Whether the database agrees with itself and with what clients were told: each check gives the violations it finds."""

import json
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from engine.bootstrap import App
from engine.commands.trial import COUNTY
from engine.domain.errors import DomainError
from engine.store import cases
from engine.store.tables.cases import Case
from engine.store.tables.portal import CaseView, Submission
from engine.store.tables.work import LongWork
from engine.usecases.publish_case import publish_case
from engine.usecases.rebuild_case import rebuild
from engine.usecases.replay_case import replay_case
from engine.usecases.verify_history import verify_history
from tests.faults.clients import Acknowledged, Clients

# Each statement gives one row for every violation. The county has people whose names no font has (字库): their
# papers are incidents, as they should be, and no violations.
CHECKS = {
    "a task completed twice": """
        select case_id, task_number, count(*) from operational.events
        where kind = 'task_completed' group by 1, 2 having count(*) > 1""",
    "a task done without its event": """
        select t.case_id, t.number from operational.tasks t left join operational.events e
          on e.county = t.county and e.case_id = t.case_id and e.task_number = t.number and e.kind = 'task_completed'
        where t.status = 'done' and e.seq is null""",
    "a completed task that is not done": """
        select e.case_id, e.task_number from operational.events e left join operational.tasks t
          on t.county = e.county and t.case_id = e.case_id and t.number = e.task_number
        where e.kind = 'task_completed' and t.status is distinct from 'done'""",
    "an operation done twice": """
        select case_id, task_number, count(*) from operational.events
        where kind = 'operation_done' group by 1, 2 having count(*) > 1""",
    "a task claimed twice": """
        select case_id, task_number, count(*) from operational.events
        where kind = 'task_claimed' group by 1, 2 having count(*) > 1""",
    "a task opened twice": """
        select case_id, task_number, count(*) from operational.events
        where kind = 'task_opened' group by 1, 2 having count(*) > 1""",
    "a paper issued twice": """
        select case_id, kind, count(*) from operational.papers
        where source = 'issued' group by 1, 2 having count(*) > 1""",
    "a paper printed twice": """
        select p.body::json->>'paper', count(*) from operational.events e join operational.event_payloads p
          on p.county = e.county and p.case_id = e.case_id and p.seq = e.seq
        where e.kind = 'paper_printed' group by 1 having count(*) > 1""",
    "an issued paper without its file": """
        select case_id, kind, status from operational.papers p where source = 'issued' and status <> 'ready'
        and not exists (select from operational.outbox o where o.kind = 'render_document'
          and o.payload->>'paper' = p.id::text and o.error like 'Refused: 字库%')""",
    "a message sent twice, or without being wanted": """
        select m.key, count(*) from operational.messages m left join operational.outbox o
          on o.county = m.county and 'outbox-' || o.id = m.key
        group by 1 having count(*) > 1 or count(o.id) = 0""",
    "a message wanted and not sent": """
        select o.id from operational.outbox o left join operational.messages m
          on m.county = o.county and m.key = 'outbox-' || o.id
        where o.kind = 'send_message' and m.id is null""",
    "an outbox row that is not done": """
        select id, kind, status, attempts, error from operational.outbox where status <> 'done'
        and (status <> 'failed' or coalesce(error, '') not like 'Refused: 字库%')""",
    "a deadline fired early": """
        select e.case_id, e.task_number from operational.events e join operational.event_payloads p
          on p.county = e.county and p.case_id = e.case_id and p.seq = e.seq
        where e.kind in ('timer_fired', 'deadline_passed') and e.at < (p.body::json->>'due_at')::timestamptz""",
    "a deadline fired twice": """
        select e.case_id, e.task_number, p.body::json->>'name', count(*) from operational.events e
        join operational.event_payloads p on p.county = e.county and p.case_id = e.case_id and p.seq = e.seq
        where e.kind in ('timer_fired', 'deadline_passed') group by 1, 2, 3 having count(*) > 1""",
    "as many deadlines fired as events say": """
        select d.fired, e.told from
          (select count(*) fired from operational.deadlines where status = 'fired') d,
          (select count(*) told from operational.events where kind in ('timer_fired', 'deadline_passed')) e
        where d.fired <> e.told""",
    "a due deadline that did not fire": """
        select id, name, due_at, status from operational.deadlines
        where status = 'failed' or (status = 'running' and due_at < now() - interval '5 s'
          + make_interval(secs => (select coalesce(max(ahead_seconds), 0) from reference.demo_clock)))""",
    "a revision that does not count the commands": """
        select c.number, c.revision, count(e.seq) from operational.cases c left join operational.events e
          on e.county = c.county and e.case_id = c.id and e.kind in ('case_started', 'task_completed', 'timer_fired', 'event_received')
        group by c.county, c.id having c.revision <> count(e.seq)""",
    "a gap in the case numbers": """
        select s.owner, s.last, count(c.id) from operational.serials s
        left join operational.cases c on c.county = s.county and substr(c.number, 7, 8) = s.owner
        where s.kind = 'case' group by 1, 2 having count(c.id) <> s.last""",
    "a closed case that holds something": """
        select c.number, r.kind, r.code from operational.reservations r
        join operational.cases c on c.county = r.county and c.id = r.case_id
        where c.status <> 'open' and r.released_at is null""",
    "a change applied twice": """
        select case_id, count(*) from operational.events where kind = 'changeset_applied'
        group by 1 having count(*) > 1""",
    "a change applied and not told, or told and not applied": """
        select c.case_id from operational.changesets c left join operational.events e
          on e.county = c.county and e.case_id = c.case_id and e.kind = 'changeset_applied'
        where (c.applied_at is null) <> (e.seq is null)""",
    "long work that has not ended, or found faults": """
        select id, status, phase, error, result->'faults' from operational.long_works
        where status <> 'done' or jsonb_array_length(result->'faults') > 0""",
    "a draft of a task that is over": """
        select d.case_id, d.task_number from operational.drafts d join operational.tasks t
          on t.county = d.county and t.case_id = d.case_id and t.number = d.task_number
        where t.status = 'done' and d.person_id = t.assignee""",
}


def violations(app: App, clients: Clients) -> Iterator[str]:
    yield from clients.ledger.violations
    yield from in_sql(app)
    yield from in_history(app)
    yield from in_cases(app)
    yield from of_acknowledgements(app, clients)


def in_sql(app: App) -> Iterator[str]:
    with app.sessions(COUNTY) as session:
        for name, statement in CHECKS.items():
            for row in session.execute(text(statement)):
                yield f"{name}: {tuple(row)}"


def in_history(app: App) -> Iterator[str]:
    """Chains, checkpoints and files."""
    with app.sessions(COUNTY) as session:
        found = verify_history(session, COUNTY, app.files, app.signing_key.public_key())
    for fault in found.faults:
        yield f"history: {fault.subject} {fault.seq} {fault.reason}"


def in_cases(app: App) -> Iterator[str]:
    """Every case replays to its stored state; open tasks and running waits are what that state waits for."""
    with app.sessions(COUNTY) as session:
        numbers = sorted(cases.case_numbers(session, COUNTY).values())
    for number in numbers:
        with app.sessions(COUNTY) as session:
            try:
                differences = replay_case(session, COUNTY, number).differences
            except DomainError as error:
                differences = [str(error)]
            case = cases.find_case(session, COUNTY, number)
            for difference in differences:
                yield f"replay of {number}: {difference}"
            yield from _waits(session, case)
            yield from _published(app, session, case)


def _waits(session: Session, case: Case) -> Iterator[str]:
    step = list(rebuild(session, case))[-1].step
    rows = {task.number for task in cases.open_tasks(session, case)}
    if rows != {task.number for task in step.tasks}:
        yield f"open tasks of {case.number}: rows {rows}, engine {[t.number for t in step.tasks]}"
    running = {row.task_number for row in cases.active_deadlines(session, case) if row.kind == "wait"}
    if running != {wait.number for wait in step.waits}:
        yield f"waits of {case.number}: rows {running}, engine {[w.number for w in step.waits]}"
    if (case.status == "open") == step.finished:
        yield f"{case.number} is {case.status}, the engine says finished={step.finished}"


def _published(app: App, session: Session, case: Case) -> Iterator[str]:
    """Publishing once more changes nothing that the applicant reads (dates beside, which follow the clock)."""
    with app.portal_sessions() as portal:
        before = _view(portal.get(CaseView, case.number))
        if before is None:
            yield f"not published: {case.number}"
            return
        publish_case(session, portal, app.clock, app.files, COUNTY, case.number)
        after = _view(portal.get(CaseView, case.number))
        portal.rollback()
    if before != after:
        yield f"published view of {case.number} is old: {before} {after}"


def _view(row: CaseView | None) -> tuple[str, str] | None:
    return (row.status, json.dumps(row.todo, sort_keys=True)) if row else None


def of_acknowledgements(app: App, clients: Clients) -> Iterator[str]:
    """What a client was told is there, once; each case of the database was acknowledged to somebody."""
    told = clients.ledger.acknowledged
    started = Counter(one.answer["case"] for one in told if one.kind == "start")
    started.update(taken_in(app))
    with app.sessions(COUNTY) as session:
        numbers = cases.case_numbers(session, COUNTY)
        for number, count in started.items():
            if count > 1:
                yield f"one case told to two commands: {number}"
        for number in set(numbers.values()) ^ set(started):
            yield f"a case that was acknowledged and is not there, or is there and was not: {number}"
        marks = _marks(session)
    for one in told:
        if one.kind == "complete" and (one.mark or "") not in marks.get((str(one.case), one.task or 0), ""):
            yield f"an acknowledged completion is not in the history: {one.case} {one.task}"
    completed = Counter((one.case, one.task) for one in told if one.kind == "complete")
    for place, count in completed.items():
        if count > 1:
            yield f"one task acknowledged as completed to two commands: {place}"
    asked = {one.answer["id"] for one in told if one.kind == "verify"}
    with app.sessions(COUNTY) as session:
        kept = session.scalars(select(LongWork.id).where(LongWork.kind == "verify_history"))
        for work in asked ^ {str(work) for work in kept}:
            yield f"long work that was acknowledged and is not there, or is there and was not: {work}"
    for place in set(marks) - set(completed):
        yield f"a completion that nobody was told of: {place}"


def taken_in(app: App) -> list[str]:
    """Cases that the portal's submissions became, as their applicants were told."""
    with app.portal_sessions() as portal:
        rows = portal.scalars(select(Submission).where(Submission.status == "taken")).all()
        return [(row.answer or {})["case"] for row in rows]


def _marks(session: Session) -> dict[tuple[str, int], str]:
    """(case number, task) -> the payload of its completion."""
    rows = session.execute(
        text("""
        select c.number, e.task_number, p.body from operational.events e
        join operational.event_payloads p on p.county = e.county and p.case_id = e.case_id and p.seq = e.seq
        join operational.cases c on c.county = e.county and c.id = e.case_id
        where e.kind = 'task_completed'""")
    )
    return {(row.number, row.task_number): row.body for row in rows}


def asked_again(clients: Clients, most: int) -> Iterator[str]:
    """The same command with the same key gets the same answer, however much was killed since."""
    told: list[Acknowledged] = list(clients.ledger.acknowledged)
    for one in clients.random.sample(told, min(most, len(told))):
        status, _, answer = clients.insist(one.asked)
        if (status, answer) != (one.status, one.answer):
            yield f"another answer to the same key: {one.kind} {one.asked.path}: {one.answer} then {status} {answer}"
