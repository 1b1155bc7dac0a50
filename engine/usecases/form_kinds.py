"""What the forms of a case type put into its variables, so that conditions can be checked against it."""

from collections.abc import Mapping
from typing import Any

import forms
from engine.bpmn.check.kinds import BOOLEAN, FIELDS, LIST, NUMBER, TEXT, UNKNOWN, Kind
from engine.domain.case_type import CaseType
from forms.kinds import KINDS, expand
from forms.spec import Field

TYPES = {
    "string": TEXT, "integer": NUMBER, "number": NUMBER, "boolean": BOOLEAN, "array": LIST, "object": FIELDS,
}  # fmt: skip


def variable_kinds(case_type: CaseType) -> dict[str, Kind]:
    """Every variable that forms and the start of a case fill. A form with faults counts as unknown."""
    kinds = {name: _form(case_type, name) for name in case_type.form_names}
    start = case_type.about["start"]
    first = [kinds.get(row["form"], UNKNOWN) for row in start["origins"].values()]
    return {
        **kinds,
        start["variable"]: _either(first),
        "origin": Kind(TEXT, options=frozenset(start["origins"])),
    }


def _form(case_type: CaseType, name: str) -> Kind:
    source = case_type.form_source(name)
    if forms.check(source, case_type.lists):
        return UNKNOWN
    return _fields(forms.load(source, case_type.lists).fields)


def _fields(asked: tuple[Field, ...]) -> Kind:
    return Kind(FIELDS, fields={field.name: _field(expand(field)) for field in asked if field.asks})


def _field(asked: Field) -> Kind:
    if asked.fields:
        row = _fields(asked.fields)
        return Kind(LIST, item=row) if asked.repeated else row
    return _described(KINDS[asked.kind].openapi(asked))


def _described(schema: Mapping[str, Any]) -> Kind:
    """From the words of OpenAPI, in which each kind of field says what it gives."""
    kind = TYPES.get(str(schema.get("type")))
    options = frozenset(schema["enum"]) if "enum" in schema else None
    item = _described(schema["items"]) if "items" in schema else None
    known = schema.get("properties")
    fields = None if known is None else {name: _described(inner) for name, inner in known.items()}
    return Kind(kind, options, item, fields)


def _either(kinds: list[Kind]) -> Kind:
    """The fields of any of these; of a kind only where all that have it agree."""
    fields: dict[str, Kind] = {}
    for kind in kinds:
        if kind.fields is None:
            return UNKNOWN
        for name, field in kind.fields.items():
            fields[name] = field if fields.get(name, field) == field else UNKNOWN
    return Kind(FIELDS, fields=fields)
