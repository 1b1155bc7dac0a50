"""The administrator's place. Each module adds its pages to the one blueprint."""

from web.studio import backtest, changes, channels, files, migration, model, overview, printing, versions
from web.studio.blueprint import blueprint

__all__ = [
    "backtest",
    "blueprint",
    "changes",
    "channels",
    "files",
    "migration",
    "model",
    "overview",
    "printing",
    "versions",
]
