"""Who has signed a deal's contract and who has not, for the offices."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.signing import PHONE
from engine.store import deals, signatures
from engine.store.papers import issued_paper
from engine.store.tables.cases import Case


@dataclass(frozen=True)
class Signing:
    """One party. ``way``: by what it signed, or is asked to; ``phone`` masked, where its link and codes go."""

    position: int
    side: str  # lessor, agent, recipient
    name: str
    signer: str
    phone: str
    way: str
    invited_at: datetime | None
    reminded_at: datetime | None
    signed_at: datetime | None


def signing_parties(session: Session, case: Case) -> list[Signing]:
    """In the order in which the contract names them; none where nobody was asked to sign on line."""
    rows = deals.parties(session, case)
    contract = issued_paper(session, case.county, case.id, "contract") if rows else None
    ways = {one.party: one.way for one in signatures.of_paper(session, contract)} if contract else {}
    return [
        Signing(
            row.position, row.side, row.name, row.signer, masking.number(row.phone), ways.get(row.key, PHONE),
            row.invited_at, row.reminded_at, row.signed_at,
        )
        for row in rows
    ]  # fmt: skip
