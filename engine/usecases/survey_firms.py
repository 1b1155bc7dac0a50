"""The county's surveying firms: who they are, their qualification and its last day, whether they get work."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Invalid, NotAllowed, NotFound
from engine.domain.roles import may, may_act
from engine.domain.said import say
from engine.store import firms
from engine.store.tables.firms import SurveyFirm

CREDIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")  # GB 32100: no I O S V Z
PHONE = re.compile(r"[0-9-]{7,20}")
FACTS = (
    "name", "credit_code", "grade", "certificate", "valid_from", "valid_to", "contact", "phone", "active",
)  # fmt: skip
LONGEST = {"name": 60, "certificate": 40, "contact": 30}


def save_firm(
    session: Session, clock: Clock, actor: Actor, told: Mapping[str, Any], code: str | None = None
) -> SurveyFirm:
    """A new firm, or other facts of one. ``told``: name, credit_code, grade (1 or 2), certificate, valid_from, valid_to
    (dates), contact, phone, active. Raises Invalid by field. Commits nothing: the caller commits.
    """
    if not (may(actor.role, "firms") and may_act(actor.role, "firms")):
        raise NotAllowed("may_not_keep_firms", "您没有登记测绘单位的权限")
    firm = firms.firm_of(session, actor.county, code, lock=True) if code else None
    if code and firm is None:
        raise NotFound("firm", "没有找到测绘单位%(code)s", code=code[:20])
    faults = _faults(told, [one for one in firms.firms_of(session, actor.county) if one.code != code])
    if faults:
        raise Invalid(faults)
    if firm is None:
        firm = SurveyFirm(
            county=actor.county, code=firms.next_code(session, actor.county), division=actor.county
        )
        session.add(firm)
    for name in FACTS:
        setattr(firm, name, told[name])
    firm.changed_at, firm.changed_by = clock.now(), actor.name
    session.flush()
    return firm


def _faults(told: Mapping[str, Any], others: list[SurveyFirm]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, longest in LONGEST.items():
        if not 1 <= len(told[name]) <= longest:
            found[name] = [say("请填写，不超过%(count)s个字", count=longest)]
    if not CREDIT.fullmatch(told["credit_code"]):
        found["credit_code"] = [say("统一社会信用代码应为18位数字和大写字母")]
    elif any(one.credit_code == told["credit_code"] for one in others):
        found["credit_code"] = [say("这个单位已经登记过")]
    if told["grade"] not in (1, 2):
        found["grade"] = [say("请选择资质等级")]
    if not PHONE.fullmatch(told["phone"]):
        found["phone"] = [say("电话只能有数字和横线")]
    if not isinstance(told["valid_from"], date):
        found["valid_from"] = [say("请填写资质有效期的起日")]
    if not isinstance(told["valid_to"], date):
        found["valid_to"] = [say("请填写资质有效期的止日")]
    elif isinstance(told["valid_from"], date) and told["valid_to"] < told["valid_from"]:
        found["valid_to"] = [say("止日早于起日")]
    return found
