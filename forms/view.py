"""What a page needs to draw a form: one `FieldView` per question, in one language, with values and errors.

Values may be clean or still as typed; whatever shape they have, drawing never fails.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.kinds import KINDS, choosing, signing
from forms.kinds import drawing as drawings
from forms.kinds.choosing import YES_NO
from forms.kinds.filing import ids_in, most
from forms.kinds.writing import DEFAULT_LENGTHS
from forms.schema import most_rows
from forms.spec import Field, Paper, as_key
from forms.text import Text

BLANK_ROW = "__row__"


@dataclass(frozen=True)
class OptionView:
    value: str
    label: str
    hint: str | None
    checked: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PaperView:
    """One paper's place: the files already there, and the input for more."""

    name: str
    id: str
    label: str
    hint: str | None
    required: bool
    errors: list[str]
    files: list[Mapping[str, Any]]
    most: int
    show_if: str | None = None


@dataclass(frozen=True)
class FieldView:
    """One question as drawn. `id` is what error summaries link to; `show_if` is JSON for site.js."""

    kind: str
    name: str
    id: str
    label: str
    hint: str | None
    errors: list[str]
    required: bool
    value: str
    options: list[OptionView] = field(default_factory=list)
    papers: list[PaperView] = field(default_factory=list)
    fields: list["FieldView"] = field(default_factory=list)
    rows: list[list["FieldView"]] = field(default_factory=list)
    blank: list["FieldView"] = field(default_factory=list)
    most_rows: int = 0
    repeated: bool = False
    show_if: str | None = None
    max_length: int | None = None
    unit: str | None = None
    inputmode: str | None = None
    autocomplete: str | None = None
    text: str | None = None
    latest: str | None = None  # ISO day that a date may not be after
    document: Mapping[str, Any] | None = None  # {sha256, title, number, url} of the file that is shown
    changes: tuple[str, ...] = ()  # kinds of change that a drawing takes
    of: str | None = None  # of the households named there: this page can list what they have
    typed: list[str] = field(default_factory=list)  # codes that stand beside the parcels to pick from
    typed_too: bool = False  # parcels are offered, and others may be typed


@dataclass(frozen=True)
class Drawing:
    """What every field of one drawing shares."""

    errors: Mapping[str, list[str]]
    lang: str
    context: Mapping[str, Any]

    def say(self, text: Text | None) -> str | None:
        return None if text is None else text.for_lang(self.lang)


def draw(asked: tuple[Field, ...], data: Any, drawing: Drawing, prefix: str = "") -> list[FieldView]:
    answers = data if isinstance(data, Mapping) else {}
    return [_draw(f, answers, drawing, prefix) for f in asked]


def _draw(asked: Field, answers: Mapping[str, Any], drawing: Drawing, prefix: str) -> FieldView:
    name = prefix + asked.name
    value = answers[asked.name] if asked.name in answers else _first_value(asked, drawing.context)
    return FieldView(
        kind="group" if asked.fields else asked.kind,
        name=name,
        id=f"f-{name}",
        label=asked.label.for_lang(drawing.lang),
        hint=drawing.say(asked.hint),
        errors=list(drawing.errors.get(name, ())),
        required=asked.required or bool(asked.required_if),  # never called optional where it may be needed
        value=_in_input(asked, value, drawing),
        options=_options(asked, value, drawing),
        papers=_papers(asked, value, drawing, name),
        show_if=_show_if(asked, prefix),
        max_length=asked.max_length or DEFAULT_LENGTHS.get(asked.kind),
        unit=drawing.say(asked.unit),
        inputmode=KINDS[asked.kind].inputmode,
        autocomplete=asked.autocomplete,
        text=drawing.say(asked.text),
        latest=drawing.context.get("today") if asked.not_after else None,
        repeated=asked.repeated,
        document=drawing.context.get("shown_document") if asked.kind == "shown_document" else None,
        changes=drawings.allowed(asked) if asked.kind == "drawing" else (),
        of=asked.of if _lists(drawing) else None,
        **_typed_too(asked, value, drawing),
        **_inner(asked, value, drawing, name),
    )


def _first_value(asked: Field, context: Mapping[str, Any]) -> Any:
    """What is shown before anything is typed: known facts first, then the form's default."""
    if asked.kind == "parcels" and asked.default == "all":
        return [row["code"] for row in context.get("parcels", ()) if not row.get("free")]
    key = asked.prefill or (asked.name if asked.kind in {"members", "signatures", "survey_parcels"} else None)
    known = context.get("known", {}).get(key) if key else None
    if known is None and asked.kind in {"members", "survey_parcels"}:
        known = context.get(asked.kind)
    return asked.default if known is None else known


def _in_input(asked: Field, value: Any, drawing: Drawing) -> str:
    if asked.kind == "drawing":
        return drawings.typed(value)
    if asked.kind == "signature":
        return signing.typed(value)
    if asked.kind == "shown_document":  # always the file that this page shows, whatever an older one did
        return (drawing.context.get("shown_document") or {}).get("sha256") or ""
    return _typed(value)


def _typed(value: Any) -> str:
    if isinstance(value, Mapping) and "coordinates" in value:
        return _corners(value)
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    if isinstance(value, (Mapping, list, tuple)):
        return ""
    return as_key(value)


