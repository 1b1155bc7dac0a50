"""How the stores stand: how many parcels each has, which signed files went and came, what waits."""

from dataclasses import asdict, dataclass, field
from typing import Any

from engine.domain.stores import OPERATIONAL, QUERY, VAULT
from engine.store import exchange, open_parcels, outbox, survey, vault
from engine.usecases.stores.sides import session_of
from engine.usecases.wiring import Wiring


@dataclass
class Status:
    """``parcels``: by store; None where this installation does not reach it."""

    county: str
    parcels: dict[str, int | None]
    waiting: int = 0
    files: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def status_of(app: Wiring, county: str) -> Status:
    side = app.settings.exchange
    parcels: dict[str, int | None] = {VAULT: None, OPERATIONAL: None, QUERY: None}
    with app.sessions(county) as session:
        parcels[OPERATIONAL] = survey.count(session, county)
        waiting = outbox.count_waiting(
            session, county, (survey.FOLLOW_VAULT, survey.FOLLOW_QUERY), survey.FOLLOW_STORES
        )
    if app.settings.vault_database_url and side != OPERATIONAL:
        with app.vault_sessions() as masters:
            parcels[VAULT] = vault.count(masters, county).get("DK", 0)
    if app.settings.query_database_url:
        with app.query_sessions() as query:
            parcels[QUERY] = open_parcels.count(query, county)
    found = Status(county, parcels, waiting)
    if side:
        with session_of(app, side, county) as session:
            found.files = [
                {
                    "direction": row.direction,
                    "number": row.number,
                    "at": row.at.isoformat(),
                    "records": row.records,
                    "receipted": row.receipt is not None,
                }
                for row in exchange.files(session, side, county)
            ]
    return found
