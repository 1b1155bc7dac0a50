"""Where a scenario is played: a wiring of its own whose database work, files and time leave nothing behind."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine.domain.clock import VirtualClock
from engine.settings import Settings
from engine.store.files import FileStore
from engine.store.rehearsal import Rehearsal, rehearsal


class Differs(Exception):
    """The system did not do what the scenario says; the message says in what."""


class Engines(Protocol):
    """What a stage is set up on. ``engine.bootstrap.App`` is one."""

    @property
    def settings(self) -> Settings: ...

    @property
    def engine(self) -> Engine: ...

    @property
    def portal_engine(self) -> Engine: ...


@dataclass
class Stage:
    """A ``wiring.Wiring`` for use cases."""

    settings: Settings
    clock: VirtualClock
    files: FileStore
    _inside: Rehearsal
    _portal: Rehearsal

    def sessions(self, scope: str = "") -> AbstractContextManager[Session]:
        return self._inside.sessions(scope)

    def portal_sessions(self) -> AbstractContextManager[Session]:
        return self._portal.sessions()

    def vault_sessions(self) -> AbstractContextManager[Session]:
        raise AssertionError("a stage has no vault: what is played there happens in the register alone")

    def query_sessions(self) -> AbstractContextManager[Session]:
        raise AssertionError("a stage opens nothing to the public")


@contextmanager
def stage(app: Engines, start: datetime) -> Iterator[Stage]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        inside = stack.enter_context(rehearsal(app.engine))
        portal = stack.enter_context(rehearsal(app.portal_engine))
        alone = replace(
            app.settings,
            vault_database_url=None,
            query_database_url=None,
            registry_folder=None,
            feed_url=None,
            feed_folder=None,
        )
        yield Stage(alone, VirtualClock(start), FileStore(folder), inside, portal)
