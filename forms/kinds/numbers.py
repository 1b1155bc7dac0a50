"""integer, decimal, money (yuan), area_mu and area_m2: numbers, kept as exact decimal strings.

Full-width digits and thousands separators are taken; `1e5`, NaN and infinity are not.
"""

import re
from decimal import Decimal

from forms.clean import narrow, plain, wrong
from forms.spec import Field
from forms.text import Text

UNITS = {"money": Text("元", "yuan"), "area_mu": Text("亩", "mu"), "area_m2": Text("平方米", "m²")}
PLACES = {"decimal": 2, "money": 2, "area_mu": 2, "area_m2": 2}
LARGEST = Decimal(999_999_999_999)
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")


def _bounded(number: Decimal, asked: Field, low: Decimal | None) -> Decimal:
    high = asked.high if asked.high is not None else LARGEST
    low = asked.low if asked.low is not None else low
    if low is not None and number < low:
        raise wrong(asked, "too_small", min=low)
    if number > high:
        raise wrong(asked, "too_large", max=high)
    return number


def _number(value: object, asked: Field) -> Decimal:
    written = narrow(plain(value, asked, 60)).replace("，", ",")
    if not _NUMBER.fullmatch(written):
        raise wrong(asked, "number")
    return Decimal(written.replace(",", ""))


def integer(value: object, asked: Field) -> int:
    if isinstance(value, float) and not value.is_integer():
        raise wrong(asked, "integer")
    number = _number(int(value) if isinstance(value, float) else value, asked)
    if number != number.to_integral_value():
        raise wrong(asked, "integer")
    return int(_bounded(number, asked, -LARGEST))


def decimal(value: object, asked: Field) -> str:
    return _exact(value, asked, -LARGEST)


def money(value: object, asked: Field) -> str:
    return _exact(value, asked, Decimal(0))


def area(value: object, asked: Field) -> str:
    return _exact(value, asked, Decimal(0))


def places(asked: Field) -> int:
    return PLACES[asked.kind] if asked.decimals is None else asked.decimals


def _exact(value: object, asked: Field, low: Decimal) -> str:
    number = _number(value, asked)
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places(asked):
        raise wrong(asked, "decimals", max=places(asked))
    bounded = _bounded(number, asked, low)
    return str(bounded.quantize(Decimal(1).scaleb(-places(asked))))


def openapi_integer(asked: Field) -> dict[str, object]:
    facts: dict[str, object] = {"type": "integer"}
    if asked.min is not None:
        facts["minimum"] = int(asked.min)
    if asked.max is not None:
        facts["maximum"] = int(asked.max)
    return facts


def openapi_decimal(asked: Field) -> dict[str, object]:
    """Decimals travel as strings, so that nothing is rounded on the way."""
    sign = "-?" if asked.kind == "decimal" else ""
    fraction = rf"(\.\d{{1,{places(asked)}}})?" if places(asked) else ""
    return {"type": "string", "pattern": rf"^{sign}\d{{1,12}}{fraction}$", "examples": ["12.34"]}


def show(value: object, asked: Field, lang: str) -> str:
    unit = f" {asked.unit.for_lang(lang)}" if asked.unit else ""
    return f"{value}{unit}"
