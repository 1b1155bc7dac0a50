"""Rules of the review of business capital: pure. 农村土地承包法 art 45, 农村土地经营权流转管理办法 arts 29-31 (from memory, to be
verified), 行政许可法 arts 32, 42, 44, 45, 82.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Opinion:
    """What a review said, and what was filed under it already (``used_mu``)."""

    number: str | None
    state: str
    valid_until: date | None
    deposit: str
    parcels: tuple[str, ...]
    area_mu: Decimal
    used_mu: Decimal
    term_start: date
    term_end: date


@dataclass(frozen=True)
class Wanted:
    """Land that a receiver is to get, on the day on which the contract is signed."""

    parcels: tuple[str, ...]
    area_mu: Decimal
    term_start: date
    term_end: date
    day: date


STANDS: dict[str, str] = {
    "reviewing": say("对这些地块的社会资本审查还没有作出决定，请等审查通过后再备案"),
    "failed": say("对这些地块的社会资本审查没有通过，不得流转给该受让方"),
    "withdrawn": say("对这些地块的社会资本审查已经撤回，请受让方重新申请审查"),
    "lapsed": say("对这些地块的社会资本审查已经失效，请受让方重新申请审查"),
    "above": say("这件流转应由上级审查，本县没有审查意见；请先取得上级的审查意见"),
    "deposit_due": say("审查意见%(number)s已通过，但风险保障金还没有缴存，缴存后再备案"),
    "expired": say("审查意见%(number)s的有效期到%(until)s为止，已经过期，请受让方重新申请审查"),
}


def against(opinion: Opinion, wanted: Wanted) -> tuple[str, dict[str, str]] | None:
    """Why the land may not go to that receiver on this opinion: words and their facts. None where it may."""
    state = standing(opinion.state, opinion.valid_until, opinion.deposit, wanted.day)
    facts = {
        "number": opinion.number or "",
        "until": opinion.valid_until.isoformat() if opinion.valid_until else "",
    }
    if state not in (PASSED, EXEMPT):
        return STANDS[state], facts
    if lacking := uncovered(wanted.parcels, opinion.parcels):
        text = say("审查意见%(number)s没有包括这些地块：%(codes)s，请核对地块或者补充审查")
        return text, facts | {"codes": "、".join(lacking[:5])}
    if wanted.term_start < opinion.term_start or wanted.term_end > opinion.term_end:
        text = say(
            "审查意见%(number)s审查的流转期限是%(start)s至%(end)s，本件的期限%(from)s至%(to)s超出，请改期限或者重新申请审查"
        )
        return text, facts | {
            "start": opinion.term_start.isoformat(), "end": opinion.term_end.isoformat(),
            "from": wanted.term_start.isoformat(), "to": wanted.term_end.isoformat(),
        }  # fmt: skip
    left = opinion.area_mu - opinion.used_mu
    if wanted.area_mu > left:
        text = say(
            "审查意见%(number)s审查的面积是%(area)s亩，已备案%(used)s亩，本件%(asked)s亩超出，请核对面积或者补充审查"
        )
        return text, facts | {
            "area": str(opinion.area_mu), "used": str(opinion.used_mu), "asked": str(wanted.area_mu)
        }  # fmt: skip
    return None
