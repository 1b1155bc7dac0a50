"""One sheet for each thing: everything that the register says of it on a day, with what hangs on it.

The household's holds the whole of 户地簿证: members, contracts, parcels, register entries, certificates.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.as_of import When, children_of, contracts_with
from engine.queries.map import holders
from engine.queries.scoped import AFTER, within
from engine.queries.things.kinds import Found, Named, find, named
from engine.store.register import neighbours, version_of
from engine.store.tables import register as t


@dataclass(frozen=True)
class Held:
    """A parcel under a contract: the contract's row, and the parcel as it was then (None: it is no more)."""

    code: str
    row: t.ContractedParcel
    version: t.ParcelVersion | None

    @property
    def outline(self) -> bytes | None:
        return shapely.to_wkb(to_shape(self.version.geom)) if self.version is not None else None


@dataclass(frozen=True)
class ContractOf:
    """A contract with its version of the day and the parcels under it. ``version.state``: in_force or ended."""

    contract: t.Contract
    version: t.ContractVersion
    parcels: tuple[Held, ...]


@dataclass(frozen=True)
class CertificateOf:
    certificate: t.Certificate
    version: t.CertificateVersion


@dataclass(frozen=True)
class EntryOf:
    """A register entry with its version (None: closed by then), certificates and source documents."""

    entry: t.RegisterEntry
    version: t.RegisterEntryVersion | None
    certificates: tuple[CertificateOf, ...]
    documents: tuple[t.SourceDocument, ...]


@dataclass(frozen=True)
class HouseholdSheet:
    found: Found
    party: Named
    members: tuple[t.Member, ...]
    contracts: tuple[ContractOf, ...]  # in force first, then the newest
    entries: tuple[EntryOf, ...]

    @property
    def in_force(self) -> ContractOf | None:
        return next((one for one in self.contracts if one.version.state == "in_force"), None)

    @property
    def parcels(self) -> tuple[Held, ...]:
        return tuple(
            held for one in self.contracts if one.version.state == "in_force" for held in one.parcels
        )


@dataclass(frozen=True)
class Holding:
    """Who holds a parcel by which contract, and the contract's row about it."""

    contract: t.Contract
    version: t.ContractVersion
    holder: Named
    row: t.ContractedParcel


@dataclass(frozen=True)
class Neighbour:
    """``name``: who holds it, or what it is called. ``holder_code``: None where nobody in scope holds it."""

    code: str
    name: str
    holder_code: str | None
    outline: bytes


@dataclass(frozen=True)
class ParcelSheet:
    found: Found
    party: Named
    holdings: tuple[Holding, ...]
    neighbours: tuple[Neighbour, ...]  # of today only: earlier outlines are in no spatial index

    @property
    def outline(self) -> bytes | None:
        version = self.found.version
        return shapely.to_wkb(to_shape(version.geom)) if version is not None else None


@dataclass(frozen=True)
class ContractSheet:
    found: Found
    party: Named
    holder: Named
    parcels: tuple[Held, ...]
    entries: tuple[EntryOf, ...]
    others: tuple[t.Contract, ...]  # of the same household, newest first


@dataclass(frozen=True)
class EntrySheet:
    found: Found
    party: Named
    holder: Named
    contract: t.Contract
    entry: EntryOf


@dataclass(frozen=True)
class PartySheet:
    """``area``: of the parcels, m2; ``contract_area``: of the contracts in force."""

    found: Found
    households: int
    parcels: int
    area: Decimal
    contracts: int
    contract_area: Decimal


def household_sheet(session: Session, actor: Actor, code: str, when: When) -> HouseholdSheet:
    found = find(session, actor, "contractor", code, when)
    when = found.when
    identity = found.identity
    party = named(session, "party", actor.county, [identity.issuing_party_id], when)
    contracts = _contracts(session, actor.county, identity.id, when)
    return HouseholdSheet(
        found,
        party[identity.issuing_party_id],
        _members(session, actor.county, found.version),
        contracts,
        _entries(session, actor.county, t.RegisterEntry.contractor_id == identity.id, when),
    )


