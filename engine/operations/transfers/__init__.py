"""Transfers of operation rights: opened, drawn up, signed by all parties, recorded."""

from engine.operations.transfers.opening import open_transfer
from engine.operations.transfers.recording import record_transfer
from engine.operations.transfers.reviewing import demand_review
from engine.operations.transfers.signing import invite_parties, seal_deal
from engine.operations.transfers.terms import settle_transfer

__all__ = [
    "demand_review",
    "invite_parties",
    "open_transfer",
    "record_transfer",
    "seal_deal",
    "settle_transfer",
]
