"""All tables, one file per subject. Importing this package fills ``Base.metadata``."""

from engine.store.tables import cases, history, portal, reference, register, statistics, work

__all__ = ["cases", "history", "portal", "reference", "register", "statistics", "work"]
