"""choice, choices, yes_no, parcels and parcel: picked, never typed.

A `choice` whose options come late (from the context of one request) is checked by `Form.read`, not here.
"""

import re
from collections.abc import Mapping
from typing import Any

from forms.clean import plain, wrong
from forms.spec import Field
from forms.text import Text

MOST = 500
_YES = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
YES_NO = (("yes", Text("是", "Yes")), ("no", Text("否", "No")))


def choice(value: object, asked: Field) -> str:
    picked = plain(value, asked, 200)
    known = {option.value for option in asked.options}
    if known and picked not in known:
        raise wrong(asked, "choice")
    return picked


def _list(value: object, asked: Field) -> list[object]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, (list, tuple)):
        raise wrong(asked, "type_list")
    if len(values) > MOST:
        raise wrong(asked, "too_many_rows", max=MOST, count=len(values))
    return list(values)


def choices(value: object, asked: Field) -> list[str]:
    """Picked values, each once, in the order of the options."""
    picked = {choice(v, asked): None for v in _list(value, asked)}
    order = [option.value for option in asked.options]
    return sorted(picked, key=order.index) if order else list(picked)


def yes_no(value: object, asked: Field) -> bool:
    if isinstance(value, bool):
        return value
    picked = plain(value, asked, 200).lower()
    if picked not in _YES:
        raise wrong(asked, "yes_no")
    return _YES[picked]


def parcels(value: object, asked: Field) -> list[str]:
    """Parcel codes, each once. A row of facts counts by its `code`."""
    rows = [row.get("code") if isinstance(row, dict) else row for row in _list(value, asked)]
    codes = list(dict.fromkeys(plain(code, asked, 40) for code in rows))
    if any(not re.fullmatch(r"[0-9A-Za-z-]{1,40}", code) for code in codes):
        raise wrong(asked, "choice")
    if asked.high is not None and len(codes) > asked.high:
        raise wrong(asked, "too_many_rows", max=asked.high, count=len(codes))
    if asked.low is not None and len(codes) < asked.low:
        raise wrong(asked, "required_rows", min=asked.low)
    return codes


def parcel(value: object, asked: Field) -> str:
    """One parcel's code."""
    code = plain(value, asked, 40)
    if not re.fullmatch(r"[0-9]{19}", code):
        raise wrong(asked, "choice")
    return code


def parcel_said(row: Mapping[str, Any]) -> str:
    """A parcel of the household as people tell it from its others: name, area in mu, code."""
    return f"{row.get('name') or ''}（{row.get('area_mu') or '—'}亩）{row['code']}"


def openapi_parcel(asked: Field) -> dict[str, object]:
    return {"type": "string", "pattern": "^[0-9]{19}$"}


def openapi_choice(asked: Field) -> dict[str, object]:
    facts: dict[str, object] = {"type": "string", "maxLength": 200}
    if asked.options:
        facts["enum"] = [option.value for option in asked.options]
    return facts


def openapi_choices(asked: Field) -> dict[str, object]:
    return {"type": "array", "items": openapi_choice(asked), "uniqueItems": True}


def openapi_yes_no(asked: Field) -> dict[str, object]:
    return {"type": "boolean"}


def openapi_parcels(asked: Field) -> dict[str, object]:
    return {"type": "array", "items": {"type": "string", "maxLength": 40}, "uniqueItems": True}


def _label(value: object, asked: Field, lang: str) -> str:
    found = [option.label.for_lang(lang) for option in asked.options if option.value == value]
    return found[0] if found else str(value)


def show_choice(value: object, asked: Field, lang: str) -> str:
    return _label(value, asked, lang)


def show_choices(value: object, asked: Field, lang: str) -> str:
    values = value if isinstance(value, list) else [value]
    return ("; " if lang.startswith("en") else "；").join(_label(v, asked, lang) for v in values)


def show_yes_no(value: object, asked: Field, lang: str) -> str:
    named = dict(YES_NO)
    key = "yes" if value is True else "no" if value is False else str(value)
    return named[key].for_lang(lang) if key in named else str(value)
