"""Variables are plain JSON: whatever comes in is copied deeply, and nothing odd gets into the state."""

import math
from collections.abc import Mapping
from typing import Any

import orjson

from engine.bpmn.errors import BadCommand

MAX_DATA_DEPTH = 20


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy that is certainly JSON. Raises BadCommand."""
    if not isinstance(data, Mapping):
        raise BadCommand("数据应为一组命名的值。")
    copied = plain_value(data)
    assert isinstance(copied, dict)
    return copied


def copied(variables: dict[str, Any]) -> dict[str, Any]:
    """A deep copy of what is plain already: ten times as fast."""
    copy: dict[str, Any] = orjson.loads(orjson.dumps(variables))
    return copy


def plain_value(value: Any, depth: int = MAX_DATA_DEPTH) -> Any:
    if depth == 0:
        raise BadCommand("数据嵌套过深。")
    kind = type(value)
    if value is None or kind is bool or kind is str:
        return value
    if kind is int and -(2**63) <= value < 2**63:
        return value
    if kind is float and math.isfinite(value):
        return value
    if isinstance(value, Mapping):
        if not all(type(key) is str for key in value):
            raise BadCommand("数据的名称应为文本。")
        return {key: plain_value(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_value(inner, depth - 1) for inner in value]
    raise BadCommand("数据中有不能保存的值（%(kind)s），请转换为文本。", kind=kind.__name__)
