"""Where the figures are measured: databases of their own in the embedded cluster, the small demonstration county."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from engine import bootstrap, embedded
from engine.bootstrap import App
from engine.commands import trial
from engine.domain.clock import VirtualClock

COUNTY = trial.COUNTY
REDIS = 15  # the number of the Redis database that the web server of the bench has


@dataclass
class Place:
    """A county in a database of its own."""

    app: App
    services: embedded.Services
    name: str

    @property
    def owner_address(self) -> str:
        """For psycopg, as the owner: the naive side's tables and what is loaded in bulk."""
        return self.services.settings(self.name)["OWNER_DATABASE_URL"].replace("+psycopg", "")

    @property
    def admin(self) -> psycopg.Connection:
        """As the superuser, whom row security does not hold: bulk loading, sizes, analyze."""
        return embedded.postgres.connect(self.services.place, self.services.postgres_port, self.name)

    def environment(self, **more: str) -> dict[str, str]:
        """For server processes: this database, this Redis number, real time."""
        settings = self.app.settings
        return os.environ | {
            "DATABASE_URL": settings.database_url,
            "PORTAL_DATABASE_URL": settings.portal_database_url,
            "VAULT_DATABASE_URL": settings.vault_database_url or "",
            "QUERY_DATABASE_URL": settings.query_database_url or "",
            "REDIS_URL": str(settings.redis_url),
            "TIANQI_SECRET_KEY": settings.secret_key.hex(),
            "TIANQI_VAR": str(settings.var),
            **more,
        }


class Places:
    """One template, copied for each figure that wants an untouched database."""

    def __init__(self, services: embedded.Services, folder: Path):
        self.services, self.folder = services, folder
        self.template = f"bench_{os.getpid()}"
        trial.build_county(services, self.template, folder)

    @contextmanager
    def place(self, figure: str) -> Iterator[Place]:
        name = f"{self.template}_{figure}"
        embedded.clone_database(self.services, name, template=self.template)
        app = bootstrap.app(trial.settings_for(self.services, name, self.folder / figure, redis=REDIS))
        app.clock = VirtualClock(trial.START)
        try:
            yield Place(app, self.services, name)
        finally:
            app.engine.dispose()
            app.portal_engine.dispose()
            embedded.drop_database(self.services, name)

    def close(self) -> None:
        embedded.drop_database(self.services, self.template)
