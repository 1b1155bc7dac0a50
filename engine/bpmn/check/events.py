"""Events: does each refer to something, may it stand where it stands, and is what it throws caught?"""

from collections.abc import Collection, Iterator, Mapping

from engine.bpmn.check.graphs import reach
from engine.bpmn.check.report import Report, called
from engine.bpmn.model import CONTAINERS, Element, Model, Scope
from engine.bpmn.specs import SUPPORTED, SUPPORTED_STARTS, may_be_raced
from engine.bpmn.times import is_expression, is_time
from engine.domain.said import say

NAMED = {"message": say("消息"), "signal": say("信号"), "error": say("错误"), "escalation": say("升级")}
THROWING = ("endEvent", "intermediateThrowEvent", "sendTask")
ANY = "*"
"""Stands for every code: operations fail with codes of their own."""
TIMES = {"duration": say("P15D（15 天）"), "date": "2027-03-01", "cycle": say("R3/P7D（三次，每隔 7 天）")}


def check_events(model: Model, report: Report, deadlines: Collection[str] | None) -> None:
    for element in model.elements():
        if (element.type, element.event) not in SUPPORTED:
            continue  # told already
        if element.event in NAMED:
            _reference(element, report)
            _address(element, report)
        elif element.event == "link":
            _link(model.scopes[element.scope], element, report)
        elif element.event == "timer":
            _timer(model, element, report)
        elif element.event == "conditional" and not element.condition:
            report.error(
                element,
                "no-condition",
                say("条件事件%(element)s没有条件。", element=called(element)),
                say("请填写条件表达式。"),
            )
        _limit(element, report, deadlines)
        _place(model, element, report)
    for scope in model.scopes.values():
        for element in scope.event_subprocesses():
            _event_subprocess(model, scope, element, report)
    _check_catching(model, report)
    _check_coming(model, report)


def _reference(element: Element, report: Report) -> None:
    what = NAMED[element.event]
    if element.unresolved is not None:
        message = say(
            "%(element)s引用的%(what)s“%(unresolved)s”没有定义。",
            element=called(element),
            what=what,
            unresolved=element.unresolved,
        )
        report.error(
            element, "dangling-reference", message, say("请在属性面板选择或新建%(what)s。", what=what)
        )
    elif not element.reference and (element.event in ("message", "signal") or element.type in THROWING):
        word = say("名称") if element.event in ("message", "signal") else say("代码")
        message = say(
            "%(element)s没有指明%(what)s，或该%(what)s没有%(word)s。",
            element=called(element),
            what=what,
            word=word,
        )
        report.error(
            element,
            "no-reference",
            message,
            say("请在属性面板选择%(what)s，并填写%(word)s。", what=what, word=word),
        )
    elif element.reference and any(mark in element.reference for mark in ("${", "#{")):
        message = say(
            "%(element)s的%(what)s名称“%(reference)s”是表达式，不会被计算。",
            element=called(element),
            what=what,
            reference=element.reference,
        )
        report.error(
            element,
            "reference-expression",
            message,
            say("请写固定的名称；同名消息用属性 key 区分。"),
        )


def _address(element: Element, report: Report) -> None:
    if (
        element.event == "message"
        and element.type in THROWING
        and not {"to", "key"} & element.properties.keys()
    ):
        message = say("%(element)s发出的消息没有写明给谁。", element=called(element))
        fix = say("请加属性 to（对方办件编号的表达式）或 key（对方等待时的区分键）。")
        report.error(element, "no-address", message, fix)


def _link(scope: Scope, element: Element, report: Report) -> None:
    namesakes = scope.linked(element.reference)
    others = [other for other in namesakes if other.type != element.type]
    same = [other for other in namesakes if other.type == element.type]
    if not element.reference or not others:
        message = say(
            "链接事件%(element)s没有同名的另一端（名称“%(reference)s”）。",
            element=called(element),
            reference=element.reference or "",
        )
        report.error(
            element, "link-end", message, say("请在同一流程中放一对同名的抛出与捕获链接事件，或直接连线。")
        )
    if element.type == "intermediateCatchEvent" and len(same) > 1:
        message = say(
            "有几个同名的捕获链接事件（“%(reference)s”），不知走向哪一个。", reference=element.reference
        )
        report.error(element, "link-end", message, say("请只保留一个。"))


