"""Numbers in a row without gaps: the row is locked until the transaction that took the number ends."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.store.tables.work import Serial


def take(session: Session, county: str, kind: str, owner: str) -> int:
    """The next number of (kind, owner), from 1."""
    statement = insert(Serial).values(county=county, kind=kind, owner=owner, last=1)
    statement = statement.on_conflict_do_update(
        index_elements=["county", "kind", "owner"], set_={"last": Serial.last + 1}
    )
    return session.execute(statement.returning(Serial.last)).scalar_one()
