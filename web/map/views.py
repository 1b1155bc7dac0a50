"""The map of the scope's parcels with its table twin."""

from web.map import parcels
from web.map.blueprint import blueprint

__all__ = ["blueprint", "parcels"]