def _members(session: Session, county: str, version: Any) -> tuple[t.Member, ...]:
    if version is None:
        return ()
    of_version = t.Member.contractor_version_id == (version.restates or version.id)
    return tuple(
        session.scalars(
            select(t.Member).where(t.Member.county == county, of_version).order_by(t.Member.position)
        )
    )


def _contracts(session: Session, county: str, contractor: int, when: When) -> tuple[ContractOf, ...]:
    k, v = t.Contract, t.ContractVersion
    rows = session.execute(
        select(k, v)
        .join(v, version_of(k, v, "contract_id"))
        .where(k.county == county, k.contractor_id == contractor, when.holds(v))
        .order_by((v.state == "in_force").desc(), k.id.desc())
    ).all()
    held = _held(session, county, [version for _, version in rows], when)
    return tuple(ContractOf(contract, version, held[version.id]) for contract, version in rows)


def _held(
    session: Session, county: str, versions: Sequence[t.ContractVersion], when: When
) -> dict[int, tuple[Held, ...]]:
    """By id of the contract version."""
    children = {version.restates or version.id: version.id for version in versions}
    row, p, v = t.ContractedParcel, t.Parcel, t.ParcelVersion
    found: dict[int, list[Held]] = defaultdict(list)
    for contracted, code, version in session.execute(
        select(row, p.code, v)
        .join(p, and_(p.county == row.county, p.id == row.parcel_id))
        .outerjoin(v, and_(version_of(p, v, "parcel_id"), when.holds(v)))
        .where(row.county == county, row.contract_version_id.in_(children))
        .order_by(p.code)
    ):
        found[children[contracted.contract_version_id]].append(Held(code, contracted, version))
    return {version.id: tuple(found[version.id]) for version in versions}


def _entries(session: Session, county: str, which: Any, when: When) -> tuple[EntryOf, ...]:
    """Entries that were known by then, the newest first; a closed one without version is kept for its certificates."""
    e, v = t.RegisterEntry, t.RegisterEntryVersion
    rows = session.execute(
        select(e, v)
        .outerjoin(v, and_(version_of(e, v, "register_entry_id"), when.holds(v)))
        .where(e.county == county, which)
        .order_by(e.id.desc())
    ).all()
    ids = [entry.id for entry, _ in rows]
    certificates = _certificates(session, county, ids, when)
    documents: dict[int, list[t.SourceDocument]] = defaultdict(list)
    for document in session.scalars(
        select(t.SourceDocument)
        .where(t.SourceDocument.county == county, t.SourceDocument.register_entry_id.in_(ids))
        .order_by(t.SourceDocument.dated, t.SourceDocument.number)
    ):
        documents[document.register_entry_id].append(document)
    return tuple(
        EntryOf(entry, version, tuple(certificates[entry.id]), tuple(documents[entry.id]))
        for entry, version in rows
        if version is not None or certificates[entry.id]
    )


def _certificates(
    session: Session, county: str, entries: Sequence[int], when: When
) -> dict[int, list[CertificateOf]]:
    c, v = t.Certificate, t.CertificateVersion
    found: dict[int, list[CertificateOf]] = defaultdict(list)
    for certificate, version in session.execute(
        select(c, v)
        .join(v, version_of(c, v, "certificate_id"))
        .where(c.county == county, c.register_entry_id.in_(entries), when.holds(v))
        .order_by((v.state == "valid").desc(), c.id.desc())
    ):
        found[certificate.register_entry_id].append(CertificateOf(certificate, version))
    return found


def parcel_sheet(session: Session, actor: Actor, code: str, when: When, today: bool) -> ParcelSheet:
    """``today``: the day is today and nothing earlier was asked for, so that neighbours can be told."""
    found = find(session, actor, "parcel", code, when)
    when = found.when
    party = named(session, "party", actor.county, [found.identity.issuing_party_id], when)
    return ParcelSheet(
        found,
        party[found.identity.issuing_party_id],
        _holdings(session, actor.county, found.id, when),
        _neighbours(session, actor, found.code) if today and found.stands else (),
    )


