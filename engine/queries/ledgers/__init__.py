"""Ledgers 台账: long plain lists of the register as it stood on a day, for a page at a time or streamed whole.

A ledger is data: columns, the filters it understands, a SELECT in a fixed order, and how its rows are read. The page,
the API and the workbook all come from here, so they cannot say different things.
"""

from engine.queries.ledgers.ask import Asked, Ledger, Page, count, ledger_page, stream
from engine.queries.ledgers.certificates import CERTIFICATES
from engine.queries.ledgers.changes import BLOCKS, CHANGES
from engine.queries.ledgers.columns import Column
from engine.queries.ledgers.contractors import CONTRACTORS, MEMBERS
from engine.queries.ledgers.contracts import CONTRACTS, ENDING
from engine.queries.ledgers.land_transfers import GUARANTEES, LAND_TRANSFERS
from engine.queries.ledgers.parcels import PARCELS
from engine.queries.ledgers.transfers import TRANSFERS

LEDGERS: dict[str, Ledger] = {
    ledger.name: ledger
    for ledger in (
        CONTRACTS,
        PARCELS,
        CONTRACTORS,
        MEMBERS,
        CERTIFICATES,
        TRANSFERS,
        CHANGES,
        ENDING,
        BLOCKS,
        LAND_TRANSFERS,
        GUARANTEES,
    )
}

__all__ = ["LEDGERS", "Asked", "Column", "Ledger", "Page", "count", "ledger_page", "stream"]
