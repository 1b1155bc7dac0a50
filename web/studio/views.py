"""The administrator's place. Each module adds its pages to the one blueprint."""

from web.studio import changes, files, model, overview, versions
from web.studio.blueprint import blueprint

__all__ = ["blueprint", "changes", "files", "model", "overview", "versions"]
