"""Check that a case type's description says what the rest relies on, and that its papers can be written.

``shape_problems`` come first: while there are any, nothing else of the case type can be read safely.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import TemplateSyntaxError

from engine.bpmn.check import Problem
from engine.bpmn.model import Model
from engine.documents.templates import check_template
from engine.domain.case_type import CaseType
from engine.domain.from_yaml import read_yaml
from engine.domain.legal_words import unknown_in
from engine.domain.parties import acts_of
from engine.domain.roles import TITLES
from engine.domain.said import say

ABOUT, PARAMETERS = "case_type.yaml", "parameters.yaml"
LEVELS = ("household", "village", "township", "county", "firm")
ROLES = {*TITLES, "applicant", "system"}  # system: what another case starts
MAPPINGS = ("title", "groups", "start")
OPTIONAL_MAPPINGS = ("documents", "papers", "lists", "status", "parties")


def shape_problems(files: Mapping[str, bytes]) -> list[Problem]:
    """``files`` hold valid YAML. Faults of case_type.yaml and parameters.yaml that would stop reading them."""
    about, parameters = read_yaml(files[ABOUT]), read_yaml(files[PARAMETERS])
    found = [_fault(ABOUT, fault) for fault in _about(about)]
    if not isinstance(parameters, dict):
        found.append(_fault(PARAMETERS, say("文件应为由 deadlines 等组成的 YAML 对象")))
    else:
        for key in ("deadlines", "numbers"):
            if not isinstance(parameters.get(key, {}), dict):
                found.append(_fault(PARAMETERS, say("%(key)s 应为“名称: 设置”的对象", key=key)))
    return found


def _about(about: Any) -> Iterator[str]:
    if not isinstance(about, dict):
        yield say("文件应为由 case_type、title、groups、start 等组成的 YAML 对象")
        return
    if not isinstance(about.get("case_type"), str) or not about["case_type"].isidentifier():
        yield say("case_type 应为业务类型的名称（字母、数字和下划线）")
    for key in MAPPINGS:
        if not isinstance(about.get(key), dict) or not about[key]:
            yield say("%(key)s 没有写，或写法不对", key=key)
    for key in OPTIONAL_MAPPINGS:
        if not isinstance(about.get(key, {}), dict):
            yield say("%(key)s 应为“名称: 设置”的对象", key=key)
    if not isinstance(about.get("steps", []), list):
        yield say("steps 应为列表")
    yield from _groups(about.get("groups"))
    yield from _start(about.get("start"), about.get("groups"))


def _groups(groups: Any) -> Iterator[str]:
    if not isinstance(groups, dict):
        return
    for name, row in groups.items():
        origins = row.get("by_origin", {}) if isinstance(row, dict) else {}
        for part in (row, *(origins.values() if isinstance(origins, dict) else [None])):
            if not isinstance(part, dict) or part.get("role") not in ROLES or part.get("level") not in LEVELS:
                yield say(
                    "groups 中 %(name)s 的 role 或 level 不对；level 为 %(levels)s 之一",
                    name=name,
                    levels=LEVELS,
                )


def _start(start: Any, groups: Any) -> Iterator[str]:
    if not isinstance(start, dict) or not isinstance(groups, dict):
        return
    if not isinstance(start.get("variable"), str):
        yield say("start 没有写 variable（申请表存为哪个变量）")
    origins = start.get("origins")
    if not isinstance(origins, dict) or not origins:
        yield say("start 没有写 origins（谁可以提出申请）")
        return
    for name, row in origins.items():
        if (
            not isinstance(row, dict)
            or row.get("group") not in groups
            or not isinstance(row.get("form"), str)
        ):
            yield say("start.origins 中 %(name)s 的 group 或 form 不对", name=name)


def reference_problems(case_type: CaseType, model: Model | None) -> list[Problem]:
    """Forms that cases start with, templates of papers, and papers that the model issues: each must be there."""
    found = [
        _fault(ABOUT, say("start.origins 中 %(name)s 的表单 %(form)s 不存在", name=name, form=row["form"]))
        for name, row in case_type.about["start"]["origins"].items()
        if row["form"] not in case_type.form_names
    ]
    many = case_type.many
    if many and (
        many.get("form") not in case_type.form_names or not case_type.starter(str(many.get("origin")))
    ):
        found.append(_fault(ABOUT, say("start.many 的表单或 origin 不存在")))
    for name in case_type.documents:
        if f"documents/{name}.html" not in case_type.files:
            found.append(
                _fault(ABOUT, say("documents 中的 %(name)s 没有模板 documents/%(name)s.html", name=name))
            )
    for path, body in case_type.files.items():
        if path.startswith("documents/") and path.endswith(".html"):
            found += _template(case_type, path, body)
    found += [_fault(ABOUT, fault) for fault in (*_acts(case_type, model), *_parties(case_type, model))]
    return found + (_issued(case_type, model) if model else [])


def _acts(case_type: CaseType, model: Model | None) -> Iterator[str]:
    """What may be done beside the tasks: its form, and the tasks after which it may be, must be there."""
    elements = {element.id for element in model.elements()} if model else None
    for name, act in case_type.acts.items():
        if act["form"] not in case_type.form_names:
            yield say("acts 中 %(name)s 的表单 %(form)s 不存在", name=name, form=act["form"])
        missing = [one for one in act.get("after", ()) if elements is not None and one not in elements]
        if missing:
            yield say("acts 中 %(name)s 提到的 %(missing)s 不在流程图中", name=name, missing=missing)


def _parties(case_type: CaseType, model: Model | None) -> Iterator[str]:
    """What parties do: each form, act, task and period must be there."""
    elements = {element.id for element in model.elements()} if model else None
    for act in acts_of(case_type.parties):
        if act.form not in case_type.form_names:
            yield say("parties.acts 中 %(name)s 的表单 %(form)s 不存在", name=act.name, form=act.form)
        if act.act and act.act not in case_type.acts:
            yield say("parties.acts 中 %(name)s 的 act 不在 acts 中", name=act.name)
        missing = [
            one
            for one in (act.task, *act.after, *act.until)
            if one and elements is not None and one not in elements
        ]
        if missing:
            yield say(
                "parties.acts 中 %(name)s 提到的 %(missing)s 不在流程图中", name=act.name, missing=missing
            )
    for name in case_type.parties.get("periods", {}):
        if name not in case_type.deadlines:
            yield say("parties.periods 中的 %(name)s 不是期限", name=name)


def _template(case_type: CaseType, path: str, body: bytes) -> list[Problem]:
    try:
        check_template(text := body.decode())
    except TemplateSyntaxError as fault:
        return [
            _fault(
                path,
                say("文书模板第%(line)s行有误：%(fault)s", line=fault.lineno, fault=fault.message),
                "template",
            )
        ]
    except UnicodeDecodeError:
        return [_fault(path, say("文书模板不是 UTF-8 编码"), "template")]
    return [
        _fault(
            path,
            say("文书模板中的 law.%(name)s 不是 parameters.yaml 中的期限，也不是有时间单位的数值", name=name),
            "template",
        )
        for name in unknown_in(case_type, text)
    ]


def _issued(case_type: CaseType, model: Model) -> list[Problem]:
    found = []
    for element in model.elements():
        wanted = element.properties.get("template")
        if element.topic == "issue_document" and wanted not in case_type.documents:
            message = say(
                "“%(name)s”要出具的文书“%(paper)s”没有在 case_type.yaml 的 documents 中",
                name=element.name or element.id,
                paper=wanted or "",
            )
            fix = say("请把属性 template 改为其中一种文书，或在 documents 中增加这种文书")
            found.append(Problem(element.id, "document-unknown", "error", message, fix, element.file))
    return found


def _fault(file: str, message: str, rule: str = "case-type") -> Problem:
    return Problem(None, rule, "error", message, say("请参照其他业务类型的写法更正"), file)
