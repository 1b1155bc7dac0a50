"""Fill in and confirm the yearly statistics form of a division (农村土地承包经营及管理情况统计表)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock, local_date
from engine.domain.division import level_of
from engine.domain.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from engine.domain.register import MU_PER_M2
from engine.domain.said import say
from engine.domain.yearly_form import Indicator
from engine.queries.statistics.yearly import FilledForm, filled_form, form_of_year
from engine.store import statistics
from engine.store.tables.statistics import StatisticsConfirmation

DIGITS = 10  # before the point, in the form's own unit: what the column holds in m2, and more than China has
EARLIEST = 2000
LONGEST_NOTE = 200


def enter_statistics(
    session: Session, clock: Clock, actor: Actor, year: int, division: str, given: Mapping[str, str]
) -> list[str]:
    """Take in what an office typed (areas in 亩; empty takes a value back); gives the ids that changed.

    Only what the form lets a division of this level enter. Invalid names each faulty field; Conflict when the form is
    confirmed by this division or one above. The caller commits.
    """
    _may(clock, actor, year, division)
    form = form_of_year(session, actor.county, year)
    allowed = {one.id: one for one in form.entered_at(division)}
    faults: dict[str, list[str]] = {}
    values: dict[str, Decimal | None] = {}
    for name, text in given.items():
        if name not in allowed:
            faults[name] = [say("这一项不由本级填报")]
            continue
        try:
            values[name] = _value(allowed[name], text)
        except ValueError as error:
            faults[name] = [error.args[0]]
    if faults:
        raise Invalid(faults)
    statistics.lock_year(session, actor.county, year)
    _refuse_closed(session, actor, year, division)
    return statistics.put_entries(
        session, actor.county, year, division, values, actor.person_id, actor.name, clock.now(),
        on_behalf=actor.stands_as if actor.principal else None,
    )  # fmt: skip


def _value(indicator: Indicator, text: str) -> Decimal | None:
    """m2 for areas. ValueError with a sentence."""
    plain = text.strip().replace(",", "").replace("，", "")
    if not plain:
        return None
    whole, dot, part = plain.partition(".")
    if not (whole.isascii() and whole.isdigit()) or (dot and not (part.isascii() and part.isdigit())):
        raise ValueError(say("请填数字，没有的填0，不清楚的留空"))
    if not indicator.is_area and part.strip("0"):
        raise ValueError(say("请填整数"))
    if len(part.rstrip("0")) > 4:
        raise ValueError(say("最多填4位小数"))
    if len(whole.lstrip("0")) > DIGITS:
        raise ValueError(say("数字太大，请核对单位"))
    value = Decimal(plain)
    return (value / MU_PER_M2).quantize(Decimal("0.01")) if indicator.is_area else value


def confirm_statistics(
    session: Session, clock: Clock, actor: Actor, year: int, division: str, note: str = ""
) -> StatisticsConfirmation:
    """Freeze the division's form. Its sums must hold; at township and county somebody else than who entered confirms.

    What it says is what a reader saw just now: values are reckoned and written in one transaction. The caller commits.
    """
    _may(clock, actor, year, division)
    now = clock.now()
    if year >= local_date(now).year and date(year, 12, 31) > local_date(now):
        raise Refused("year_runs", "%(year)s年还没有结束，年底以后才能确认", year=year)
    statistics.lock_year(session, actor.county, year)
    _refuse_closed(session, actor, year, division)
    filled = filled_form(session, actor, year, division, now)
    if filled.errors:
        raise Refused(
            "sums_do_not_hold", "有%(n)s处核对关系不成立，请先更正：%(first)s",
            n=len(filled.errors), first=filled.errors[0].message,
        )  # fmt: skip
    missing = [
        line for line in filled.lines if line.may_enter and (line.own is None or line.own.value is None)
    ]
    if missing:
        raise Refused(
            "not_entered", "本级还有%(n)s项没有填报，没有发生的请填0，如“%(first)s”",
            n=len(missing), first=missing[0].indicator.name,
        )  # fmt: skip
    # what a deputy entered counts for both, whichever of them confirms
    own = [line.own for line in filled.lines if line.own]
    same = any({str(one.entered_by), str(one.entered_for)} & set(actor.people) for one in own)
    if same and level_of(division) != "village":
        raise NotAllowed("same_person", "本级的数字是您填报的，请由另一位同事确认")
    return statistics.put_confirmation(
        session,
        county=actor.county,
        year=year,
        division=division,
        edition=filled.form.since,
        values={line.indicator.id: str(line.value) for line in filled.lines if line.value is not None},
        warnings=[str(one.message) for one in filled.findings],
        note=note[:LONGEST_NOTE],
        confirmed_by=actor.person_id,
        confirmed_name=actor.name,
        confirmed_at=now,
        same_person=same,
    )


def withdraw_statistics(
    session: Session, clock: Clock, actor: Actor, year: int, division: str, why: str
) -> None:
    """Open a confirmed form again, with a reason that stays on record; not while a division above is confirmed."""
    _may(clock, actor, year, division)
    if len(why.strip()) < 4:
        raise Invalid({"why": [say("请写明撤回确认的原因，至少4个字")]})
    statistics.lock_year(session, actor.county, year)
    row = statistics.confirmation_of(session, actor.county, year, division)
    if row is None:
        raise NotFound("confirmation", "这张表还没有确认")
    over = statistics.confirmation_over(session, actor.county, year, division)
    if over is not None and over.division != division:
        raise Conflict("closed_above", "上级已经确认，请先由上级撤回")
    statistics.withdraw(session, row, clock.now(), actor.name, why.strip()[:LONGEST_NOTE])


def read_statistics(session: Session, clock: Clock, actor: Actor, year: int, division: str) -> FilledForm:
    """For pages, the API and the workbook."""
    _may(clock, actor, year, division)
    return filled_form(session, actor, year, division, clock.now())


def _may(clock: Clock, actor: Actor, year: int, division: str) -> None:
    if not actor.sees(division) or len(division) not in (6, 9, 12):
        raise NotFound("division", "没有这个区划的统计表，请选择本辖区的县、乡镇或村")
    if not EARLIEST <= year <= local_date(clock.now()).year:
        raise NotFound("year", "没有%(year)s年的统计表", year=year)


def _refuse_closed(session: Session, actor: Actor, year: int, division: str) -> None:
    over = statistics.confirmation_over(session, actor.county, year, division)
    if over is not None:
        raise Conflict(
            "confirmed", "这张表已由%(name)s确认，不能再改；要改请先撤回确认", name=over.confirmed_name
        )
