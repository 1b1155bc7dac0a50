"""What is counted and added up of the register on a day, by the division of the issuing party: a statement a kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.as_of import When
from engine.queries.ledgers.joins import in_force
from engine.queries.scoped import within
from engine.queries.statistics.extension import terms
from engine.store.register import lies_with, version_of
from engine.store.tables import register as t


@dataclass(frozen=True)
class View:
    """Whose figures: ``division`` is within the actor's scope.

    ``keep``: whether what is added up is kept for the next one who looks; the caller then commits. Not for a session
    that sees one moment only. ``digits``: of the divisions that are wanted apart; those below may come added up.
    ``found``: what was read for this view already.
    """

    session: Session
    actor: Actor
    when: When
    division: str
    keep: bool = True
    digits: int = 14
    found: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Of:
    """Of which divisions: all of the view's, or only those that are named."""

    view: View
    only: frozenset[str] | None = None

    @property
    def when(self) -> When:
        return self.view.when

    def lies(self, thing: Any, version: Any) -> ColumnElement[bool]:
        """The thing lies there, and the version is of the county."""
        here = and_(
            within(thing, self.view.actor, self.view.division), version.county == self.view.actor.county
        )
        return here if self.only is None else and_(here, thing.division.in_(self.only))


class Parties(NamedTuple):
    division: str
    parties: int


class Parcels(NamedTuple):
    division: str
    category: str
    use: str
    basic_farmland: str
    parcels: int
    area: Decimal  # m2, measured


class Contracts(NamedTuple):
    """In force."""

    division: str
    way: str
    contracts: int
    contractors: int
    area: Decimal


class Contractors(NamedTuple):
    division: str
    kind: str
    contractors: int


class Members(NamedTuple):
    """Rows of members, as the standard's table has them."""

    division: str
    members: int


class Certificates(NamedTuple):
    """Of contracts in force, each code once.

    A lost or cancelled one counts until its contract ends, as in the hand-in, whose table has a row for it. The way
    is the register entry's; the area that of the contract in force with the certificate's code.
    """

    division: str
    family: bool
    certificates: int
    area: Decimal


class Papers(NamedTuple):
    """Certificates of any state, as the ledger lists them; ``collected`` by C.19."""

    division: str
    state: str
    collected: str
    papers: int


class Terms(NamedTuple):
    """Contracts by the year in which their last version ends. ``state``: stands, filed, ended, replaced;
    ``month`` in which it was filed anew, as 2026-09."""

    division: str
    year: int
    state: str
    month: str | None
    contracts: int
    area: Decimal


def _parties(of: Of) -> Select[*tuple[Any, ...]]:
    p, v = t.IssuingParty, t.IssuingPartyVersion
    return (
        select(p.division, func.count())
        .join(v, version_of(p, v, "issuing_party_id"))
        .where(of.lies(p, v), of.when.holds(v))
        .group_by(p.division)
    )


def _parcels(of: Of) -> Select[*tuple[Any, ...]]:
    """A parcel's version says the division itself."""
    v = t.ParcelVersion
    key = (v.division, v.category, v.use, v.basic_farmland)
    return (
        select(*key, func.count(), func.sum(v.measured_area))
        .where(of.lies(v, v), of.when.holds(v))
        .group_by(*key)
    )


def _contracts(of: Of) -> Select[*tuple[Any, ...]]:
    k, v = t.Contract, t.ContractVersion
    return (
        select(
            k.division,
            v.way,
            func.count(),
            func.count(k.contractor_id.distinct()),
            func.sum(v.total_area),
        )
        .join(v, version_of(k, v, "contract_id"))
        .where(of.lies(k, v), in_force(of.when))
        .group_by(k.division, v.way)
    )


def _contractors(of: Of) -> Select[*tuple[Any, ...]]:
    c, v = t.Contractor, t.ContractorVersion
    return (
        select(c.division, v.kind, func.count())
        .join(v, version_of(c, v, "contractor_id"))
        .where(of.lies(c, v), of.when.holds(v))
        .group_by(c.division, v.kind)
    )


