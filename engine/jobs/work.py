"""The worker: RQ hands it ids of outbox rows, of the queues that its arguments name, or of both (default, long).

What it draws was written by a county's administrators, so it has bounds of its own: a job that takes more memory
or time than any paper fails, is tried again, and becomes an incident; the others flow on.
"""

import resource
import sys
import time

import structlog
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy.exc import OperationalError

from engine.bootstrap import App, app
from engine.documents import missing_glyphs
from engine.jobs.ticker import LONG
from engine.usecases.carry_out_effect import carry_out_effect

log = structlog.get_logger()
MEMORY = 2 << 30  # bytes of data; some 400 MB are in use when a contract is drawn

_app: App | None = None


def carry_out(row_id: int) -> None:
    """The job. The row's lease, not Redis, decides whether it runs."""
    global _app
    _app = _app or app()
    try:
        carry_out_effect(_app, row_id)
    except OperationalError as error:  # the row waits in the database; the ticker brings it again
        log.warning("database away", row=row_id, error=str(error.orig).splitlines()[0])
        time.sleep(1)


def main() -> None:
    """One process without forks: an inherited connection pool would be shared with the child."""
    running = app()
    assert running.settings.redis_url, "REDIS_URL is not set"
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    missing_glyphs("田")  # reads the font tables now rather than with the first paper
    connection = Redis.from_url(running.settings.redis_url)
    queues = [Queue(name, connection=connection) for name in sys.argv[1:] or ("default", LONG)]
    SimpleWorker(queues, connection=connection).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
