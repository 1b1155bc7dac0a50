"""Elements of a model and what changed of them, in the reader's language."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from flask_babel import gettext as _

from engine.bpmn.check import Problem
from engine.bpmn.difference import Change
from engine.bpmn.model import Element, Model
from web.i18n import N_, lang

TYPES = {
    "startEvent": N_("开始"),
    "endEvent": N_("结束"),
    "intermediateCatchEvent": N_("等待"),
    "intermediateThrowEvent": N_("中间事件"),
    "boundaryEvent": N_("边界事件"),
    "userTask": N_("人工任务"),
    "serviceTask": N_("操作"),
    "sendTask": N_("发送任务"),
    "receiveTask": N_("接收任务"),
    "businessRuleTask": N_("决策"),
    "callActivity": N_("调用流程"),
    "subProcess": N_("子流程"),
    "exclusiveGateway": N_("排他网关"),
    "parallelGateway": N_("并行网关"),
    "inclusiveGateway": N_("包容网关"),
    "eventBasedGateway": N_("事件网关"),
}
KINDS = {"element": N_("元素"), "flow": N_("顺序流"), "decision": N_("决策表")}
FACTS = {
    "name": N_("名称"),
    "name_en": N_("英文名称"),
    "type": N_("类型"),
    "scope": N_("所在流程"),
    "lane": N_("泳道"),
    "event": N_("事件"),
    "attached_to": N_("附着于"),
    "interrupting": N_("中断原任务"),
    "default": N_("默认流"),
    "called": N_("调用的流程"),
    "form": N_("表单"),
    "groups": N_("候选岗位"),
    "topic": N_("操作名"),
    "decision": N_("决策"),
    "result": N_("结果变量"),
    "result_mapping": N_("决策结果的取法"),
    "reference": N_("名称或代码"),
    "unresolved": N_("没有定义的引用"),
    "timer_kind": N_("定时方式"),
    "timer_text": N_("定时"),
    "repeat": N_("多实例"),
    "sequential": N_("逐个办理"),
    "cardinality": N_("次数"),
    "collection": N_("取自列表"),
    "item": N_("每项的变量"),
    "until": N_("提前结束的条件"),
    "loop": N_("循环"),
    "test_before": N_("先判断再办理"),
    "maximum": N_("最多次数"),
    "event_subprocess": N_("事件子流程"),
    "source": N_("起点"),
    "target": N_("终点"),
    "condition": N_("条件"),
    "text": N_("内容"),
}
EVENTS = {
    "timer": N_("定时"),
    "message": N_("消息"),
    "signal": N_("信号"),
    "error": N_("错误"),
    "escalation": N_("升级"),
    "conditional": N_("条件"),
    "link": N_("链接"),
    "terminate": N_("终止"),
}
# Said by the use cases, translated where they are shown.
FROM_WITHIN = (
    N_("请写明改了什么、为什么改，复核人和以后的人要看"),
    N_("请写明要改什么"),
    N_("最多500字"),
    N_("随软件发布"),
    N_("软件提供方"),
)
UNTOLD = ("given_id", "id")


@dataclass(frozen=True)
class Fact:
    """One property that changed; an empty text says that there was or is none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ToldChange:
    kind: str  # added, removed, changed, relabelled
    what: str
    name: str
    id: str
    facts: list[Fact]


def type_words(kind: str) -> str:
    return _(TYPES[kind]) if kind in TYPES else kind


def told(change: Change, before: Model, after: Model) -> ToldChange:
    element = _element(after, change.id) or _element(before, change.id)
    what = type_words(element.type) if change.what == "element" and element else _(KINDS[change.what])
    facts = [fact for key, pair in change.details.items() for fact in _facts(key, *pair)]
    if change.what == "flow" and change.kind in ("added", "removed"):
        facts = _ends(change.id, after if change.kind == "added" else before, change.kind == "added")
    return ToldChange(change.kind, what, change.name or "", change.id, facts)


def _element(model: Model, identity: str) -> Element | None:
    return next((element for element in model.elements() if element.id == identity), None)


def _ends(identity: str, model: Model, added: bool) -> list[Fact]:
    """Where a new flow leads, or where a removed one led: its id alone says nothing."""
    flow = next(flow for flow in model.flows() if flow.id == identity)
    facts = {"source": flow.source, "target": flow.target, "condition": flow.condition or ""}
    return [
        Fact(_(FACTS[key]), "" if added else text, text if added else "")
        for key, text in facts.items()
        if text
    ]


def _facts(key: str, before: Any, after: Any) -> Iterator[Fact]:
    if key in UNTOLD:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                yield Fact(_("属性 %(name)s", name=name), _text(before.get(name)), _text(after.get(name)))
        return
    if key == "event":
        before, after = (_(EVENTS[value]) if value in EVENTS else value for value in (before, after))
    yield Fact(_(FACTS[key]) if key in FACTS else key, _text(before), _text(after))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, tuple | list):
        return _("、").join(str(part) for part in value)
    if is_dataclass(value) and not isinstance(value, type):
        said = [(name, part) for name, part in asdict(value).items() if part not in (None, False)]
        return _("、").join(
            _("%(name)s：%(value)s", name=_(FACTS[name]), value=_text(part)) for name, part in said
        )
    return "" if value is None else str(value)


def problem_told(problem: Problem, file: str = "") -> dict[str, Any]:
    """As the scripts want it; a problem of another file than ``file`` says which."""
    elsewhere = problem.file and problem.file != file and not problem.element
    told = problem.in_words_of(_) if lang() == "en" else problem
    message = (
        _("%(file)s：%(message)s", file=problem.file, message=told.message) if elsewhere else told.message
    )
    return told.as_dict() | {"message": message}
