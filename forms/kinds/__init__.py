"""The kinds of question, listed in one place.

A kind knows how to clean a typed value into a JSON-safe one, what OpenAPI says of it, which settings a YAML
form may give it, and how a value is shown in a summary.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from forms.kinds import (
    choosing,
    dating,
    drawing,
    filing,
    grouping,
    identity,
    numbers,
    register,
    shapes,
    signing,
    writing,
)
from forms.spec import Field


@dataclass(frozen=True)
class Kind:
    clean: Callable[[object, Field], object]
    openapi: Callable[[Field], Mapping[str, object]]
    settings: frozenset[str] = frozenset()
    show: Callable[[object, Field, str], str] | None = None
    inputmode: str | None = None
    many: bool = False


def _settings(*names: str) -> frozenset[str]:
    return frozenset(names)


_BOUNDS = _settings("min", "max", "unit", "default", "prefill")
_TEXT = _settings("max_length", "min_length", "pattern", "default", "prefill", "autocomplete")
_OPTIONS = _settings("options", "options_from", "default", "prefill")
_ROWS = _settings("min", "max", "prefill")
_CODED = _settings("default", "prefill")

KINDS: Mapping[str, Kind] = {
    "text": Kind(writing.text, writing.openapi, _TEXT | {"unit"}),
    "textarea": Kind(writing.textarea, writing.openapi, _TEXT),
    "integer": Kind(numbers.integer, numbers.openapi_integer, _BOUNDS, None, "numeric"),
    "decimal": Kind(
        numbers.decimal, numbers.openapi_decimal, _BOUNDS | {"decimals"}, numbers.show, "decimal"
    ),
    "money": Kind(numbers.money, numbers.openapi_decimal, _BOUNDS, numbers.show, "decimal"),
    "area_mu": Kind(numbers.area, numbers.openapi_decimal, _BOUNDS | {"decimals"}, numbers.show, "decimal"),
    "area_m2": Kind(numbers.area, numbers.openapi_decimal, _BOUNDS, numbers.show, "decimal"),
    "date": Kind(
        dating.date,
        dating.openapi,
        _settings("min", "max", "not_after", "default", "prefill", "autocomplete"),
        dating.show,
    ),
    "choice": Kind(choosing.choice, choosing.openapi_choice, _OPTIONS, choosing.show_choice),
    "choices": Kind(choosing.choices, choosing.openapi_choices, _OPTIONS, choosing.show_choices, many=True),
    "yes_no": Kind(
        choosing.yes_no, choosing.openapi_yes_no, _settings("default", "prefill"), choosing.show_yes_no
    ),
    "id_number": Kind(identity.id_number, identity.openapi_id, _settings("default", "prefill")),
    "phone": Kind(
        identity.phone, identity.openapi_phone, _settings("default", "prefill", "autocomplete"), None, "tel"
    ),
    "files": Kind(filing.files, filing.openapi, _settings("papers", "max", "accept"), filing.show),
    "parcels": Kind(
        choosing.parcels, choosing.openapi_parcels, _settings("min", "max", "default", "free"), many=True
    ),
    "parcel": Kind(choosing.parcel, choosing.openapi_parcel, _CODED),
    "household": Kind(register.household, register.openapi_household, _CODED, None, "numeric"),
    "member": Kind(register.member, register.openapi_member, _settings("default", "prefill")),
    "contract": Kind(register.contract, register.openapi_contract, _CODED),
    "division": Kind(register.division, register.openapi_division, _CODED, None, "numeric"),
    "parcel_codes": Kind(
        register.parcel_codes,
        register.openapi_parcel_codes,
        _settings("min", "max", "default", "prefill", "of"),
    ),
    "shape": Kind(shapes.shape, shapes.openapi, frozenset(), shapes.show),
    "drawing": Kind(drawing.drawing, drawing.openapi, _settings("changes"), drawing.show),
    "one_time_code": Kind(signing.code, signing.openapi_code, frozenset(), None, "numeric"),
    "signature": Kind(signing.signature, signing.openapi_signature, frozenset(), signing.show),
    "shown_document": Kind(signing.document, signing.openapi_document),
    "group": Kind(grouping.never, grouping.openapi, _ROWS | {"fields", "repeated", "of"}),
    "signatures": Kind(grouping.never, grouping.openapi, _ROWS),
    "members": Kind(grouping.never, grouping.openapi, _ROWS),
    "survey_parcels": Kind(grouping.never, grouping.openapi, _ROWS),
    "new_parcels": Kind(grouping.never, grouping.openapi, _ROWS),
    "note": Kind(grouping.never, grouping.openapi, _settings("text")),
}


def expand(asked: Field) -> Field:
    """Ready-made groups get their fields; units of measured kinds get their names."""
    if asked.kind in grouping.READY and not asked.fields:
        return replace(asked, fields=grouping.READY[asked.kind](), repeated=True)
    if asked.kind in numbers.UNITS and asked.unit is None:
        return replace(asked, unit=numbers.UNITS[asked.kind])
    return asked
