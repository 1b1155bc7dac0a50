"""Every XML element and attribute of a model must be one that the engine carries out, or one that means
nothing at run time (layout, notes). Whatever else stands there would be ignored in silence: refused.

Flow nodes and events are judged by `elements.py`, on the reading; here they only pass.
"""

from collections.abc import Mapping
from typing import Any

from engine.bpmn.check.report import Report
from engine.bpmn.model import FLOW_NODES, Model
from engine.bpmn.xml import BPMN, CAMUNDA, DIAGRAM, is_kind, local_name, namespace
from engine.domain.said import say

EVENT_DEFINITIONS = (
    "message", "signal", "error", "escalation", "timer", "terminate", "conditional", "compensate", "cancel", "link",
)  # fmt: skip

ALLOWED = frozenset(
    (
        *FLOW_NODES,
        *(f"{event}EventDefinition" for event in EVENT_DEFINITIONS),
        *[
            "definitions",
            "process",
            "collaboration",
            "participant",
            "messageFlow",
            "laneSet",
            "childLaneSet",
            "lane",
            "flowNodeRef",
            "sequenceFlow",
            "conditionExpression",
            "incoming",
            "outgoing",
            "documentation",
            "extensionElements",
            "timeDuration",
            "timeDate",
            "timeCycle",
            "condition",
            "multiInstanceLoopCharacteristics",
            "standardLoopCharacteristics",
            "loopCondition",
            "loopCardinality",
            "completionCondition",
            "textAnnotation",
            "text",
            "association",
            "group",
            "category",
            "categoryValue",
            "dataObject",
            "dataObjectReference",
            "dataStore",
            "dataStoreReference",
            "dataState",
            "itemDefinition",
            "message",
            "signal",
            "error",
            "escalation",
            "script",
            # how a message travels, and how often a pool is there: nothing that a case does
            "interface",
            "operation",
            "inMessageRef",
            "outMessageRef",
            "operationRef",
            "interfaceRef",
            "participantMultiplicity",
            "source",
            "target",
        ],
    )
)

REFUSED = {
    "ioSpecification": (
        say("不支持输入输出规格（ioSpecification）。"),
        say("请删去；流程变量在整个案件中可见。"),
    ),
    "dataInputAssociation": (say("数据对象的输入关联不起作用。"), say("请删去关联，或改用文本注释。")),
    "dataOutputAssociation": (say("数据对象的输出关联不起作用。"), say("请删去关联，或改用文本注释。")),
    "potentialOwner": (
        say("不支持 potentialOwner。"),
        say("请在候选组（candidateGroups）中填写办理的角色。"),
    ),
    "humanPerformer": (
        say("不支持 humanPerformer。"),
        say("请在候选组（candidateGroups）中填写办理的角色。"),
    ),
    "performer": (say("不支持 performer。"), say("请在候选组（candidateGroups）中填写办理的角色。")),
    "import": (say("不支持引入外部文件（import）。"), say("请把被调用的流程放在同一文件夹。")),
    "choreography": (say("不支持编排图（choreography）。"), say("请画成流程图。")),
    "conversation": (say("不支持会话图（conversation）。"), say("请画成流程图。")),
}

