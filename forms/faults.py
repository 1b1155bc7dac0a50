"""Errors by HTML field name, and checks against facts that only the request knows."""

from collections.abc import Mapping
from typing import Any

from marshmallow.exceptions import SCHEMA

from forms.clean import Wrong, hidden
from forms.kinds import dating
from forms.kinds.filing import ids_in
from forms.schema import visible
from forms.spec import Field
from forms.text import Text, say

Texts = dict[str, list[Text]]
LONGEST_DRAFT = 300_000


def flat(messages: Any, prefix: str = "") -> Texts:
    """Marshmallow's nested messages as `members-0-name: [texts]`."""
    if not isinstance(messages, Mapping):
        texts = messages if isinstance(messages, list) else [messages]
        return {prefix: [t if isinstance(t, Text) else Text.of(t) for t in texts]}
    merged: Texts = {}
    for key, value in messages.items():
        name = prefix if key == SCHEMA else f"{prefix}-{key}" if prefix else str(key)[:80]
        merged = join(merged, flat(value, name))
    return merged


def join(*several: Texts) -> Texts:
    merged: Texts = {}
    for texts in several:
        for name, listed in texts.items():
            kept = merged.setdefault(name, [])
            kept.extend(t for t in listed if t not in kept)
    return merged


def unknown_facts(asked: list[Field], data: Mapping[str, Any], context: Mapping[str, Any]) -> Texts:
    """Picked parcels, files and late options that are not among what the page offered."""
    found: Texts = {}
    for field in asked:
        value = data.get(field.name)
        if value is None:
            continue
        texts = _unknown(field, value, context)
        if texts:
            found[field.name] = texts
    return found


def to_come(asked: list[Field], data: Mapping[str, Any], today: str, prefix: str = "") -> Texts:
    """Days after ``today`` (ISO) of fields that tell what has happened, in rows and parts as well."""
    found: Texts = {}
    for field in asked:
        name, value = prefix + field.name, data.get(field.name)
        if field.fields:
            rows = dict(enumerate(value)) if isinstance(value, list) else {None: value}
            for place, row in rows.items():
                if isinstance(row, Mapping):
                    within = f"{name}-" if place is None else f"{name}-{place}-"
                    found |= to_come(visible(field.fields, row), row, today, within)
        elif field.not_after and value is not None and _day(field, value) > today:
            found[name] = [say("date_to_come", label=field.label, today=dating.said(today))]
    return found


def _day(field: Field, value: Any) -> str:
    """As it is kept; nothing for what is no date and was refused as such."""
    try:
        return dating.date(value, field)
    except Wrong:
        return ""


def _unknown(field: Field, value: Any, context: Mapping[str, Any]) -> list[Text]:
    offered = "free_parcels" if field.free else "parcels"
    if field.kind == "parcels" and offered in context:
        known = {row["code"] for row in context[offered]}
        listed = value if isinstance(value, list) else []
        codes = [code for code in listed if isinstance(code, str) and code not in known]
        return [say("unknown_parcel", label=field.label, code=code[:40]) for code in codes[:3]]
    if field.kind == "member" and "members" in context:
        known = {str(row.get("said") or row.get("name", "")) for row in context["members"]}
        numbered = isinstance(value, str) and len(value) == 18 and value[:17].isdigit()
        return [] if value in known or numbered else [say("unknown_member", label=field.label)]
    if field.kind == "files" and "files" in context:
        lost = [i for _, i in ids_in(value) if i not in context["files"]]
        return [say("file_id", label=field.label)] if lost else []
    if field.kind in {"choice", "choices"} and field.options_from:
        known = {option.value for option in field.options}
        picked = value if isinstance(value, list) else [value]
        return (
            []
            if all(isinstance(v, str) and v in known for v in picked)
            else [say("choice", label=field.label)]
        )
    return []


def bounded(value: Any, depth: int = 6) -> Any:
    """A draft's value, cut to what is safe to store: no control characters, no endless text or nesting."""
    if isinstance(value, str):
        return "".join(c for c in value[:LONGEST_DRAFT] if not hidden(c))
    if depth == 0:
        return None
    if isinstance(value, Mapping):
        return {str(k)[:80]: bounded(v, depth - 1) for k, v in list(value.items())[:500]}
    if isinstance(value, (list, tuple)):
        return [bounded(v, depth - 1) for v in value[:500]]
    return value if isinstance(value, (int, float, bool)) or value is None else str(value)[:200]
