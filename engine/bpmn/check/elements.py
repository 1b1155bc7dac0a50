"""Each element by itself: is its kind one that runs, and does what it refers to exist?"""

import re
from collections.abc import Collection, Iterator

from engine.bpmn.check.graphs import on_cycles
from engine.bpmn.check.report import Report, called
from engine.bpmn.decisions import MANY, Decision
from engine.bpmn.model import ACTIVITIES, EVENTS, Element, Model
from engine.bpmn.specs import MAX_INSTANCES, NAMES_OF_A_REPEAT, SUPPORTED, is_maximum
from engine.domain.said import say

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RESERVED = frozenset(
    (
        *NAMES_OF_A_REPEAT,
        *[
            "true",
            "false",
            "null",
            "True",
            "False",
            "None",
            "and",
            "or",
            "not",
            "in",
            "eq",
            "ne",
            "lt",
            "le",
            "gt",
            "ge",
            "div",
            "mod",
            "empty",
        ],
    )
)

KINDS = {
    "task": (say("没有类型的任务什么也不做"), say("请改为用户任务或服务任务。")),
    "manualTask": (say("手工任务不会等人办理"), say("请改为用户任务。")),
    "scriptTask": (say("流程不允许带代码，不支持脚本任务"), say("请改为服务任务（操作）或决策表。")),
    "transaction": (say("不支持事务子流程"), say("请改为普通子流程。")),
    "adHocSubProcess": (say("不支持即席子流程"), say("请改为普通子流程，用包容网关选择要办的任务。")),
    "complexGateway": (say("不支持复杂网关"), say("请改用包容网关或并行网关。")),
}
EVENT_KINDS = {
    "": say("空的捕获或边界事件不会触发"),
    "message": say("这个位置不支持消息事件"),
    "signal": say("这个位置不支持信号事件"),
    "error": say("这个位置不支持错误事件"),
    "escalation": say("这个位置不支持升级事件"),
    "conditional": say("这个位置不支持条件事件"),
    "compensate": say("不支持补偿事件"),
    "cancel": say("不支持取消事件"),
    "link": say("这个位置不支持链接事件"),
    "timer": say("这个位置不支持定时事件"),
    "terminate": say("这个位置不支持终止事件"),
}
EVENT_FIXES = {
    "link": say("请用中间的抛出和捕获链接事件，或直接用顺序流相连。"),
    "timer": say("请用中间定时事件或任务上的定时边界事件。"),
    "error": say("请用错误结束事件抛出，用边界事件或事件子流程接住。"),
    "escalation": say("请用中间或结束事件抛出，用边界事件或事件子流程接住。"),
}


def check_kinds(model: Model, report: Report) -> None:
    for element in model.elements():
        if (element.type, element.event) not in SUPPORTED:
            if element.type in EVENTS:
                reason = EVENT_KINDS.get(element.event, say("不支持多重事件"))
                fix = EVENT_FIXES.get(element.event, say("请改用用户任务、服务任务或定时事件。"))
                report.error(
                    element,
                    "unsupported-event",
                    say("%(element)s：%(reason)s。", element=called(element), reason=reason),
                    fix,
                )
            else:
                reason, fix = KINDS.get(
                    element.type, (say("不支持这种元素，或其上的事件"), say("请改用其他画法。"))
                )
                report.error(
                    element,
                    "unsupported-element",
                    say("%(element)s：%(reason)s。", element=called(element), reason=reason),
                    fix,
                )
        if element.repeat is not None and element.type not in ACTIVITIES:
            report.error(
                element,
                "unsupported-element",
                say("%(element)s不能设为多实例。", element=called(element)),
                say("请删去多实例标记。"),
            )
        if element.loop is not None:
            _loop(element, report)
        for attribute, text in _names_in(element):
            if "${" in text or "#{" in text:
                message = say(
                    "%(element)s的 %(attribute)s“%(text)s”是表达式，不会被计算。",
                    element=called(element),
                    attribute=attribute,
                    text=text[:60],
                )
                report.error(element, "expression-ignored", message, say("请写固定的名称。"))


def _names_in(element: Element) -> Iterator[tuple[str, str]]:
    """What an element refers to by name: never computed."""
    texts = {
        "formKey": element.form,
        "candidateGroups": ",".join(element.groups),
        "topic": element.topic,
        "calledElement": element.called,
        "decisionRef": element.decision,
        "resultVariable": element.result,
        "elementVariable": element.repeat.item if element.repeat else None,
        "loopMaximum": element.loop.maximum if element.loop else None,
    }
    return ((attribute, text) for attribute, text in texts.items() if text)


def _loop(element: Element, report: Report) -> None:
    loop = element.loop
    assert loop is not None
    if element.type not in ACTIVITIES or element.repeat is not None:
        message = say("%(element)s不能设为循环。", element=called(element))
        report.error(element, "unsupported-element", message, say("请删去循环标记；多实例与循环只能选一个。"))
    if not loop.condition and loop.maximum is None:
        message = say("循环%(element)s没有条件，也没有最多次数，不会结束。", element=called(element))
        report.error(
            element, "loop-without-end", message, say("请填写继续循环的条件（loopCondition）或最多次数。")
        )
    most = loop.maximum
    if most is not None and not is_maximum(most):
        message = say("循环%(element)s的最多次数“%(most)s”不可用。", element=called(element), most=most[:20])
        report.error(
            element,
            "loop-maximum",
            message,
            say("请填写 1 到 %(limit)s 的整数。", limit=MAX_INSTANCES),
        )


