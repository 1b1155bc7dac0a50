"""Say that a finding is fixed, is no fault, or stands after all; and set a county's rules and tolerances."""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Invalid, NotAllowed
from engine.domain.roles import may
from engine.domain.said import say
from engine.exchange.checks.settings import checked_settings
from engine.queries.quality import STATES, visible_finding
from engine.store import quality
from engine.store.tables.quality import QualityFinding

LONGEST = 500  # characters of a reason
SHORTEST = 2


def settle_finding(
    session: Session, clock: Clock, actor: Actor, finding_id: int, did: str, reason: str
) -> QualityFinding:
    """``did``: fixed, no_fault or open. The caller commits. Raises Invalid without a reason."""
    found = visible_finding(session, actor, finding_id, lock=True)
    faults: dict[str, list[str]] = {}
    if did not in STATES:
        faults["did"] = [say("请选择处理结果")]
    faults |= _reason(reason)
    if faults:
        raise Invalid(faults)
    quality.say_of(session, actor, found, did, reason.strip(), clock.now())
    return found


def set_quality_settings(
    session: Session, clock: Clock, actor: Actor, asked: dict[str, Any], reason: str
) -> dict[str, Any]:
    """The county's own settings, checked, kept and recorded. The caller commits. Raises Invalid for bad values."""
    if not may(actor.role, "packages") or actor.division != actor.county:
        raise NotAllowed("quality_settings", "质检设置由县级数据管理员修改")
    faults = _reason(reason)
    try:
        after = checked_settings(asked)
    except Invalid as error:
        raise Invalid(error.fields | faults) from None
    if faults:
        raise Invalid(faults)
    quality.set_settings(session, actor, after, reason.strip(), clock.now())
    return after


def _reason(reason: str) -> dict[str, list[str]]:
    if len(reason.strip()) < SHORTEST:
        return {"reason": [say("请写明原因")]}
    return {"reason": [say("最多%(n)s个字", n=LONGEST)]} if len(reason) > LONGEST else {}
