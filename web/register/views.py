"""The register to look at: the list and its search; household, parcel, contract, entry and issuing party."""

from web.register import contracts, entries, exports, households, lists, parcels, parties
from web.register.blueprint import blueprint

__all__ = ["blueprint", "contracts", "entries", "exports", "households", "lists", "parcels", "parties"]
