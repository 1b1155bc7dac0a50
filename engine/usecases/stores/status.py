"""How the stores stand: how many parcels (and points and lines) each has, which signed files went and came, what waits."""

from dataclasses import asdict, dataclass, field
from typing import Any

from engine.domain.stores import OPERATIONAL, PARCELS, QUERY, VAULT
from engine.store import exchange, open_parcels, outbox, survey, survey_layers, vault
from engine.usecases.stores.sides import session_of
from engine.usecases.wiring import Wiring


@dataclass
class Status:
    """``parcels``: by store; None where this installation does not reach it. ``boundaries``: store -> layer -> how
    many, of those that have them and are reached."""

    county: str
    parcels: dict[str, int | None]
    waiting: int = 0
    boundaries: dict[str, dict[str, int]] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def status_of(app: Wiring, county: str) -> Status:
    side = app.settings.exchange
    parcels: dict[str, int | None] = {VAULT: None, OPERATIONAL: None, QUERY: None}
    with app.sessions(county) as session:
        parcels[OPERATIONAL] = survey.count(session, county)
        boundaries = {OPERATIONAL: survey_layers.count(session, county)}
        waiting = outbox.count_waiting(
            session, county, (survey.FOLLOW_VAULT, survey.FOLLOW_QUERY), survey.FOLLOW_STORES
        )
    if app.settings.vault_database_url and side != OPERATIONAL:
        with app.vault_sessions() as masters:
            kept = vault.count(masters, county)
        parcels[VAULT] = kept.pop(PARCELS, 0)
        boundaries[VAULT] = kept
    if app.settings.query_database_url:
        with app.query_sessions() as query:
            parcels[QUERY] = open_parcels.count(query, county)
    found = Status(county, parcels, waiting, boundaries)
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
