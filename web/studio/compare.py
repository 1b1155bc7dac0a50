"""What differs between two sets of a case type's files: the model by meaning, every other file line by line."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from engine.bpmn.difference import semantic_diff
from engine.bpmn.errors import ModelRefused
from engine.bpmn.model import read_model
from engine.bpmn.plain import plain_lines
from web.studio.words import ToldChange, told

AROUND = 2  # unchanged lines shown before and after a change
MOST_LINES = 4000
LONGEST_LINE = 400
MODELS = (".bpmn", ".dmn")


@dataclass(frozen=True)
class Line:
    """``mark``: ``+``, ``-``, a blank, or ``…`` where unchanged lines are left out. Line numbers from 1."""

    mark: str
    before: int | None
    after: int | None
    text: str


@dataclass(frozen=True)
class FileChange:
    path: str
    kind: str  # added, removed, changed, layout (only the drawing of the model)
    lines: list[Line]
    too_long: bool = False


def file_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileChange]:
    paths = sorted(path for path in {*before, *after} if before.get(path) != after.get(path))
    return [_file_change(path, before.get(path), after.get(path)) for path in paths]


def _file_change(path: str, before: bytes | None, after: bytes | None) -> FileChange:
    old, new = lines_of(path, before), lines_of(path, after)
    kind = "added" if before is None else "removed" if after is None else "changed"
    if kind == "changed" and path.endswith(".bpmn") and old == new:
        return FileChange(path, "layout", [])
    if max(len(old), len(new)) > MOST_LINES:
        return FileChange(path, kind, [], too_long=True)
    return FileChange(path, kind, line_changes(old, new))


def lines_of(path: str, body: bytes | None) -> list[str]:
    """A model without its drawing; whatever cannot be read as one, as it stands."""
    if body is None:
        return []
    if path.endswith(".bpmn"):
        try:
            return plain_lines(body)
        except ModelRefused:
            pass
    return body.decode("utf-8", "replace").splitlines()


def line_changes(before: list[str], after: list[str]) -> list[Line]:
    found: list[Line] = []
    matcher = difflib.SequenceMatcher(None, before, after)
    for number, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if number or group[0][1] or group[0][3]:
            found.append(Line("…", None, None, ""))
        for kind, a, b, c, d in group:
            if kind == "equal":
                found += [Line(" ", a + n + 1, c + n + 1, _short(text)) for n, text in enumerate(before[a:b])]
                continue
            found += [Line("-", a + n + 1, None, _short(text)) for n, text in enumerate(before[a:b])]
            found += [Line("+", None, c + n + 1, _short(text)) for n, text in enumerate(after[c:d])]
    return found


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_LINE else text[:LONGEST_LINE] + "…"


def model_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[ToldChange] | None:
    """None when one of the two cannot be read as a model; the file's own lines then say what differs."""
    old, new = _models(before), _models(after)
    try:
        first, second = read_model(old), read_model(new)
        return [told(change, first, second) for change in semantic_diff(old, new)]
    except ModelRefused:
        return None


def _models(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {path: body for path, body in files.items() if path.endswith(MODELS)}
