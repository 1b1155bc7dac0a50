"""The only wiring: settings in, an application with engines, clock and files out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from engine.domain.clock import Clock
from engine.domain.errors import Refused
from engine.domain.said import say
from engine.operations import identity
from engine.settings import Settings, from_environment
from engine.store import sealed
from engine.store.files import FileStore
from engine.store.pool import ping_idle
from engine.store.scope import session_for
from engine.store.signing import checkpoint_key
from engine.store.tables.reference import DemoClock

STORES = {"vault": say("保密库"), "query": say("查询库")}


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class DemonstrationClock:
    """Real time and the lead that the demonstration gave it; the lead is a row, so all processes agree."""

    def __init__(self, engine: Engine):
        self.engine = engine

    def now(self) -> datetime:
        with self.engine.connect() as connection:
            ahead = connection.scalar(select(DemoClock.ahead_seconds).where(DemoClock.id == 1))
        return datetime.now(UTC) + timedelta(seconds=ahead or 0)


@dataclass
class App:
    """What use cases are called with. One per process."""

    settings: Settings
    pooled: bool = True

    @cached_property
    def engine(self) -> Engine:
        """The operational store, as the application's role."""
        return self._engine(self.settings.database_url)

    @cached_property
    def portal_engine(self) -> Engine:
        """The applicants' schema, as its own role."""
        return self._engine(self.settings.portal_database_url)

    @cached_property
    def vault_engine(self) -> Engine | None:
        """The survey masters, as their own role; None where no network joins them."""
        url = self.settings.vault_database_url
        return self._engine(url) if url else None

    @cached_property
    def query_engine(self) -> Engine | None:
        """What is open to the public, as its own role; None where nothing is."""
        url = self.settings.query_database_url
        return self._engine(url) if url else None

    @cached_property
    def clock(self) -> Clock:
        return DemonstrationClock(self.engine) if self.settings.demo else SystemClock()

    @cached_property
    def followed_to(self) -> dict[str, date]:
        """County -> the day up to which the query store was told, by this process, of blocks that begin and end."""
        return {}

    @cached_property
    def files(self) -> FileStore:
        return FileStore(self.settings.files)

    @cached_property
    def signing_key(self) -> Ed25519PrivateKey:
        return checkpoint_key(self.settings.var)

    @contextmanager
    def sessions(self, scope: str = "") -> Iterator[Session]:
        """A session on the operational store that sees the divisions beginning with ``scope``."""
        with session_for(self.engine, scope) as session:
            yield session

    @contextmanager
    def portal_sessions(self) -> Iterator[Session]:
        with session_for(self.portal_engine) as session:
            yield session

    @contextmanager
    def vault_sessions(self) -> Iterator[Session]:
        """Raises Refused where this installation has no vault: its masters travel in signed files."""
        with session_for(_there(self.vault_engine, "vault")) as session:
            yield session

    @contextmanager
    def query_sessions(self) -> Iterator[Session]:
        """Raises Refused where this installation opens nothing."""
        with session_for(_there(self.query_engine, "query")) as session:
            yield session

    def dispose(self) -> None:
        """Close every connection."""
        for engine in (self.engine, self.portal_engine, self.vault_engine, self.query_engine):
            if engine is not None:
                engine.dispose()

    def _engine(self, url: str) -> Engine:
        options = {} if self.pooled else {"poolclass": NullPool}
        engine = create_engine(url, **options)
        return ping_idle(engine) if self.pooled else engine


def _there(engine: Engine | None, store: str) -> Engine:
    if engine is None:
        raise Refused("no_store", "本系统没有连接%(store)s", store=STORES[store])
    return engine


def app(settings: Settings | None = None, pooled: bool = True) -> App:
    """The application of this process, from its environment unless told otherwise."""
    settings = settings or from_environment()
    sealed.use_key(settings.secret_key)
    if settings.identity_url:
        identity.use_provider(identity.OutsideService(settings.identity_url, settings.identity_token))
    return App(settings, pooled)