def _corners(geometry: Mapping[str, Any]) -> str:
    """A simple boundary as corner lines again; one with holes as GeoJSON."""
    rings = geometry["coordinates"]
    try:
        if len(rings) == 1:
            return "\n".join(f"{east},{north}" for east, north, *_ in rings[0][:-1])
    except (TypeError, ValueError):
        pass
    return json.dumps(geometry, ensure_ascii=False)


def _chosen(value: Any) -> set[str]:
    rows = value if isinstance(value, (list, tuple)) else [value]
    return {as_key(row.get("code") if isinstance(row, Mapping) else row) for row in rows}


def _options(asked: Field, value: Any, drawing: Drawing) -> list[OptionView]:
    chosen = _chosen(value)
    if asked.kind == "yes_no":
        return [OptionView(v, label.for_lang(drawing.lang), None, v in chosen) for v, label in YES_NO]
    if asked.kind in ("parcels", "parcel_codes"):
        rows = _offered(asked, drawing)
        chosen = chosen if asked.kind == "parcels" else set(_codes(value))
        return [
            OptionView(r["code"], str(r.get("name") or r["code"]), None, r["code"] in chosen, r) for r in rows
        ]
    if asked.kind == "parcel":
        return _named(
            ((r["code"], choosing.parcel_said(r)) for r in drawing.context.get("parcels", ())), chosen
        )
    if asked.kind == "household":
        rows = drawing.context.get("households", ())
        return _named(((r["code"], f"{r['name']} {r['code']}") for r in rows), chosen) if rows else []
    if asked.kind == "member":
        rows = drawing.context.get("members", ())
        named = [str(r.get("said") or r.get("name", "")) for r in rows]
        return [OptionView(said, said, None, said in chosen) for said in named]
    return [
        OptionView(o.value, o.label.for_lang(drawing.lang), drawing.say(o.hint), o.value in chosen)
        for o in asked.options
    ]


def _offered(asked: Field, drawing: Drawing) -> list[Mapping[str, Any]]:
    """Parcels to pick from: free land, one's own, or the others'; where the question is whose they are, those that adjoin
    one's own too. Each once.
    """
    among = "free_parcels" if asked.free else "parcels" if asked.kind == "parcels" else "other_parcels"
    near = drawing.context.get("adjoining", ()) if asked.kind == "parcel_codes" and asked.of else ()
    return list({row["code"]: row for row in (*near, *drawing.context.get(among, ()))}.values())


def _codes(value: Any) -> list[str]:
    """Codes as they were typed, picked or both."""
    return re.findall(r"[^\s,，;；、]+", _typed(value))


def _lists(drawing: Drawing) -> bool:
    """Whether the page can list what named households have: staff's can."""
    return "households" in drawing.context


def _typed_too(asked: Field, value: Any, drawing: Drawing) -> dict[str, Any]:
    listed = drawing.context.get("adjoining")
    if asked.kind != "parcel_codes" or not asked.of or not (listed or (listed == [] and _lists(drawing))):
        return {}
    offered = {row["code"] for row in _offered(asked, drawing)}
    return {"typed_too": True, "typed": [code for code in _codes(value) if code not in offered]}


def _named(rows: Iterable[tuple[str, str]], chosen: set[str]) -> list[OptionView]:
    """Things of the register to pick one from; what was typed before and is not among them stays to be picked."""
    listed = dict(rows)
    listed |= {code: code for code in chosen if code and code not in listed}
    return [OptionView(code, said, None, code in chosen) for code, said in listed.items()]


def _papers(asked: Field, value: Any, drawing: Drawing, name: str) -> list[PaperView]:
    if asked.kind != "files":
        return []
    stored = drawing.context.get("files", {})
    have = [(kind, stored.get(i) or {"id": i, "name": i}) for kind, i in ids_in(value)]
    lone = PaperView(
        name,
        f"f-{name}",
        asked.label.for_lang(drawing.lang),
        drawing.say(asked.hint),
        asked.required,
        list(drawing.errors.get(name, ())),
        [f for _, f in have],
        most(asked),
    )
    return [
        PaperView(
            f"{name}-{p.kind}",
            f"f-{name}-{p.kind}",
            p.label.for_lang(drawing.lang),
            drawing.say(p.hint),
            p.required or bool(p.required_if),
            list(drawing.errors.get(f"{name}-{p.kind}", ())),
            [f for kind, f in have if kind == p.kind],
            most(asked),
            _show_if(p, ""),
        )
        for p in asked.papers
    ] or [lone]


def _show_if(asked: Field | Paper, prefix: str) -> str | None:
    if not asked.show_if:
        return None
    return json.dumps({prefix + name: list(values) for name, values in asked.show_if}, ensure_ascii=False)


def _inner(asked: Field, value: Any, drawing: Drawing, name: str) -> dict[str, Any]:
    if not asked.fields:
        return {}
    if not asked.repeated:
        return {"fields": draw(asked.fields, value, drawing, f"{name}-")}
    rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, (list, tuple)) else []
    blank_rows = max(int(asked.min or 1), 1) - len(rows)
    rows = [*rows, *({} for _ in range(blank_rows))]
    return {
        "rows": [draw(asked.fields, row, drawing, f"{name}-{n}-") for n, row in enumerate(rows)],
        "blank": draw(asked.fields, {}, drawing, f"{name}-{BLANK_ROW}-"),
        "most_rows": most_rows(asked),
    }
