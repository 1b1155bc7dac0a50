"""The publish check: everything in a model that would not run as drawn, all at once, in words to act on.

Never runs anything, never needs the database, never raises: whatever bytes come in, problems come out.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from engine.bpmn.check import conditions, elements, events, parts, structure, tokens
from engine.bpmn.check.conditions import Variables
from engine.bpmn.check.report import Problem, Report
from engine.bpmn.decisions import read_decisions
from engine.bpmn.errors import ModelRefused
from engine.bpmn.model import Model, model_of
from engine.bpmn.specs import build
from engine.bpmn.xml import is_kind, local_name, read_xml
from engine.domain.said import say


def check_model(
    files: Mapping[str, bytes],
    *,
    operations: Collection[str] | None = None,
    forms: Collection[str] | None = None,
    deadlines: Collection[str] | None = None,
    groups: Collection[str] | None = None,
    variables: Variables | None = None,
) -> list[Problem]:
    """Problems of the `.bpmn` and `.dmn` files taken together; none of severity "error" means it may be published.

    A catalogue that is None is not checked against. `variables` names what the start and the forms provide:
    variable -> field names (or a mapping of fields to the values they can take, or None if unknown).
    """
    report = Report()
    roots = _roots(files, report)
    if report.has_errors:
        return list(report)
    _guarded(report, lambda: _check(roots, report, operations, forms, deadlines, groups, variables))
    return list(report)


def _roots(files: Mapping[str, bytes], report: Report) -> dict[str, Any]:
    roots = {}
    for file in sorted(files):
        if not (is_kind(file, ".bpmn") or is_kind(file, ".dmn")):
            continue
        try:
            root = read_xml(files[file], file)
        except ModelRefused as fault:
            report.error(None, str(fault.facts["rule"]), fault.said, fault.facts["fix"], file)
            continue
        if local_name(root) != "definitions":
            report.error(
                None,
                "not-a-model",
                say("不是流程图或决策表文件。"),
                say("请用流程编辑器或决策表编辑器保存。"),
                file,
            )
        roots[file] = root
    if not roots and not report.has_errors:
        report.error(None, "no-process", say("没有流程图文件（.bpmn）。"), say("请上传流程图。"))
    return roots


def _check(
    roots: Mapping[str, Any],
    report: Report,
    operations: Collection[str] | None,
    forms: Collection[str] | None,
    deadlines: Collection[str] | None,
    groups: Collection[str] | None,
    variables: Variables | None,
) -> None:
    model = model_of(roots)
    decisions, faults = read_decisions(model)
    for fault in faults:
        report.error(fault.element, fault.rule, fault.message, fault.fix, fault.file)
    if any(is_kind(file, ".bpmn") for file in roots):
        structure.check_processes(model, report)
    parts.check_parts(model, report)
    structure.check_ids(model, report)
    elements.check_kinds(model, report)
    elements.check_user_tasks(model, report, forms, groups)
    elements.check_operations(model, report, operations)
    events.check_events(model, report, deadlines)
    elements.check_decisions(model, report, decisions, {str(fault.element) for fault in faults})
    elements.check_calls(model, report)
    elements.check_names(model, report)
    structure.check_flows(model, report)
    structure.check_paths(model, report)
    structure.check_loops(model, report)
    conditions.check_repeats(model, report)
    conditions.check_expressions(model, report, decisions, variables)
    if not report.has_errors:
        tokens.check_tokens(model, report)
    if not report.has_errors:
        _check_builds(model, report, decisions)


def _check_builds(model: Model, report: Report, decisions: Any) -> None:
    """The last word: the very code that makes it runnable takes it."""
    try:
        build(model, decisions)
    except ModelRefused as fault:
        fix = fault.facts["fix"] or say("请改用支持的画法。")
        report.error(str(fault.facts["element"]), "not-runnable", fault.said, fix, str(fault.facts["file"]))


def _guarded(report: Report, check: Callable[[], None]) -> None:
    """A check that breaks refuses the model: better a draft held back than one let through unread."""
    try:
        check()
    except Exception as fault:
        message = say("检查中断：%(kind)s。", kind=type(fault).__name__)
        report.error(None, "check-failed", message, say("请用流程编辑器重新保存后再试；仍不行请联系管理员。"))


__all__ = ["Problem", "Report", "check_model"]
