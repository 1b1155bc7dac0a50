"""The register to look at: list of households, one household, and the map with its table twin."""

from web.map import chosen, households, parcels, printed, sketches, tiles
from web.map.blueprint import blueprint

__all__ = ["blueprint", "chosen", "households", "parcels", "printed", "sketches", "tiles"]
