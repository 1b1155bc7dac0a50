"""Make a hand-over's signed file and lay it down where the registry collects it; once, however often it is tried."""

from uuid import UUID

from sqlalchemy.orm import Session

from engine.exchange.hand_over_file import pack
from engine.exchange.registry_destination import destination
from engine.store import registry
from engine.store.signing import exchange_key
from engine.usecases.wiring import Wiring

SIGNER = "registry"  # the key's name beside those of the stores


def send_hand_over(app: Wiring, session: Session, county: str, hand_over_id: UUID) -> None:
    """The bytes depend on the hand-over alone, so a second try after a crash lays the same file down again."""
    row = registry.hand_over(session, county, hand_over_id)
    if row is None or row.sent_at is not None:
        return
    body = pack(county, row.made_at.isoformat(), [row.facts], exchange_key(app.settings.var, SIGNER))
    to = destination(app.settings.registry_folder)
    to.deliver(row.key, body)
    registry.note_sent(session, county, row.id, app.files.put(body), to.name, app.clock.now())
