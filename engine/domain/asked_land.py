"""The land that an application names: shown before the case has any change of the register to show."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.domain.register import Household, ParcelFacts

DIVIDE = "divide"  # where a parcel goes to when it is to be divided first
TO_SURVEY = (
    "new",
    "both",
)  # answers of ``land``: the contract takes land that the register does not have yet
PARCEL = re.compile(r"[0-9]{19}")


def asked_codes(answers: Any) -> list[str]:
    """Parcel codes anywhere among the answers, each once, in their order."""
    return list(dict.fromkeys(_codes(answers)))


def _codes(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _codes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _codes(inner)
    elif isinstance(value, str) and PARCEL.fullmatch(value):
        yield value


def asks_new_land(application: Mapping[str, Any]) -> bool:
    """Whether the application is also, or only, about land that was never surveyed."""
    return application.get("land") in TO_SURVEY


def to_divide(application: Mapping[str, Any]) -> list[str]:
    """Codes of the parcels that a split, swap or assignment divides first, as the application has it."""
    rows = application.get("split_parcels") or []
    return application.get("divided") or [row["code"] for row in rows if row.get("to") == DIVIDE]


def beside_asked(near: Iterable[dict[str, Any]], *answers: Any) -> list[dict[str, Any]]:
    """Of what adjoins the household's land (queries/adjoining.py), what adjoins the parcels that answers name; all of it
    while they name none.
    """
    rows, named = list(near), set(asked_codes([one for one in answers if one]))
    if not any(named & set(row["own"]) for row in rows):
        return rows
    return [row for row in rows if named & {row["code"], *row["own"]}]


def asked_land(household: Household, answers: Any) -> list[ParcelFacts]:
    """Those of the household's parcels that the answers name."""
    codes = asked_codes(answers)
    return [parcel for parcel in household.parcels if parcel.code in codes]
