"""All tables, one file per subject. Importing this package fills ``Base.metadata``."""

from engine.store.tables import (
    cases,
    exchange,
    history,
    portal,
    query,
    reference,
    register,
    vault,
    work,
)

__all__ = ["cases", "exchange", "history", "portal", "query", "reference", "register", "vault", "work"]