def _timer(model: Model, element: Element, report: Report) -> None:
    name, kind, text = element.properties.get("deadline"), element.timer_kind, element.timer_text
    if name:
        if text and text.strip("${} ") != name:
            message = say(
                "定时事件%(element)s写的时间“%(text)s”不起作用。", element=called(element), text=text[:40]
            )
            fix = say("请清空定时定义，期限写在 parameters.yaml，用属性 deadline 指明。")
            report.error(element, "timer-text", message, fix)
        return
    if not text or not kind:
        fix = say("请加属性 deadline，值为 parameters.yaml 中的期限名；或在定时定义中写 P15D 这样的时间。")
        report.error(
            element, "no-deadline", say("定时事件%(element)s没有指明期限。", element=called(element)), fix
        )
    elif not is_expression(text) and not is_time(kind, text):
        message = say(
            "定时事件%(element)s的时间“%(text)s”不能识别。", element=called(element), text=text[:40]
        )
        report.error(
            element,
            "timer-text",
            message,
            say("请写作 %(example)s。", example=TIMES.get(kind, TIMES["duration"])),
        )
    elif kind == "cycle" and (element.type == "intermediateCatchEvent" or element.interrupting):
        message = say(
            "定时事件%(element)s只会触发一次，循环时间“%(text)s”不起作用。",
            element=called(element),
            text=text[:40],
        )
        report.error(element, "timer-text", message, say("请改为期限（如 P7D），或改为不中断的边界事件。"))


def _limit(element: Element, report: Report, deadlines: Collection[str] | None) -> None:
    name = element.properties.get("deadline")
    if name and deadlines is not None and name not in deadlines:
        near = sorted(deadlines)[:12]
        fix = say("可用的有：%(near)s。", near=near) if near else say("请先定义该期限。")
        report.error(
            element,
            "unknown-deadline",
            say("%(element)s：没有名为“%(name)s”的期限。", element=called(element), name=name),
            fix,
        )


def _place(model: Model, element: Element, report: Report) -> None:
    scope = model.scopes[element.scope]
    if element.type == "boundaryEvent" and element.event == "error" and not element.interrupting:
        message = say("错误边界事件%(element)s总是中断，不能设为不中断。", element=called(element))
        report.error(element, "interrupting", message, say("请改为中断，或改用升级事件。"))
    if element.type == "boundaryEvent":
        host = scope.elements.get(element.attached_to or "")
        if host is not None and host.event_subprocess:
            message = say("边界事件%(element)s附在事件子流程上，不会触发。", element=called(element))
            report.error(element, "boundary-host", message, say("请放到任务或普通子流程的边框上。"))
    if element.type == "eventBasedGateway":
        _race(scope, element, report)
    if element.type == "startEvent" and element.event and not _in_event_subprocess(model, scope):
        message = say("%(element)s：案件由人发起，开始事件不能等待事件。", element=called(element))
        report.error(element, "start-event", message, say("请改为普通的开始事件，或放进事件子流程。"))


def _in_event_subprocess(model: Model, scope: Scope) -> bool:
    outer = model.scopes.get(scope.parent or "")
    return outer is not None and outer.elements[scope.id].event_subprocess


def _race(scope: Scope, element: Element, report: Report) -> None:
    flows = scope.outgoing(element.id)
    if len(flows) < 2:
        message = say("事件网关%(element)s的出口少于两个。", element=called(element))
        report.error(element, "event-gateway", message, say("请连到两个以上的事件，或删去网关。"))
    for flow in flows:
        target = scope.elements.get(flow.target)
        if target is None:
            continue
        if not may_be_raced(target):
            message = say(
                "事件网关%(element)s之后的%(target)s不是等待的事件。",
                element=called(element),
                target=called(target),
            )
            report.error(target, "event-gateway", message, say("请改为定时、消息、信号或条件事件。"))
        elif len(scope.incoming(target.id)) > 1:
            message = say(
                "事件网关%(element)s之后的%(target)s还有别的入口。",
                element=called(element),
                target=called(target),
            )
            report.error(target, "event-gateway", message, say("请让它只从事件网关进入。"))
        elif target.type == "receiveTask" and scope.boundary(target.id):
            message = say(
                "事件网关%(element)s之后的接收任务%(target)s不能有边界事件。",
                element=called(element),
                target=called(target),
            )
            report.error(target, "event-gateway", message, say("请把边界事件改为事件网关后的另一个事件。"))


def _event_subprocess(model: Model, scope: Scope, element: Element, report: Report) -> None:
    if scope.incoming(element.id) or scope.outgoing(element.id):
        message = say("事件子流程%(element)s不能有流入或流出的顺序流。", element=called(element))
        report.error(element, "event-subprocess", message, say("请删去连线：它由自己的开始事件触发。"))
    if element.repeat is not None or element.loop is not None:
        message = say("事件子流程%(element)s不能设为多实例或循环。", element=called(element))
        report.error(element, "event-subprocess", message, say("请删去重复标记。"))
    inner = model.scopes.get(element.id)
    starts = [e for e in inner.elements.values() if e.type == "startEvent"] if inner else []
    for start in starts:
        if start.event not in SUPPORTED_STARTS:
            message = say("事件子流程%(element)s的开始事件没有可等待的事件。", element=called(element))
            report.error(
                start, "event-subprocess", message, say("请设为定时、消息、信号、条件、错误或升级。")
            )
        elif start.event == "error" and not start.interrupting:
            message = say("错误开始事件%(start)s总是中断，不能设为不中断。", start=called(start))
            report.error(start, "interrupting", message, say("请改为中断，或改用升级事件。"))


