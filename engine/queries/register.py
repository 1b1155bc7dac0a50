"""Looking things up in the register: households by name, code or identity number, and what belongs to one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.register import Household
from engine.queries.as_of import When
from engine.queries.household_rows import Rows, of_day, of_today, with_member, with_number
from engine.queries.scoped import AFTER, places, within
from engine.store.register import read_household
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
    after: str = ""  # a code: only what comes behind it
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
    named = places(session, {row.division for row in rows})
    held = open_cases(session, actor.county, [row.code for row in rows])
    return tuple(
        Line(
            row.code,
            row.name,
            row.kind,
            named[row.division],
            row.member_count,
            row.parcel_count,
            row.total_area,
            held.get(row.code),
            row.contract,
            row.term_end,
        )
        for row in rows
    )


def versions(session: Session, county: str, rows: Sequence[Any]) -> dict[int, t.ContractorVersion]:
    """``version_id`` of rows of ``found`` -> all that the contractor's version says."""
    v = t.ContractorVersion
    found = session.scalars(select(v).where(v.county == county, v.id.in_([row.version_id for row in rows])))
    return {version.id: version for version in found}


def found(actor: Actor, asked: Asked) -> Select[*tuple[Any, ...]]:
    """``code``, ``division``, ``version_id``, ``name``, ``kind``, ``member_count``, and of the contract in force
    ``contract`` (its code), ``parcel_count``, ``total_area``, ``term_end``, None where there is none; in order."""
    rows = _rows(actor, asked, "every" if asked.looks_at_contracts else "few")
    key = {
        "code": rows.code, "name": rows.name, "members": rows.member_count,
        "parcels": rows.parcel_count, "area": rows.total_area, "ends": rows.term_end,
    }[asked.sort]  # fmt: skip
    order = key.desc().nulls_last() if asked.descending else key.asc().nulls_last()
    return _narrowed(actor, asked, rows, rows.shown).order_by(
        order, *(() if asked.sort == "code" else (rows.code,))
    )


def counted(actor: Actor, asked: Asked) -> Select[*tuple[Any, ...]]:
    """The same rows for counting: contracts are not looked at where they decide nothing."""
    rows = _rows(actor, asked, "every" if asked.contract or asked.ends else "none")
    return _narrowed(actor, asked, rows, [rows.code])


def _rows(actor: Actor, asked: Asked, contracts: str) -> Rows:
    return of_today() if asked.when is None else of_day(asked.when, actor, asked.division, contracts)


def _narrowed(actor: Actor, asked: Asked, rows: Rows, columns: list[Any]) -> Select[*tuple[Any, ...]]:
    query = select(*columns).select_from(rows.source)
    query = query.where(within(rows, actor, asked.division), *rows.holds)
    query = query.where(*[fits(actor.county, word, rows) for word in asked.words.split()[:5]])
    if asked.after:
        query = query.where(rows.code > asked.after)
    if asked.party:
        query = query.where(begins(rows.code, asked.party))
    if asked.kind in KINDS:
        query = query.where(rows.kind == asked.kind)
    if asked.contract:
        query = query.where(
            rows.contract.is_not(None) if asked.contract == "with" else rows.contract.is_(None)
        )
    if asked.ends:
        query = query.where(rows.term_end.between(date(asked.ends, 1, 1), date(asked.ends, 12, 31)))
    if asked.open_case:
        held = select(Reservation.code).where(
            Reservation.county == actor.county,
            Reservation.kind == "contractor",
            Reservation.released_at.is_(None),
        )
        query = query.where(rows.code.in_(held))
    return query


def fits(county: str, word: str, rows: Rows) -> ColumnElement[bool]:
    """A household by the beginning of its code, a part of its name, a member's name, a telephone or a whole number."""
    if _IDENTITY.fullmatch(word):
        return with_number(rows, county, fingerprint(word), word)
    if _DIGITS.fullmatch(word):
        if len(word) > LONGEST_PHONE or county.startswith(word[:6]):
            return begins(rows.code, word)
        return rows.phone == word
    return or_(rows.name.contains(word, autoescape=True), with_member(rows, county, word))


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


def find_household(session: Session, actor: Actor, code: str) -> Household | None:
    """The household, as far as it is in the scope."""
    household = read_household(session, actor.county, code) if _CODE.fullmatch(code) else None
    return household if household is not None and actor.sees(household.division) else None


def visible_household(session: Session, actor: Actor, code: str) -> Household:
    """The household, or NotFound in the same words whether there is none or it is outside the scope."""
    household = find_household(session, actor, code)
    if household is None:
        raise NotFound("contractor", "没有找到承包方 %(code)s，请核对编码", code=code[:40])
    return household
