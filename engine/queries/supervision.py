"""Rented land as its pages show it: filed transfers of the scope, what is owed, what inspections found."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.rent import LATER, OVERDUE, PAID, SOON, state_of
from engine.queries.scoped import visible_case, within
from engine.store.register import current
from engine.store.supervision import owed_under
from engine.store.tables.capital import CapitalReview, RiskDeposit
from engine.store.tables.cases import Case
from engine.store.tables.supervision import LandInspection, RentPayment, RentTerm, SupervisionEvent
from engine.store.tables.transfers import LandTransfer

STATES = ("all", OVERDUE, SOON, "findings", "no_terms")
MOST = 200


@dataclass(frozen=True)
class Line:
    """A transfer contract and how it stands today. ``owed``: yuan of payments overdue; ``next_due``: the first unpaid."""

    transfer: LandTransfer
    terms: RentTerm | None
    state: str  # overdue, soon, later, paid (nothing more is due) or no_terms
    owed: Decimal
    next_due: date | None
    open_findings: int
    late_findings: int  # of them past the day by which they were to be put right


@dataclass(frozen=True)
class Watched:
    line: Line
    payments: list[tuple[RentPayment, str]]
    inspections: Sequence[LandInspection]
    events: Sequence[SupervisionEvent]


def lines(
    session: Session,
    actor: Actor,
    today: date,
    state: str = "all",
    words: str = "",
    division: str | None = None,
) -> Iterator[Line]:
    """In the order of their numbers. ``words``: pieces of the number or of the recipient's name."""
    t = LandTransfer
    query = (
        select(t, RentTerm)
        .outerjoin(RentTerm, (RentTerm.county == t.county) & (RentTerm.transfer_code == t.number))
        .where(within(t, actor, division), *current(t))
        .order_by(t.number)
    )
    for word in words.split():
        query = query.where(
            t.number.contains(word, autoescape=True) | t.recipient.contains(word, autoescape=True)
        )
    rows = session.execute(query).all()
    codes = [row.number for row, _ in rows]
    payments, findings = _unpaid(session, actor, codes), _open(session, actor, codes)
    for transfer, terms in rows:
        line = _line(
            transfer, terms, payments.get(transfer.number, []), findings.get(transfer.number, []), today
        )
        if state == "all" or line.state == state or (state == "findings" and line.open_findings):
            yield line


def _line(
    transfer: LandTransfer,
    terms: RentTerm | None,
    unpaid: list[RentPayment],
    findings: list[LandInspection],
    today: date,
) -> Line:
    unpaid = [one for one in unpaid if owed_under(transfer, one.due_on)]
    states = {state_of(one.due_on, None, today) for one in unpaid}
    state = next((one for one in (OVERDUE, SOON, LATER) if one in states), PAID)
    return Line(
        transfer,
        terms,
        state if terms else "no_terms",
        sum((one.yuan for one in unpaid if one.due_on < today), Decimal(0)),
        unpaid[0].due_on if unpaid else None,
        len(findings),
        sum(one.rectify_by is not None and one.rectify_by < today for one in findings),
    )


def _unpaid(session: Session, actor: Actor, codes: list[str]) -> dict[str, list[RentPayment]]:
    p = RentPayment
    query = select(p).where(within(p, actor), p.paid_on.is_(None)).order_by(p.due_on)
    found: dict[str, list[RentPayment]] = {}
    for row in session.scalars(query.where(p.transfer_code.in_(codes))):
        found.setdefault(row.transfer_code, []).append(row)
    return found


def _open(session: Session, actor: Actor, codes: list[str]) -> dict[str, list[LandInspection]]:
    i = LandInspection
    query = select(i).where(within(i, actor), i.settled_on.is_(None)).order_by(i.number)
    found: dict[str, list[LandInspection]] = {}
    for row in session.scalars(query.where(i.transfer_code.in_(codes))):
        found.setdefault(row.transfer_code, []).append(row)
    return found