def check_user_tasks(
    model: Model, report: Report, forms: Collection[str] | None, groups: Collection[str] | None
) -> None:
    for element in model.elements():
        if element.type == "startEvent" and element.form:
            _known(element, report, "unknown-form", say("表单"), element.form, forms)
        if element.type != "userTask":
            continue
        if not element.name:
            report.warning(
                element,
                "no-name",
                say("%(element)s没有名称，办理人看不懂要做什么。", element=called(element)),
                say("请填写名称。"),
            )
        if not element.groups:
            report.error(
                element,
                "no-group",
                say("%(element)s没有候选组，没有人能办理。", element=called(element)),
                say("请填写候选组（candidateGroups）。"),
            )
        for group in element.groups:
            _known(element, report, "unknown-group", say("候选组"), group, groups)
        if not element.form:
            report.error(
                element,
                "no-form",
                say("%(element)s没有表单。", element=called(element)),
                say("请在 formKey 填写 forms/ 下的表单名。"),
            )
        else:
            _known(element, report, "unknown-form", say("表单"), element.form, forms)


def check_operations(model: Model, report: Report, operations: Collection[str] | None) -> None:
    for element in model.elements():
        if element.type != "serviceTask" and not (element.type == "sendTask" and element.topic is not None):
            continue
        if not element.topic:
            fix = say("请把实现设为外部任务（type=external），topic 填操作名。")
            report.error(
                element, "no-operation", say("%(element)s没有指明要做的操作。", element=called(element)), fix
            )
        else:
            _known(element, report, "unknown-operation", say("操作"), element.topic, operations)


def check_decisions(
    model: Model, report: Report, decisions: dict[str, Decision], faulty: Collection[str]
) -> None:
    for element in model.elements():
        if element.type != "businessRuleTask":
            continue
        decision = decisions.get(element.decision or "")
        if decision is None:
            if element.decision not in faulty:
                message = say(
                    "%(element)s引用的决策表“%(decision)s”不存在。",
                    element=called(element),
                    decision=element.decision or "",
                )
                report.error(
                    element,
                    "unknown-decision",
                    message,
                    say("请在 decisionRef 填写同一文件夹中决策表的编号。"),
                )
            continue
        wanted = "resultList" if decision.policy in MANY else "singleResult"
        if element.result_mapping not in (None, wanted):
            message = say(
                "%(element)s的结果映射 %(result_mapping)s 与命中策略不符。",
                element=called(element),
                result_mapping=element.result_mapping,
            )
            report.error(
                element,
                "decision-result",
                message,
                say("请把 mapDecisionResult 改为 %(wanted)s，或删去。", wanted=wanted),
            )


def check_calls(model: Model, report: Report) -> None:
    calls: dict[str, set[str]] = {}
    for element in model.elements():
        if element.type != "callActivity":
            continue
        inner = model.scopes.get(element.called or "")
        if inner is None or inner.parent is not None:
            message = say(
                "%(element)s调用的流程“%(called)s”不在文件夹中。",
                element=called(element),
                called=element.called or "",
            )
            report.error(
                element, "unknown-process", message, say("请把被调用的流程放在同一文件夹，并填写它的编号。")
            )
        else:
            calls.setdefault(_process(model, element), set()).add(inner.id)
    endless = on_cycles(calls)
    for element in model.elements():
        if element.type != "callActivity":
            continue
        circle = endless.get(_process(model, element))
        if circle is not None and circle == endless.get(element.called or ""):
            message = say("%(element)s又调用了自己所在的流程，会没有尽头。", element=called(element))
            report.error(element, "recursive-call", message, say("请改用循环。"))


def _process(model: Model, element: Element) -> str:
    scope = model.scopes[element.scope]
    while scope.parent is not None:
        scope = model.scopes[scope.parent]
    return scope.id


def check_names(model: Model, report: Report) -> None:
    """Variables are named after forms and operations, so these must be usable and distinct names."""
    by_kind: dict[str, dict[str, Element]] = {"form": {}, "result": {}}
    for element in model.elements():
        if element.type in ("userTask", "serviceTask", "sendTask", "businessRuleTask") and (
            element.form or element.type != "userTask"
        ):
            name = element.namespace
            if not usable_name(name):
                message = say(
                    "%(element)s的结果变量名“%(name)s”不能用在条件中。", element=called(element), name=name
                )
                report.error(
                    element, "bad-name", message, say("请用英文字母开头，只含英文字母、数字和下划线。")
                )
            by_kind["form" if element.type == "userTask" else "result"].setdefault(name, element)
    for name in by_kind["form"].keys() & by_kind["result"].keys():
        element = by_kind["result"][name]
        message = say(
            "%(element)s的结果与表单同名（%(name)s），会互相覆盖。", element=called(element), name=name
        )
        report.error(
            element, "name-clash", message, say("请用属性 result（或 resultVariable）另取一个名称。")
        )


def usable_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and name not in _RESERVED


def _known(
    element: Element, report: Report, rule: str, what: str, name: str, known: Collection[str] | None
) -> None:
    if known is not None and name not in known:
        near = sorted(known)[:12]
        report.error(
            element,
            rule,
            say("%(element)s：没有名为“%(name)s”的%(what)s。", element=called(element), name=name, what=what),
            say("可用的有：%(near)s。", near=near) if near else say("请先定义该%(what)s。", what=what),
        )
