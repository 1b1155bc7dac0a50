"""Carry out one row of the outbox: lease it, do it, mark it done; a failure is tried again, then an incident."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from engine.failpoints import reach
from engine.store import outbox
from engine.store.tables.work import OutboxRow
from engine.usecases.print_paper import print_paper
from engine.usecases.publish_case import publish_case
from engine.usecases.send_message import send_message
from engine.usecases.wiring import Wiring

log = structlog.get_logger()

Effect = Callable[[Wiring, Session, OutboxRow], None]


def _print(app: Wiring, session: Session, row: OutboxRow) -> None:
    paper = UUID(row.payload["paper"])
    print_paper(session, app.clock, app.files, row.county, paper, app.settings.public_url)


def _publish(app: Wiring, session: Session, row: OutboxRow) -> None:
    with app.portal_sessions() as portal:
        publish_case(session, portal, app.clock, app.files, row.county, row.payload["case"])
        portal.commit()


def _send(app: Wiring, session: Session, row: OutboxRow) -> None:
    send_message(session, app.clock, row.county, row.payload)


EFFECTS: dict[str, Effect] = {"render_document": _print, "publish_case": _publish, "send_message": _send}


def carry_out_effect(app: Wiring, row_id: int | None = None) -> bool:
    """The named row, or the first that waits. Gives False when there was none to take."""
    with app.sessions() as session:
        row = outbox.lease(session, datetime.now(UTC), row_id)
        if row is None:
            return False
    reach("leased")
    with app.sessions(row.county) as session:
        try:
            EFFECTS[row.kind](app, session, row)
            reach("effected")
            outbox.finish(session, row, datetime.now(UTC))
            session.commit()
            reach("finished")
        except Exception as error:  # whatever it was, the row says so and others flow on
            session.rollback()
            log.warning("effect failed", kind=row.kind, row=row.id, attempt=row.attempts, error=str(error))
            outbox.fail(session, row, f"{type(error).__name__}: {error}", datetime.now(UTC))
            session.commit()
    return True


def drain(app: Wiring, most: int = 1000) -> int:
    """Carry out everything that waits, here and now: for demonstrations and tests. Gives how many."""
    done = 0
    while done < most and carry_out_effect(app):
        done += 1
    return done
