"""Check a case type's YAML before anything is built from it: typed in a browser, it may be wrong, huge or a bomb.

Anchors are refused whole: a page of them unfolds to more than any memory holds, as soon as somebody prints it.
"""

from collections.abc import Iterator, Mapping

import yaml

from engine.bpmn.check import Problem
from engine.domain.from_yaml import LOADER, read_yaml
from engine.domain.said import say

NEEDED = ("case_type.yaml", "parameters.yaml", "process.bpmn")
MOST_BYTES = 500_000  # the shipped files have up to 20,000
MOST_NODES = 20_000
DEEPEST = 40


def yaml_problems(files: Mapping[str, bytes]) -> list[Problem]:
    """Missing files, and each YAML file that cannot be read."""
    found = [
        Problem(
            None,
            "missing-file",
            "error",
            say("缺少文件 %(needed)s", needed=needed),
            say("请补上这个文件"),
            needed,
        )
        for needed in NEEDED
        if needed not in files
    ]
    for path, body in files.items():
        if path.endswith(".yaml"):
            found += [Problem(None, "yaml", "error", *fault, path) for fault in faults(body)]
    return found


def faults(body: bytes) -> Iterator[tuple[str, str]]:
    """(message, what to do) of the first fault."""
    if len(body) > MOST_BYTES:
        yield say("文件太大，最多%(most)s千字节", most=MOST_BYTES // 1000), say("请删去不用的内容")
        return
    try:
        yield from _shape(body)
        read_yaml(body)
    except _Stop:
        return
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: 2026-02-30
        yield say("不是有效的 YAML：%(fault)s", fault=str(error)), say("请检查缩进和标点")


class _Stop(Exception):
    """What was found is enough; the rest must not be built."""


def _shape(body: bytes) -> Iterator[tuple[str, str]]:
    """Counted as it is read, before anything is built."""
    depth = nodes = 0
    for event in yaml.parse(body, Loader=LOADER):
        nodes += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 1 if event.start_mark else 1
            yield (
                say("第%(line)s行用了 YAML 的锚点或引用（& 或 *）", line=line),
                say("请把引用的内容写出来；文字以 & 或 * 开头时加引号"),
            )
        elif nodes > MOST_NODES or depth > DEEPEST:
            yield (
                say(
                    "内容太多或嵌套太深（最多%(nodes)s项、%(deep)s层）",
                    nodes=MOST_NODES,
                    deep=DEEPEST,
                ),
                say("请删去不用的内容"),
            )
        else:
            continue
        raise _Stop
