"""Publish a version: checked, by one person, approved by a second; the next case runs on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.orm import Session

import forms
from engine.bpmn import check_model
from engine.bpmn.check import Problem
from engine.bpmn.model import read_model
from engine.domain.case_type import CaseType
from engine.domain.clock import Clock
from engine.domain.errors import Refused
from engine.domain.said import said_in_both, say
from engine.operations import OPERATIONS
from engine.store import versions
from engine.usecases.check_case_type import reference_problems, shape_problems
from engine.usecases.check_changes_file import change_problems
from engine.usecases.check_parameters import parameter_problems
from engine.usecases.check_yaml import yaml_problems
from engine.usecases.form_kinds import variable_kinds


@dataclass(frozen=True)
class Published:
    version_id: str
    problems: tuple[Problem, ...]  # warnings; errors refuse the publication


def publish_process(
    session: Session,
    clock: Clock,
    county: str,
    files: Mapping[str, bytes],
    by: str,
    approved_by: str,
    note: str = "",
    second_person: bool = True,
) -> Published:
    """Raises Refused ``problems`` with all of them, or ``second_person`` when one person does both."""
    if second_person and by == approved_by:
        raise Refused("second_person", "发布需要另一人复核：提交人不能复核自己的修改")
    problems = check_files(files)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise Refused("problems", "流程有%(n)s处错误，不能发布", n=len(errors), problems=errors)
    at = clock.now()
    version_id = versions.store_version(session, files, by, approved_by, at, note)
    versions.put_in_force(session, county, CaseType(files).name, version_id, at)
    return Published(version_id, tuple(problems))


def check_files(files: Mapping[str, bytes]) -> list[Problem]:
    """Every problem of a whole case type: its YAML, its forms, its model against what there is to refer to.

    Whatever is in the files, problems come out: they are typed in a browser. The same files are checked once, though
    every page of the studio asks.
    """
    return list(_checked(tuple(sorted(files.items()))))


@lru_cache(maxsize=8)
def _checked(items: tuple[tuple[str, bytes], ...]) -> list[Problem]:
    files = dict(items)
    problems = yaml_problems(files) or shape_problems(files)
    if problems:
        return problems
    try:
        return _problems(files)
    except Exception as fault:  # a check that breaks holds the draft back, rather than let it through unread
        message = say("检查中断：%(kind)s。", kind=type(fault).__name__)
        return [
            Problem(
                None, "check-failed", "error", message, say("请检查最近改动的文件；仍不行请联系管理员"), ""
            )
        ]


def _problems(files: Mapping[str, bytes]) -> list[Problem]:
    case_type = CaseType(files)
    problems: list[Problem] = []
    for name in case_type.form_names:
        found = forms.check(case_type.form_source(name), case_type.lists)
        problems += [
            Problem(
                None,
                "form",
                "error",
                said_in_both(fault, fault.en),
                say("请在表单文件中更正"),
                f"forms/{name}.yaml",
            )
            for fault in found
        ]
    problems += parameter_problems(case_type)
    problems += check_model(
        case_type.model_files(),
        operations=set(OPERATIONS),
        forms=set(case_type.form_names),
        deadlines=set(case_type.deadlines),
        groups=set(case_type.groups),
        variables=variable_kinds(case_type),
    )
    readable = not any(p.severity == "error" and p.file.endswith((".bpmn", ".dmn")) for p in problems)
    model = read_model(case_type.model_files()) if readable else None
    problems += change_problems(case_type, model) if model else []
    return problems + reference_problems(case_type, model)
