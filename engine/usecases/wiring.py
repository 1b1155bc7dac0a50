"""What a use case that opens several sessions needs of the wiring. ``engine.bootstrap.App`` is one."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy.orm import Session

from engine.domain.clock import Clock
from engine.settings import Settings
from engine.store.files import FileStore


class Wiring(Protocol):
    @property
    def settings(self) -> Settings: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def files(self) -> FileStore: ...

    def sessions(self, scope: str = "") -> AbstractContextManager[Session]: ...

    def vault_sessions(self) -> AbstractContextManager[Session]: ...

    def query_sessions(self) -> AbstractContextManager[Session]: ...

    def portal_sessions(self) -> AbstractContextManager[Session]: ...