COMMON = frozenset({"id", "name"})
_ACTIVITY = {"default", "isForCompensation", "startQuantity", "completionQuantity", "implementation"}
_EVENT = {"parallelMultiple"}
_GATEWAY = {"gatewayDirection", "default"}
ATTRIBUTES: Mapping[str, set[str]] = {
    "definitions": {"targetNamespace", "exporter", "exporterVersion", "expressionLanguage", "typeLanguage"},
    "process": {"isExecutable", "processType", "isClosed", "definitionalCollaborationRef"},
    "collaboration": {"isClosed"},
    "participant": {"processRef"},
    "messageFlow": {"sourceRef", "targetRef", "messageRef"},
    "lane": {"partitionElementRef"},
    "sequenceFlow": {"sourceRef", "targetRef", "isImmediate"},
    "conditionExpression": {"language", "evaluatesToTypeRef"},
    "loopCardinality": {"language", "evaluatesToTypeRef"},
    "loopCondition": {"language", "evaluatesToTypeRef"},
    "condition": {"language", "evaluatesToTypeRef"},
    "standardLoopCharacteristics": {"testBefore", "loopMaximum"},
    "completionCondition": {"language", "evaluatesToTypeRef"},
    "timeDuration": {"language", "evaluatesToTypeRef"},
    "timeDate": {"language", "evaluatesToTypeRef"},
    "timeCycle": {"language", "evaluatesToTypeRef"},
    "multiInstanceLoopCharacteristics": {"isSequential", "behavior"},
    "documentation": {"textFormat"},
    "textAnnotation": {"textFormat"},
    "association": {"sourceRef", "targetRef", "associationDirection"},
    "group": {"categoryValueRef"},
    "categoryValue": {"value"},
    "dataObject": {"isCollection", "itemSubjectRef"},
    "dataObjectReference": {"dataObjectRef", "itemSubjectRef"},
    "dataStore": {"capacity", "isUnlimited", "itemSubjectRef"},
    "dataStoreReference": {"dataStoreRef", "itemSubjectRef"},
    "itemDefinition": {"structureRef", "itemKind", "isCollection"},
    "message": {"itemRef"},
    "signal": {"structureRef"},
    "error": {"errorCode", "structureRef"},
    "escalation": {"escalationCode", "structureRef"},
    "interface": {"implementationRef"},
    "operation": {"implementationRef"},
    "participantMultiplicity": {"minimum", "maximum"},
    "startEvent": {*_EVENT, "isInterrupting"},
    "boundaryEvent": {*_EVENT, "attachedToRef", "cancelActivity"},
    "intermediateCatchEvent": _EVENT,
    "messageEventDefinition": {"messageRef"},
    "signalEventDefinition": {"signalRef"},
    "errorEventDefinition": {"errorRef"},
    "escalationEventDefinition": {"escalationRef"},
    "conditionalEventDefinition": set(),
    "linkEventDefinition": set(),
    "timerEventDefinition": set(),
    "terminateEventDefinition": set(),
    "sendTask": {*_ACTIVITY, "messageRef", "operationRef"},
    "receiveTask": {*_ACTIVITY, "messageRef", "operationRef", "instantiate"},
    "eventBasedGateway": {"gatewayDirection", "instantiate", "eventGatewayType"},
    "userTask": _ACTIVITY,
    "serviceTask": {*_ACTIVITY, "operationRef"},
    "businessRuleTask": _ACTIVITY,
    "subProcess": {*_ACTIVITY, "triggeredByEvent"},
    "callActivity": {*_ACTIVITY, "calledElement"},
    "exclusiveGateway": _GATEWAY,
    "inclusiveGateway": _GATEWAY,
    "parallelGateway": {"gatewayDirection"},
}
UNJUDGED = frozenset(
    name
    for name in ALLOWED
    if name not in ATTRIBUTES and (name in FLOW_NODES or name.endswith("EventDefinition"))
)
"""Refused or judged elsewhere: their attributes need no words of their own."""

BOOLEANS = (
    "isExecutable", "cancelActivity", "isInterrupting", "triggeredByEvent", "isSequential", "testBefore",
)  # fmt: skip

ONLY = {
    "isForCompensation": ("false", say("补偿活动")),
    "startQuantity": ("1", "startQuantity"),
    "completionQuantity": ("1", "completionQuantity"),
    "instantiate": ("false", say("由事件发起案件")),
    "eventGatewayType": ("Exclusive", say("并行的事件网关")),
    "parallelMultiple": ("false", say("多重事件")),
    "behavior": ("All", say("多实例的 behavior")),
}
"""Attributes that are understood with one value only."""

CAMUNDA_EVERYWHERE = {"modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon"}
CAMUNDA_ATTRIBUTES: Mapping[str, set[str]] = {
    "process": {"historyTimeToLive", "versionTag"},
    "startEvent": {"formKey"},
    "userTask": {"formKey", "candidateGroups"},
    "serviceTask": {"type", "topic"},
    "sendTask": {"type", "topic"},
    "businessRuleTask": {"decisionRef", "resultVariable", "mapDecisionResult"},
    "multiInstanceLoopCharacteristics": {"collection", "elementVariable"},
}
CAMUNDA_FIXES = {
    "assignee": say("请删去，改填候选组；由该组人员签收办理。"),
    "candidateUsers": say("请删去，改填候选组。"),
    "dueDate": say("请删去，改用属性 deadline，值为 parameters.yaml 中的期限名。"),
    "followUpDate": say("请删去，改用属性 deadline。"),
    "class": say("请改为外部任务（type=external），topic 填操作名。"),
    "expression": say("请改为外部任务（type=external），topic 填操作名。"),
    "delegateExpression": say("请改为外部任务（type=external），topic 填操作名。"),
    "inputOutput": say("请删去输入输出映射；操作的参数用属性（properties）填写。"),
    "in": say("请删去；被调用的流程直接使用本案件的变量。"),
    "out": say("请删去；被调用的流程直接写入本案件的变量。"),
    "executionListener": say("请删去监听器，改画服务任务。"),
    "taskListener": say("请删去监听器，改画服务任务。"),
    "formData": say("请删去，改用 formKey 指向 forms/ 下的表单。"),
    "script": say("请删去；流程不允许带代码。"),
    "errorCodeVariable": say("请删去，改用属性 result 指明存放错误的变量。"),
    "errorMessageVariable": say("请删去，改用属性 result 指明存放错误的变量。"),
    "escalationCodeVariable": say("请删去，改用属性 result 指明存放升级的变量。"),
}

NO_MEANING = ("signavio", "bioc", "color", "modeler")
"""Words in namespaces of drawing tools, whose additions change nothing at run time."""


