"""All tables, one file per subject. Importing this package fills ``Base.metadata``."""

from engine.store.tables import (
    cases,
    desk,
    exchange,
    history,
    maps,
    packages,
    portal,
    quality,
    query,
    reference,
    register,
    signing,
    standard,
    statistics,
    vault,
    work,
)

__all__ = [
    "cases",
    "desk",
    "exchange",
    "history",
    "maps",
    "packages",
    "portal",
    "quality",
    "query",
    "reference",
    "register",
    "signing",
    "standard",
    "statistics",
    "vault",
    "work",
]
