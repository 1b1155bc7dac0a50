"""What an electronic signature is made of: one_time_code, signature (strokes) and shown_document.

Code and strokes are used once, by what acts on the form; they are withheld from what is kept of its answers.
"""

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from forms.clean import narrow, plain, wrong
from forms.spec import Field

WITHHELD = frozenset({"one_time_code", "signature"})
LONGEST = 200_000  # characters of JSON
MOST_POINTS = 8_000
SIDES = (50.0, 4000.0)  # of the pad, in its own units
LEAST_POINTS, LEAST_SPAN = 6, 0.04  # fewer points, or a smaller part of the pad, is a slip of the pen
POINTERS = ("pen", "touch", "mouse")


def code(value: object, asked: Field) -> str:
    typed = re.sub(r"[\s-]", "", narrow(plain(value, asked, 40)))
    if not re.fullmatch(r"[0-9]{6}", typed):
        raise wrong(asked, "one_time_code")
    return typed


def document(value: object, asked: Field) -> str:
    """SHA-256 of the file that was shown, as hex."""
    typed = plain(value, asked, 80).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", typed):
        raise wrong(asked, "shown_document")
    return typed


def signature(value: object, asked: Field) -> dict[str, Any]:
    """{width, height, strokes: [[[x, y], ...], ...], pointer}: as it was written, to a tenth of the pad's unit."""
    drawn = _read(value, asked)
    width, height = (_number(drawn.get(side), asked) for side in ("width", "height"))
    if not all(SIDES[0] <= side <= SIDES[1] for side in (width, height)):
        raise wrong(asked, "signature_form")
    strokes = drawn.get("strokes")
    if (
        not isinstance(strokes, list)
        or sum(len(s) if isinstance(s, list) else 1 for s in strokes) > MOST_POINTS
    ):
        raise wrong(asked, "signature_form")
    kept = [[_point(point, width, height, asked) for point in _list(stroke, asked)] for stroke in strokes]
    points = [point for stroke in kept for point in stroke]
    if len(points) < LEAST_POINTS or _span(points) < LEAST_SPAN * math.hypot(width, height):
        raise wrong(asked, "signature_short")
    pointer = drawn.get("pointer")
    return {
        "width": width,
        "height": height,
        "strokes": [stroke for stroke in kept if stroke],
        "pointer": pointer if pointer in POINTERS else "mouse",
    }


def _read(value: object, asked: Field) -> Mapping[str, Any]:
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise wrong(asked, "signature_form")
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise wrong(asked, "signature_form") from None
    if not isinstance(value, Mapping):
        raise wrong(asked, "signature_form")
    return value


def _list(stroke: object, asked: Field) -> list[Any]:
    if not isinstance(stroke, list):
        raise wrong(asked, "signature_form")
    return stroke


def _point(point: object, width: float, height: float, asked: Field) -> list[float]:
    if not isinstance(point, list) or len(point) < 2:
        raise wrong(asked, "signature_form")
    x, y = _number(point[0], asked), _number(point[1], asked)
    return [round(min(max(x, 0.0), width), 1), round(min(max(y, 0.0), height), 1)]


def _number(value: object, asked: Field) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise wrong(asked, "signature_form")
    return float(value)


def _span(points: list[list[float]]) -> float:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return math.hypot(max(xs) - min(xs), max(ys) - min(ys))


def typed(value: object) -> str:
    """As the page's hidden input has it."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":")) if isinstance(value, Mapping) else ""


def show(value: object, asked: Field, lang: str) -> str:
    return "signed" if lang.startswith("en") else "已签名"


def openapi_code(asked: Field) -> dict[str, object]:
    return {"type": "string", "pattern": "^[0-9]{6}$"}


def openapi_document(asked: Field) -> dict[str, object]:
    return {
        "type": "string",
        "pattern": "^[0-9a-f]{64}$",
        "description": "SHA-256 of the file that was shown",
    }


def openapi_signature(asked: Field) -> dict[str, object]:
    number: dict[str, object] = {"type": "number"}
    point: dict[str, object] = {"type": "array", "items": number, "minItems": 2}
    stroke: dict[str, object] = {"type": "array", "items": point}
    return {
        "type": "object",
        "properties": {
            "width": number,
            "height": number,
            "strokes": {"type": "array", "items": stroke},
            "pointer": {"type": "string", "enum": list(POINTERS)},
        },
        "required": ["width", "height", "strokes"],
    }
