"""The deal is filed: written into the register under its locks, and everything it held is let go."""

from dataclasses import replace
from datetime import date
from typing import Any

from engine.domain import events
from engine.domain.changes import RecordTransfer, as_json
from engine.operations.transfers.opening import number_of, set_change, the_change
from engine.operations.transfers.rent import record_rent
from engine.operations.transfers.reviewing import still_allowed
from engine.operations.transfers.terms import numbered
from engine.operations.work import Work


def record_transfer(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Result: {number, recorded_on}. Refused, with nothing written, when the register has changed so that it no longer fits."""
    change = numbered(work, the_change(work))
    if isinstance(change, RecordTransfer):
        change = replace(change, signed_on=signed_on(work))
        still_allowed(work, change, change.signed_on)
    set_change(work, change)
    work.make([change])
    if isinstance(change, RecordTransfer):
        record_rent(work, change)
    told = {"number": number_of(change), "recorded_on": work.today.isoformat()}
    work.say(events.CHANGESET_APPLIED, told | {"changes": as_json([change])})
    return told


def signed_on(work: Work) -> date:
    """By the way that was chosen last."""
    online = (work.data.get("choose_signing") or {}).get("way") == "online"
    told = work.data.get("seal_deal" if online else "sign_on_paper") or {}
    return date.fromisoformat(told["signed_on"]) if told.get("signed_on") else work.today
