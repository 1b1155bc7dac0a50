"""Carry a case on with one command, until only people, deadlines or outside answers are waited for.

The runtime decides, the operations that it wants run in the same transaction, and every command and result
becomes an event: replaying the commands rebuilds the case (engine/usecases/replay_case.py).
"""

from dataclasses import asdict, dataclass
from typing import Any

from engine import projections
from engine.bpmn import Command, OperationDone, OperationFailed, Step, WantedOperation, advance
from engine.bpmn.trace import path_of
from engine.domain import events
from engine.domain.case_type import UNFILED
from engine.failpoints import reach
from engine.operations import OPERATIONS
from engine.operations.publishing import tell
from engine.operations.work import BusinessError, Work
from engine.store import cases, event_waits, history, papers, reservations
from engine.store.found import Found
from engine.usecases.keep_deadlines import keep_deadlines
from engine.usecases.keep_tasks import keep_tasks
from engine.usecases.procedures import Procedure

TOLD_AT_END = {
    "rejected": "不予办理，理由和救济途径见通知书，可在网上查看和下载。",
    "withdrawn": "已撤回，登记没有改变。以后可以重新申请。",
    "lapsed": "因逾期没有办理，已经终止，说明见通知书。以后可以重新申请。",
}
"""What the applicant is told of a case that ended without its aim."""

MOST_OPERATIONS = 100  # in one command; a model that wants more goes round in circles


@dataclass(frozen=True)
class CommandEvent:
    """How a command is told to the history: its kind and its inputs."""

    kind: str
    payload: dict[str, Any]
    element: str | None = None
    task_number: int | None = None


def carry_on(work: Work, procedure: Procedure, command: Command, told: CommandEvent) -> Step:
    """Advance, run operations, save everything but commit nothing. The caller holds the case's lock."""
    new = told.kind == events.CASE_STARTED
    if new:
        work.found = Found()
    state = work.found.state
    step = _advance(work, procedure, state, command, told)
    for _ in range(MOST_OPERATIONS):
        if not step.operations:
            break
        wanted = step.operations[0]
        command, told = _operate(work, wanted)
        step = _advance(work, procedure, step.state, command, told)
    else:
        raise RuntimeError(f"case {work.case.number}: more than {MOST_OPERATIONS} operations in one command")
    reach("stepped")
    _save(work, procedure, step, new)
    return step


def _operate(work: Work, wanted: WantedOperation) -> tuple[Command, CommandEvent]:
    """Do what a service task wants. What an operation that failed has written is undone."""
    told: dict[str, Any] = {"topic": wanted.topic}
    written, said = len(work.writes), len(work.happened)
    try:
        with work.session.begin_nested():
            result = OPERATIONS[wanted.topic](work, dict(wanted.inputs))
    except BusinessError as error:
        work.writes.cut(written)
        del work.happened[said:]
        told |= {"code": error.code, "detail": error.detail}
        command: Command = OperationFailed(wanted.number, error.code, error.detail)
        return command, CommandEvent(events.OPERATION_FAILED, told, wanted.element, wanted.number)
    told["result"] = result
    command = OperationDone(wanted.number, result)
    return command, CommandEvent(events.OPERATION_DONE, told, wanted.element, wanted.number)


def _advance(
    work: Work, procedure: Procedure, state: str | None, command: Command, told: CommandEvent
) -> Step:
    step = advance(procedure.definition, state, command)
    work.data = dict(step.data)
    # the path goes before what the command's operations said, as it happened before
    work.say(told.kind, told.payload | {"path": path_of(step)}, told.element, told.task_number)
    for thrown in step.thrown:
        work.later("send_event", {"thrown": asdict(thrown), "hops": work.hops + 1})
    return step


def _save(work: Work, procedure: Procedure, step: Step, new: bool) -> None:
    case = work.case
    changes: dict[str, Any] = {"revision": case.revision + 1, "changed_at": work.at}
    if step.finished:
        status = work.case_type.status_at_end(step.end)
        changes |= {"status": status, "outcome": step.end, "ended_at": work.at}
    cases.change_case(work.writes, case, changes)
    if step.finished:
        reservations.release(work.session, case, work.at)  # however it ended, it holds nothing any more
        _void_papers(work)
        work.say(events.CASE_ENDED, {"outcome": step.end, "status": case.status})
        if case.status in TOLD_AT_END:
            tell(work, case.status, TOLD_AT_END[case.status])
    save_state = cases.insert_state if new else cases.write_state
    save_state(work.writes, case, step.state)
    keep_tasks(work, step)
    keep_deadlines(work, step)
    if procedure.definition.has_events:
        event_waits.keep(work.session, case, map(vars, step.events))
    projections.run(work)
    history.chain(work.writes, work.found.head, case.county, case.id, work.happened, work.actor, work.at)
    work.writes.send(work.session)


def _void_papers(work: Work) -> None:
    """Notices and the contract of a case that came to nothing; whoever checks one is told so."""
    case = work.case
    if case.status not in UNFILED:
        return
    void = [
        paper.number
        for paper in papers.issued_of(work.session, case.county, case.id)
        if work.case_type.voided(paper.kind, case.status)
    ]
    if void:
        work.say(events.PAPERS_VOIDED, {"papers": void, "status": case.status})
