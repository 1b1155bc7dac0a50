"""id_number (GB 11643) and phone numbers.

The first six digits of an identity number are not looked up: real ones outlive their counties, and the
demonstration county is fictional. The check digit (ISO 7064 MOD 11-2) and the date of birth are.
"""

import datetime
import re

from stdnum.iso7064 import mod_11_2

from forms.clean import narrow, plain, wrong
from forms.spec import Field

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?")


def id_number(value: object, asked: Field) -> str:
    number = re.sub(r"[\s-]", "", narrow(plain(value, asked, 60))).upper()
    if len(number) != 18:
        raise wrong(asked, "id_length", count=len(number))
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise wrong(asked, "id_form")
    if not _born(number):
        raise wrong(asked, "id_birth")
    if not mod_11_2.is_valid(number):
        raise wrong(asked, "id_check")
    return number


def _born(number: str) -> bool:
    try:
        return datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14])).year >= 1880
    except ValueError:
        return False


def phone(value: object, asked: Field) -> str:
    number = re.sub(r"[\s()]", "", narrow(plain(value, asked, 40)))
    number = re.sub(r"^(\+?86-?)(?=1)", "", number).replace("—", "-").replace("–", "-")
    if _MOBILE.fullmatch(number.replace("-", "")):
        return number.replace("-", "")
    if not _LANDLINE.fullmatch(number):
        raise wrong(asked, "phone")
    return number


def openapi_id(asked: Field) -> dict[str, object]:
    return {"type": "string", "pattern": "^[0-9]{17}[0-9Xx]$"}


def openapi_phone(asked: Field) -> dict[str, object]:
    return {"type": "string", "maxLength": 40}
