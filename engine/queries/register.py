"""Looking things up in the register: households by name, code or identity number, and what belongs to one."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.register import Household
from engine.queries.scoped import places, within
from engine.store.register import current, read_household
from engine.store.sealed import fingerprint
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Reservation

PAGE = 25
MOST_PAGES = 500
_CODE = re.compile(r"[0-9A-Za-z]{1,30}")
_IDENTITY = re.compile(r"\d{17}[\dXx]")


@dataclass(frozen=True)
class Line:
    """One household of the list; ``area`` is the contract's in m2, ``open_case`` the number of what runs."""

    code: str
    name: str
    kind: str
    place: str
    members: int
    parcels: int | None
    area: Decimal | None
    open_case: str | None


@dataclass(frozen=True)
class Lines:
    rows: tuple[Line, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return min(max(1, -(-self.total // PAGE)), MOST_PAGES)


@dataclass(frozen=True)
class Certificate:
    code: str
    serial: str | None
    issuer: str
    issued_on: date
    collected_on: date | None
    collected_by: str | None
    state: str


@dataclass(frozen=True)
class Entry:
    """A register entry 登记簿 as it stands, with its certificates."""

    code: str
    registered_on: date
    term: str
    term_start: date
    term_end: date
    certificates: tuple[Certificate, ...]


def households(session: Session, actor: Actor, words: str, page: int, division: str = "") -> Lines:
    """Households of the scope whose name, code or identity number (a member's too) fits all the words."""
    query = _found(actor, words, division)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    page = min(max(page, 1), MOST_PAGES, max(1, -(-total // PAGE)))
    rows = session.execute(query.limit(PAGE).offset((page - 1) * PAGE)).all()
    named = places(session, {contractor.division for contractor, *_ in rows})
    held = open_cases(session, actor.county, [contractor.code for contractor, *_ in rows])
    return Lines(
        tuple(
            Line(
                contractor.code,
                version.name,
                version.kind,
                named[contractor.division],
                version.member_count,
                contract.parcel_count if contract else None,
                contract.total_area if contract else None,
                held.get(contractor.code),
            )
            for contractor, version, contract in rows
        ),
        total,
        page,
    )


def _found(actor: Actor, words: str, division: str) -> Select[*tuple[Any, ...]]:
    c, v, k, kv = t.Contractor, t.ContractorVersion, t.Contract, t.ContractVersion
    in_force = (
        select(k.county, k.contractor_id, kv.id)
        .join(kv, and_(kv.county == k.county, kv.contract_id == k.id))
        .where(within(k, actor), kv.state == "in_force", *current(kv))
        .distinct(k.contractor_id)
        .order_by(k.contractor_id, k.id.desc())
        .subquery()
    )
    return (
        select(c, v, kv)
        .join(v, and_(v.county == c.county, v.contractor_id == c.id))
        .outerjoin(in_force, and_(in_force.c.county == c.county, in_force.c.contractor_id == c.id))
        .outerjoin(kv, and_(kv.county == c.county, kv.id == in_force.c.id))
        .where(within(c, actor, division), *current(v), *[fits(word) for word in words.split()[:5]])
        .order_by(c.code)
    )


def fits(word: str) -> ColumnElement[bool]:
    c, v = t.Contractor, t.ContractorVersion
    fits = [c.code.startswith(word, autoescape=True), v.name.contains(word, autoescape=True)]
    if _IDENTITY.fullmatch(word):
        found = fingerprint(word)
        member = select(t.Member.id).where(
            t.Member.county == v.county,
            t.Member.contractor_version_id == func.coalesce(v.restates, v.id),
            t.Member.id_number_found == found,
        )
        fits += [v.id_number_found == found, member.exists()]
    return or_(*fits)


def open_cases(session: Session, county: str, contractors: list[str]) -> dict[str, str]:
    """contractor code -> number of the open case that holds it."""
    rows = session.execute(
        select(Reservation.code, Case.number)
        .join(Case, and_(Case.county == Reservation.county, Case.id == Reservation.case_id))
        .where(
            Reservation.county == county,
            Reservation.kind == "contractor",
            Reservation.code.in_(contractors),
            Reservation.released_at.is_(None),
        )
    )
    return {row.code: row.number for row in rows}


def visible_household(session: Session, actor: Actor, code: str) -> Household:
    """The household, or NotFound in the same words whether there is none or it is outside the scope."""
    household = read_household(session, actor.county, code) if _CODE.fullmatch(code) else None
    if household is None or not actor.sees(household.division):
        raise NotFound("contractor", "没有找到承包方 %(code)s，请核对编码", code=code[:40])
    return household


def cases_of(session: Session, actor: Actor, code: str) -> list[Case]:
    """Cases about the household, newest first."""
    return list(
        session.scalars(
            select(Case)
            .where(within(Case, actor), Case.contractor_code == code)
            .order_by(Case.started_at.desc())
        )
    )


def entry_of(session: Session, household: Household) -> Entry | None:
    """The household's register entry as it stands now."""
    e, v = t.RegisterEntry, t.RegisterEntryVersion
    found = session.execute(
        select(e, v)
        .join(v, and_(v.county == e.county, v.register_entry_id == e.id))
        .where(e.county == household.county, e.contractor_id == household.id, *current(v))
        .order_by(e.id.desc())
    ).first()
    if found is None:
        return None
    entry, version = found
    return Entry(
        entry.code,
        version.registered_on,
        version.term,
        version.term_start,
        version.term_end,
        _certificates(session, household),
    )


def _certificates(session: Session, household: Household) -> tuple[Certificate, ...]:
    c, v, e = t.Certificate, t.CertificateVersion, t.RegisterEntry
    rows = session.execute(
        select(c, v)
        .join(v, and_(v.county == c.county, v.certificate_id == c.id))
        .join(e, and_(e.county == c.county, e.id == c.register_entry_id))
        .where(e.county == household.county, e.contractor_id == household.id, *current(v))
        .order_by(c.id.desc())
    )
    return tuple(
        Certificate(
            certificate.code,
            version.serial,
            version.issuer,
            version.issued_on,
            version.collected_on,
            version.collected_by,
            version.state,
        )
        for certificate, version in rows
    )
