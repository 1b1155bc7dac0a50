"""All tables, one file per subject. Importing this package fills ``Base.metadata``."""

from engine.store.tables import (
    cases,
    history,
    maps,
    packages,
    portal,
    quality,
    reference,
    register,
    standard,
    statistics,
    work,
)

__all__ = ["cases", "history", "maps", "packages", "portal", "quality", "reference", "register", "standard", "statistics", "work"]
