"""Sums over the register on a day, by the division of the issuing party: one statement for each kind of thing.

A county of 362,000 parcels has some 2,000 issuing parties: what comes back is small, and ``rolled`` adds it up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.division import LEVELS
from engine.queries.as_of import When
from engine.queries.ledgers.joins import in_force
from engine.queries.scoped import AFTER, within
from engine.store.register import version_of
from engine.store.tables import register as t
from engine.store.tables.reference import Division

FAMILY = "110"  # C.10 家庭承包
DIGITS = tuple(LEVELS.values())


@dataclass(frozen=True)
class View:
    """Whose figures: ``division`` is within the actor's scope."""

    session: Session
    actor: Actor
    when: When
    division: str

    def rows(self, query: Any) -> list[Row[Any]]:
        return list(self.session.execute(query))


def parties(view: View) -> list[Row[Any]]:
    """(division, parties)"""
    p, v = t.IssuingParty, t.IssuingPartyVersion
    return view.rows(
        select(p.division, func.count().label("parties"))
        .join(v, version_of(p, v, "issuing_party_id"))
        .where(within(p, view.actor, view.division), v.county == view.actor.county, view.when.holds(v))
        .group_by(p.division)
    )


def parcels(view: View) -> list[Row[Any]]:
    """(division, category, use, basic_farmland, parcels, area m2)"""
    p, v = t.Parcel, t.ParcelVersion
    key = (p.division, v.category, v.use, v.basic_farmland)
    return view.rows(
        select(*key, func.count().label("parcels"), func.sum(v.measured_area).label("area"))
        .join(v, version_of(p, v, "parcel_id"))
        .where(within(p, view.actor, view.division), v.county == view.actor.county, view.when.holds(v))
        .group_by(*key)
    )


def contracts(view: View) -> list[Row[Any]]:
    """(division, way, contracts, contractors, area m2) of contracts in force"""
    k, v = t.Contract, t.ContractVersion
    return view.rows(
        select(
            k.division,
            v.way,
            func.count().label("contracts"),
            func.count(k.contractor_id.distinct()).label("contractors"),
            func.sum(v.total_area).label("area"),
        )
        .join(v, version_of(k, v, "contract_id"))
        .where(within(k, view.actor, view.division), v.county == view.actor.county, in_force(view.when))
        .group_by(k.division, v.way)
    )


def contractors(view: View) -> list[Row[Any]]:
    """(division, kind, contractors)"""
    c, v = t.Contractor, t.ContractorVersion
    return view.rows(
        select(c.division, v.kind, func.count().label("contractors"))
        .join(v, version_of(c, v, "contractor_id"))
        .where(within(c, view.actor, view.division), v.county == view.actor.county, view.when.holds(v))
        .group_by(c.division, v.kind)
    )


def members(view: View) -> list[Row[Any]]:
    """(division, members): rows of members, as the standard's table has them"""
    c, v, m = t.Contractor, t.ContractorVersion, t.Member
    of_version = and_(m.county == v.county, m.contractor_version_id == func.coalesce(v.restates, v.id))
    return view.rows(
        select(c.division, func.count().label("members"))
        .join(v, version_of(c, v, "contractor_id"))
        .join(m, of_version)
        .where(
            within(c, view.actor, view.division),
            v.county == view.actor.county,
            m.county == view.actor.county,
            view.when.holds(v),
        )
        .group_by(c.division)
    )


def certificates(view: View) -> list[Row[Any]]:
    """(division, family, certificates, area m2) of certificates of contracts in force, each code once.

    A lost or cancelled one counts until its contract ends, as in the hand-in, whose table has a row for it. The way is the register entry's; the area that of the contract in force with the certificate's code.
    """
    s, sv, e, ev, k, kv = (
        t.Certificate, t.CertificateVersion, t.RegisterEntry, t.RegisterEntryVersion, t.Contract,
        t.ContractVersion,
    )  # fmt: skip
    county, when = view.actor.county, view.when
    codes = (
        select(s.division, s.code)
        .join(sv, version_of(s, sv, "certificate_id"))
        .join(e, and_(e.county == s.county, e.id == s.register_entry_id))
        .join(k, and_(k.county == e.county, k.id == e.contract_id))
        .join(kv, version_of(k, kv, "contract_id"))
        .where(within(s, view.actor, view.division), sv.county == county, when.holds(sv))
        .where(kv.county == county, in_force(when))
        .distinct()
        .subquery()
    )
    ways = (
        select(e.code, func.max(ev.way).label("way"))
        .join(ev, version_of(e, ev, "register_entry_id"))
        .where(within(e, view.actor, view.division), ev.county == county, when.holds(ev))
        .group_by(e.code)
        .subquery()
    )
    areas = (
        select(k.code, func.sum(kv.total_area).label("area"))
        .join(kv, version_of(k, kv, "contract_id"))
        .where(within(k, view.actor, view.division), kv.county == county, in_force(when))
        .group_by(k.code)
        .subquery()
    )
    family = (func.coalesce(ways.c.way, "") == FAMILY).label("family")
    return view.rows(
        select(
            codes.c.division,
            family,
            func.count().label("certificates"),
            func.coalesce(func.sum(areas.c.area), 0).label("area"),
        )
        .select_from(codes)
        .outerjoin(ways, ways.c.code == codes.c.code)
        .outerjoin(areas, areas.c.code == codes.c.code)
        .group_by(codes.c.division, family)
    )


Amounts = list[Decimal]


class Sums:
    """Amounts by division, in so many columns."""

    def __init__(self, width: int):
        self.width = width
        self.amounts: dict[str, Amounts] = {}

    def add(self, division: str, column: int, amount: Decimal | int) -> None:
        self.amounts.setdefault(division, [Decimal(0)] * self.width)[column] += amount


def rolled(sums: Sums, units: Iterable[str]) -> dict[str, Amounts]:
    """Unit (division code) -> amounts of everything at and below it."""
    found = {unit: [Decimal(0)] * sums.width for unit in units}
    for division, amounts in sums.amounts.items():
        for digits in DIGITS:
            if digits <= len(division) and (row := found.get(division[:digits])) is not None:
                for column, amount in enumerate(amounts):
                    row[column] += amount
    return found


def units(session: Session, actor: Actor, division: str, deep: bool = True) -> dict[str, str]:
    """Code -> name of the division and of all below it; of the next level alone where not ``deep``."""
    rows = session.execute(
        select(Division.code, Division.name)
        .where(Division.code >= division, Division.code < division + AFTER)
        .order_by(Division.code)
    )
    found: Mapping[str, str] = {row[0]: row[1] for row in rows if row[0].startswith(actor.division)}
    if deep:
        return dict(found)
    below = next((n for n in DIGITS if n > len(division) and any(len(code) == n for code in found)), 0)
    return {code: name for code, name in found.items() if code == division or len(code) == below}
