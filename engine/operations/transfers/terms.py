"""The contract drawn up: its number by the township's rule, and what was settled otherwise since it was applied for."""

from dataclasses import replace
from datetime import date
from typing import Any

from engine.domain.changes import Change, RecordGuarantee, RecordTransfer
from engine.operations.transfers.opening import check_change, number_of, set_change, the_change, with_number
from engine.operations.transfers.rent import rent_drafted
from engine.operations.transfers.reviewing import still_allowed
from engine.operations.work import Work
from engine.store import serials


def settle_transfer(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (draft_contract, whose use, price and term_end count where they are given).

    Result: {number, term_start, term_end}. Refused where the terms do not fit the register any more.
    """
    change, drafted = the_change(work), work.data.get(inputs.get("form", "")) or {}
    change = numbered(work, change)
    if isinstance(change, RecordTransfer):
        told: dict[str, Any] = {name: drafted[name] for name in ("use", "price") if drafted.get(name)}
        if drafted.get("term_end"):
            told["term_end"] = date.fromisoformat(drafted["term_end"])
        change = replace(change, **told)
    if isinstance(change, RecordTransfer):
        rent_drafted(work, change)
    check_change(work, change)
    still_allowed(work, change, work.today)
    set_change(work, change)
    terms = {}
    if isinstance(change, RecordTransfer):
        terms = {"term_start": change.term_start.isoformat(), "term_end": change.term_end.isoformat()}
    return {"number": number_of(change)} | terms


def numbered(work: Work, change: Change) -> Change:
    """The contract's number is given by the township, in one row for each year; a guarantee's filing has one too."""
    if number_of(change) != work.case.number:
        return change
    township, year = work.office("township"), work.today.year
    word = "融担" if isinstance(change, RecordGuarantee) else "流"
    serial = serials.take(work.session, work.case.county, f"transfer:{word}:{township.code}", str(year))
    return with_number(change, f"{township.name}{word}〔{year}〕{serial:04d}号")
