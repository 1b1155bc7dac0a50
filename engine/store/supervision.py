"""What the supervision of rented land writes: payments, inspections, and the line that tells of each act."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.domain.rent import Due, Rent, schedule
from engine.store.register import current
from engine.store.tables.supervision import LandInspection, RentPayment, RentTerm, SupervisionEvent
from engine.store.tables.transfers import LandTransfer


def transfer(session: Session, county: str, code: str) -> LandTransfer | None:
    """The filed transfer as the register has it now."""
    t = LandTransfer
    query = select(t).where(t.county == county, t.number == code, *current(t))
    return session.scalar(query)


def owed_under(row: LandTransfer, due_on: date) -> bool:
    """Of a transfer that ended early, nothing is owed for a day after its end."""
    return row.ended_on is None or due_on <= row.ended_on


def say(session: Session, row: LandTransfer, kind: str, facts: dict[str, Any], by: str, at: datetime) -> None:
    """One line of what was done."""
    session.add(
        SupervisionEvent(
            county=row.county,
            transfer_code=row.number,
            at=at,
            by_name=by,
            kind=kind,
            facts=facts,
            division=row.division,
        )
    )
    session.flush()


def rent_of(session: Session, county: str, code: str) -> RentTerm | None:
    return session.get(RentTerm, (county, code))


def as_rent(row: RentTerm) -> Rent:
    return Rent(row.yearly_yuan, row.every_months, row.first_due, row.raise_percent, row.raise_years)


def set_rent(
    session: Session,
    row: LandTransfer,
    rent: Rent,
    payer: str,
    phone: str,
    by: str,
    at: datetime,
    after: date | None = None,
) -> None:
    """The terms, the payments that follow from them (those ``after`` a day), and the line that tells of it."""
    session.merge(
        RentTerm(
            county=row.county, transfer_code=row.number, payer=payer, phone=phone, yearly_yuan=rent.yearly,
            every_months=rent.every, first_due=rent.first, raise_percent=rent.percent, raise_years=rent.years,
            recorded_by=by, recorded_at=at, division=row.division,
        )
    )  # fmt: skip
    dues = schedule(rent, row.term_end)
    set_payments(session, row, [due for due in dues if after is None or due.day > after])
    facts = {"yearly_yuan": str(rent.yearly), "every_months": rent.every, "first_due": rent.first.isoformat()}
    if rent.years:
        facts |= {"raise_years": rent.years, "raise_percent": str(rent.percent)}
    say(session, row, "terms", facts, by, at)


def set_payments(session: Session, row: LandTransfer, dues: Sequence[Due]) -> None:
    """What is not paid is written anew; what was paid stays, and is not asked for again."""
    p = RentPayment
    mine = p.county == row.county, p.transfer_code == row.number
    session.execute(delete(p).where(*mine, p.paid_on.is_(None)))
    paid = set(session.scalars(select(p.due_on).where(*mine)))
    session.add_all(
        RentPayment(
            county=row.county,
            id=uuid4(),
            transfer_code=row.number,
            due_on=due.day,
            yuan=due.yuan,
            division=row.division,
        )
        for due in dues
        if due.day not in paid
    )
    session.flush()


def next_inspection(session: Session, row: LandTransfer) -> int:
    last = session.scalar(
        select(func.max(LandInspection.number)).where(
            LandInspection.county == row.county, LandInspection.transfer_code == row.number
        )
    )
    return int(last or 0) + 1


def to_remind(
    session: Session, county: str, today: date, before: date
) -> list[tuple[RentPayment, RentTerm, bool]]:
    """Payments nobody was reminded of yet: due by ``before``, or overdue (True). Locked, so that two tickers do not meet."""
    p = RentPayment
    query = (
        select(p, RentTerm)
        .join(RentTerm, (RentTerm.county == p.county) & (RentTerm.transfer_code == p.transfer_code))
        .where(
            p.county == county,
            p.paid_on.is_(None),
            ((p.due_on < today) & p.reminded_overdue.is_(None))
            | ((p.due_on >= today) & (p.due_on <= before) & p.reminded_before.is_(None)),
        )
        .order_by(p.due_on, p.id)
        .limit(200)
        .with_for_update(skip_locked=True, of=p)
    )
    return [(payment, terms, payment.due_on < today) for payment, terms in session.execute(query)]


def inspections_of(session: Session, row: LandTransfer) -> list[LandInspection]:
    """All of a contract, locked while somebody works on one."""
    i = LandInspection
    query = select(i).where(i.county == row.county, i.transfer_code == row.number).order_by(i.number)
    return list(session.scalars(query.with_for_update()))
