"""Move the demonstration's clock ahead. It never runs back, and outside demonstrations there is none to move."""

from datetime import datetime, timedelta

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.domain.calendar import WorkCalendar
from engine.domain.clock import SHANGHAI, Clock
from engine.domain.errors import Refused
from engine.store.tables.reference import DemoClock

FURTHEST = timedelta(days=800)  # in one move


def move_clock(session: Session, clock: Clock, to: datetime) -> None:
    """The caller commits, having made sure that this is a demonstration."""
    ahead = to - clock.now()
    if ahead <= timedelta(0):
        raise Refused("backwards", "演示时钟只能往后拨")
    if ahead > FURTHEST:
        raise Refused("too_far", "演示时钟一次最多往后拨%(days)s天", days=FURTHEST.days)
    seconds = int(ahead.total_seconds())
    statement = insert(DemoClock).values(id=1, ahead_seconds=seconds)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={"ahead_seconds": DemoClock.ahead_seconds + seconds}
        )
    )


def set_clock(session: Session, real_now: datetime, to: datetime) -> None:
    """Where a demonstration begins, before anything has happened in it. The caller commits."""
    seconds = int((to - real_now).total_seconds())
    statement = insert(DemoClock).values(id=1, ahead_seconds=seconds)
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"ahead_seconds": seconds}))


def after_working_days(calendar: WorkCalendar, now: datetime, days: int) -> datetime:
    """The same time of day, so many working days later."""
    local = now.astimezone(SHANGHAI)
    day = calendar.add_working_days(local.date(), days)
    return datetime.combine(day, local.timetz())
