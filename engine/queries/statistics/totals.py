"""How many rows a ledger has, where the sums that are kept say so: counting a county's rows takes longer than a page."""

from dataclasses import replace

from engine.queries.ledgers import Asked
from engine.queries.statistics import sums
from engine.queries.statistics.parts import FAMILY, View

_OF_VALID = {"handed_out": ("valid", "1"), "kept": ("valid", "2")}  # the ledger's states -> state, C.19


def whole(view: View) -> View:
    """Its sums come for the division as one."""
    return replace(view, digits=len(view.division), found={})


def total_of(view: View, ledger: str, asked: Asked) -> int | None:
    """None where the rows themselves must be counted."""
    view = whole(view)
    match ledger:
        case "parcels" if not asked.held:
            return sum(row.parcels for row in sums.parcels(view) if asked.category in ("", row.category))
        case "contractors":
            return sum(row.contractors for row in sums.contractors(view) if asked.kind in ("", row.kind))
        case "members":
            return sum(row.members for row in sums.members(view))
        case "contracts" if not asked.year:
            wanted = {"family": (True,), "other": (False,)}.get(asked.kind, (True, False))
            return sum(row.contracts for row in sums.contracts(view) if (row.way == FAMILY) in wanted)
        case "certificates" if not asked.since and not asked.until:
            state, collected = _OF_VALID.get(asked.state, (asked.state, ""))
            rows = sums.papers(view)
            return sum(r.papers for r in rows if state in ("", r.state) and collected in ("", r.collected))
        case "ending" if asked.year:
            states = sums.progress(view, asked.year)
            return sum(number for _, state, number in states if asked.state in ("", state))
    return None
