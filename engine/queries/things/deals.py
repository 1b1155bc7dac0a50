"""Transfers, guarantees and disputes around a household or its land: what a lawyer would ask of each, not its number alone."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.as_of import When
from engine.queries.ledgers.land_transfers import standing
from engine.queries.scoped import within
from engine.store.register import lies_with, version_of
from engine.store.tables import register as r
from engine.store.tables import transfers as t
from engine.store.tables.cases import Case
from engine.store.tables.standard import TransferContract

MOST = 100  # transfers to one household or firm that a page lists
_ORDER = {"running": 0, "over": 1, "ended": 2}


@dataclass(frozen=True)
class Transferred:
    """A transfer of operation rights. ``land``: of it what was asked about; all of it where the household takes it.

    ``state``: running, over (its term is, nobody ended it) or ended. ``givers``: name and code of the households whose
    land it is, as far as they are in scope; ``others`` more.
    """

    transfer: t.LandTransfer
    state: str
    land: tuple[t.TransferredLand, ...]
    givers: tuple[tuple[str, str], ...]
    others: int
    taken: bool


@dataclass(frozen=True)
class Deals:
    """``evidence``: transfer contracts of the standard (LZHT), by the codes that contracts name; None where there is none.

    ``guarantees``: by number. ``cases``: numbers of the cases in scope that any of it, or a block, names.
    """

    transfers: tuple[Transferred, ...]
    guarantees: dict[str, t.LandGuarantee]
    evidence: dict[str, TransferContract | None]
    receivers: dict[str, str]  # code -> name, of households in scope that take land by any of it
    cases: frozenset[str]


def deals(
    session: Session,
    actor: Actor,
    when: When,
    *,
    household: str | None,
    parcels: Collection[str],
    rows: Collection[r.ContractedParcel],
    refs: Collection[str],
) -> Deals:
    """Of a household's page: ``household`` and its ``parcels``; of a parcel's: ``parcels`` alone.

    ``rows``: of contracts, which may name transfer contracts; ``refs``: what blocks name.
    """
    found = _transfers(session, actor, when, household, parcels)
    g = t.LandGuarantee
    guarantees = session.scalars(select(g).where(within(g, actor), when.holds(g), g.number.in_(refs)))
    evidence = _evidence(session, actor, when, {row.transfer_code for row in rows if row.transfer_code})
    takers = {one.receiver_code for one in evidence.values() if one}
    takers |= {one.transfer.recipient_code for one in found if one.transfer.recipient_code}
    receivers = _names(session, actor, when, takers)
    named = {*refs, *(one.transfer.cause_ref for one in found if one.transfer.cause == "case")}
    cases = session.scalars(select(Case.number).where(within(Case, actor), Case.number.in_(named)))
    return Deals(tuple(found), {one.number: one for one in guarantees}, evidence, receivers, frozenset(cases))


def _transfers(
    session: Session, actor: Actor, when: When, household: str | None, parcels: Collection[str]
) -> list[Transferred]:
    v, land = t.LandTransfer, t.TransferredLand
    about: list[ColumnElement[bool]] = [land.parcel_code.in_(parcels)]
    if household is not None:
        about.append(land.contractor_code == household)
    with_land = select(land.land_transfer_id).where(land.county == actor.county, or_(*about))
    which: list[ColumnElement[bool]] = [lies_with(v).in_(with_land)]
    if household is not None:
        which.append(v.recipient_code == household)
    rows = session.scalars(
        select(v)
        .where(within(v, actor), when.holds(v), or_(*which))
        .order_by(v.term_start.desc(), v.number)
        .limit(MOST)
    ).all()
    held = _land(session, actor, [row.restates or row.id for row in rows])
    codes = {one.contractor_code for lands in held.values() for one in lands}
    names = _names(session, actor, when, codes)
    found = []
    for row in rows:
        whole = held[row.restates or row.id]
        taken = household is not None and row.recipient_code == household
        of_these = (
            whole
            if taken
            else [one for one in whole if one.contractor_code == household or one.parcel_code in parcels]
        )
        giving = sorted({one.contractor_code for one in whole})
        givers = tuple((names[code], code) for code in giving if code in names)
        state = standing(row, when.day)
        found.append(
            Transferred(row, state, tuple(of_these), givers[:3], len(giving) - len(givers[:3]), taken)
        )
    return sorted(found, key=lambda one: _ORDER.get(one.state, 3))


def _land(session: Session, actor: Actor, versions: Collection[int]) -> dict[int, list[t.TransferredLand]]:
    land = t.TransferredLand
    found: dict[int, list[t.TransferredLand]] = defaultdict(list)
    for row in session.scalars(
        select(land)
        .where(land.county == actor.county, land.land_transfer_id.in_(versions))
        .order_by(land.parcel_code, land.id)
    ):
        found[row.land_transfer_id].append(row)
    return found


def _evidence(
    session: Session, actor: Actor, when: When, codes: Collection[str]
) -> dict[str, TransferContract | None]:
    c = TransferContract
    rows = session.scalars(select(c).where(within(c, actor), when.holds(c), c.code.in_(codes)))
    known = {row.code: row for row in rows}
    return {code: known.get(code) for code in sorted(codes)}


def _names(session: Session, actor: Actor, when: When, codes: Collection[str]) -> dict[str, str]:
    """Code -> name, of contractors in scope."""
    if not codes:
        return {}
    c, v = r.Contractor, r.ContractorVersion
    rows = session.execute(
        select(c.code, v.name)
        .join(v, version_of(c, v, "contractor_id"))
        .where(within(c, actor), c.code.in_(codes), when.holds(v))
    )
    return dict(rows.tuples().all())
