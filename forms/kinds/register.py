"""household, member, contract, division, parcel_codes: things of the register, named as people name them.

Whether there is such a thing is the register's to say; here only how it is written. A member is picked from the
household's own: the answer is the name and the masked number, which says who is meant and shows no more.
"""

import re

from forms.clean import narrow, plain, wrong
from forms.kinds.choosing import MOST
from forms.spec import Field

LENGTHS = {"household": (18, "[0-9]{18}"), "contract": (19, "[0-9]{18}[JQ]")}
DIVISION = (6, 9, 12, 14)
PARCEL = "[0-9]{19}"


def household(value: object, asked: Field) -> str:
    """承包方编码 CBFBM (NY/T 2539-2016 B.3)."""
    return _coded(value, asked, "household")


def contract(value: object, asked: Field) -> str:
    """承包合同代码 CBHTBM: the contractor's code and J or Q."""
    return _coded(value, asked, "contract").upper()


def _coded(value: object, asked: Field, kind: str) -> str:
    length, pattern = LENGTHS[kind]
    code = re.sub(r"[\s-]", "", narrow(plain(value, asked, 60)))
    if not re.fullmatch(pattern, code.upper()):
        raise wrong(asked, f"{kind}_code", count=len(code), length=length)
    return code


def division(value: object, asked: Field) -> str:
    """区划代码: county 6, township 9, village 12, group 14 digits."""
    code = re.sub(r"\s", "", narrow(plain(value, asked, 40)))
    if not code.isascii() or not code.isdecimal() or len(code) not in DIVISION:
        raise wrong(asked, "division_code", count=len(code))
    return code


def member(value: object, asked: Field) -> str:
    return plain(value, asked, 120)


def parcel_codes(value: object, asked: Field) -> list[str]:
    """Codes of parcels that are not the household's own: picked, typed or pasted, apart by lines, commas or blanks."""
    if not isinstance(value, (str, list, tuple)):
        raise wrong(asked, "type_list")
    parts = [value] if isinstance(value, str) else value
    typed = [narrow(plain(part, asked, 20 * MOST)) for part in parts if part != ""]
    codes = list(dict.fromkeys(code for part in typed for code in re.split(r"[\s,，;；、]+", part) if code))
    for code in codes:
        if not re.fullmatch(PARCEL, code):
            raise wrong(asked, "parcel_code", code=code[:40])
    if asked.high is not None and len(codes) > asked.high:
        raise wrong(asked, "too_many_rows", max=asked.high, count=len(codes))
    return codes


def openapi_household(asked: Field) -> dict[str, object]:
    return {"type": "string", "pattern": "^[0-9]{18}$"}


def openapi_contract(asked: Field) -> dict[str, object]:
    return {"type": "string", "pattern": "^[0-9]{18}[JQjq]$"}


def openapi_division(asked: Field) -> dict[str, object]:
    return {"type": "string", "pattern": "^[0-9]{6}([0-9]{3}([0-9]{3}([0-9]{2})?)?)?$"}


def openapi_member(asked: Field) -> dict[str, object]:
    text = "Name and masked number as the register shows them, or the identity number"
    return {"type": "string", "maxLength": 120, "description": text}


def openapi_parcel_codes(asked: Field) -> dict[str, object]:
    return {"type": "array", "items": {"type": "string", "pattern": f"^{PARCEL}$"}, "maxItems": MOST}
