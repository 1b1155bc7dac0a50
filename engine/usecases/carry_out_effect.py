"""Carry out one row of the outbox: lease it, do it, mark it done; a failure is tried again, then an incident."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from engine.bpmn import Thrown
from engine.domain.actor import Actor, system
from engine.exchange.gateways import mail_gateway, sms_gateway
from engine.failpoints import reach
from engine.store import outbox
from engine.store.quality import CHECK_AGAIN
from engine.store.scope import rescope
from engine.store.survey import FOLLOW_QUERY, FOLLOW_VAULT
from engine.store.tables.work import OutboxRow
from engine.usecases import land_board, long_work
from engine.usecases.carry_out_ruling import draft_change
from engine.usecases.check_findings import check_findings
from engine.usecases.deals import invite_parties
from engine.usecases.deliver_event import deliver_signal, send_on
from engine.usecases.feed import send_feed
from engine.usecases.incidents import raise_incident
from engine.usecases.land_board import publish_offer
from engine.usecases.long_work import carry_out_long_work
from engine.usecases.print_paper import print_paper
from engine.usecases.publish_case import publish_case
from engine.usecases.registry import send_hand_over
from engine.usecases.seal_paper import seal_paper
from engine.usecases.send_message import send_mail, send_message
from engine.usecases.start_asked import call_off, start_asked
from engine.usecases.stores import follow_query, follow_vault
from engine.usecases.tell_applicant import tell_applicant
from engine.usecases.wiring import Wiring

log = structlog.get_logger()

LONGEST = timedelta(hours=6)  # of renewing: one that hangs for ever gives its row up

Effect = Callable[[Wiring, Session, OutboxRow], None]


def _print(app: Wiring, session: Session, row: OutboxRow) -> None:
    paper = UUID(row.payload["paper"])
    print_paper(session, app.clock, app.files, row.county, paper, app.settings.public_url)


def _publish(app: Wiring, session: Session, row: OutboxRow) -> None:
    outbox.take_along(session, row, datetime.now(UTC))
    with app.portal_sessions() as portal:
        publish_case(session, portal, app.clock, app.files, row.county, row.payload["case"])
        portal.commit()


def _seal(app: Wiring, session: Session, row: OutboxRow) -> None:
    seal_paper(app, session, row.county, UUID(row.payload["paper"]))


def _send(app: Wiring, session: Session, row: OutboxRow) -> None:
    gateway = sms_gateway(app.settings.sms_url, app.settings.sms_token)
    send_message(session, app.clock, row.county, row.payload, f"outbox-{row.id}", gateway)


def _mail(app: Wiring, session: Session, row: OutboxRow) -> None:
    gateway = mail_gateway(app.settings.smtp_url)
    send_mail(session, app.clock, row.county, row.payload, f"outbox-{row.id}", gateway)


def _tell(app: Wiring, session: Session, row: OutboxRow) -> None:
    with app.portal_sessions() as portal:
        tell_applicant(session, portal, app.clock, row.county, row.payload, f"outbox-{row.id}", row.case_id)
        portal.commit()


def _hand_over(app: Wiring, session: Session, row: OutboxRow) -> None:
    send_hand_over(app, session, row.county, UUID(row.payload["hand_over"]))


def _feed(app: Wiring, session: Session, row: OutboxRow) -> None:
    send_feed(app, session, row.county)


def _throw(app: Wiring, session: Session, row: OutboxRow) -> None:
    thrown = Thrown(**row.payload["thrown"])
    send_on(session, app.clock, row.county, row.case_id, thrown, row.payload["hops"])


def _invite(app: Wiring, session: Session, row: OutboxRow) -> None:
    invite_parties(session, app.clock, row.county, row.payload["case"], app.settings.public_url)


def _start(app: Wiring, session: Session, row: OutboxRow) -> None:
    start_asked(session, app.clock, row.county, row.payload)


def _draft_change(app: Wiring, session: Session, row: OutboxRow) -> None:
    draft_change(session, app.clock, row.county, row.payload["case"])


def _call_off(app: Wiring, session: Session, row: OutboxRow) -> None:
    call_off(session, app.clock, row.county, row.payload)


def _signal(app: Wiring, session: Session, row: OutboxRow) -> None:
    assert row.case_id is not None
    told = dict(row.payload)
    by = told.pop("by", None)  # a person's; what a case threw comes from the system
    actor = Actor(**by) if by else system(row.county)
    deliver_signal(session, app.clock, actor, row.case_id, **told)


def _work(app: Wiring, session: Session, row: OutboxRow) -> None:
    carry_out_long_work(app, row.county, UUID(row.payload["work"]))


def _offer(app: Wiring, session: Session, row: OutboxRow) -> None:
    with app.portal_sessions() as portal:
        publish_offer(session, portal, app.clock, row.county, UUID(row.payload["offer"]))
        portal.commit()


def _vault(app: Wiring, session: Session, row: OutboxRow) -> None:
    follow_vault(app, row.county, row.payload["parcels"])


def _query(app: Wiring, session: Session, row: OutboxRow) -> None:
    follow_query(app, row.county, row.payload["parcels"])


def _check_findings(app: Wiring, session: Session, row: OutboxRow) -> None:
    check_findings(session, app.clock, row.county, row.payload)


EFFECTS: dict[str, Effect] = {
    long_work.KIND: _work,
    "render_document": _print,
    "publish_case": _publish,
    "seal_paper": _seal,
    "send_message": _send,
    "send_mail": _mail,
    "tell_applicant": _tell,
    "send_hand_over": _hand_over,
    "send_feed": _feed,
    "invite_parties": _invite,
    "send_event": _throw,
    "start_case": _start,
    "call_off": _call_off,
    "draft_change": _draft_change,
    "deliver_signal": _signal,
    land_board.EFFECT: _offer,
    FOLLOW_VAULT: _vault,
    FOLLOW_QUERY: _query,
    CHECK_AGAIN: _check_findings,
}


def carry_out_effect(app: Wiring, row_id: int | None = None, alone: bool = False) -> bool:
    """The named row, or the first that waits. Gives False when there was none to take.

    ``alone``: nobody else could take the row, so its lease is not renewed. A rehearsal's sessions share one connection,
    on which a second thread would change what the first one sees.
    """
    with app.sessions() as session:
        row = outbox.lease(session, datetime.now(UTC), row_id)
        if row is not None and row.status == "failed":
            rescope(session, row.county)
            raise_incident(session, app.clock, row)
        session.commit()
    if row is None or row.status == "failed":
        return row is not None
    reach("leased")
    with app.sessions(row.county) as session, nullcontext() if alone else kept_leased(app, row):
        try:
            EFFECTS[row.kind](app, session, row)
            reach("effected")
            outbox.finish(session, row, datetime.now(UTC))
            session.commit()
            reach("finished")
        except outbox.LeaseLost:  # it took too long; what was written here goes, the new holder does it
            session.rollback()
            log.warning("lease lost", kind=row.kind, row=row.id, attempt=row.attempts)
        except Exception as error:  # whatever it was, the row says so and others flow on
            session.rollback()
            log.warning("effect failed", kind=row.kind, row=row.id, attempt=row.attempts, error=str(error))
            if outbox.fail(session, row, f"{type(error).__name__}: {error}", datetime.now(UTC)):
                raise_incident(session, app.clock, session.get_one(OutboxRow, (row.county, row.id)))
            session.commit()
    return True


@contextmanager
def kept_leased(app: Wiring, row: OutboxRow) -> Iterator[None]:
    """A thread renews the lease for as long as the block lasts: nobody takes a living worker's row."""
    over = threading.Event()

    def renew() -> None:
        for _ in range(3 * (LONGEST // outbox.LEASE)):
            if over.wait(outbox.LEASE.total_seconds() / 3):
                break
            with (
                suppress(SQLAlchemyError),
                app.sessions() as session,
            ):  # away for a moment: the next one tries
                outbox.renew(session, row, datetime.now(UTC))
                session.commit()

    heart = threading.Thread(target=renew, daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()


def drain(app: Wiring, most: int = 1000) -> int:
    """Carry out everything that waits, here and now: for demonstrations and tests. Gives how many."""
    done = 0
    while done < most and carry_out_effect(app):
        done += 1
    return done
