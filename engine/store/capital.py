"""What reviews of business capital write and read: their rows, the land as the register has it, deposits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.capital import EXEMPT, PASSED, REVIEWING, Opinion
from engine.domain.register import mu
from engine.store.register import current, version_of
from engine.store.sealed import fingerprint
from engine.store.tables import register as t
from engine.store.tables.capital import CapitalReview, RiskDeposit
from engine.store.tables.cases import Case, CaseState
from engine.store.tables.transfers import LandTransfer


@dataclass(frozen=True)
class Land:
    """A parcel that a contract in force holds; ``area`` in m2, ``term_end`` the contract's last day."""

    code: str
    holder: str  # contractor code
    division: str
    area: Decimal
    term_end: date


def of_case(session: Session, case: Case) -> CapitalReview | None:
    return session.get(CapitalReview, (case.county, case.id))


def contracted(session: Session, county: str, codes: Collection[str]) -> list[Land]:
    """Those of the parcels that are contracted now."""
    query = (
        select(
            t.Parcel.code,
            t.Contractor.code,
            t.Parcel.division,
            t.ContractedParcel.contract_area,
            t.ContractVersion.term_end,
        )
        .join(
            t.ContractedParcel,
            (t.ContractedParcel.county == t.Parcel.county) & (t.ContractedParcel.parcel_id == t.Parcel.id),
        )
        .join(
            t.ContractVersion,
            (t.ContractVersion.county == t.ContractedParcel.county)
            & (t.ContractVersion.id == t.ContractedParcel.contract_version_id),
        )
        .join(
            t.Contract,
            (t.Contract.county == t.ContractVersion.county)
            & (t.Contract.id == t.ContractVersion.contract_id),
        )
        .join(
            t.Contractor,
            (t.Contractor.county == t.Contract.county) & (t.Contractor.id == t.Contract.contractor_id),
        )
        .where(
            t.Parcel.county == county,
            t.Parcel.code.in_(codes),
            t.ContractVersion.state == "in_force",
            *current(t.ContractVersion),
        )
        .order_by(t.Parcel.code)
    )
    return [Land(*row) for row in session.execute(query)]


def known_parcels(session: Session, county: str, codes: Collection[str]) -> set[str]:
    """Those that the register has now, held by somebody or not."""
    query = (
        select(t.Parcel.code)
        .join(t.ParcelVersion, version_of(t.Parcel, t.ParcelVersion, "parcel_id"))
        .where(t.Parcel.county == county, t.Parcel.code.in_(codes), *current(t.ParcelVersion))
    )
    return set(session.scalars(query))


def party_of(session: Session, county: str, contractor_code: str) -> str | None:
    """The issuing party of a contractor that the register has; None for an unknown code."""
    query = (
        select(t.IssuingParty.code)
        .join(
            t.Contractor,
            (t.Contractor.county == t.IssuingParty.county)
            & (t.Contractor.issuing_party_id == t.IssuingParty.id),
        )
        .where(t.Contractor.county == county, t.Contractor.code == contractor_code)
    )
    return session.scalar(query)


def reviews_of(session: Session, county: str, receiver_code: str) -> Sequence[CapitalReview]:
    """All of one receiver, the last one first."""
    r = CapitalReview
    query = select(r).where(r.county == county, r.receiver_found == fingerprint(receiver_code))
    return session.scalars(query.order_by(r.accepted_on.desc(), r.case_id)).all()


def still_open(
    session: Session, case: Case, receiver_code: str, parcels: Collection[str]
) -> CapitalReview | None:
    """Another review of that receiver that runs and shares a parcel with this one."""
    for row in reviews_of(session, case.county, receiver_code):
        if row.case_id != case.id and row.state == REVIEWING and set(row.parcels) & set(parcels):
            return row
    return None


def asked_for(session: Session, case: Case) -> list[dict[str, Any]]:
    """Variables of the other reviews that were handed in and are not taken in yet: they have no row of their own so far."""
    taken = select(CapitalReview.case_id).where(CapitalReview.county == case.county)
    query = (
        select(CaseState.state)
        .join(Case, (Case.county == CaseState.county) & (Case.id == CaseState.case_id))
        .where(
            Case.county == case.county,
            Case.case_type == case.case_type,
            Case.status == "open",
            Case.id != case.id,
            Case.id.not_in(taken),
        )
    )
    return [orjson.loads(state)["d"] for state in session.scalars(query)]


def best_review(
    session: Session, county: str, receiver_code: str, parcels: Collection[str], day: date
) -> CapitalReview | None:
    """The review that counts for a transfer of this land to that receiver: one that allows it and covers all of the
    land before any other, else the newest that touches the land. None where there is none.
    """
    rows = [
        row
        for row in reviews_of(session, county, receiver_code)
        if not parcels or set(row.parcels) & set(parcels)
    ]
    covering = [
        row
        for row in rows
        if row.state in (PASSED, EXEMPT)
        and not set(parcels) - set(row.parcels)
        and (row.valid_until is None or row.valid_until >= day)
    ]
    return next(iter(covering or rows), None)


def numbered(session: Session, county: str, number: str) -> CapitalReview | None:
    """The review whose opinion has that number."""
    r = CapitalReview
    return session.scalars(select(r).where(r.county == county, r.number == number)).one_or_none()


def is_of(row: CapitalReview, receiver_code: str) -> bool:
    return row.receiver_found == fingerprint(receiver_code)


def opinion_of(session: Session, row: CapitalReview, apart_from: Collection[str], decimals: int) -> Opinion:
    """With what was filed under it so far, but for transfers that the one at hand takes the place of."""
    v = LandTransfer
    filed = session.scalar(
        select(func.coalesce(func.sum(v.total_area), 0)).where(
            v.county == row.county,
            v.review == row.number,
            v.state == "running",
            v.number.not_in(sorted(apart_from)),
            *current(v),
        )
    )
    return Opinion(
        row.number, row.state, row.valid_until, row.deposit, tuple(row.parcels), row.area_mu,
        mu(Decimal(filed or 0), decimals) if row.number else Decimal(0), row.term_start, row.term_end,
    )  # fmt: skip


def in_force(session: Session, county: str, village: str, day: date) -> Sequence[CapitalReview]:
    """Opinions on whose ground land of that village (a division's code) may still be contracted, the last one first."""
    r = CapitalReview
    query = select(r).where(r.county == county, r.state == PASSED, r.deposit != "due", r.valid_until >= day)
    rows = session.scalars(query.order_by(r.decided_on.desc(), r.number)).all()
    return [row for row in rows if any(code.startswith(village) for code in row.parcels)]


def move_deposit(
    session: Session,
    row: CapitalReview,
    kind: str,
    amount: Decimal,
    day: date,
    note: str,
    by: str,
    at: datetime,
) -> RiskDeposit:
    """Written down; the review's own state of it is the caller's to say."""
    moved = RiskDeposit(
        county=row.county,
        id=uuid4(),
        case_id=row.case_id,
        kind=kind,
        amount=amount,
        day=day,
        note=note,
        recorded_by=by,
        recorded_at=at,
        division=row.division,
    )
    session.add(moved)
    session.flush()
    return moved


def moves_of(session: Session, row: CapitalReview) -> Sequence[RiskDeposit]:
    d = RiskDeposit
    query = select(d).where(d.county == row.county, d.case_id == row.case_id)
    return session.scalars(query.order_by(d.day, d.recorded_at, d.id)).all()
