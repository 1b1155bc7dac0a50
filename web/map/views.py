"""The map of the scope's parcels with its table twin."""

from web.map import chosen, parcels, printed, sketches, tiles
from web.map.blueprint import blueprint

__all__ = ["blueprint", "chosen", "parcels", "printed", "sketches", "tiles"]
