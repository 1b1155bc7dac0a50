"""The shape of the drawing: starts, ends, what can be reached, and flows that would not run as drawn."""

from engine.bpmn.check.graphs import on_cycles, reach
from engine.bpmn.check.report import Report, called
from engine.bpmn.model import (
    ACTIVITIES,
    CONTAINERS,
    GATEWAYS,
    MAIN_FILE,
    Element,
    Flow,
    Model,
    Scope,
    is_link,
)
from engine.domain.said import say

CHOOSING = ("exclusiveGateway", "inclusiveGateway")
SPLITTING = (*CHOOSING, "parallelGateway", "eventBasedGateway", "complexGateway")
ENTRIES = ("startEvent", "boundaryEvent")
WAITING = ("userTask", "receiveTask")


def check_processes(model: Model, report: Report) -> None:
    processes = [scope for scope in model.scopes.values() if scope.parent is None]
    for process in processes:
        if process.elements and not process.executable:
            message = say("流程“%(name)s”不可执行。", name=process.name or process.id)
            report.error(
                process.id, "not-executable", message, say("请勾选“可执行”（isExecutable）。"), process.file
            )
    if model.main is None and not report.has_errors:
        fix = say(
            "请在 %(file)s 中保留一个可执行的流程，其余放在别的文件，由调用活动调用。",
            file=MAIN_FILE,
        )
        report.error(
            None,
            "main-process",
            say("找不到案件的主流程，或有多个。"),
            fix,
            processes[0].file if processes else "",
        )


def check_ids(model: Model, report: Report) -> None:
    fix = say("请用流程编辑器为每个元素填写不同的编号。")
    for identity, file in model.duplicates:
        report.error(
            identity, "duplicate-id", say("编号 %(identity)s 用了不止一次。", identity=identity), fix, file
        )
    for file, line in model.nameless:
        report.error(None, "no-id", say("第 %(line)s 行的元素没有编号。", line=line), fix, file)
    for scope in model.scopes.values():
        if not scope.id:
            report.error(None, "no-id", say("流程没有编号。"), fix, scope.file)


def check_flows(model: Model, report: Report) -> None:
    for scope in model.scopes.values():
        ends: set[tuple[str, str]] = set()
        for flow in scope.flows:
            for end, role in ((flow.source, say("起点")), (flow.target, say("终点"))):
                if end not in scope.elements:
                    message = say("顺序流的%(role)s“%(end)s”不在同一流程或子流程中。", role=role, end=end)
                    report.error(
                        flow.id,
                        "flow-end",
                        message,
                        say("请重新连线；顺序流不能穿过子流程的边框。"),
                        scope.file,
                    )
            if (flow.source, flow.target) in ends:
                message = say("两个元素之间有两条同向的顺序流。")
                report.error(
                    flow.id, "flow-twice", message, say("请只保留一条，把两个条件用 || 合并。"), scope.file
                )
            ends.add((flow.source, flow.target))
        for element in scope.elements.values():
            _flows_of(scope, element, report)


def _flows_of(scope: Scope, element: Element, report: Report) -> None:
    outgoing, incoming = scope.outgoing(element.id), scope.incoming(element.id)
    if is_link(element, "intermediateThrowEvent") and outgoing:
        message = say("抛出链接事件%(element)s不能有流出的顺序流。", element=called(element))
        report.error(element, "link-end", message, say("请删去连线：它接到同名的捕获链接事件。"))
    if (element.type in ENTRIES or is_link(element, "intermediateCatchEvent")) and incoming:
        report.error(
            element,
            "flow-into-start",
            say("%(element)s不能有流入的顺序流。", element=called(element)),
            say("请把顺序流连到别的元素。"),
        )
    if element.type == "endEvent" and outgoing:
        report.error(
            element,
            "flow-out-of-end",
            say("结束事件%(element)s不能有流出的顺序流。", element=called(element)),
            say("请改为中间事件，或删去。"),
        )
    if element.type not in SPLITTING and len(outgoing) > 1:
        message = say("%(element)s有多条流出的顺序流，走法不明确。", element=called(element))
        report.error(
            element, "implicit-split", message, say("请在其后加网关：择一用排他网关，同时用并行网关。")
        )
    if element.type in CHOOSING:
        _choice(element, outgoing, report)
    else:
        for flow in outgoing:
            if flow.condition is not None:
                message = say("%(element)s流出的顺序流上的条件不起作用。", element=called(element))
                report.error(
                    flow.id,
                    "condition-ignored",
                    message,
                    say("请在中间加排他网关，条件写在网关的出口。"),
                    scope.file,
                )
        if element.default:
            message = say("%(element)s的默认流向不起作用。", element=called(element))
            report.error(element, "default-ignored", message, say("请在其后加排他网关。"))
    if element.attached_to is not None or element.type == "boundaryEvent":
        host = scope.elements.get(element.attached_to or "")
        if host is None or host.type not in ACTIVITIES:
            message = say("边界事件%(element)s没有附在同一流程的任务或子流程上。", element=called(element))
            report.error(element, "boundary-host", message, say("请重新放到任务的边框上。"))