def visible_transfer(session: Session, actor: Actor, code: str) -> LandTransfer:
    """NotFound in the same words whether there is none or it is another office's."""
    t = LandTransfer
    query = select(t).where(within(t, actor), t.number == code[:40], *current(t))
    row = session.scalar(query)
    if row is None:
        raise NotFound("transfer", "没有找到流转合同 %(code)s，请核对编码", code=code[:40])
    return row


def watched(session: Session, actor: Actor, code: str, today: date) -> Watched:
    row = visible_transfer(session, actor, code)
    terms = session.get(RentTerm, (row.county, row.number))
    p, i, e = RentPayment, LandInspection, SupervisionEvent
    payments = session.scalars(
        select(p).where(within(p, actor), p.transfer_code == row.number).order_by(p.due_on)
    ).all()
    inspections = session.scalars(
        select(i).where(within(i, actor), i.transfer_code == row.number).order_by(i.number.desc())
    ).all()
    events = session.scalars(
        select(e).where(within(e, actor), e.transfer_code == row.number).order_by(e.id.desc())
    ).all()
    unpaid = [one for one in payments if one.paid_on is None]
    line = _line(row, terms, unpaid, [one for one in inspections if one.settled_on is None], today)
    return Watched(
        line, [(one, state_of(one.due_on, one.paid_on, today)) for one in payments], inspections, events
    )


def calendar(
    session: Session, actor: Actor, since: date, until: date, start: int = 0, size: int = MOST
) -> list[tuple[RentPayment, RentTerm]]:
    """Payments due in a period, in the order of their days: ``size`` from the place ``start`` on."""
    p = RentPayment
    query = (
        select(p, RentTerm)
        .join(RentTerm, (RentTerm.county == p.county) & (RentTerm.transfer_code == p.transfer_code))
        .where(within(p, actor), p.due_on >= since, p.due_on <= until)
        .order_by(p.due_on, p.transfer_code)
        .offset(start)
        .limit(size)
    )
    return [(payment, terms) for payment, terms in session.execute(query)]


def reviews(
    session: Session, actor: Actor, start: int = 0, size: int = MOST
) -> list[tuple[CapitalReview, Case, Decimal]]:
    """Reviews of the scope, the last one first, with what is left of each deposit (yuan)."""
    r, d = CapitalReview, RiskDeposit
    query = (
        select(r, Case)
        .join(Case, (Case.county == r.county) & (Case.id == r.case_id))
        .where(within(r, actor))
        .order_by(r.accepted_on.desc(), Case.number.desc())
        .offset(start)
        .limit(size)
    )
    rows = session.execute(query).all()
    moved = session.execute(
        select(d.case_id, d.kind, func.sum(d.amount))
        .where(within(d, actor), d.case_id.in_([case.id for _, case in rows]))
        .group_by(d.case_id, d.kind)
    )
    left: dict[object, Decimal] = {}
    for case_id, kind, amount in moved:
        left[case_id] = left.get(case_id, Decimal(0)) + (amount if kind == "paid" else -amount)
    return [(row, case, left.get(case.id, Decimal(0))) for row, case in rows]


def deposit_moves(
    session: Session, actor: Actor, cases: Iterable[Case]
) -> defaultdict[UUID, list[RiskDeposit]]:
    """What was paid in, used and returned, by the review's case, the first one first."""
    d, found = RiskDeposit, defaultdict(list)
    query = select(d).where(within(d, actor), d.case_id.in_([case.id for case in cases]))
    for move in session.scalars(query.order_by(d.recorded_at, d.id)):
        found[move.case_id].append(move)
    return found


def visible_review(session: Session, actor: Actor, number: str) -> CapitalReview:
    """By the case's number."""
    case = visible_case(session, actor, number, lock=True)
    row = session.get(CapitalReview, (case.county, case.id))
    if row is None:
        raise NotFound("review", "办件 %(number)s 不是社会资本审查", number=number[:40])
    return row
