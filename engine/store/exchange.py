"""Each side's own record of signed files: what was sent and applied, and what the other side has by them.

``side`` is whose session it is: vault or operational (engine/store/tables/exchange.py).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from engine.domain.stores import OPERATIONAL, VAULT
from engine.store.locks import lock_name
from engine.store.tables import exchange as t

OUT, IN = "out", "in"
CHUNK = 5000
_FILES: dict[str, Any] = {VAULT: t.VaultFile, OPERATIONAL: t.OperationalFile}
_KNOWN: dict[str, Any] = {VAULT: t.VaultKnown, OPERATIONAL: t.OperationalKnown}


def one_exchange(session: Session, side: str, county: str) -> None:
    """Until the transaction ends no other file of the county is made or applied on this side."""
    lock_name(session, f"exchange:{side}:{county}")


def last(session: Session, side: str, county: str, direction: str) -> Any | None:
    """The newest file of that direction."""
    f = _FILES[side]
    query = select(f).where(f.county == county, f.direction == direction)
    return session.scalar(query.order_by(f.number.desc()).limit(1))


def file(session: Session, side: str, county: str, direction: str, number: int) -> Any | None:
    return session.get(_FILES[side], (county, direction, number))


def files(session: Session, side: str, county: str, most: int = 20) -> list[Any]:
    """The newest first."""
    f = _FILES[side]
    query = select(f).where(f.county == county).order_by(f.at.desc(), f.direction, f.number.desc())
    return list(session.scalars(query.limit(most)))


def note(session: Session, side: str, **facts: Any) -> None:
    """A file was made or applied."""
    session.add(_FILES[side](**facts))
    session.flush()


def known(session: Session, side: str, county: str, layer: str) -> dict[str, bytes]:
    """Code -> hash of what the other side has."""
    k = _KNOWN[side]
    query = select(k.code, k.content).where(k.county == county, k.layer == layer)
    rows = session.execute(query.execution_options(yield_per=CHUNK))
    return {code: bytes(content) for code, content in rows}


def learn(session: Session, side: str, county: str, layer: str, contents: Mapping[str, bytes | None]) -> None:
    """The other side has these now; None: it has it no more."""
    k = _KNOWN[side]
    codes = list(contents)
    for start in range(0, len(codes), CHUNK):
        part = codes[start : start + CHUNK]
        session.execute(delete(k).where(k.county == county, k.layer == layer, k.code.in_(part)))
        rows = [
            {"county": county, "layer": layer, "code": code, "content": contents[code]}
            for code in part
            if contents[code] is not None
        ]
        if rows:
            session.execute(insert(k), rows)


def last_state(session: Session, side: str, county: str) -> dict[str, dict[str, list[Any]]] | None:
    """What the other side's newest applied file said of its villages, layer by layer."""
    newest = last(session, side, county, IN)
    return newest.state if newest is not None else None
