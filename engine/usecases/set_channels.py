"""Set by which ways a county tells applicants things, and try a way out. Holds from now on, for what is told later."""

import re
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.channels import checked
from engine.domain.clock import Clock
from engine.domain.errors import Invalid
from engine.domain.messages import EMAIL, SMS
from engine.domain.said import say
from engine.store import outbox
from engine.store.channels import channels_of
from engine.store.tables.desk import ChannelSetting
from engine.usecases.portal_settings import ADDRESS

LONGEST = 200  # characters of a reason
TELEPHONE = re.compile(r"\+?[0-9][0-9-]{5,18}")


def set_channels(
    session: Session, clock: Clock, actor: Actor, given: dict[str, Any], reason: str
) -> ChannelSetting:
    """``given``: sender, off, kinds (see domain/channels.py). Raises Invalid by field."""
    why = " ".join(reason.split())
    faults: dict[str, list[str]] = {}
    if not 1 <= len(why) <= LONGEST:
        faults["reason"] = [say("请写明为什么改，1至200个字")]
    try:
        settings = checked(given)
    except Invalid as error:
        raise Invalid(faults | error.fields) from None
    if faults:
        raise Invalid(faults)
    row = ChannelSetting(
        county=actor.county,
        settings=settings.as_json(),
        by=actor.person_id,
        by_name=actor.name,
        at=clock.now(),
        reason=why,
    )
    session.add(row)
    session.flush()
    return row


def try_channel(session: Session, clock: Clock, actor: Actor, way: str, to: str) -> None:
    """A test message, also by a way that is switched off. It says who sent it. Raises Invalid by field."""
    to = to.strip()
    if way not in (SMS, EMAIL):
        raise Invalid({"way": [say("请选择短信或电子邮件")]})
    if way == SMS and not TELEPHONE.fullmatch(to):
        raise Invalid({"to": [say("请填写手机号")]})
    if way == EMAIL and not ADDRESS.fullmatch(to):
        raise Invalid({"to": [say("邮箱地址写得不对，例如 name@example.cn")]})
    channels = channels_of(session, actor.county)
    text = channels.sign(f"这是{actor.name}发送的测试消息，收到就说明发送正常，不用回复。")
    if way == SMS:
        outbox.put(session, actor.county, "send_message", {"to": to, "text": text}, clock.now())
    else:
        letter = {"to": to, "subject": channels.sign("测试消息"), "text": text}
        outbox.put(session, actor.county, "send_mail", letter, clock.now())