def _choice(element: Element, outgoing: tuple[Flow, ...], report: Report) -> None:
    if element.default and all(flow.id != element.default for flow in outgoing):
        message = say("%(element)s的默认流向不是它的出口。", element=called(element))
        report.error(element, "bad-default", message, say("请重新选择默认流向。"))
    for flow in outgoing:
        conditional = flow.condition is not None
        if conditional and flow.id == element.default:
            message = say("%(element)s默认流向上的条件不起作用。", element=called(element))
            report.error(
                flow.id, "condition-ignored", message, say("请删去条件，或另选默认流向。"), element.file
            )
        elif conditional and len(outgoing) == 1:
            message = say(
                "%(element)s只有一个出口，其上的条件不成立时案件无法继续。", element=called(element)
            )
            report.error(
                flow.id, "condition-ignored", message, say("请删去条件，或另画一个出口。"), element.file
            )
        elif not conditional and flow.id != element.default and len(outgoing) > 1:
            message = say("%(element)s的一个出口既没有条件，也不是默认流向。", element=called(element))
            report.error(flow.id, "no-condition", message, say("请填写条件，或设为默认流向。"), element.file)
    if len(outgoing) > 1 and not element.default:
        message = say("%(element)s没有默认流向：条件都不成立时案件无法继续。", element=called(element))
        report.error(element, "no-default", message, say("请把一个出口设为默认流向。"))


def check_paths(model: Model, report: Report) -> None:
    for scope in model.scopes.values():
        if scope.elements or scope.executable:
            _paths(scope, report)


def _paths(scope: Scope, report: Report) -> None:
    starts = [element for element in scope.elements.values() if element.type == "startEvent"]
    ends = [element for element in scope.elements.values() if element.type == "endEvent"]
    if len(starts) != 1:
        message = say("应有且只有一个开始事件。") if starts else say("没有开始事件。")
        report.error(scope.id, "start-events", message, say("请只保留一个开始事件。"), scope.file)
    if not ends:
        report.error(
            scope.id,
            "no-end",
            say("没有结束事件，永远不会办结。"),
            say("请在每条路径的末尾加结束事件。"),
            scope.file,
        )
    if not starts or not ends:
        return
    onward, backward = _steps(scope)
    reached = reach(onward, [element.id for element in starts])
    finishing = reach(backward, [element.id for element in ends])
    for element in scope.elements.values():
        if element.event_subprocess:
            continue  # its own start event begins it
        if element.id not in reached:
            message = say("从开始事件走不到%(element)s。", element=called(element))
            report.error(element, "unreachable", message, say("请连上，或删去。"))
        elif element.type != "endEvent" and not scope.outgoing(element.id) and not _leads_on(element):
            message = say("%(element)s之后没有去处。", element=called(element))
            report.error(element, "dead-end", message, say("请连到下一步，或加结束事件。"))
        elif element.id not in finishing:
            message = say("从%(element)s出发，走不到任何结束事件。", element=called(element))
            report.error(element, "no-way-out", message, say("请画出离开循环的路径。"))


def _leads_on(element: Element) -> bool:
    return is_link(element, "intermediateThrowEvent")


def _steps(scope: Scope) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Successors and predecessors; a boundary event follows the task it sits on, a link its other end."""
    pairs = [(flow.source, flow.target) for flow in scope.flows]
    pairs += [(throwing.id, catching.id) for throwing, catching in scope.links()]
    pairs += [(e.attached_to, e.id) for e in scope.elements.values() if e.attached_to]
    onward: dict[str, set[str]] = {}
    backward: dict[str, set[str]] = {}
    for source, target in pairs:
        onward.setdefault(source, set()).add(target)
        backward.setdefault(target, set()).add(source)
    return onward, backward


def check_loops(model: Model, report: Report) -> None:
    """A loop in which nobody is waited for would run until the engine stops it."""
    waiting = _waiting_scopes(model)
    for scope in model.scopes.values():
        running = {e.id for e in scope.elements.values() if not _waits(e, waiting)}
        onward: dict[str, set[str]] = {}
        pairs = [(flow.source, flow.target) for flow in scope.flows]
        pairs += [(throwing.id, catching.id) for throwing, catching in scope.links()]
        for source, target in pairs:
            if source in running and target in running:
                onward.setdefault(source, set()).add(target)
        busy = on_cycles(onward)
        for element in scope.elements.values():
            if element.id in busy and element.type in GATEWAYS:
                message = say(
                    "经过%(element)s的循环中没有人工任务或期限，会一直空转。", element=called(element)
                )
                report.error(element, "busy-loop", message, say("请在循环中加用户任务或定时事件。"))


def _waits(element: Element, waiting: set[str]) -> bool:
    """A message or signal that is caught comes from somebody; a condition may hold already."""
    told = element.type == "intermediateCatchEvent" and element.event in ("message", "signal")
    return element.type in WAITING or told or "timer" in element.event or _inside(element) in waiting


def _inside(element: Element) -> str | None:
    """The process or subprocess that runs inside an element."""
    if element.type == "callActivity":
        return element.called
    return element.id if element.type in CONTAINERS else None


def _waiting_scopes(model: Model) -> set[str]:
    """Processes and subprocesses that contain something waited for, directly or deeper.

    An event subprocess waits beside its scope: that does not make the scope wait.
    """
    around: dict[str, set[str]] = {}
    for element in model.elements():
        if inner := _inside(element):
            around.setdefault(inner, set()).add(element.scope)
    return reach(around, [element.scope for element in model.elements() if _waits(element, set())])
