"""drawing: what a person drew on the map, as the list of typed changes that it makes to parcels.

The value is plain JSON, in the words of the register's changes: an outline is WKT in metres of the county's zone
(east first), areas are m2 as text, codes are NY/T 2539's. Coordinates stay as they came, since a snapped corner is
the neighbour's to the last bit. Whether the changes fit the register is not known here; that they can be read is.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from forms.clean import Wrong, plain, wrong
from forms.kinds import choosing, grouping, numbers, shapes
from forms.spec import Field, Option
from forms.text import Text, say

LONGEST = 300_000  # characters of JSON; a draft keeps as many
MOST_CHANGES = 50
MOST_CORNERS = 20_000  # of all outlines together
MOST_PARCELS = 50  # that one change may name
_CODE = re.compile(r"[0-9]{19}")
_AREA = Field("area", "area_m2", Text("面积", "Area"))


@dataclass(frozen=True)
class Part:
    """How one value within a change is cleaned, and what OpenAPI says of it."""

    clean: Callable[[Any], Any]
    schema: Mapping[str, Any]
    optional: bool = False
    default: Any = None  # where it is optional and was left out


def _text(label: Text, longest: int) -> Callable[[Any], str]:
    asked = Field("text", "text", label, max_length=longest)
    return lambda value: plain(value, asked, longest)


def _listed(options: tuple[Option, ...], label: Text) -> Part:
    asked = Field("value", "choice", label, options=options)
    listed = {"type": "string", "enum": [option.value for option in options]}
    return Part(lambda value: choosing.choice(value, asked), listed)


def _code(value: Any) -> str:
    if not isinstance(value, str) or not _CODE.fullmatch(value):
        raise Wrong(say("drawing_code", code=str(value)[:40]))
    return value


def _outline(value: Any) -> str:
    return shapes.outline(value, Field("outline", "shape", Text("界线", "Outline")))


def _record(parts: Mapping[str, Part]) -> Part:
    def clean(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise Wrong(say("drawing_object"))
        unknown = [str(key)[:40] for key in value if key not in parts]
        if unknown:
            raise Wrong(say("drawing_unknown", name=unknown[0]))
        cleaned: dict[str, Any] = {}
        for name, part in parts.items():
            given = value.get(name)
            if given is None or given == "":
                if not part.optional:
                    raise Wrong(say("drawing_missing", name=name))
                cleaned[name] = part.default
            else:
                cleaned[name] = part.clean(given)
        return cleaned

    return Part(
        clean,
        {
            "type": "object",
            "properties": {name: dict(part.schema) for name, part in parts.items()},
            "required": [name for name, part in parts.items() if not part.optional],
            "additionalProperties": False,
        },
    )


def _many(part: Part, least: int) -> Part:
    def clean(value: Any) -> list[Any]:
        if not isinstance(value, (list, tuple)) or not least <= len(value) <= MOST_PARCELS:
            raise Wrong(say("drawing_parts", least=least, most=MOST_PARCELS))
        return [part.clean(item) for item in value]

    return Part(
        clean, {"type": "array", "items": dict(part.schema), "minItems": least, "maxItems": MOST_PARCELS}
    )


def _maybe(part: Part, default: Any = None) -> Part:
    return Part(part.clean, part.schema, optional=True, default=default)


CODE = Part(_code, {"type": "string", "pattern": "^[0-9]{19}$"})
OUTLINE = Part(
    _outline, {"type": "string", "description": "WKT POLYGON, metres in the county's zone, east first"}
)
AREA = Part(
    lambda value: numbers.area(value, _AREA), {"type": "string", "description": "m2", "examples": ["2280.00"]}
)
NAME = Part(_text(Text("地块名称", "Parcel name"), 50), {"type": "string", "maxLength": 50})
BOUND = _maybe(Part(_text(Text("四至", "Bounds"), 60), {"type": "string", "maxLength": 60}))
NOTE = _maybe(Part(_text(Text("说明", "Remark"), 200), {"type": "string", "maxLength": 200}))
APPROVAL = Part(_text(Text("批准文号", "Approval number"), 60), {"type": "string", "maxLength": 60})
PIECE = _record(
    {"code": CODE, "name": NAME, "outline": OUTLINE, "contract_area": _maybe(AREA)}
    | dict.fromkeys(("east", "south", "west", "north"), BOUND)
)
RESHAPED = _record({"parcel_code": CODE, "outline": OUTLINE, "contract_area": _maybe(AREA)})

LAND_USE = _maybe(_listed(grouping.LAND_USES, Text("土地利用类型", "Land use")))
GRADE = _maybe(_listed(grouping.GRADES, Text("地力等级", "Grade")), grouping.GRADES[0].value)
USE = _maybe(_listed(grouping.USES, Text("土地用途", "Use")), "1")
POINTED = _maybe(Part(_text(Text("指界人", "Who pointed it out"), 100), {"type": "string", "maxLength": 100}))
FARMLAND = _maybe(_listed(grouping.YES_OR_NO, Text("永久基本农田", "Permanent basic farmland")), "2")

CHANGES: Mapping[str, Part] = {
    "new_parcel": _record(
        {"code": CODE, "name": NAME, "outline": OUTLINE}
        | dict.fromkeys(("east", "south", "west", "north"), BOUND)
        | {
            "land_use": LAND_USE,
            "grade": GRADE,
            "use": USE,
            "basic_farmland": FARMLAND,
            "note": NOTE,
            "witnesses": POINTED,
        }
    ),
    "remeasure_parcel": _record({"parcel_code": CODE, "area": AREA, "outline": OUTLINE, "note": NOTE}),
    "move_boundary": _record({"parcels": _many(RESHAPED, 2)}),
    "split_parcel": _record({"parcel_code": CODE, "pieces": _many(PIECE, 2)}),
    "merge_parcels": _record({"parcel_codes": _many(CODE, 2), "piece": PIECE}),
    "expropriate_land": _record(
        {"parcel_code": CODE, "red_line": OUTLINE, "approval": APPROVAL, "kept": _many(PIECE, 0)}
    ),
}
WORDS: Mapping[str, Text] = {
    "new_parcel": Text("新增地块", "new parcel"),
    "remeasure_parcel": Text("重新测绘", "remeasured"),
    "move_boundary": Text("调整界址线", "boundary moved"),
    "split_parcel": Text("分割", "split"),
    "merge_parcels": Text("合并", "merged"),
    "expropriate_land": Text("征收", "expropriated"),
}


def drawing(value: object, asked: Field) -> list[dict[str, Any]]:
    """The changes, in the order they were drawn; each is made on what the one before leaves."""
    rows = _rows(value, asked)
    if len(rows) > MOST_CHANGES:
        raise wrong(asked, "drawing_many", max=MOST_CHANGES, count=len(rows))
    if _commas(rows) > MOST_CORNERS:
        raise wrong(asked, "drawing_corners", max=MOST_CORNERS)
    cleaned = []
    for number, row in enumerate(rows, start=1):
        kind = row.get("type") if isinstance(row, Mapping) else None
        if not isinstance(kind, str) or kind not in allowed(asked):
            raise wrong(asked, "drawing_kind", number=number, kind=str(kind)[:40])
        parts = {name: part for name, part in row.items() if name != "type"}
        try:
            cleaned.append({"type": kind} | CHANGES[kind].clean(parts))
        except Wrong as fault:
            raise wrong(
                asked, "drawing_change", number=number, kind=WORDS[kind], fault=fault.message
            ) from None
    return cleaned


def allowed(asked: Field) -> tuple[str, ...]:
    """The kinds of change that this question takes: those that the form names, or all."""
    return asked.changes or tuple(CHANGES)


def _rows(value: object, asked: Field) -> list[Any]:
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise wrong(asked, "drawing_long", max=LONGEST // 1000)
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise wrong(asked, "drawing_text") from None
    if not isinstance(value, (list, tuple)):
        raise wrong(asked, "drawing_text")
    return list(value)


def _commas(value: Any) -> int:
    """Corners of all outlines, counted before any of them is read."""
    if isinstance(value, str):
        return value.count(",")
    if isinstance(value, Mapping):
        return sum(map(_commas, value.values()))
    return sum(map(_commas, value)) if isinstance(value, (list, tuple)) else 0


def openapi(asked: Field) -> dict[str, object]:
    kinds = []
    for kind in allowed(asked):
        schema = dict(CHANGES[kind].schema)
        schema["properties"] = {"type": {"type": "string", "enum": [kind]}} | schema["properties"]
        schema["required"] = ["type", *schema["required"]]
        kinds.append(schema)
    return {"type": "array", "items": {"oneOf": kinds}, "maxItems": MOST_CHANGES}


def typed(value: object) -> str:
    """As the page's hidden input has it, whether cleaned or as it was sent."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, tuple)) and value else ""


def show(value: object, asked: Field, lang: str) -> str:
    rows = value if isinstance(value, list) else []
    counts: dict[str, int] = {}
    for row in rows:
        kind = row.get("type") if isinstance(row, Mapping) else None
        if isinstance(kind, str) and kind in WORDS:
            counts[kind] = counts.get(kind, 0) + 1
    words = [f"{WORDS[kind].for_lang(lang)} {count}" for kind, count in counts.items()]
    return ("; " if lang.startswith("en") else "；").join(words)
