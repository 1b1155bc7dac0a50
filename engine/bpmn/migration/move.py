"""The same tokens on the nodes of another version. Numbers stay, so what people have typed stays with its task."""

from engine.bpmn import codec
from engine.bpmn.definition import Definition
from engine.bpmn.errors import RunFailed, StateMismatch
from engine.bpmn.instance import Case, CaseTask
from engine.bpmn.migration.tokens import is_waiting_beside, stays_armed
from engine.domain.said import say


def moved(old: Definition, new: Definition, state: str, done: frozenset[str]) -> Case:
    """Raises StateMismatch where a token has no node, RunFailed where an event that is new cannot be waited for.

    Events beside an activity, or for a scope, that the new version has no more are given up, new ones begin to
    wait. One that the old version had and that waits no more has happened and does not begin again.
    """
    case = codec.load(state, old.version, dict(old.specs), old.main)
    for workflow in case.levels():
        for task in workflow.open_tasks():
            if is_waiting_beside(task) and not stays_armed(task, new):
                del workflow.tasks[task.id]
                task.parent._children.remove(task.id)
    try:
        fresh = codec.load(codec.dump(case, new.version), new.version, dict(new.specs), new.main)
    except KeyError as missing:
        raise StateMismatch("新版中没有“%(node)s”。", node=str(missing)) from None
    for workflow in list(fresh.levels()):
        for host in (workflow.task_tree, *workflow.open_tasks()):
            if host is workflow.task_tree or not is_waiting_beside(host):
                _arm(old, host, done)
    return fresh


def _arm(old: Definition, host: CaseTask, done: frozenset[str]) -> None:
    process = old.specs[host.workflow.spec.name]
    node = process.start if host is host.workflow.task_tree else process.task_specs[host.task_spec.name]
    known = {event.name for event in node.boundary}
    for event in host.task_spec.boundary:
        if event.name in known:
            continue
        if event.bpmn_id in done:
            message = say("“%(name)s”在此件更早的版本中已经发生过，不能再等一次。")
            raise RunFailed(message, element=event.bpmn_id, name=event.bpmn_name or event.bpmn_id)
        event.wait(CaseTask(host.workflow, event, host))
