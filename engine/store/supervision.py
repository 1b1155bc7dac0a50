"""What the supervision of rented land writes: payments, inspections, and the line that tells of each act."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from engine.domain.rent import Due, Rent, schedule
from engine.store import outbox
from engine.store.register import current
from engine.store.tables.cases import Case
from engine.store.tables.supervision import LandInspection, RentPayment, RentTerm, SupervisionEvent
from engine.store.tables.transfers import LandTransfer

SHOWN = 6  # payments made, and to come, that the parties' page lists


def transfer(session: Session, county: str, code: str) -> LandTransfer | None:
    """The filed transfer as the register has it now."""
    t = LandTransfer
    query = select(t).where(t.county == county, t.number == code, *current(t))
    return session.scalar(query)


def owed_under(row: LandTransfer, due_on: date) -> bool:
    """Of a transfer that ended early, nothing is owed for a day after its end."""
    return row.ended_on is None or due_on <= row.ended_on


def say(session: Session, row: LandTransfer, kind: str, facts: dict[str, Any], by: str, at: datetime) -> None:
    """One line of what was done; the parties' pages of the contract tell of it too."""
    for case_id, number in _cases_of(session, row):
        outbox.put(session, row.county, "publish_case", {"case": number}, at, case_id)
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


def _cases_of(session: Session, row: LandTransfer) -> list[tuple[UUID, str]]:
    """The cases that filed, changed or ended the transfer: under each its parties have their links."""
    t = LandTransfer
    numbers = select(t.cause_ref).where(t.county == row.county, t.number == row.number, t.cause == "case")
    query = select(Case.id, Case.number).where(Case.county == row.county, Case.number.in_(numbers))
    return [(case_id, number) for case_id, number in session.execute(query)]


def told(session: Session, row: LandTransfer) -> dict[str, Any]:
    """What the parties may know of a contract that runs: the payments, and what was found on the land and is not settled."""
    p, i = RentPayment, LandInspection
    payments = session.scalars(
        select(p).where(p.county == row.county, p.transfer_code == row.number).order_by(p.due_on)
    )
    rents = [one for one in payments if owed_under(row, one.due_on)]
    paid, owed = [one for one in rents if one.paid_on], [one for one in rents if not one.paid_on]
    found = session.scalars(
        select(i)
        .where(i.county == row.county, i.transfer_code == row.number, i.settled_on.is_(None))
        .order_by(i.number)
    )
    return {
        "state": row.state,
        "ended_on": row.ended_on.isoformat() if row.ended_on else None,
        "rents": [
            {
                "due_on": one.due_on.isoformat(),
                "yuan": str(one.yuan),
                "paid_on": one.paid_on.isoformat() if one.paid_on else None,
            }
            for one in [*paid[-SHOWN:], *owed[:SHOWN]]
        ],
        "findings": [
            {
                "finding": one.finding,
                "on": one.inspected_on.isoformat(),
                "place": one.place,
                "words": one.words,
                "rectify_by": one.rectify_by.isoformat() if one.rectify_by else None,
            }
            for one in found
        ],
    }


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