def _members(of: Of) -> Select[*tuple[Any, ...]]:
    c, v, m = t.Contractor, t.ContractorVersion, t.Member
    of_version = and_(m.county == v.county, m.contractor_version_id == lies_with(v))
    return (
        select(c.division, func.count())
        .join(v, version_of(c, v, "contractor_id"))
        .join(m, of_version)
        .where(of.lies(c, v), m.county == of.view.actor.county, of.when.holds(v))
        .group_by(c.division)
    )


def _certificates(of: Of) -> Select[*tuple[Any, ...]]:
    s, sv, e, ev, k, kv = (
        t.Certificate, t.CertificateVersion, t.RegisterEntry, t.RegisterEntryVersion, t.Contract,
        t.ContractVersion,
    )  # fmt: skip
    codes = (
        select(s.division, s.code)
        .join(sv, version_of(s, sv, "certificate_id"))
        .join(e, and_(e.county == s.county, e.id == s.register_entry_id))
        .join(k, and_(k.county == e.county, k.id == e.contract_id))
        .join(kv, version_of(k, kv, "contract_id"))
        .where(of.lies(s, sv), of.when.holds(sv))
        .where(kv.county == of.view.actor.county, in_force(of.when))
        .distinct()
        .subquery()
    )
    ways = (
        select(e.code, func.max(ev.way).label("way"))
        .join(ev, version_of(e, ev, "register_entry_id"))
        .where(of.lies(e, ev), of.when.holds(ev))
        .group_by(e.code)
        .subquery()
    )
    areas = (
        select(k.code, func.sum(kv.total_area).label("area"))
        .join(kv, version_of(k, kv, "contract_id"))
        .where(of.lies(k, kv), in_force(of.when))
        .group_by(k.code)
        .subquery()
    )
    family = (func.coalesce(ways.c.way, "") == FAMILY).label("family")
    return (
        select(codes.c.division, family, func.count(), func.coalesce(func.sum(areas.c.area), 0))
        .select_from(codes)
        .outerjoin(ways, ways.c.code == codes.c.code)
        .outerjoin(areas, areas.c.code == codes.c.code)
        .group_by(codes.c.division, family)
    )


def _papers(of: Of) -> Select[*tuple[Any, ...]]:
    s, v = t.Certificate, t.CertificateVersion
    key = (s.division, v.state, v.collected)
    return (
        select(*key, func.count())
        .join(v, version_of(s, v, "certificate_id"))
        .where(of.lies(s, v), of.when.holds(v))
        .group_by(*key)
    )


def _terms(of: Of) -> Select[*tuple[Any, ...]]:
    return terms(of.view.actor, of.when, of.view.division, of.only)


@dataclass(frozen=True)
class Part:
    """A row is the division, keys, counts and, for some, an area; ``keys`` read each key from its text."""

    row: Callable[..., Any]
    query: Callable[[Of], Select[*tuple[Any, ...]]]
    keys: tuple[Callable[[str], Any], ...] = ()
    counts: int = 1
    area: bool = False


def _flag(text: str) -> bool:
    return text == "True"


def _maybe(text: str) -> str | None:
    return text or None


FAMILY = "110"  # C.10 家庭承包
PARTS: Mapping[str, Part] = {
    "parties": Part(Parties, _parties),
    "parcels": Part(Parcels, _parcels, (str, str, str), area=True),
    "contracts": Part(Contracts, _contracts, (str,), 2, area=True),
    "contractors": Part(Contractors, _contractors, (str,)),
    "members": Part(Members, _members),
    "certificates": Part(Certificates, _certificates, (_flag,), area=True),
    "papers": Part(Papers, _papers, (str, str)),
    "terms": Part(Terms, _terms, (int, str, _maybe), area=True),
}


def added_up(of: Of, part: str) -> list[Any]:
    """From the register itself."""
    one = PARTS[part]
    return [one.row(*values) for values in of.view.session.execute(one.query(of))]
