"""Another department (a court, the tax office, a bank's supervisor) looks up land, for a purpose that it names.

What it sees comes from the query store alone: the generalised outline, the rounded area, the holder's masked name. Each
look-up is recorded with its purpose, also one that finds nothing; the auditor reads it. Who needs exact lines or full
names asks the county in writing.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import Invalid
from engine.domain.said import say
from engine.queries import open_land
from engine.store.tables.query import OpenCounty
from engine.usecases.note_read import LONGEST, SHORTEST_PURPOSE, note_read


@dataclass(frozen=True)
class LookedUp:
    """``holder``: of whom the land is, masked; None where nobody holds it. ``drawn``: GeoJSON of it and its neighbours."""

    parcel: open_land.Parcel
    holder: str | None
    county: OpenCounty
    drawn: dict[str, Any]


def look_up(
    session: Session, query: Session, clock: Clock, actor: Actor, code: str, purpose: str
) -> LookedUp | None:
    """None where the scope has no such parcel. ``query``: of the query store's role. The caller commits either way."""
    faults: dict[str, list[Any]] = {}
    if not open_land.is_parcel(code):
        faults["code"] = [say("请填地块编码，19位数字")]
    if not SHORTEST_PURPOSE <= len(purpose) <= LONGEST:
        faults["purpose"] = [
            say("请写明查询的用途和依据的文号，%(least)s至%(most)s个字", least=SHORTEST_PURPOSE, most=LONGEST)
        ]
    if faults:
        raise Invalid(faults)
    note_read(session, clock, actor, "look_up", f"parcel:{code}", purpose=purpose)
    found = open_land.found(query, code) if code.startswith(actor.division) else None
    if found is None:
        return None
    return LookedUp(
        found, open_land.holder(query, code), open_land.county_of(query, code), open_land.around(query, found)
    )
