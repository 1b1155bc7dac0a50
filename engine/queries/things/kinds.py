"""What kinds of things the register has, and finding one of them in scope as it stood on a day."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.said import say
from engine.queries.as_of import When
from engine.queries.scoped import within
from engine.store.register import version_of
from engine.store.tables import register as t

_CODE = re.compile(r"[0-9A-Za-z]{1,30}")
_LONGEST_ID = 12  # digits; the shortest code has 14


@dataclass(frozen=True)
class Kind:
    """``owner``: the version's column that names the thing. ``missing``: what is said where there is none."""

    name: str
    identity: Any
    version: Any
    owner: str
    missing: str

    def of(self) -> ColumnElement[bool]:
        return version_of(self.identity, self.version, self.owner)


_MISSING = {
    "party": say("没有找到发包方 %(code)s，请核对编码"),
    "contractor": say("没有找到承包方 %(code)s，请核对编码"),
    "parcel": say("没有找到地块 %(code)s，请核对编码"),
    "contract": say("没有找到合同 %(code)s，请核对编码"),
    "entry": say("没有找到登记簿 %(code)s，请核对代码"),
    "certificate": say("没有找到权证 %(code)s，请核对编号"),
}
KINDS = {
    kind.name: kind
    for kind in (
        Kind("party", t.IssuingParty, t.IssuingPartyVersion, "issuing_party_id", _MISSING["party"]),
        Kind("contractor", t.Contractor, t.ContractorVersion, "contractor_id", _MISSING["contractor"]),
        Kind("parcel", t.Parcel, t.ParcelVersion, "parcel_id", _MISSING["parcel"]),
        Kind("contract", t.Contract, t.ContractVersion, "contract_id", _MISSING["contract"]),
        Kind("entry", t.RegisterEntry, t.RegisterEntryVersion, "register_entry_id", _MISSING["entry"]),
        Kind("certificate", t.Certificate, t.CertificateVersion, "certificate_id", _MISSING["certificate"]),
    )
}


@dataclass(frozen=True)
class Found:
    """``version`` is how the thing stood; where ``stands`` is not true, how it stood last before (None: never yet).

    ``when``: the day that was asked for, or the last one on which the thing stood: what hangs on it is of that day.
    """

    kind: str
    identity: Any
    version: Any
    stands: bool
    when: When

    @property
    def code(self) -> str:
        return self.identity.code

    @property
    def id(self) -> int:
        return self.identity.id


@dataclass(frozen=True)
class Named:
    """Another thing, as a link names it."""

    code: str
    name: str


def find(session: Session, actor: Actor, kind: str, asked: str, when: When) -> Found:
    """By code, or by row id where codes repeat (contracts, entries, certificates): then the newest bears the code.

    NotFound in the same words whether there is none or it is outside the scope.
    """
    one = KINDS[kind]
    identity = session.scalar(_named(one, actor, asked)) if _CODE.fullmatch(asked) else None
    if identity is None:
        raise NotFound(kind, one.missing, code=asked[:40])
    version = versions_at(session, kind, actor.county, [identity.id], when).get(identity.id)
    if version is not None:
        return Found(kind, identity, version, True, when)
    last = _last_before(session, one, actor.county, identity.id, when)
    then = When(last.valid_to - timedelta(days=1), when.known) if last is not None else when
    return Found(kind, identity, last, False, then)


def _named(kind: Kind, actor: Actor, asked: str) -> Any:
    repeats = kind.name in ("contract", "entry", "certificate")
    by_id = repeats and asked.isascii() and asked.isdigit() and len(asked) <= _LONGEST_ID
    named = kind.identity.id == int(asked) if by_id else kind.identity.code == asked
    return (
        select(kind.identity)
        .where(within(kind.identity, actor), named)
        .order_by(kind.identity.id.desc())
        .limit(1)
    )


def versions_at(session: Session, kind: str, county: str, ids: Sequence[int], when: When) -> dict[int, Any]:
    """id of the thing -> the version that held, for those that had one."""
    one = KINDS[kind]
    owner = getattr(one.version, one.owner)
    rows = session.scalars(
        select(one.version).where(one.version.county == county, owner.in_(ids), when.holds(one.version))
    )
    return {getattr(row, one.owner): row for row in rows}


def _last_before(session: Session, kind: Kind, county: str, owner_id: int, when: When) -> Any:
    v = kind.version
    return session.scalar(
        select(v)
        .where(
            v.county == county,
            getattr(v, kind.owner) == owner_id,
            v.recorded_at <= when.known,
            or_(v.superseded_at.is_(None), v.superseded_at > when.known),
            v.valid_to <= when.day,
        )
        .order_by(v.valid_to.desc(), v.id.desc())
        .limit(1)
    )


def named(session: Session, kind: str, county: str, ids: Sequence[int], when: When) -> dict[int, Named]:
    """Row id -> code and name on the day; a thing without a name then is called by its code. One statement."""
    one = KINDS[kind]
    rows = session.execute(
        select(one.identity.id, one.identity.code, func.max(one.version.name))
        .outerjoin(one.version, and_(one.of(), when.holds(one.version)))
        .where(one.identity.county == county, one.identity.id.in_(ids))
        .group_by(one.identity.id, one.identity.code)
    )
    return {row_id: Named(code, name or code) for row_id, code, name in rows}
