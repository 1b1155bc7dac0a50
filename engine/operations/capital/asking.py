"""Has this receiver been reviewed for this land? What a transfer's filing asks before it goes on."""

from typing import Any

from engine.domain.capital import standing, uncovered
from engine.operations.work import Work
from engine.store import capital


def capital_review_of(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: receiver (path of the answer with the credit code or identity number, such as ``application.credit_code``),
    parcels (path of the list of parcel codes).

    Result: {state, number, valid_until, level, conditions, uncovered: [parcel codes], allowed}. ``state``: passed, exempt,
    deposit_due (the deposit is not paid), expired, reviewing, failed, withdrawn, lapsed, above (another level decides), or
    none (nobody reviewed it). ``allowed``: the state is passed or exempt and every parcel is covered.
    """
    receiver = found_at(work.data, inputs["receiver"])
    listed = found_at(work.data, inputs["parcels"]) or []
    codes = [row["code"] if isinstance(row, dict) else str(row) for row in listed]
    row = capital.best_review(work.session, work.case.county, str(receiver or ""), codes, work.today)
    if row is None:
        return {
            "state": "none",
            "number": None,
            "valid_until": None,
            "level": None,
            "conditions": None,
            "uncovered": sorted(codes),
            "allowed": False,
        }
    state, missing = (
        standing(row.state, row.valid_until, row.deposit, work.today),
        uncovered(codes, row.parcels),
    )
    return {
        "state": state,
        "number": row.number,
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
        "level": row.level,
        "conditions": row.conditions,
        "uncovered": missing,
        "allowed": state in ("passed", "exempt") and not missing,
    }


def found_at(data: Any, path: str) -> Any:
    for part in path.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data
