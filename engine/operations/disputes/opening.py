"""Take a dispute in and let it go: its number, its row, and the blocks on its land."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.changes import Touched
from engine.domain.clock import local_date
from engine.domain.dispute import too_late
from engine.domain.errors import Invalid
from engine.domain.said import say
from engine.operations.disputes.hearings import clock_time
from engine.operations.work import Work
from engine.store import disputes, serials
from engine.store.changes import register_of
from engine.store.tables.cases import Case
from engine.store.tables.disputes import Dispute


def open_dispute(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: kind (mediation or arbitration), mark (the word in its number, 农仲案), meeting (the form whose day and time
    the parties are told, if it names them).

    From today nobody changes the disputed parcels. Result: {number, accepted_on, parcels, late: whether the period of
    limitation seems to have passed}. Invalid where a parcel is none of this county's register.
    """
    asked = work.data[work.case_type.start_variable]
    if inputs.get("meeting"):
        check_meeting(work, work.data[inputs["meeting"]])
    codes = disputed(work, asked)
    serial = serials.take(work.session, work.case.county, f"dispute:{inputs['kind']}", str(work.today.year))
    number = f"{work.county.name}{inputs['mark']}〔{work.today.year}〕第{serial}号"
    row = Dispute(
        county=work.case.county,
        case_id=work.case.id,
        kind=inputs["kind"],
        number=number,
        cause=asked["cause"],
        cause_title=title_of(work, "causes", asked["cause"]),
        applicant=work.case.contractor_name,
        respondents=[one["name"] for one in asked["respondents"]],
        third_parties=[],
        parcels=codes,
        opened_on=work.today,
        division=work.case.division,
    )
    work.session.add(row)
    disputes.block(work.session, work.case, work.case.number, codes, work.today, work.at, work.actor.name)
    years = int(work.case_type.number("limitation_years", work.today, 2))
    known = asked.get("known_on")
    late = too_late(date.fromisoformat(known) if known else None, work.today, years)
    return {"number": number, "accepted_on": work.today.isoformat(), "parcels": codes, "late": late}


def check_meeting(work: Work, form: dict[str, Any]) -> None:
    """Invalid where nobody could come: the day is over, or the time is none."""
    clock_time(form["at"])
    if form["day"] < work.today.isoformat():
        raise Invalid({"day": [say("这一天已经过去，请另选一天")]})


def disputed(work: Work, asked: dict[str, Any]) -> list[str]:
    """The applicant's own parcels that were chosen, and others that were named by code."""
    own = [row["code"] if isinstance(row, dict) else row for row in asked.get("parcels") or []]
    others = [code for code in asked.get("other_parcels") or [] if code not in own]
    if others:
        wanted = Touched(frozenset(), frozenset(others))
        known = register_of(work.session, work.case, wanted, work.today).parcels
        if unknown := [code for code in others if code not in known]:
            raise Invalid(
                {
                    "other_parcels": [
                        say("登记簿中没有地块 %(code)s，请核对编码", code=code) for code in unknown
                    ]
                }
            )
    return [*own, *others]


def title_of(work: Work, name: str, code: str) -> dict[str, str]:
    row = next((one for one in work.case_type.lists.get(name, []) if one["code"] == code), None)
    return dict(row["label"]) if row else {"zh": code, "en": code}


CHANGES_REGISTER = (
    "change"  # what the panel or the mediators say of an outcome that must go into the register
)


def free_land(session: Session, case: Case, at: datetime) -> int:
    """Blocks of the dispute end with yesterday; how many."""
    return disputes.unblock(session, case, case.number, local_date(at) - timedelta(days=1), at)


def kept_through(work: Work, name: str) -> date:
    """Last day that land stays blocked after an outcome of today; not one on which nobody could apply elsewhere.

    ``name`` is a number of the parameters, in calendar days. The first day is not counted, and a last day on a holiday moves.
    """
    return work.calendar.add_calendar_days(work.today, int(work.case_type.value(name, work.today)))


def close_dispute(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: outcome (a word of the case type's model); keep (``court``: the land stays blocked, a court has the case;
    the name of a number in the parameters: for so many days yet, so that the parties can go on elsewhere); change_form
    (the form whose ``register_outcome`` says what must change).

    Where the register must change, the land stays blocked until that change begins (usecases/carry_out_ruling.py).
    Result: {outcome, released: how many blocks ended or will end, change}.
    """
    row = disputes.of_case(work.session, work.case)
    if row is None:  # ended before it was taken in
        return {"outcome": inputs["outcome"], "released": 0, "change": None}
    row.outcome, row.closed_on = inputs["outcome"], work.today
    form = work.data.get(inputs.get("change_form", "")) or {}
    row.change = form.get("register_outcome")
    released = 0
    if row.change == CHANGES_REGISTER:
        work.later("draft_change", {"case": work.case.number})
    elif inputs.get("keep") != "court":
        last = kept_through(work, inputs["keep"]) if inputs.get("keep") else work.today - timedelta(days=1)
        released = disputes.unblock(work.session, work.case, work.case.number, last, work.at)
    work.session.flush()
    return {"outcome": row.outcome, "released": released, "change": row.change}
