"""One box for everything in the register: what else than households fits the words, a few of each kind.

Households are found by ``engine/queries/register.py``, page by page; here are parcels, contracts, certificates and
issuing parties of today.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.map import holders
from engine.queries.pairs import contains
from engine.queries.register import begins
from engine.queries.scoped import within
from engine.queries.things.kinds import KINDS
from engine.store.register import current, version_of
from engine.store.tables import register as t

MOST = 8  # of each kind
PARTY_DIGITS = 14
_CODE = re.compile(r"[0-9]{6,18}[0-9JQ]?")


@dataclass(frozen=True)
class Hit:
    """``key``: what its address ends in; ``who``: the household that it belongs to, with ``who_code``."""

    kind: str
    key: str
    code: str
    name: str
    who: str | None = None
    who_code: str | None = None


@dataclass(frozen=True)
class Hits:
    """``more``: kinds of which there are others than those shown."""

    parcels: tuple[Hit, ...] = ()
    contracts: tuple[Hit, ...] = ()
    certificates: tuple[Hit, ...] = ()
    parties: tuple[Hit, ...] = ()
    more: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.parcels or self.contracts or self.certificates or self.parties)


def hits(session: Session, actor: Actor, words: str, division: str = "") -> Hits:
    asked = words.upper().split()[:5] if _CODE.fullmatch(words.upper()) else words.split()[:5]
    if not asked:
        return Hits()
    found = {
        kind: find(session, actor, asked, division)
        for kind, find in (
            ("parcels", _parcels), ("contracts", _contracts), ("certificates", _certificates), ("parties", _parties),
        )
    }  # fmt: skip
    more = frozenset(kind for kind, rows in found.items() if len(rows) > MOST)
    return Hits(**{kind: tuple(rows[:MOST]) for kind, rows in found.items()}, more=more)


def _all(words: list[str], fits: Callable[[str], ColumnElement[bool]]) -> ColumnElement[bool]:
    return and_(*[fits(word) for word in words])


def _is_code(words: list[str]) -> bool:
    return len(words) == 1 and bool(_CODE.fullmatch(words[0]))


def _parcels(session: Session, actor: Actor, words: list[str], division: str) -> list[Hit]:
    p, v = t.Parcel, t.ParcelVersion
    query = _standing(actor, "parcel", division, p.code, v.name)
    if _is_code(words):
        if len(words[0]) <= PARTY_DIGITS:
            return []  # all of a village's or a party's: that is a list, not a find
        query = query.where(begins(p.code, words[0]))
    else:
        query = query.where(_all(words, lambda word: contains(v, "name", word)))
    rows = session.execute(query.order_by(v.code).limit(MOST + 1)).all()
    held = holders(session, actor, [row.code for row in rows])
    return [Hit("parcel", row.code, row.code, row.name, *held.get(row.code, (None, None))) for row in rows]


def _contracts(session: Session, actor: Actor, words: list[str], division: str) -> list[Hit]:
    """Ended ones too: an old paper names them."""
    if not _is_code(words) or len(words[0]) <= PARTY_DIGITS:
        return []
    k, v = t.Contract, t.ContractVersion
    query = (
        _standing(actor, "contract", division, k.id, k.code, v.state, t.Contractor.code.label("who_code"), t.ContractorVersion.name)
        .join(t.Contractor, and_(t.Contractor.county == k.county, t.Contractor.id == k.contractor_id))
        .outerjoin(t.ContractorVersion, and_(version_of(t.Contractor, t.ContractorVersion, "contractor_id"), *current(t.ContractorVersion)))
        .where(begins(k.code, words[0]))
        .order_by(k.code, k.id.desc())
    )  # fmt: skip
    rows = session.execute(query.limit(MOST + 1))
    return [Hit("contract", str(row.id), row.code, row.state, row.name, row.who_code) for row in rows]


def _certificates(session: Session, actor: Actor, words: list[str], division: str) -> list[Hit]:
    c, v, e = t.Certificate, t.CertificateVersion, t.RegisterEntry
    if _is_code(words) and len(words[0]) > PARTY_DIGITS:
        fits = begins(c.code, words[0])
    else:
        fits = _all(words, lambda word: contains(v, "serial", word))
    query = (
        _standing(actor, "certificate", division, e.id, c.code, v.serial, t.Contractor.code.label("who_code"), t.ContractorVersion.name)
        .join(e, and_(e.county == c.county, e.id == c.register_entry_id))
        .join(t.Contractor, and_(t.Contractor.county == e.county, t.Contractor.id == e.contractor_id))
        .outerjoin(t.ContractorVersion, and_(version_of(t.Contractor, t.ContractorVersion, "contractor_id"), *current(t.ContractorVersion)))
        .where(fits)
        .order_by(c.code, c.id.desc())
    )  # fmt: skip
    rows = session.execute(query.limit(MOST + 1))
    return [
        Hit("certificate", str(row.id), row.code, row.serial or row.code, row.name, row.who_code)
        for row in rows
    ]


def _parties(session: Session, actor: Actor, words: list[str], division: str) -> list[Hit]:
    p, v = t.IssuingParty, t.IssuingPartyVersion
    query = _standing(actor, "party", division, p.code, v.name)
    if _is_code(words):
        query = query.where(begins(p.code, words[0]))
    else:
        query = query.where(_all(words, lambda word: v.name.contains(word, autoescape=True)))
    rows = session.execute(query.order_by(p.code).limit(MOST + 1))
    return [Hit("party", row.code, row.code, row.name) for row in rows]


def _standing(actor: Actor, kind: str, division: str, *columns: Any) -> Select[*tuple[Any, ...]]:
    one = KINDS[kind]
    return (
        select(*columns)
        .select_from(one.identity)
        .join(one.version, one.of())
        .where(
            within(one.identity, actor, division), one.version.county == actor.county, *current(one.version)
        )
    )
