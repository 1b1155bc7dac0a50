"""The county's messages to the upper platform: sent one after the other, answered, and sent again when refused."""

from copy import deepcopy
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from engine.domain import feed
from engine.domain.actor import Actor
from engine.domain.clock import SHANGHAI, Clock
from engine.domain.errors import Conflict, Invalid, NotFound
from engine.domain.said import say
from engine.exchange.feed_destination import destination
from engine.exchange.feed_file import write_message
from engine.operations.feed import EFFECT
from engine.store import feed as store
from engine.store import outbox
from engine.store.tables.feed import FeedMessage
from engine.usecases.wiring import Wiring


def send_feed(app: Wiring, session: Session, county: str) -> None:
    """Send the county's next message, if one may go; the one behind it is another effect.

    The lock keeps the order when several workers look at once. A message that was sent when the worker died goes out
    again with the same SJBZM.
    """
    store.lock_row(session, county)
    row = store.first_waiting(session, county)
    if row is None:
        return
    body = write_message(row.facts, app.settings.feed_key)
    to = destination(app.settings.feed_url, app.settings.feed_folder)
    answer = to.deliver(county, row.serial, str(row.id), body)
    now = app.clock.now()
    row.file, row.sent_to, row.sent_at = app.files.put(body), to.name, now
    row.state = feed.SENT
    if answer is not None:
        take_answer(row, answer, "platform", app.clock)
    session.flush()
    if store.first_waiting(session, county) is not None:
        outbox.put(session, county, EFFECT, {"county": county}, now)


def take_answer(row: FeedMessage, answer: feed.Answer, by: str, clock: Clock) -> None:
    row.state, row.answer = answer.state, answer.as_json()
    row.answered_at, row.answered_by = clock.now(), by


def give_answer(
    session: Session, clock: Clock, actor: Actor, message_id: UUID, said: dict[str, Any]
) -> FeedMessage:
    """The platform's answer to a message that was carried as a file. The same one again changes nothing.

    Invalid by field; Conflict when it was not sent yet, or another answer is on record. Commits nothing.
    """
    row = found(session, actor, message_id)
    answer = feed.read_answer(said)
    if row.state == feed.WAITING:
        raise Conflict("not_sent", "报文还没有送出，不能登记应答")
    if row.state != feed.SENT:
        if row.answer == answer.as_json():
            return row
        raise Conflict("answered", "报文 %(serial)s 已有应答，不能再改", serial=row.serial)
    take_answer(row, answer, actor.id, clock)
    session.flush()
    outbox.put(session, row.county, EFFECT, {"county": row.county}, clock.now())
    return row


def repeat(session: Session, clock: Clock, actor: Actor, message_id: UUID, why: str) -> FeedMessage:
    """Send a refused message again, under the same serial with a number of its own; those behind it follow.

    Invalid without a reason; Conflict when it was not refused, or sent again already. Commits nothing.
    """
    store.lock_row(session, actor.county)
    row = found(session, actor, message_id)
    why = why.strip()
    if not why or feed.wrong_text(why):
        raise Invalid({"why": [say("请写明已经怎样更正，不超过1000字")]})
    if row.state != feed.REFUSED:
        raise Conflict("not_refused", "报文 %(serial)s 没有被退回，不用再报", serial=row.serial)
    if store.last_attempt(session, row) != row.attempt:
        raise Conflict("repeated", "报文 %(serial)s 已经再次报送", serial=row.serial)
    now, new_id, facts = clock.now(), uuid4(), deepcopy(row.facts)
    facts["HEAD"] |= {"SJBZM": str(new_id), "FSSJ": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"}
    again = FeedMessage(
        county=row.county,
        id=new_id,
        case_id=row.case_id,
        turn=row.turn,
        attempt=row.attempt + 1,
        serial=row.serial,
        code=row.code,
        contractor_code=row.contractor_code,
        contractor_name=row.contractor_name,
        facts=facts,
        faults=feed.faults(facts),
        state=feed.WAITING,
        made_at=now,
        made_by=actor.id,
        why=why,
        division=row.division,
    )
    session.add(again)
    session.flush()
    outbox.put(session, row.county, EFFECT, {"county": row.county}, now)
    return again


def found(session: Session, actor: Actor, message_id: UUID) -> FeedMessage:
    row = store.find(session, actor.county, message_id, lock=True)
    if row is None or not actor.sees(row.division):
        raise NotFound("feed_message", "没有找到这份报文")
    return row
