"""All tables, one file per subject. Importing this package fills ``Base.metadata``."""

from engine.store.tables import cases, history, maps, portal, reference, register, work

__all__ = ["cases", "history", "maps", "portal", "reference", "register", "work"]
