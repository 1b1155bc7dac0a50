"""What scenarios ask: which household to take, who holds an office, what became of the case and the register."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.domain.register import Household
from engine.store import free_land, reservations
from engine.store.register import current, read_household, version_of
from engine.store.tables import register as t
from engine.store.tables import transfers as x
from engine.store.tables.cases import Case, Paper, Reservation, Task
from engine.store.tables.reference import Person, Position
from engine.store.tables.supervision import RentPayment
from engine.store.tables.work import Message

HOUSEHOLD = "1"  # C.9 承包方类型: 农户


def first_household(
    session: Session,
    county: str,
    contract: str | None,
    parcels: int = 0,
    members: int = 0,
    except_code: str | None = None,
    party: str = "",
    kind: str = HOUSEHOLD,
    except_codes: Collection[str] = (),
) -> str | None:
    """Lowest code of a contractor of that kind that no open case holds; ``contract``: in_force, none, or None for either."""
    people = select(func.count()).where(
        t.Member.county == t.Contractor.county, t.Member.contractor_version_id == t.ContractorVersion.id
    )
    holding = (
        select(t.ContractVersion.id)
        .join(
            t.Contract,
            (t.Contract.county == t.ContractVersion.county)
            & (t.Contract.id == t.ContractVersion.contract_id),
        )
        .where(
            t.Contract.county == t.Contractor.county,
            t.Contract.contractor_id == t.Contractor.id,
            t.ContractVersion.state == "in_force",
            *current(t.ContractVersion),
        )
    )
    land = select(func.count()).where(
        t.ContractedParcel.county == t.Contractor.county,
        t.ContractedParcel.contract_version_id.in_(holding.correlate(t.Contractor)),
    )
    held = select(Reservation.code).where(
        Reservation.county == county, Reservation.kind == "contractor", Reservation.released_at.is_(None)
    )
    query = (
        select(t.Contractor.code)
        .join(t.ContractorVersion, version_of(t.Contractor, t.ContractorVersion, "contractor_id"))
        .where(
            t.Contractor.county == county,
            t.ContractorVersion.kind == kind,
            *current(t.ContractorVersion),
            t.Contractor.code.not_in(held),
            land.scalar_subquery() >= parcels,
            people.scalar_subquery() >= members,
            t.Contractor.code.startswith(party),
        )
        .order_by(t.Contractor.code)
        .limit(1)
    )
    if contract is not None:
        query = query.where(holding.exists() if contract == "in_force" else ~holding.exists())
    query = query.where(t.Contractor.code.not_in(except_codes))
    if except_code is not None:
        query = query.where(t.Contractor.code != except_code)
    return session.scalar(query)


def holder_of(session: Session, role: str, division: str, day: date) -> Person | None:
    """Who holds that position on that day; the first by user name where several do."""
    return session.scalar(
        select(Person)
        .join(Position, Position.person_id == Person.id)
        .where(
            Position.role == role,
            Position.division == division,
            Position.valid_from <= day,
            or_(Position.valid_to.is_(None), Position.valid_to >= day),
        )
        .order_by(Person.username)
        .limit(1)
    )


def last_task(session: Session, case: Case, element: str) -> int | None:
    """Number of the task of that element: the open one, else the last."""
    return session.scalar(
        select(Task.number)
        .where(Task.county == case.county, Task.case_id == case.id, Task.element == element)
        .order_by((Task.status == "open").desc(), Task.number.desc())
        .limit(1)
    )


def division_of(session: Session, county: str, contractor_code: str) -> str:
    """Of the household, whether it still holds a contract or not."""
    return session.scalars(
        select(t.Contractor.division).where(
            t.Contractor.county == county, t.Contractor.code == contractor_code
        )
    ).one()


def cases_of(session: Session, county: str, contractor_code: str) -> int:
    return (
        session.scalar(
            select(func.count()).where(Case.county == county, Case.contractor_code == contractor_code)
        )
        or 0
    )


def papers_of(session: Session, county: str, case_id: UUID) -> int:
    return session.scalar(select(func.count()).where(Paper.county == county, Paper.case_id == case_id)) or 0


def unprinted(session: Session, case: Case) -> list[str]:
    """Numbers of issued papers that have no file."""
    query = select(Paper.number).where(
        Paper.county == case.county,
        Paper.case_id == case.id,
        Paper.source == "issued",
        Paper.status != "ready",
    )
    return [number or "" for number in session.scalars(query)]


def messages_after(session: Session, county: str, message_id: int) -> list[Message]:
    return list(
        session.scalars(
            select(Message).where(Message.county == county, Message.id > message_id).order_by(Message.id)
        )
    )


def held_by(session: Session, case: Case) -> set[tuple[str, str]]:
    """(kind, code) of everything that the case holds now."""
    rows = session.execute(
        select(Reservation.kind, Reservation.code).where(
            Reservation.county == case.county,
            Reservation.case_id == case.id,
            Reservation.released_at.is_(None),
        )
    )
    return {(row.kind, row.code) for row in rows}


def free_parcels(session: Session, county: str, party: str) -> list[str]:
    """Codes of what a first contract may take there and no open case holds."""
    return [
        parcel.code
        for parcel in free_land.free_parcels(session, county, party)
        if reservations.holder(session, county, "parcel", parcel.code) is None
    ]


def held_parcel(session: Session, county: str, household: Household) -> str:
    """Land of the same collective that another household holds."""
    party = household.issuing_party.code
    neighbour = first_household(session, county, "in_force", 1, except_code=household.code, party=party)
    held = neighbour and read_household(session, county, neighbour)
    return held.parcels[0].code if held else ""


def made_by(session: Session, county: str, number: str) -> list[str]:
    """Codes of the households that the case brought into the register."""
    first = select(func.min(t.ContractorVersion.id)).group_by(t.ContractorVersion.contractor_id)
    rows = session.scalars(
        select(t.Contractor.code)
        .join(t.ContractorVersion, version_of(t.Contractor, t.ContractorVersion, "contractor_id"))
        .where(
            t.Contractor.county == county,
            t.ContractorVersion.cause_ref == number,
            t.ContractorVersion.id.in_(first),
        )
        .order_by(t.Contractor.code)
    )
    return list(rows)


@dataclass(frozen=True)
class Holding:
    """All that the register now says of one household. ``contracts`` and ``entries``: (id, state) of current rows."""

    household: Household | None
    contracts: tuple[tuple[int, str], ...]
    entries: tuple[int, ...]
    certificates: tuple[tuple[str | None, date | None], ...]  # (serial, collected on) of the valid ones


def read_holding(session: Session, county: str, code: str) -> Holding:
    household = read_household(session, county, code)
    owner = household.id if household else 0
    contracts = session.execute(
        select(t.Contract.id, t.ContractVersion.state)
        .join(t.ContractVersion, version_of(t.Contract, t.ContractVersion, "contract_id"))
        .where(t.Contract.county == county, t.Contract.contractor_id == owner, *current(t.ContractVersion))
        .order_by(t.Contract.id)
    )
    entries = session.scalars(
        select(t.RegisterEntry.id)
        .join(
            t.RegisterEntryVersion, version_of(t.RegisterEntry, t.RegisterEntryVersion, "register_entry_id")
        )
        .where(
            t.RegisterEntry.county == county,
            t.RegisterEntry.contractor_id == owner,
            *current(t.RegisterEntryVersion),
        )
        .order_by(t.RegisterEntry.id)
    )
    return Holding(
        household,
        tuple((row.id, row.state) for row in contracts),
        tuple(entries),
        tuple((row.serial, row.collected_on) for row in certificates(session, county, owner)),
    )


def certificates(session: Session, county: str, contractor_id: int) -> list[t.CertificateVersion]:
    """The valid ones of a contractor, oldest first."""
    return list(
        session.scalars(
            select(t.CertificateVersion)
            .join(
                t.Certificate,
                (t.Certificate.county == t.CertificateVersion.county)
                & (t.Certificate.id == t.CertificateVersion.certificate_id),
            )
            .join(
                t.RegisterEntry,
                (t.RegisterEntry.county == t.Certificate.county)
                & (t.RegisterEntry.id == t.Certificate.register_entry_id),
            )
            .where(
                t.RegisterEntry.county == county,
                t.RegisterEntry.contractor_id == contractor_id,
                t.CertificateVersion.state == "valid",
                *current(t.CertificateVersion),
            )
            .order_by(t.Certificate.id)
        )
    )


def rent_days(session: Session, county: str, contractor_code: str) -> list[date]:
    """When rent of transfers with land of the household is due."""
    land, payment = x.TransferredLand, RentPayment
    numbers = (
        select(x.LandTransfer.number)
        .join(
            land,
            (land.county == x.LandTransfer.county) & (land.land_transfer_id == x.LandTransfer.id),
        )
        .where(land.county == county, land.contractor_code == contractor_code)
    )
    return list(
        session.scalars(
            select(payment.due_on)
            .where(payment.county == county, payment.transfer_code.in_(numbers))
            .order_by(payment.due_on)
        )
    )


def transfers_of(session: Session, county: str, contractor_code: str) -> list[dict[str, Any]]:
    """Rows of the ledger with land of the household, as they stand, in the order they were recorded."""
    v, land = x.LandTransfer, x.TransferredLand
    with_land = select(land.land_transfer_id).where(
        land.county == county, land.contractor_code == contractor_code
    )
    rows = session.scalars(
        select(v).where(v.county == county, v.id.in_(with_land), *current(v)).order_by(v.signed_on, v.number)
    )
    found = []
    for row in rows:
        held = session.scalars(
            select(land).where(land.county == county, land.land_transfer_id == row.id).order_by(land.id)
        ).all()
        found.append(
            {
                "number": row.number,
                "way": row.way,
                "state": row.state,
                "recipient": row.recipient,
                "review": row.review,
                "term_start": row.term_start.isoformat(),
                "term_end": row.term_end.isoformat(),
                "signed_on": row.signed_on.isoformat(),
                "households": len({one.contractor_code for one in held}),
                "parcels": len(held),
                "area": str(row.total_area),
                "use": row.use,
                "ground": row.ground,
                "ended_on": row.ended_on.isoformat() if row.ended_on else None,
                "under": row.under,
                "renews": row.renews,
            }
        )
    return found


def guarantees_of(session: Session, county: str, contractor_code: str) -> list[dict[str, Any]]:
    v = x.LandGuarantee
    rows = session.scalars(
        select(v)
        .where(v.county == county, v.contractor_code == contractor_code, *current(v))
        .order_by(v.starts, v.number)
    )
    return [
        {
            "bank": row.bank,
            "side": row.side,
            "state": row.state,
            "amount": str(row.amount),
            "transfer": row.transfer,
        }
        for row in rows
    ]


def blocks_on(session: Session, county: str, code: str, day: date) -> list[str]:
    b = t.Block
    query = select(b.kind).where(
        b.county == county, b.code == code, b.starts_on <= day, or_(b.ends_on.is_(None), b.ends_on >= day)
    )
    return list(session.scalars(query.order_by(b.kind, b.id)))
