"""Answers as read back: for check-your-answers, earlier opinions and the case file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms.conditions import shown
from forms.kinds import KINDS
from forms.kinds.filing import ids_in
from forms.spec import Field

NAMED = ("household", "parcel", "parcels", "parcel_codes")  # kinds whose answers are codes of the register


@dataclass(frozen=True)
class Answered:
    """One line of a summary; `rows` for repeated groups, `files` for papers."""

    name: str
    label: str
    value: str
    kind: str
    rows: list[list["Answered"]] = field(default_factory=list)
    files: Sequence[Mapping[str, Any]] = field(default_factory=list)


def summarise(asked: tuple[Field, ...], data: Any, lang: str, context: Mapping[str, Any]) -> list[Answered]:
    """Only questions that were asked and answered, in the form's order."""
    answers = data if isinstance(data, Mapping) else {}
    given = [
        f for f in asked if f.asks and shown(f, answers) and answers.get(f.name) not in (None, "", [], {})
    ]
    return [line for f in given for line in _lines(f, answers[f.name], lang, context)]


def _lines(asked: Field, value: Any, lang: str, context: Mapping[str, Any]) -> list[Answered]:
    label = asked.label.for_lang(lang)
    if asked.fields and asked.repeated:
        rows = (
            [summarise(asked.fields, row, lang, context) for row in value] if isinstance(value, list) else []
        )
        return [Answered(asked.name, label, str(len(rows)), asked.kind, rows=rows)]
    if asked.fields:
        return summarise(asked.fields, value, lang, context)
    if asked.kind == "files":
        stored, named = context.get("files", {}), {p.kind: p.label.for_lang(lang) for p in asked.papers}
        listed = [
            {"id": i, "name": i, **(stored.get(i) or {}), "paper": named.get(k or "")}
            for k, i in ids_in(value)
        ]
        return [Answered(asked.name, label, _shown(asked, value, lang), asked.kind, files=listed)]
    return [
        Answered(
            asked.name, label, _named(asked, value, lang, context) or _shown(asked, value, lang), asked.kind
        )
    ]


def _named(asked: Field, value: Any, lang: str, context: Mapping[str, Any]) -> str | None:
    """Households and parcels by name beside the code, where the reader is told names ({code: name})."""
    names = context.get("names") or {}
    codes = value if isinstance(value, list) else [value]
    if asked.kind not in NAMED or not any(code in names for code in codes if isinstance(code, str)):
        return None
    return ("; " if lang.startswith("en") else "；").join(
        f"{names.get(code, '')} {code}".strip() for code in codes
    )


def _shown(asked: Field, value: Any, lang: str) -> str:
    show = KINDS[asked.kind].show
    if show:
        return show(value, asked, lang)
    if isinstance(value, list):
        return ("; " if lang.startswith("en") else "；").join(str(v) for v in value)
    return f"{value} {asked.unit.for_lang(lang)}" if asked.unit else str(value)
