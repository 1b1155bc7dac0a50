"""What disputes write: the case's row, blocks on its land, hearings, and papers served."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from engine.store.survey import register_changed
from engine.store.tables.cases import Case
from engine.store.tables.disputes import CommissionMember, Dispute, Hearing, ServedPaper
from engine.store.tables.register import Block

DISPUTE, PARCEL = "dispute", "parcel"
SAT = ("called", "held")  # the states of a hearing in which its panel's time is taken


def of_case(session: Session, case: Case) -> Dispute | None:
    return session.get(Dispute, (case.county, case.id))


def block(
    session: Session, case: Case, ref: str, codes: Collection[str], day: date, at: datetime, by: str
) -> None:
    """From this day nobody changes the disputed parcels; other checks read the same rows (C30)."""
    for code in codes:
        session.add(
            Block(
                county=case.county,
                kind=DISPUTE,
                on=PARCEL,
                code=code,
                ref=ref,
                starts_on=day,
                ends_on=None,
                recorded_at=at,
                recorded_by=by,
                division=case.division,
            )
        )
    session.flush()
    register_changed(session, case.county, (), codes, at)


def unblock(session: Session, case: Case, ref: str, last_day: date, at: datetime) -> int:
    """The dispute's blocks end with that day; how many."""
    rows = session.execute(
        update(Block)
        .where(
            Block.county == case.county,
            Block.kind == DISPUTE,
            Block.ref == ref,
            or_(Block.ends_on.is_(None), Block.ends_on > last_day),
        )
        .values(ends_on=last_day)
        .returning(Block.code)
    )
    codes = rows.scalars().all()
    register_changed(session, case.county, (), codes, at)
    return len(codes)


def blocks_of(session: Session, county: str, codes: Collection[str], day: date) -> Sequence[Block]:
    """What holds these parcels back on a day for being disputed."""
    query = select(Block).where(
        Block.county == county,
        Block.kind == DISPUTE,
        Block.code.in_(codes),
        Block.starts_on <= day,
        or_(Block.ends_on.is_(None), Block.ends_on >= day),
    )
    return session.scalars(query.order_by(Block.id)).all()


def arbitrators(session: Session, county: str, day: date) -> Sequence[CommissionMember]:
    """The list of arbitrators as it is on that day."""
    m = CommissionMember
    query = select(m).where(
        m.county == county, m.arbitrator, m.starts_on <= day, or_(m.ends_on.is_(None), m.ends_on >= day)
    )
    return session.scalars(query.order_by(m.number)).all()


def hold_arbitrators(session: Session, county: str, ids: Collection[UUID]) -> None:
    """Two hearings called at once wait for each other where one arbitrator sits in both."""
    m = CommissionMember
    session.execute(
        select(m.id).where(m.county == county, m.id.in_(ids)).order_by(m.id).with_for_update()
    ).all()


def sitting(
    session: Session, county: str, ids: Collection[UUID], starts: datetime, ends: datetime
) -> list[tuple[Hearing, Dispute]]:
    """Hearings at that time in which one of these people sits."""
    taken = or_(*(Hearing.panel.contains([{"id": str(one)}]) for one in ids))
    query = (
        select(Hearing, Dispute)
        .join(Dispute, (Dispute.county == Hearing.county) & (Dispute.case_id == Hearing.case_id))
        .where(
            Hearing.county == county,
            Hearing.status.in_(SAT),
            Hearing.starts_at < ends,
            Hearing.ends_at > starts,
            taken,
        )
        .order_by(Hearing.starts_at)
    )
    return [(hearing, dispute) for hearing, dispute in session.execute(query)]


def hearings_of(session: Session, case: Case) -> Sequence[Hearing]:
    query = select(Hearing).where(Hearing.county == case.county, Hearing.case_id == case.id)
    return session.scalars(query.order_by(Hearing.round)).all()


def next_round(session: Session, case: Case) -> int:
    last = session.scalar(
        select(func.max(Hearing.round)).where(Hearing.county == case.county, Hearing.case_id == case.id)
    )
    return int(last or 0) + 1


def served(session: Session, case: Case) -> Sequence[ServedPaper]:
    query = select(ServedPaper).where(ServedPaper.county == case.county, ServedPaper.case_id == case.id)
    return session.scalars(query.order_by(ServedPaper.sent_on, ServedPaper.id)).all()
