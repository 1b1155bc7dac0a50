"""Rules of the review of business capital: pure. 农村土地承包法 art 45, 农村土地经营权流转管理办法 arts 29-31 (from memory, to be
verified), 行政许可法 arts 32, 42, 44, 45, 82.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from engine.domain.said import say

MEMBER = "member"  # of the collective whose land it is: no business capital
PERSONS = frozenset({MEMBER, "natural_person"})  # told apart by identity number, all others by credit code
REVIEWING, PASSED, FAILED, EXEMPT, ABOVE = "reviewing", "passed", "failed", "exempt", "above"
WITHDRAWN, LAPSED = "withdrawn", "lapsed"
TOWNSHIP, COUNTY = "township", "county"
SIDES = {
    "department": "职能部门",
    "collective": "农村集体经济组织代表",
    "farmer": "农民代表",
    "expert": "专家",
}
ASPECTS = {"qualification": "资格审查", "project": "项目审核", "risk": "风险防范"}
ALL = "all"  # of the aspects
UNHEARD = {
    "department": say("没有职能部门的意见"),
    "collective": say("没有农村集体经济组织代表的意见"),
    "farmer": say("没有农民代表的意见"),
    "expert": say("没有专家的意见"),
}
UNJUDGED = {
    "qualification": say("没有人审查受让方资格"),
    "project": say("没有人审核经营项目"),
    "risk": say("没有人审查风险"),
}
EXCUSED = "excused"

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I O S V Z
_CREDIT = re.compile(rf"[{_SIGNS}]{{18}}")
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def credit_code_holds(code: str) -> bool:
    """统一社会信用代码: 18 signs, the last one checks the others (GB 32100-2015, ISO 7064 MOD 31-3)."""
    if not _CREDIT.fullmatch(code):
        return False
    total = sum(_SIGNS.index(sign) * weight for sign, weight in zip(code[:17], _WEIGHTS, strict=True))
    return _SIGNS[(31 - total % 31) % 31] == code[17]


def consented(votes: int, members: int) -> bool:
    """Land that no household holds: two thirds of the members or representatives must agree first (流转管理办法 art 29, verify)."""
    return members > 0 and 0 <= votes <= members and votes * 3 >= members * 2


def deposit_due(rent_yuan: Decimal, months: int) -> Decimal:
    """风险保障金 in yuan: so many months of the whole land's yearly rent, to the cent."""
    return (rent_yuan * months / 12).quantize(Decimal("0.01"), ROUND_HALF_UP)


def missing_of(reviewers: Iterable[Mapping[str, Any]]) -> list[str]:
    """What a review lacks: sides that must take part and aspects that nobody judged. Who was excused does not count."""
    heard = [row for row in reviewers if row["opinion"] != EXCUSED]
    sides = {row["side"] for row in heard}
    judged = {row["aspect"] for row in heard}
    lacking: list[str] = [words for side, words in UNHEARD.items() if side not in sides]
    if ALL not in judged:
        lacking += [words for aspect, words in UNJUDGED.items() if aspect not in judged]
    return lacking


def uncovered(wanted: Collection[str], covered: Collection[str]) -> list[str]:
    """Parcels of a transfer that the review did not look at, in the order of their codes."""
    return sorted(set(wanted) - set(covered))


def standing(state: str, valid_until: date | None, deposit: str, day: date) -> str:
    """What a review allows on a day: passed, exempt, deposit_due, expired, or its state."""
    if state != PASSED:
        return state
    if valid_until is not None and valid_until < day:
        return "expired"
    return "deposit_due" if deposit == "due" else PASSED
