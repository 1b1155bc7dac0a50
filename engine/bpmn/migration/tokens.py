"""Does every token find its place? By the kind of node it stands at; a kind not known here is refused."""

from collections.abc import Iterator
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.bpmn.check.tokens import Marking, starved
from engine.bpmn.definition import Definition
from engine.bpmn.events import Boundary, Catch, Listener, is_instance
from engine.bpmn.gateways import EventGateway, InclusiveJoin, ParallelJoin
from engine.bpmn.instance import Case, CaseTask
from engine.bpmn.migration.reason import LATER, STAY, Reason, called
from engine.bpmn.model import Element, Scope
from engine.bpmn.nodes import Looped, Repeated, Subprocess, UserTask
from engine.domain.said import say


def token_reasons(old: Definition, new: Definition, case: Case) -> Iterator[Reason]:
    if case.completed:
        yield Reason(None, say("此件已经办结。"), STAY)
        return
    if old.main != new.main:
        yield Reason(
            None, say("新版的主流程换了标识，对不上原来的流程。"), say("请在新版中保留主流程的 id。")
        )
        return
    for workflow in case.levels():
        for task in workflow.open_tasks():
            yield from _reasons(old, new, task)


def _reasons(old: Definition, new: Definition, task: CaseTask) -> Iterator[Reason]:
    node = task.task_spec
    before, after = old.elements[node.bpmn_id], new.elements.get(node.bpmn_id)
    if is_waiting_beside(task) and not stays_armed(task, new):
        return  # taken away in the new version: nobody waits for it any more
    counterpart = _nodes(new, before.scope).get(node.name)
    if after is None:
        yield Reason(before.id, say("此件正停在%(element)s，新版已删除它。", element=called(before)), LATER)
    elif before.scope != after.scope:
        yield Reason(
            before.id, say("此件正停在%(element)s，新版把它移到了别处。", element=called(before)), LATER
        )
    elif (before.type, before.event) != (after.type, after.event):
        yield Reason(
            before.id, say("此件正停在%(element)s，新版换成了另一种元素。", element=called(before)), LATER
        )
    elif type(counterpart) is not type(node):
        yield Reason(
            before.id, say("此件正停在%(element)s，新版改了它是否重复办理。", element=called(before)), LATER
        )
    else:
        check = next((check for kind, check in _CHECKS if isinstance(node, kind)), _unknown)
        yield from check(old, new, task, before, after)


def is_waiting_beside(task: CaseTask) -> bool:
    """A boundary event or an event subprocess that has not happened."""
    return bool(task.task_spec.armed and task._state == TaskState.WAITING)


def stays_armed(task: CaseTask, new: Definition) -> bool:
    """The event is on the same activity, or in the same scope, in the new version."""
    nodes = _nodes(new, task.workflow.spec.name)
    host = nodes.get(task.parent.task_spec.name)
    return host is not None and any(event.name == task.task_spec.name for event in host.boundary)


def _nodes(definition: Definition, scope: str) -> dict[str, Any]:
    process = definition.specs.get(scope)
    return {} if process is None else {process.start.name: process.start, **process.task_specs}


# one check per kind of node: what may not change while a token is there


def _any_change(old: Definition, new: Definition, task: CaseTask, before: Element, after: Element) -> Any:
    return ()


def _repeat(
    old: Definition, new: Definition, task: CaseTask, before: Element, after: Element
) -> Iterator[Reason]:
    if (before.repeat, before.loop, before.called) != (after.repeat, after.loop, after.called):
        message = say("%(element)s正在办理多次，新版改了次数、列表、先后或结束条件。", element=called(before))
        yield Reason(before.id, message, LATER)


def _container(
    old: Definition, new: Definition, task: CaseTask, before: Element, after: Element
) -> Iterator[Reason]:
    if before.called != after.called:
        yield Reason(
            before.id,
            say("此件正在%(element)s调用的流程里，新版换了调用的流程。", element=called(before)),
            LATER,
        )


def _join(
    old: Definition, new: Definition, task: CaseTask, before: Element, after: Element
) -> Iterator[Reason]:
    node, counterpart = task.task_spec, _nodes(new, before.scope)[task.task_spec.name]
    source = task.internal_data["from"]
    if source not in counterpart._inputs:
        message = say("此件有一路已到%(element)s等待汇合，新版没有从它来的那一路。", element=called(before))
        yield Reason(before.id, message, LATER)
    elif sorted(node._inputs) != sorted(counterpart._inputs):
        message = say("此件有一路已到%(element)s等待汇合，新版改了要等哪几路。", element=called(before))
        yield Reason(before.id, message, LATER)


