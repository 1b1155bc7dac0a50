"""Looking things up in the register: households by name, code or identity number, and what belongs to one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.register import Household
from engine.queries.as_of import When
from engine.queries.scoped import AFTER, places, within
from engine.store.register import current, read_household, version_of
from engine.store.sealed import fingerprint
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Reservation

PAGE = 25
MOST_PAGES = 500
_CODE = re.compile(r"[0-9A-Za-z]{1,30}")
_IDENTITY = re.compile(r"\d{17}[\dXx]")
_DIGITS = re.compile(r"[0-9-]+")
LONGEST_PHONE = 13  # 0719-12345678


KINDS = ("1", "2", "3")  # C.16 承包方类型
SORTS = ("code", "name", "members", "parcels", "area", "ends")


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
    contract: str | None
    ends: date | None


@dataclass(frozen=True)
class Lines:
    rows: tuple[Line, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return min(max(1, -(-self.total // PAGE)), MOST_PAGES)


@dataclass(frozen=True)
class Asked:
    """What the list of households is narrowed to and how it is ordered. ``when``: None is now.

    ``contract``: "with" or "without" one in force; ``ends``: the year in which it ends; ``division``: a prefix;
    ``party``: the issuing party's code.
    """

    words: str = ""
    division: str = ""
    party: str = ""
    kind: str = ""
    contract: str = ""
    open_case: bool = False
    ends: int | None = None
    sort: str = "code"
    descending: bool = False
    when: When | None = None

    @property
    def looks_at_contracts(self) -> bool:
        """Whether which households are shown, or in which order, hangs on their contracts."""
        return bool(self.contract or self.ends) or self.sort in ("parcels", "area", "ends")


def households(session: Session, actor: Actor, asked: Asked, page: int) -> Lines:
    """Households of the scope whose name, code, telephone or identity number (a member's too) fits all the words."""
    total = session.scalar(select(func.count()).select_from(counted(actor, asked).subquery())) or 0
    page = min(max(page, 1), MOST_PAGES, max(1, -(-total // PAGE)))
    rows = session.execute(found(actor, asked).limit(PAGE).offset((page - 1) * PAGE)).all()
    return Lines(lines(session, actor, rows), total, page)


def lines(session: Session, actor: Actor, rows: Sequence[Any]) -> tuple[Line, ...]:
    """Of rows of ``found``."""
    named = places(session, {row.Contractor.division for row in rows})
    held = open_cases(session, actor.county, [row.Contractor.code for row in rows])
    return tuple(
        Line(
            row.Contractor.code,
            row.ContractorVersion.name,
            row.ContractorVersion.kind,
            named[row.Contractor.division],
            row.ContractorVersion.member_count,
            row.parcel_count,
            row.total_area,
            held.get(row.Contractor.code),
            row.contract,
            row.term_end,
        )
        for row in rows
    )


def found(actor: Actor, asked: Asked) -> Select[*tuple[Any, ...]]:
    """Contractor, its version, and ``contract`` (code), ``parcel_count``, ``total_area``, ``term_end`` of its contract
    in force, None where it has none; in order."""
    c, v = t.Contractor, t.ContractorVersion
    query, contract = _joined(actor, asked, select(c, v), every=asked.looks_at_contracts)
    held = contract.c
    key = {
        "code": c.code, "name": v.name, "members": v.member_count,
        "parcels": held.parcel_count, "area": held.total_area, "ends": held.term_end,
    }[asked.sort]  # fmt: skip
    query = query.add_columns(held.code.label("contract"), held.parcel_count, held.total_area, held.term_end)
    order = key.desc().nulls_last() if asked.descending else key.asc().nulls_last()
    return query.order_by(order, *(() if asked.sort == "code" else (c.code,)))


def counted(actor: Actor, asked: Asked) -> Select[*tuple[Any, ...]]:
    """The same rows for counting: contracts are not looked at where they decide nothing."""
    c = t.Contractor
    if asked.contract or asked.ends:
        return _joined(actor, asked, select(c.id), every=True)[0]
    return _narrowed(actor, asked, select(c.id))


def _joined(actor: Actor, asked: Asked, query: Any, every: bool) -> tuple[Select[*tuple[Any, ...]], Any]:
    """With the contract in force: one look-up a row for a page of rows, all of them at once for ``every`` row."""
    c, k, kv = t.Contractor, t.Contract, t.ContractVersion
    in_force = (
        select(k.county, k.contractor_id, k.code, kv.id, kv.parcel_count, kv.total_area, kv.term_end)
        .join(kv, version_of(k, kv, "contract_id"))
        .where(within(k, actor, asked.division), kv.state == "in_force", *_holding(kv, asked))
    )
    if every:
        contract: Any = in_force.distinct(k.contractor_id).order_by(k.contractor_id, k.id.desc()).subquery()
        on = and_(contract.c.county == c.county, contract.c.contractor_id == c.id)
    else:
        own = and_(k.county == c.county, k.contractor_id == c.id)
        contract = in_force.where(own).order_by(k.id.desc()).limit(1).lateral()
        on = literal(True)
    narrowed = _narrowed(actor, asked, query).outerjoin(contract, on)
    if asked.contract:
        narrowed = narrowed.where(
            contract.c.id.is_not(None) if asked.contract == "with" else contract.c.id.is_(None)
        )
    if asked.ends:
        narrowed = narrowed.where(
            contract.c.term_end.between(date(asked.ends, 1, 1), date(asked.ends, 12, 31))
        )
    return narrowed, contract


def _narrowed(actor: Actor, asked: Asked, query: Any) -> Select[*tuple[Any, ...]]:
    c, v = t.Contractor, t.ContractorVersion
    query = query.select_from(c).join(v, version_of(c, v, "contractor_id"))
    query = query.where(within(c, actor, asked.division), v.county == actor.county, *_holding(v, asked))
    query = query.where(*[fits(actor.county, word) for word in asked.words.split()[:5]])
    if asked.party:
        query = query.where(begins(c.code, asked.party))
    if asked.kind in KINDS:
        query = query.where(v.kind == asked.kind)
    if asked.open_case:
        held = select(Reservation.code).where(
            Reservation.county == c.county,
            Reservation.kind == "contractor",
            Reservation.code == c.code,
            Reservation.released_at.is_(None),
        )
        query = query.where(held.exists())
    return query


def _holding(version: Any, asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return current(version) if asked.when is None else (asked.when.holds(version),)


def fits(county: str, word: str) -> ColumnElement[bool]:
    """A household by the beginning of its code, a part of its name, a member's name, a telephone or a whole number.

    Members are found by an index of their own first: asked for one household after the other, a county of 70,000
    takes seconds.
    """
    c, v, m = t.Contractor, t.ContractorVersion, t.Member
    with_members = func.coalesce(v.restates, v.id)
    if _IDENTITY.fullmatch(word):
        number = fingerprint(word)
        member = select(m.contractor_version_id).where(m.county == county, m.id_number_found == number)
        of_the_day = or_(c.code == word, v.id_number_found == number, with_members.in_(member))
        return and_(c.id.in_(_ever_with(county, word, number)), of_the_day)
    if _DIGITS.fullmatch(word):
        if len(word) > LONGEST_PHONE or county.startswith(word[:6]):
            return begins(c.code, word)
        return v.phone == word
    member = select(m.contractor_version_id).where(m.county == county, m.name == word)
    return or_(v.name.contains(word, autoescape=True), with_members.in_(member))


def _ever_with(county: str, word: str, number: bytes) -> Any:
    """Ids of households that any of their versions finds by that number, or that bear it as a code: by indexes alone."""
    c, v, m = aliased(t.Contractor), aliased(t.ContractorVersion), t.Member
    return union_all(
        select(c.id).where(c.county == county, c.code == word),
        select(v.contractor_id).where(v.county == county, v.id_number_found == number),
        select(v.contractor_id)
        .join(m, and_(m.county == v.county, m.contractor_version_id == v.id))
        .where(m.county == county, m.id_number_found == number),
    )


def begins(code: Any, word: str) -> ColumnElement[bool]:
    """A range of the code's bytes: row security lets no LIKE use the index."""
    return and_(code >= word, code < word + AFTER)


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
