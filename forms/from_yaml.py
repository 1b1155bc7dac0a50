"""A field from its YAML mapping. Trusts its input: `problems.check` says what is wrong with a form."""

from collections.abc import Mapping
from dataclasses import replace

from forms.kinds import expand
from forms.kinds.signing import WITHHELD
from forms.spec import Conditions, Field, Option, Paper, as_key
from forms.text import Text


def _conditions(value: object) -> Conditions:
    if not isinstance(value, Mapping):
        return ()
    listed = {k: v if isinstance(v, (list, tuple)) else [v] for k, v in value.items()}
    return tuple((str(k), tuple(as_key(x) for x in v)) for k, v in listed.items())


def read_options(value: object) -> tuple[Option, ...]:
    """Options from YAML or from a code list: `[{value, label, hint?}]`, or a mapping value -> label."""
    rows = value
    if isinstance(value, Mapping):
        rows = [{"value": k, "label": v} for k, v in value.items()]
    if not isinstance(rows, (list, tuple)):
        return ()
    return tuple(_option(row) for row in rows)


def _option(row: object) -> Option:
    if not isinstance(row, Mapping):
        return Option(as_key(row), Text.of(as_key(row)))
    value = row.get("value", row.get("code"))
    label = row.get("label", row.get("title", as_key(value)))
    hint = Text.of(row["hint"]) if row.get("hint") else None
    return Option(as_key(value), Text.of(label), hint)


def _paper(row: Mapping) -> Paper:
    hint = Text.of(row["hint"]) if row.get("hint") else None
    return Paper(
        kind=str(row.get("kind", "")),
        label=Text.of(row.get("label", "")),
        required=bool(row.get("required")),
        hint=hint,
        show_if=_conditions(row.get("show_if")),
        required_if=_conditions(row.get("required_if")),
    )


def read_field(row: Mapping) -> Field:
    """A field from its YAML mapping; `members`, `survey_parcels` and `new_parcels` become groups of known fields."""

    def number(key: str) -> str | None:
        return None if row.get(key) is None else str(row[key])

    asked = Field(
        name=str(row.get("name", "")),
        kind=str(row.get("kind", "")),
        label=Text.of(row.get("label", row.get("name", ""))),
        hint=Text.of(row["hint"]) if row.get("hint") else None,
        required=bool(row.get("required")),
        show_if=_conditions(row.get("show_if")),
        required_if=_conditions(row.get("required_if")),
        options=read_options(row.get("options")),
        options_from=row.get("options_from"),
        papers=tuple(_paper(p) for p in row.get("papers") or ()),
        fields=tuple(read_field(f) for f in row.get("fields") or ()),
        repeated=bool(row.get("repeated")),
        min=number("min"),
        max=number("max"),
        max_length=row.get("max_length"),
        min_length=row.get("min_length"),
        decimals=row.get("decimals"),
        pattern=row.get("pattern"),
        unit=Text.of(row["unit"]) if row.get("unit") else None,
        prefill=row.get("prefill"),
        default=row.get("default"),
        autocomplete=row.get("autocomplete"),
        text=Text.of(row["text"]) if row.get("text") else None,
        withheld=bool(row.get("withheld")) or row.get("kind") in WITHHELD,
        not_after=row.get("not_after"),
        free=bool(row.get("free")),
        changes=tuple(str(kind) for kind in row.get("changes") or ()),
        of=row.get("of"),
    )
    return expand(asked)


def with_options(asked: Field, lists: Mapping[str, object]) -> Field:
    """The field with `options_from` looked up in the lists, wherever it is nested."""
    inner = tuple(with_options(f, lists) for f in asked.fields)
    if asked.options_from and asked.options_from in lists:
        return replace(asked, fields=inner, options=read_options(lists[asked.options_from]))
    return replace(asked, fields=inner) if inner else asked