def check_parts(model: Model, report: Report) -> None:
    for file, root in model.roots.items():
        if is_kind(file, ".bpmn"):
            _walk(root, None, file, report)


def _walk(node: Any, owner: str | None, file: str, report: Report) -> None:
    todo = [(node, owner)]
    while todo:
        node, owner = todo.pop()
        space, name = namespace(node), local_name(node)
        owner = node.get("id") or owner
        if space in DIAGRAM:
            continue
        if space == BPMN:
            _bpmn(node, name, owner, file, report)
        elif not _extension(node, space, name, owner, file, report):
            continue
        todo.extend((child, owner) for child in reversed(node))


def _bpmn(node: Any, name: str, owner: str | None, file: str, report: Report) -> None:
    if name in REFUSED:
        message, fix = REFUSED[name]
        report.error(owner, "unsupported-element", message, fix, file)
    elif name not in ALLOWED:
        message = say("不支持元素 %(name)s，运行时会被忽略。", name=name)
        report.error(owner, "unsupported-element", message, say("请删去，或改用支持的元素。"), file)
    elif name == "messageFlow":
        message = say("消息流只是图示，不会传递消息。")
        report.warning(owner, "decoration", message, say("如需通知其他单位，请用服务任务。"), file)
    for key, value in node.attrib.items():
        _attribute(name, key, value, owner, file, report)
    language = node.get("language")
    if language and name in ATTRIBUTES and language.lower() != "juel":
        report.error(
            owner,
            "expression-language",
            say("不支持表达式语言 %(language)s。", language=language),
            say("请删去 language 属性。"),
            file,
        )


def _attribute(name: str, key: str, value: str, owner: str | None, file: str, report: Report) -> None:
    space, attribute = key[1:].split("}", 1) if key.startswith("{") else ("", key)
    if space == CAMUNDA:
        allowed = CAMUNDA_ATTRIBUTES.get(name, set()) | CAMUNDA_EVERYWHERE
        if attribute not in allowed and name not in UNJUDGED:
            fix = CAMUNDA_FIXES.get(attribute, say("请删去该属性。"))
            report.error(
                owner,
                "ignored-attribute",
                say("属性 camunda:%(attribute)s 会被忽略。", attribute=attribute),
                fix,
                file,
            )
    elif space:
        if _other_engine(space):
            message = say(
                "属性 %(attribute)s（%(space)s）属于其他引擎，会被忽略。", attribute=attribute, space=space
            )
            report.error(owner, "ignored-attribute", message, say("请删去，改用 camunda: 属性。"), file)
    elif attribute in BOOLEANS and value.strip() not in ("true", "false", "1", "0"):
        message = say(
            "属性 %(attribute)s 的值“%(value)s”不是 true 或 false。", attribute=attribute, value=value[:20]
        )
        report.error(owner, "unsupported-attribute", message, say("请改为 true 或 false。"), file)
    elif attribute in ONLY and value != ONLY[attribute][0]:
        report.error(
            owner,
            "unsupported-attribute",
            say(
                "不支持%(only)s（%(attribute)s=%(value)s）。",
                only=ONLY[attribute][1],
                attribute=attribute,
                value=value,
            ),
            say("请改用其他画法。"),
            file,
        )
    elif attribute not in COMMON | ATTRIBUTES.get(name, set()) and name in ALLOWED and name not in UNJUDGED:
        report.error(
            owner,
            "unsupported-attribute",
            say("属性 %(attribute)s 会被忽略。", attribute=attribute),
            say("请删去该属性。"),
            file,
        )


def _other_engine(space: str) -> bool:
    return "http://www.w3.org/" not in space and not any(word in space.lower() for word in NO_MEANING)


def _extension(node: Any, space: str, name: str, owner: str | None, file: str, report: Report) -> bool:
    """True where the children are to be looked at too."""
    if space == CAMUNDA:
        if name == "properties":
            _properties(node, owner, file, report)
            return False
        fix = CAMUNDA_FIXES.get(name, say("请删去。"))
        report.error(
            owner, "ignored-extension", say("扩展 camunda:%(name)s 会被忽略。", name=name), fix, file
        )
    elif _other_engine(space):
        message = say("扩展元素 %(name)s（%(space)s）会被忽略。", name=name, space=space or say("无命名空间"))
        report.error(owner, "ignored-extension", message, say("请删去。"), file)
    return False


def _properties(node: Any, owner: str | None, file: str, report: Report) -> None:
    seen = set()
    for entry in node:
        name = str(entry.get("name") or "")
        if namespace(entry) != CAMUNDA or local_name(entry) != "property" or not name:
            report.error(
                owner,
                "bad-property",
                say("属性（camunda:property）没有名称。"),
                say("请填写 name 和 value。"),
                file,
            )
        elif name in seen:
            report.error(
                owner, "bad-property", say("属性 %(name)s 写了两次。", name=name), say("请只保留一个。"), file
            )
        seen.add(name)