def _raced(
    old: Definition, new: Definition, task: CaseTask, before: Element, after: Element
) -> Iterator[Reason]:
    counterpart = _nodes(new, before.scope)[task.task_spec.name]
    now, then = ({node.name for node in one.following} for one in (task.task_spec, counterpart))
    if now != then:
        yield Reason(
            before.id,
            say("此件正在%(element)s等待几个事件之一，新版改了等哪些事件。", element=called(before)),
            LATER,
        )


def _event(
    old: Definition, new: Definition, task: CaseTask, before: Element, after: Element
) -> Iterator[Reason]:
    """A period that runs goes on as it began; what else is waited for was fixed when the wait began."""
    node, counterpart = task.task_spec, _nodes(new, before.scope)[task.task_spec.name]
    if node.kind != counterpart.kind:
        yield Reason(
            before.id, say("%(element)s正等待一个事件，新版换成了另一种事件。", element=called(before)), LATER
        )
    elif node.kind != "timer" and _awaited(node.element) != _awaited(counterpart.element):
        yield Reason(
            before.id,
            say("%(element)s正等待一个消息、信号或条件，新版改了等什么。", element=called(before)),
            LATER,
        )


def _awaited(element: Element) -> tuple[Any, ...]:
    return element.reference, element.condition, element.properties.get("key")


def _listening(
    old: Definition, new: Definition, task: CaseTask, before: Element, after: Element
) -> Iterator[Reason]:
    """An event subprocess, waiting for its start or under way."""
    if is_waiting_beside(task):
        yield from _event(old, new, task, before, after)


def _unknown(
    old: Definition, new: Definition, task: CaseTask, before: Element, after: Element
) -> Iterator[Reason]:
    yield Reason(
        before.id, say("此件正停在%(element)s，这种元素还不能在办理中迁移。", element=called(before)), LATER
    )


_CHECKS: tuple[tuple[type, Any], ...] = (
    (UserTask, _any_change),
    (Repeated, _repeat),
    (Looped, _repeat),
    (Subprocess, _container),
    (ParallelJoin, _join),
    (InclusiveJoin, _join),
    (EventGateway, _raced),
    (Listener, _listening),
    (Boundary, _event),
    (Catch, _event),
)


# the tokens together: can the joins ahead still fire?


def joins_that_starve(old: Definition, new: Definition, case: Case) -> Iterator[Reason]:
    """Joins that would wait for ever for a branch that this case has not begun."""
    for workflow in case.levels():
        before, after = (one.model.scopes[workflow.spec.name] for one in (old, new))
        tokens = [task for task in workflow.open_tasks() if task.is_live and not is_instance(task)]
        worse = starved(after, _marking(after, tokens)) - starved(before, _marking(before, tokens))
        for identity in sorted(worse):
            message = say(
                "新版的%(element)s要等齐几路，此件没有走其中的一路，会停在那里。",
                element=called(after.elements[identity]),
            )
            yield Reason(identity, message, STAY)


def _marking(scope: Scope, tokens: list[CaseTask]) -> Marking:
    """Each token as standing on the flow it came by, or on any flow into its element."""
    flows = set()
    for task in tokens:
        node = task.task_spec
        incoming = scope.incoming(node.bpmn_id)
        source = task.internal_data.get("from", "").removeprefix("#")
        came = [flow.id for flow in incoming if flow.source == source] if source else []
        flows |= set(came[:1] or [flow.id for flow in incoming[:1]])
    return frozenset(flows)


def joins_that_would_fire(fresh: Case) -> Iterator[Reason]:
    """An inclusive join looks at the rest of the drawing; nothing would make it look again before the next act."""
    waiting = fresh.find(
        lambda task: task._state == TaskState.WAITING and isinstance(task.task_spec, InclusiveJoin)
    )
    for task in waiting:
        node = task.task_spec
        filled = {other.internal_data["from"] for other in node.waiting(task)}
        if node.may_fire(task, filled):
            message = say(
                "此件在“%(element)s”等待的几路，按新版已不必再等。", element=node.bpmn_name or node.bpmn_id
            )
            yield Reason(node.bpmn_id, message, LATER)
