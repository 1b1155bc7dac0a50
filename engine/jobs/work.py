"""The worker: RQ hands it ids of outbox rows."""

from redis import Redis
from rq import Queue, SimpleWorker

from engine.bootstrap import App, app
from engine.documents import missing_glyphs
from engine.usecases.carry_out_effect import carry_out_effect

_app: App | None = None


def carry_out(row_id: int) -> None:
    """The job. The row's lease, not Redis, decides whether it runs."""
    global _app
    _app = _app or app()
    carry_out_effect(_app, row_id)


def main() -> None:
    """One process without forks: an inherited connection pool would be shared with the child."""
    running = app()
    assert running.settings.redis_url, "REDIS_URL is not set"
    missing_glyphs("田")  # reads the font tables now rather than with the first paper
    connection = Redis.from_url(running.settings.redis_url)
    SimpleWorker([Queue(connection=connection)], connection=connection).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
