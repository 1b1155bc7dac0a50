"""The one marshmallow Schema of a form, compiled from its fields.

Loading gives JSON-safe values (dates and decimals as strings). Fields hidden by `show_if` are dropped before
anything is checked, so what a page hid can never decide anything. Messages are bilingual `Text`s.
"""

import contextlib
from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, pre_load, validates_schema

from forms.clean import Wrong, empty, wrong
from forms.conditions import shown, wanted
from forms.kinds import KINDS
from forms.kinds.filing import ids_in
from forms.spec import Field
from forms.text import Text, say

MOST_ROWS = 200
_CHOSEN = {"choice", "choices", "yes_no", "parcels", "parcel"}


def missing_message(asked: Field) -> Text:
    if asked.kind == "files":
        return say("required_file", label=asked.label)
    return say("required_choice" if asked.kind in _CHOSEN else "required", label=asked.label)


class Answer(fields.Field):
    """One question; cleaning is its kind's."""

    def __init__(self, asked: Field, **settings: Any):
        named = any(paper.required for paper in asked.papers)  # each missing paper is named instead
        required = asked.required and not asked.show_if and not named
        super().__init__(required=required, metadata=_described(asked), **settings)
        self.asked = asked

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        return ValidationError([missing_message(self.asked)])

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return KINDS[self.asked.kind].clean(value, self.asked)
        except Wrong as fault:
            raise ValidationError([fault.message]) from None


class Rows(fields.List):
    """A repeated group: a bounded list of rows, each with the group's own Schema."""

    def __init__(self, asked: Field, row: type[Schema]):
        self.asked = asked
        described = {"title": str(asked.label), "minItems": least_rows(asked), "maxItems": most_rows(asked)}
        super().__init__(
            fields.Nested(row), required=asked.required and not asked.show_if, metadata=described
        )

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        if key == "invalid":
            return ValidationError([say("type_list", label=self.asked.label)])
        return ValidationError([missing_message(self.asked)])

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, (list, tuple)):
            raise self.make_error("invalid")
        if len(value) > most_rows(self.asked):
            fault = wrong(self.asked, "too_many_rows", max=most_rows(self.asked), count=len(value))
            raise ValidationError([fault.message])
        if len(value) < least_rows(self.asked):
            raise ValidationError([say("required_rows", label=self.asked.label, min=least_rows(self.asked))])
        return super()._deserialize(value, attr, data, **kwargs)


class Part(fields.Nested):
    """A group asked once."""

    def __init__(self, asked: Field, schema: type[Schema]):
        self.asked = asked
        required = asked.required and not asked.show_if
        super().__init__(schema, required=required, metadata={"title": str(asked.label)})

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        return ValidationError([missing_message(self.asked)])


def least_rows(asked: Field) -> int:
    return int(asked.min) if asked.min is not None else int(asked.required)


def most_rows(asked: Field) -> int:
    return int(asked.max) if asked.max is not None else MOST_ROWS


def _described(asked: Field) -> dict[str, object]:
    hint = {"description": f"{asked.hint} / {asked.hint.en}"} if asked.hint else {}
    return {"title": f"{asked.label} / {asked.label.en}", **hint, **KINDS[asked.kind].openapi(asked)}


class FormSchema(Schema):
    """Base of every compiled schema; `asked` are its fields in order."""

    asked: tuple[Field, ...] = ()
    error_messages: dict[str, str] = {
        "unknown": say("unknown_field"),
        "type": say("type_object"),
    }

    class Meta:
        unknown = RAISE

    @pre_load
    def drop_hidden(self, data: Any, **kwargs: Any) -> Any:
        """Without blanks and hidden fields; each condition sees only what is shown above it."""
        if not isinstance(data, Mapping):
            return data
        names = {f.name for f in self.asked}
        unknown = {k: v for k, v in data.items() if k not in names}
        return {
            **unknown,
            **{f.name: data[f.name] for f in visible(self.asked, data) if not empty(data.get(f.name))},
        }

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def require_wanted(self, data: Any, original: Any, **kwargs: Any) -> None:
        """Answers that only some answers above make necessary, and papers that must be handed in."""
        faults: dict[str, list[Text]] = {}
        if not isinstance(original, Mapping):
            return
        for asked in visible(self.asked, original):
            if asked.papers:
                faults.update(
                    _missing_papers(asked, data.get(asked.name), original, settled(self.asked, original))
                )
            elif empty(original.get(asked.name)) and wanted(asked, settled(self.asked, original)):
                faults[asked.name] = [missing_message(asked)]
        if faults:
            raise ValidationError(faults)


def _missing_papers(
    asked: Field, value: Any, given: Mapping[str, Any], answers: Mapping[str, Any]
) -> dict[str, list[Text]]:
    if value is None and not empty(given.get(asked.name)):
        return {}  # the value itself was refused already
    have = {kind for kind, _ in ids_in(value)}
    lacking = [paper for paper in asked.papers if wanted(paper, answers) and paper.kind not in have]
    if lacking or have or not asked.required:
        return {f"{asked.name}-{p.kind}": [say("required_file", label=p.label)] for p in lacking}
    return {asked.name: [missing_message(asked)]}


def settled(asked: tuple[Field, ...], data: Mapping[str, Any]) -> dict[str, Any]:
    """The shown answers that conditions may look at, cleaned; a refused one counts as not given."""
    answers: dict[str, Any] = {}
    for field in asked:
        if field.kind in _CHOSEN and not empty(data.get(field.name)) and shown(field, answers):
            with contextlib.suppress(Wrong):
                answers[field.name] = KINDS[field.kind].clean(data[field.name], field)
        elif not field.fields and isinstance(data.get(field.name), (str, int)) and shown(field, answers):
            answers[field.name] = data[field.name]
    return answers


def visible(asked: tuple[Field, ...], data: Mapping[str, Any]) -> list[Field]:
    """The fields that are asked, given these answers."""
    answers = settled(asked, data)
    return [field for field in asked if field.asks and shown(field, answers)]


def compile_schema(name: str, asked: tuple[Field, ...]) -> type[FormSchema]:
    """A Schema class called after the form, so that OpenAPI components have speaking names."""
    members: dict[str, Any] = {f.name: _compiled(name, f) for f in asked if f.asks}
    return type(name, (FormSchema,), {**members, "asked": asked})


def _compiled(name: str, asked: Field) -> fields.Field:
    if not asked.fields:
        return Answer(asked)
    inner = compile_schema(name + camel(asked.name), asked.fields)
    return Rows(asked, inner) if asked.repeated else Part(asked, inner)


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
