"""The register to look at: list of households, one household, and the map with its table twin."""

from web.map import households, parcels, sketches
from web.map.blueprint import blueprint

__all__ = ["blueprint", "households", "parcels", "sketches"]
