"""A case as compact JSON text and back.

Format 2, keys sorted so that equal cases give equal bytes:

    {"f": 2, "v": version id, "n": [tasks made, tasks numbered], "d": variables, "e": end event or null,
     "c": completed, "w": [row, ...], "s": [[id of the containing task, process id, [row, ...]], ...]}
    row = [id, id of the task it lives on or 0, node, state, number, entered, internal, local]

Only open tasks have rows, in the order they were made; trailing zeros are left out. Nodes are known by name,
so a state needs the very version it was written with.
"""

from typing import Any
from uuid import UUID

import orjson

from engine.bpmn.errors import StateMismatch
from engine.bpmn.instance import Case, CaseTask, Inner, Journal
from engine.domain.said import say

FORMAT = 2
_ROW = 8


def dump(case: Case, version: str) -> str:
    """Only for a pruned case at rest: no engine step pending."""
    content = {
        "f": FORMAT,
        "v": version,
        "n": [case.journal.made, case.journal.numbered],
        "d": case.variables,
        "e": case.end,
        "c": int(case.completed),
        "w": _rows(case),
        "s": [
            [container.int, inner.spec.name, _rows(inner)] for container, inner in case.subprocesses.items()
        ],
    }
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()


def _rows(workflow: Any) -> list[list[Any]]:
    return [_row(task) for task in workflow.tasks.values() if task is not workflow.task_tree]


def _row(task: CaseTask) -> list[Any]:
    row = [
        task.id.int,
        task._parent.int if task._parent else 0,
        task.task_spec.name,
        task._state,
        task.number,
        int(task.entered),
        task.internal_data or 0,
        0 if task.local is None else task.local,
    ]
    while row[-1] == 0 and not isinstance(row[-1], dict):
        row.pop()
    return row


def load(text: str, version: str, specs: dict[str, Any], main: str) -> Case:
    """Raises StateMismatch where the text is not a state of this version."""
    try:
        content = orjson.loads(text)
        found = (content["f"], content["v"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise StateMismatch("流程状态无法读取。") from None
    if found != (FORMAT, version):
        message = say("流程状态属于版本 %(found)s，不能用版本 %(wanted)s 继续。")
        raise StateMismatch(message, found=str(found[1]), wanted=version)
    case = Case(specs[main], specs, Journal(*content["n"]))
    case.variables, case.end, case.completed = content["d"], content["e"], bool(content["c"])
    by_id = _fill(case, content["w"])
    for container_id, process, rows in content["s"]:
        inner = Inner(specs[process], by_id[container_id], case)
        case.subprocesses[inner.container.id] = inner
        by_id |= _fill(inner, rows)
    return case


def _fill(workflow: Any, rows: list[list[Any]]) -> dict[int, CaseTask]:
    found = {0: workflow.plant()}
    for row in rows:
        identity, parent, node, state, number, entered, internal, local = row + [0] * (_ROW - len(row))
        task = CaseTask.__new__(CaseTask)
        task._place(workflow, workflow.spec.task_specs[node], found[parent], UUID(int=identity), state)
        task.number, task.entered, task.internal_data = number, bool(entered), internal or {}
        task.local = local if isinstance(local, dict) else None
        found[identity] = task
    return found
