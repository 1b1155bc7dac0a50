"""What the map tells of one parcel: the land, whose it is by which contract, what is under way, and what holds it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import local_date
from engine.queries.as_of import PastParcel, When, parcel_as_of
from engine.queries.map import by_contract, standing
from engine.queries.scoped import places, within
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Paper, Reservation

MOST_PAPERS = 6


@dataclass(frozen=True)
class Holding:
    """By whom and how the parcel is held; areas in m2."""

    contractor: str
    name: str
    contract: str
    term_start: date
    term_end: date
    area: Decimal
    certificate: str | None
    certificate_state: str | None


@dataclass(frozen=True)
class Hold:
    """Why it may not change: dispute, mortgage, seizure, transfer."""

    kind: str
    ref: str
    starts_on: date


@dataclass(frozen=True)
class PaperLine:
    id: UUID
    title: str
    case: str
    created_at: datetime


@dataclass(frozen=True)
class ParcelFacts:
    """``became``: what came of it since, whatever day is looked at."""

    past: PastParcel
    division: str
    place: str
    outline: bytes
    holding: Holding | None
    became: tuple[str, ...]
    open_cases: tuple[str, ...]
    holds: tuple[Hold, ...]
    papers: tuple[PaperLine, ...]

    @property
    def code(self) -> str:
        return self.past.parcel.code


def parcel_facts(session: Session, actor: Actor, code: str, when: When) -> ParcelFacts:
    """As it stood then; cases, holds and papers as they are now. NotFound as parcel_as_of says it."""
    past = parcel_as_of(session, actor, code, when)
    division = session.scalars(
        select(t.Parcel.division).where(within(t.Parcel, actor), t.Parcel.code == code)
    ).one()
    holding = _holding(session, actor, code, when)
    concerned = [code, holding.contractor] if holding else [code]
    return ParcelFacts(
        past,
        division,
        places(session, {division})[division],
        shapely.to_wkb(past.parcel.outline),
        holding,
        _became(session, actor, code),
        _open_cases(session, actor, concerned),
        _holds(session, actor, concerned, local_date(when.known)),
        _papers(session, actor, holding.contractor) if holding else (),
    )


def _holding(session: Session, actor: Actor, code: str, when: When) -> Holding | None:
    p, cp, k, kv, c, cv = (
        t.Parcel, t.ContractedParcel, t.Contract, t.ContractVersion, t.Contractor, t.ContractorVersion,
    )  # fmt: skip
    row = session.execute(
        by_contract(
            select(c.code, cv.name, k.code, kv.term_start, kv.term_end, cp.contract_area, k.id)
            .select_from(p)
            .join(cp, and_(cp.county == p.county, cp.parcel_id == p.id)),
            when,
        )
        .join(k, and_(k.county == kv.county, k.id == kv.contract_id))
        .join(c, and_(c.county == k.county, c.id == k.contractor_id))
        .join(cv, and_(cv.county == c.county, cv.contractor_id == c.id))
        .where(
            within(p, actor), p.code == code, kv.state == "in_force", standing(kv, when), standing(cv, when)
        )
        .order_by(k.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    *facts, contract = row
    return Holding(*facts, *(_certificate(session, actor, contract, when) or (None, None)))


def _certificate(session: Session, actor: Actor, contract: int, when: When) -> Any:
    e, c, cv = t.RegisterEntry, t.Certificate, t.CertificateVersion
    return session.execute(
        select(c.code, cv.state)
        .join(e, and_(e.county == c.county, e.id == c.register_entry_id))
        .join(cv, and_(cv.county == c.county, cv.certificate_id == c.id))
        .where(within(e, actor), e.contract_id == contract, standing(cv, when))
        .order_by(c.id.desc())
        .limit(1)
    ).first()


def _became(session: Session, actor: Actor, code: str) -> tuple[str, ...]:
    d = t.Descent
    query = select(d.child).where(within(d, actor), d.kind == "parcel", d.parent == code)
    return tuple(session.scalars(query.distinct().order_by(d.child)))


def _open_cases(session: Session, actor: Actor, codes: list[str]) -> tuple[str, ...]:
    query = (
        select(Case.number)
        .join(Reservation, and_(Reservation.county == Case.county, Reservation.case_id == Case.id))
        .where(within(Case, actor), Reservation.code.in_(codes), Reservation.released_at.is_(None))
    )
    return tuple(session.scalars(query.distinct().order_by(Case.number)))


def _holds(session: Session, actor: Actor, codes: list[str], day: date) -> tuple[Hold, ...]:
    b = t.Block
    rows = session.execute(
        select(b.kind, b.ref, b.starts_on)
        .where(
            within(b, actor),
            b.code.in_(codes),
            b.starts_on <= day,
            or_(b.ends_on.is_(None), b.ends_on >= day),
        )
        .order_by(b.starts_on, b.id)
    )
    return tuple(Hold(*row) for row in rows)


def _papers(session: Session, actor: Actor, contractor: str) -> tuple[PaperLine, ...]:
    rows = session.execute(
        select(Paper.id, Paper.title, Case.number, Paper.created_at)
        .join(Case, and_(Case.county == Paper.county, Case.id == Paper.case_id))
        .where(
            within(Case, actor),
            within(Paper, actor),
            Case.contractor_code == contractor,
            Paper.status == "ready",
        )
        .order_by(Paper.created_at.desc())
        .limit(MOST_PAPERS)
    )
    return tuple(PaperLine(*row) for row in rows)
