"""The ticker: what is due comes from the database, once a second; Redis only carries ids to workers."""

import signal
import threading
from datetime import UTC, datetime

import structlog
from redis import Redis
from rq import Queue

from engine.bootstrap import App, app
from engine.failpoints import reach
from engine.queries.counties import county_codes
from engine.store import cases, outbox
from engine.usecases.fire_deadline import fire_deadline
from engine.usecases.take_in_submissions import take_in_submissions

log = structlog.get_logger()
SECONDS = 1.0
SECONDS_OF_A_JOB = 90  # shorter than the lease, far longer than any paper takes


def tick(running: App, queue: Queue | None) -> dict[str, int]:
    """One round: deadlines that have come, submissions from the portal, outbox ids to the workers."""
    return {
        "deadlines": fire_due(running),
        "submissions": take_in_submissions(running),
        "queued": enqueue_waiting(running, queue) if queue is not None else 0,
    }


def fire_due(running: App) -> int:
    """Every due deadline of every county, each in its own transaction; one that fails stops no other."""
    fired = 0
    for county in counties(running):
        with running.sessions(county) as session:
            due = cases.due_deadlines(session, running.clock.now())
        for code, case_id, deadline_id in due:
            with running.sessions(code) as session:
                try:
                    fired += fire_deadline(session, running.clock, code, case_id, deadline_id)
                    reach("fired")
                    session.commit()
                except Exception as error:
                    session.rollback()
                    log.error(
                        "deadline failed", case=str(case_id), deadline=str(deadline_id), error=str(error)
                    )
    return fired


def counties(running: App) -> list[str]:
    with running.sessions() as session:
        return county_codes(session)


def enqueue_waiting(running: App, queue: Queue) -> int:
    """Ids of outbox rows to the workers; a row already in the queue is not put in twice."""
    with running.sessions() as session:
        ids = outbox.waiting_ids(session, datetime.now(UTC))
    waiting = set(queue.get_job_ids())
    fresh = [row_id for row_id in ids if f"outbox-{row_id}" not in waiting]
    for row_id in fresh:
        queue.enqueue(
            "engine.jobs.work.carry_out",
            row_id,
            job_id=f"outbox-{row_id}",
            job_timeout=SECONDS_OF_A_JOB,
            result_ttl=0,
            failure_ttl=60,
        )
        reach("enqueued")
    return len(fresh)


def main() -> None:
    running = app()
    assert running.settings.redis_url, "REDIS_URL is not set"
    queue = Queue(connection=Redis.from_url(running.settings.redis_url))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            tick(running, queue)
        except Exception as error:  # database or Redis away for a moment: the next round tries again
            log.error("tick failed", error=str(error))
        stop.wait(SECONDS)


if __name__ == "__main__":
    main()
