"""How large is what a business asks for, and does the agreement fit the register: before anybody decides anything."""

from datetime import date
from decimal import Decimal
from typing import Any

from engine.domain.capital import MEMBER, PERSONS, consented, credit_code_holds, deposit_due
from engine.domain.errors import Invalid, Refused
from engine.domain.register import mu
from engine.domain.said import say
from engine.operations.work import Work
from engine.store import capital
from engine.store.changes.locks import seeing_the_county

Faults = dict[str, list[str]]
HELD = frozenset({"household", "both"})  # kinds of land that households hold
REVIEW_OPEN = say("该受让方对这些地块的审查正在进行，不能重复申请")
UNASSIGNED = frozenset({"collective", "both"})


def size_up_capital_review(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Reads the application. Raises Invalid by field where the intent agreement does not fit the register, Refused where
    a review of this receiver and some of this land was handed in before and is still open.

    Result: {inside: the receiver is of the collective, area_mu: text, parcels: [code], households: how many hold them,
    counties: in how many the receiver takes land at once, deposit_months asked later: rent_yuan, for one year}.
    """
    asked = work.data[work.case_type.start_variable]
    codes = parcels_asked(asked)
    faults = receiver_faults(work, asked) | term_faults(work, asked, codes) | consent_faults(work, asked)
    land = capital.contracted(work.session, work.case.county, codes)
    faults |= area_faults(work, asked, codes, land)
    if faults:
        raise Invalid(faults)
    demand_the_only_one(work, receiver_code(asked), codes)
    area = Decimal(asked["area_mu"])
    return {
        "inside": asked["receiver_kind"] == MEMBER,
        "area_mu": str(area),
        "parcels": codes,
        "households": len({one.holder for one in land}),
        "counties": int(asked.get("counties") or 1),
        "rent_yuan": str(deposit_due(area * Decimal(asked["rent_mu"]), 12)),
    }


def demand_the_only_one(work: Work, receiver: str, codes: list[str]) -> None:
    """One review at a time of a receiver and land, from the day it is handed in, whichever office has it."""
    with seeing_the_county(work.session, work.case.county):
        running = capital.still_open(work.session, work.case, receiver, codes) is not None
        waiting = [data[work.case_type.start_variable] for data in capital.asked_for(work.session, work.case)]
    if running or any(same_asked(receiver, codes, asked) for asked in waiting):
        raise Refused("review_open", REVIEW_OPEN)


def same_asked(receiver: str, codes: list[str], other: dict[str, Any]) -> bool:
    return receiver_code(other) == receiver and not set(codes).isdisjoint(parcels_asked(other))


def parcels_asked(asked: dict[str, Any]) -> list[str]:
    """The household's own that were chosen, and others that were named by code; each once."""
    own = [row["code"] if isinstance(row, dict) else row for row in asked.get("parcels") or []]
    return list(dict.fromkeys([*own, *(asked.get("other_parcels") or [])]))


def receiver_faults(work: Work, asked: dict[str, Any]) -> Faults:
    """A body has a credit code, a person an identity number; who says to be of the collective must be of it."""
    if asked["receiver_kind"] not in PERSONS:
        code = str(asked.get("credit_code") or "")
        if not credit_code_holds(code):
            return {"credit_code": [say("统一社会信用代码不对：应为18位，最后一位是校验码")]}
        return {}
    if asked["receiver_kind"] != MEMBER:
        return {}
    party = capital.party_of(work.session, work.case.county, asked["member_contractor"])
    if party != work.case.issuing_party_code:
        return {"member_contractor": [say("这一承包方不属于本集体经济组织，不能按集体内部流转办理")]}
    return {}


def receiver_code(asked: dict[str, Any]) -> str:
    return str(asked["person_id"] if asked["receiver_kind"] in PERSONS else asked["credit_code"])


def term_faults(work: Work, asked: dict[str, Any], codes: list[str]) -> Faults:
    """The term fits what remains of every contract (RLC art 38 (3))."""
    start, end = date.fromisoformat(asked["term_start"]), date.fromisoformat(asked["term_end"])
    if end <= start:
        return {"term_end": [say("流转期限的止日应在起日之后")]}
    ends = [one for one in capital.contracted(work.session, work.case.county, codes) if one.term_end < end]
    if ends:
        first = min(ends, key=lambda one: one.term_end)
        return {
            "term_end": [
                say(
                    "地块 %(code)s 的承包期到%(day)s为止，流转期限不得超过承包期的剩余期限",
                    code=first.code,
                    day=first.term_end.isoformat(),
                )
            ]
        }
    return {}


def consent_faults(work: Work, asked: dict[str, Any]) -> Faults:
    """Land that no household holds needs two thirds first (流转管理办法 art 29, from memory)."""
    if asked["land"] not in UNASSIGNED:
        return {}
    if not consented(int(asked["consent_votes"]), int(asked["consent_members"])):
        return {"consent_votes": [say("未承包到户的集体土地，应先经三分之二以上成员或者村民代表同意")]}
    if date.fromisoformat(asked["consent_on"]) > work.today:
        return {"consent_on": [say("同意的日期不能晚于今天")]}
    return {}


def area_faults(work: Work, asked: dict[str, Any], codes: list[str], land: list[capital.Land]) -> Faults:
    """What the agreement says may not be more than the register's land and the collective's together."""
    if asked["land"] in HELD and not codes:
        return {"parcels": [say("请选择意向流转的承包地块，或填写地块编码")]}
    found = capital.known_parcels(work.session, work.case.county, codes)
    if unknown := [code for code in codes if code not in found]:
        return {"other_parcels": [say("登记簿中没有地块 %(code)s，请核对编码", code="、".join(unknown[:5]))]}
    held = sum((mu(one.area) for one in land), Decimal(0))
    most = held + Decimal(asked.get("collective_mu") or 0)
    if Decimal(asked["area_mu"]) > most:
        return {
            "area_mu": [say("意向面积比所列地块合计的%(most)s亩还多，请核对地块或者面积", most=str(most))]
        }
    return {}