def _check_catching(model: Model, report: Report) -> None:
    """An error nobody catches would stop the case; an escalation nobody catches does nothing."""
    hosts = _hosts(model)
    for element in model.elements():
        if element.event not in ("error", "escalation") or element.type not in THROWING:
            continue
        if not element.reference or not _escapes(model, hosts, element):
            continue
        if element.event == "error":
            message = say(
                "%(element)s抛出的错误“%(reference)s”没有人接住，案件会停在这里。",
                element=called(element),
                reference=element.reference,
            )
            fix = say("请在外层子流程或调用上加同一代码的错误边界事件，或改为普通结束事件。")
            report.error(element, "uncaught-error", message, fix)
        else:
            message = say(
                "%(element)s抛出的升级“%(reference)s”没有人接住，不会有任何作用。",
                element=called(element),
                reference=element.reference,
            )
            fix = say("请在外层子流程或调用上加同一代码的升级边界事件。")
            report.warning(element, "uncaught-escalation", message, fix)


def _check_coming(model: Model, report: Report) -> None:
    thrown = _thrown_inside(model)
    for element in model.elements():
        if element.type != "boundaryEvent" or element.event not in ("error", "escalation"):
            continue
        host = model.scopes[element.scope].elements.get(element.attached_to or "")
        if host is not None and not host.event_subprocess and not _may_come(thrown, element, host):
            message = say(
                "%(element)s等待的%(named)s，%(host)s里没有地方会抛出。",
                element=called(element),
                named=NAMED[element.event],
                host=called(host),
            )
            report.warning(element, "never-happens", message, say("请核对代码，或删去这个边界事件。"))


def _catches(catcher: Element, thrown: Element) -> bool:
    return catcher.event == thrown.event and catcher.reference in (None, thrown.reference)


def _hosts(model: Model) -> dict[str, list[Element]]:
    """Process or subprocess -> the elements it runs inside; a process may be called from several places."""
    found: dict[str, list[Element]] = {}
    for element in model.elements():
        if element.type == "callActivity" and element.called:
            found.setdefault(element.called, []).append(element)
        elif element.type in CONTAINERS:
            found.setdefault(element.id, []).append(element)
    return found


def _escapes(model: Model, hosts: Mapping[str, list[Element]], thrown: Element) -> bool:
    """On some way from inside outwards nothing catches it."""
    todo, seen = [thrown.scope], {thrown.scope}
    while todo:
        scope = model.scopes[todo.pop()]
        if any(_catches(start, thrown) for start in _starts(model, scope, thrown)):
            continue
        around = hosts.get(scope.id, [])
        if not around:
            return True
        for host in around:
            boundary = model.scopes[host.scope].boundary(host.id)
            if host.scope not in seen and not any(_catches(event, thrown) for event in boundary):
                seen.add(host.scope)
                todo.append(host.scope)
    return False


def _starts(model: Model, scope: Scope, thrown: Element) -> Iterator[Element]:
    """The start events of the scope's event subprocesses, except the one that the throw lies in."""
    for listener in scope.event_subprocesses():
        inner = model.scopes.get(listener.id)
        if inner is not None and inner.id != thrown.scope:
            yield from (e for e in inner.elements.values() if e.type == "startEvent")


def _may_come(thrown: Mapping[tuple[str, str | None], set[str]], element: Element, host: Element) -> bool:
    """Something inside the host of an error or escalation boundary can throw it."""
    if element.event == "error" and host.type in ("serviceTask", "sendTask"):
        return True
    inner = host.called if host.type == "callActivity" else host.id
    return any(inner in thrown.get((element.event, code), ()) for code in (element.reference, ANY))


def _thrown_inside(model: Model) -> dict[tuple[str, str | None], set[str]]:
    """(kind of event, code) -> the processes and subprocesses inside which it may be thrown.

    Operations may fail with any code. What is thrown with some code also counts for None, "whatever the code".
    """
    places: dict[tuple[str, str | None], set[str]] = {}
    for element in model.elements():
        if element.type in ("serviceTask", "sendTask") and element.topic:
            for code in (ANY, None):
                places.setdefault(("error", code), set()).add(element.scope)
        elif element.type in THROWING and element.event in ("error", "escalation"):
            for reference in (element.reference, None):
                places.setdefault((element.event, reference), set()).add(element.scope)
    around = {inner: {host.scope for host in found} for inner, found in _hosts(model).items()}
    return {what: reach(around, scopes) for what, scopes in places.items()}
