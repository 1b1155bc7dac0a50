"""A small demonstration county in an embedded database of its own: scenarios and tests run on it, then it goes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import bootstrap, embedded
from engine.bootstrap import App
from engine.commands.environment import migrate
from engine.domain.clock import VirtualClock
from engine.exchange.demo import write_demo_county
from engine.exchange.importing import import_package
from engine.settings import Settings, processes_folder
from engine.usecases import load_demonstration as demonstration
from engine.usecases.carry_out_effect import drain

COUNTY = "990101"
HOUSEHOLDS = 60
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in China
SECRET = bytes(range(32))  # of a database that holds nobody's data


@contextmanager
def trial() -> Iterator[App]:
    """For the block: the county in a throwaway database of the embedded cluster."""
    name = f"trial_{os.getpid()}"
    with embedded.session(with_redis=False) as services, TemporaryDirectory() as folder:
        try:
            build_county(services, name, Path(folder))
            app = bootstrap.app(settings_for(services, name, Path(folder)), pooled=False)
            yield app
            app.dispose()
        finally:
            embedded.drop_database(services, name)


def build_county(services: embedded.Services, name: str, folder: Path, households: int = HOUSEHOLDS) -> None:
    """The database from nothing: schema, county, accounts, shipped case types. The very steps of `tianqi up --demo`."""
    embedded.drop_database(services, name)
    embedded.create_database(services, name)
    migrate(services.settings(name)["OWNER_DATABASE_URL"])
    app = bootstrap.app(settings_for(services, name, folder), pooled=False)
    package = folder / "county"
    if not package.exists():
        write_demo_county(package, households=households)
    with app.sessions(COUNTY) as session:
        import_package(session, package, actor="trial", now=START, files=app.files)
        demonstration.create_accounts(session, COUNTY)
        demonstration.publish_shipped(session, VirtualClock(START), COUNTY, app.settings.processes)
        session.commit()
    drain(app)  # vault and query follow
    app.dispose()


def settings_for(services: embedded.Services, name: str, var: Path, redis: int | None = None) -> Settings:
    """``redis``: the number of its own Redis database; None where no Redis was started."""
    urls = services.settings(name)
    return Settings(
        database_url=urls["DATABASE_URL"],
        portal_database_url=urls["PORTAL_DATABASE_URL"],
        owner_database_url=urls["OWNER_DATABASE_URL"],
        redis_url=None if redis is None else urls["REDIS_URL"].rsplit("/", 1)[0] + f"/{redis}",
        secret_key=SECRET,
        var=var,
        public_url="http://127.0.0.1:8000",
        demo=True,
        processes=processes_folder(),
        vault_database_url=urls["VAULT_DATABASE_URL"],
        query_database_url=urls["QUERY_DATABASE_URL"],
    )
