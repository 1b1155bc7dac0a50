"""The ticker: what is due comes from the database, once a second; Redis only carries ids to workers.

Any number of tickers may run: each deadline, submission and outbox row is claimed by one at a time.
"""

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from secrets import token_hex
from uuid import UUID

import structlog
from redis import Redis
from rq import Queue

from engine.bootstrap import App, app
from engine.failpoints import reach
from engine.queries.counties import county_codes
from engine.store import deadlines, outbox
from engine.store.tables.cases import Deadline
from engine.usecases import long_work
from engine.usecases.fire_deadline import fire_deadline
from engine.usecases.incidents import raise_incident
from engine.usecases.stores.days import follow_days
from engine.usecases.supervision import remind_due
from engine.usecases.take_in_submissions import take_in_submissions

log = structlog.get_logger()
SECONDS = 1.0
RARE = {"reminders": 60.0}  # seconds between two rounds of what looks at every payment of the past
SECONDS_OF_A_JOB = 90  # far longer than any paper takes
SECONDS_OF_LONG_WORK = 6 * 3600
LONG = "long"  # the queue of long work: its own worker does it, so that papers and messages need not wait
MOST_DEADLINES = 500  # of a county in one round; the rest of a backlog comes in the next


def rounds_of(running: App, queue: Queue | None) -> dict[str, Callable[[], int]]:
    """What is done in each round, by name; each gives how much it did."""
    return {
        "deadlines": lambda: fire_due(running),
        "submissions": lambda: take_in_submissions(running),
        "reminders": lambda: remind_of_rent(running),
        "days": lambda: follow_all_days(running),
        "queued": lambda: enqueue_waiting(running, queue) if queue is not None else 0,
    }


def tick(running: App, queue: Queue | None) -> dict[str, int]:
    """One round: deadlines that have come, submissions from the portal, outbox ids to the workers."""
    return {name: work() for name, work in rounds_of(running, queue).items()}


def fire_due(running: App) -> int:
    """Every due deadline of every county, each in its own transaction; one that fails stops no other."""
    return sum(fire_due_of(running, county) for county in counties(running))


def fire_due_of(running: App, county: str) -> int:
    fired = 0
    for _ in range(MOST_DEADLINES):
        with running.sessions(county) as session:
            row = deadlines.claim_due(session, county, running.clock.now(), datetime.now(UTC))
            if row is not None and row.status == "failed":
                raise_incident(session, running.clock, row)
            session.commit()
        if row is None:
            break
        if row.status == "running":
            reach("claimed")
            fired += fire(running, county, row.case_id, row.id)
    return fired


def fire(running: App, county: str, case_id: UUID, deadline_id: UUID) -> bool:
    """Whether it fired; a failure is written down, to be tried again later or by an administrator."""
    with running.sessions(county) as session:
        try:
            fired = fire_deadline(session, running.clock, county, case_id, deadline_id)
            if not fired:
                deadlines.put_back(session, county, deadline_id)
            reach("fired")
            session.commit()
            return fired
        except Exception as error:  # a model that cannot go on, a rule, a database away: the others go on
            session.rollback()
            said = f"{type(error).__name__}: {error}"
            log.warning("deadline failed", case=str(case_id), deadline=str(deadline_id), error=said)
            if deadlines.fail(session, county, deadline_id, said, datetime.now(UTC)):
                raise_incident(session, running.clock, session.get_one(Deadline, (county, deadline_id)))
            session.commit()
            return False


def remind_of_rent(running: App) -> int:
    """Rent that is due soon or late: each payer is told once before and once after."""
    told = 0
    for county in counties(running):
        with running.sessions(county) as session:
            told += remind_due(session, running.clock, county)
            session.commit()
    return told


def follow_all_days(running: App) -> int:
    """Parcels whose blocks began or ended with the day: once a day and county."""
    return sum(follow_days(running, county, running.followed_to) for county in counties(running))


def counties(running: App) -> list[str]:
    with running.sessions() as session:
        return county_codes(session)


def enqueue_waiting(running: App, queue: Queue) -> int:
    """Ids of outbox rows to the workers; a row already in the queue is not put in twice.

    After a loss of Redis this fills it again. It looks at 200 rows at most, so the queue stays as short.
    """
    with running.sessions() as session:
        rows = outbox.waiting(session, datetime.now(UTC))
    if not rows:
        return 0
    long = Queue(LONG, connection=queue.connection)
    there = {job_id.partition("-")[0] for one in (queue, long) for job_id in one.get_job_ids()}
    fresh = [(row_id, kind == long_work.KIND) for row_id, kind in rows if str(row_id) not in there]
    for row_id, is_long in fresh:
        (long if is_long else queue).enqueue(
            "engine.jobs.work.carry_out",
            row_id,
            job_id=f"{row_id}-{token_hex(4)}",  # a job of one's own: two of one row never share a fate in Redis
            job_timeout=SECONDS_OF_LONG_WORK if is_long else SECONDS_OF_A_JOB,
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
    rounds = {name: Round(work, RARE.get(name, 0.0)) for name, work in rounds_of(running, queue).items()}
    while not stop.is_set():
        for name, one in rounds.items():
            one.run(name)
        stop.wait(SECONDS)


class Round:
    """One kind of work, apart from the others: with the portal's database away, deadlines still fire."""

    def __init__(self, work: Callable[[], int], every: float = 0.0):
        self.work, self.every, self.failing = work, every, ""
        self.next = 0.0  # monotonic seconds

    def run(self, name: str) -> None:
        """What fails is tried again with the next round; the same failure is logged once, and its end."""
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + self.every
        try:
            self.work()
        except Exception as error:  # database or Redis away for a moment
            if type(error).__name__ != self.failing:
                log.error("round failed", round=name, error=f"{type(error).__name__}: {error}")
            self.failing = type(error).__name__
            return
        if self.failing:
            log.info("round works again", round=name)
        self.failing = ""


if __name__ == "__main__":
    main()