def _holdings(session: Session, county: str, parcel: int, when: When) -> tuple[Holding, ...]:
    row, k, v = t.ContractedParcel, t.Contract, t.ContractVersion
    rows = session.execute(
        select(k, v, row)
        .join(v, version_of(k, v, "contract_id"))
        .join(row, children_of(row, v))
        .where(
            k.county == county,
            k.id.in_(contracts_with(session, county, parcel)),
            row.parcel_id == parcel,
            v.state == "in_force",
            when.holds(v),
        )
        .order_by(k.id.desc())
    ).all()
    names = named(session, "contractor", county, [contract.contractor_id for contract, *_ in rows], when)
    return tuple(
        Holding(contract, version, names[contract.contractor_id], held) for contract, version, held in rows
    )


def _neighbours(session: Session, actor: Actor, code: str) -> tuple[Neighbour, ...]:
    near = [one for one in neighbours(session, actor.county, [code]) if one[0].startswith(actor.division)]
    held = holders(session, actor, [one[0] for one in near])
    return tuple(Neighbour(c, name, held.get(c, (None, None))[1], outline) for c, name, outline in near)


def contract_sheet(session: Session, actor: Actor, asked: str, when: When) -> ContractSheet:
    found = find(session, actor, "contract", asked, when)
    when = found.when
    contract = found.identity
    holder = named(session, "contractor", actor.county, [contract.contractor_id], when)
    party = named(session, "party", actor.county, [contract.issuing_party_id], when)
    held = _held(session, actor.county, [found.version], when) if found.version is not None else {}
    others = session.scalars(
        select(t.Contract)
        .where(
            t.Contract.county == actor.county,
            t.Contract.contractor_id == contract.contractor_id,
            t.Contract.id != contract.id,
        )
        .order_by(t.Contract.id.desc())
    )
    return ContractSheet(
        found,
        party[contract.issuing_party_id],
        holder[contract.contractor_id],
        held[found.version.id] if held else (),
        _entries(session, actor.county, t.RegisterEntry.contract_id == contract.id, when),
        tuple(others),
    )


def entry_sheet(session: Session, actor: Actor, asked: str, when: When) -> EntrySheet:
    found = find(session, actor, "entry", asked, when)
    when = found.when
    entry = found.identity
    contract = session.get_one(t.Contract, (actor.county, entry.contract_id))
    holder = named(session, "contractor", actor.county, [entry.contractor_id], when)
    party = named(session, "party", actor.county, [contract.issuing_party_id], when)
    hanging = _entries(session, actor.county, t.RegisterEntry.id == entry.id, when)
    return EntrySheet(
        found,
        party[contract.issuing_party_id],
        holder[entry.contractor_id],
        contract,
        hanging[0] if hanging else EntryOf(entry, None, (), ()),
    )


def party_sheet(session: Session, actor: Actor, code: str, when: When) -> PartySheet:
    found = find(session, actor, "party", code, when)
    when = found.when

    def of_party(identity: Any, version: Any, owner: str, *sums: Any) -> Any:
        """By the codes, which begin with the party's: their index is there, and one of the party's id is not."""
        return session.execute(
            select(func.count(), *sums)
            .select_from(identity)
            .join(version, version_of(identity, version, owner))
            .where(
                within(identity, actor),
                identity.code >= found.code,
                identity.code < found.code + AFTER,
                identity.issuing_party_id == found.id,
                when.holds(version),
                *((version.state == "in_force",) if version is t.ContractVersion else ()),
            )
        ).one()

    total = func.coalesce(func.sum(t.ParcelVersion.measured_area), 0)
    contracted = func.coalesce(func.sum(t.ContractVersion.total_area), 0)
    households = of_party(t.Contractor, t.ContractorVersion, "contractor_id")
    parcels = of_party(t.Parcel, t.ParcelVersion, "parcel_id", total)
    contracts = of_party(t.Contract, t.ContractVersion, "contract_id", contracted)
    return PartySheet(found, households[0], parcels[0], parcels[1], contracts[0], contracts[1])
