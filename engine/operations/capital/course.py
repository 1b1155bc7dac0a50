"""The way of a review: taken in, examined by those who must be heard, extended, decided, its deposit, its end."""

from datetime import date
from decimal import Decimal
from typing import Any

from engine.domain import capital as rules
from engine.domain.errors import Invalid, NotAllowed, Refused
from engine.domain.said import say
from engine.operations.accept_case import years_later
from engine.operations.capital.sizing import REVIEW_OPEN, receiver_code
from engine.operations.work import Work
from engine.store import capital, cases, serials
from engine.store.deadlines import as_running
from engine.store.sealed import fingerprint
from engine.store.tables.capital import CapitalReview

DEPOSIT = "deposit"


def record_capital_review(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: state (reviewing; exempt: a transfer inside the collective; above: another level's to decide).

    Result: {accepted_on, state}. Refused where this receiver's review of the same land is still open.
    """
    asked, size = work.data[work.case_type.start_variable], work.data["size"]
    code = receiver_code(asked)
    other = capital.still_open(work.session, work.case, code, size["parcels"])
    if other is not None:
        raise Refused("review_open", REVIEW_OPEN)
    work.session.add(
        CapitalReview(
            county=work.case.county,
            case_id=work.case.id,
            level=work.data["level"]["level"],
            receiver_kind=asked["receiver_kind"],
            receiver_name=asked["receiver_name"],
            receiver_found=fingerprint(code),
            parcels=size["parcels"],
            area_mu=Decimal(size["area_mu"]),
            way=asked["way"],
            use=asked["use"],
            term_start=date.fromisoformat(asked["term_start"]),
            term_end=date.fromisoformat(asked["term_end"]),
            state=inputs["state"],
            accepted_on=work.today,
            deposit_yuan=Decimal(0),
            deposit="none",
            division=work.case.division,
        )
    )
    work.session.flush()
    return {"accepted_on": work.today.isoformat(), "state": inputs["state"]}


def check_reviewers(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (held_on, reviewers: [{name, unit, side, aspect, opinion, words}]).

    Departments, the collective, farmers and experts must each have been heard, and qualification, project and risk each
    judged. Result: {heard, against, excused}. Invalid (reviewers) where somebody or something is missing, (held_on) where
    it was held before the application was taken in.
    """
    form, taken_in = work.data[inputs["form"]], work.data["review_row"]["accepted_on"]
    rows = form.get("reviewers") or []
    if form["held_on"] < taken_in:
        raise Invalid({"held_on": [say("审查日期不能早于受理日期（%(day)s）", day=taken_in)]})
    if lacking := rules.missing_of(rows):
        raise Invalid({"reviewers": lacking})
    heard = [row for row in rows if row["opinion"] != rules.EXCUSED]
    return {
        "heard": len(heard),
        "against": sum(row["opinion"] == "against" for row in heard),
        "excused": len(rows) - len(heard),
    }


def extend_capital_review(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (days, approved_by, reason), deadline (the limit of the case). Once, while it runs, by the office that
    decides (行政许可法 art 42). Result: {days, last_day, approved_by, reason}.
    """
    form = work.data[inputs["form"]]
    most, days = int(work.case_type.value("extension_most", work.today)), int(form["days"])
    if not 1 <= days <= most:
        raise Invalid({"days": [say("延长不得超过%(most)s个工作日", most=most)]})
    township = work.data["level"]["level"] == rules.TOWNSHIP
    if (work.actor.role == "township_reviewer") != township:
        raise NotAllowed("not_deciding", "延长期限由作出决定的机关的负责人批准")
    if work.data.get("extended"):
        raise Refused("extended", "本案已经延长过一次")
    running = [row for row in work.found.deadlines if row.name == inputs["deadline"]]
    if not running or (running[0].due_at is not None and running[0].due_at <= work.at):
        raise Refused("no_limit", "审查期限已满或者已经作出决定，不能延长")
    [row] = running
    row.length += days
    row.due_at = as_running(row).due(work.calendar)
    cases.save_deadlines(work.writes, [row])
    last = as_running(row).last_day(work.calendar)
    return {
        "days": days,
        "last_day": last.isoformat() if last else None,
        "approved_by": form["approved_by"],
        "reason": form["reason"],
    }


def decide_capital_review(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (decision: pass or fail; valid_months, conditions).

    Result: {state: passed or failed, decided_on, number?, valid_until?, deposit_yuan?}: the opinion has a number of the
    year, and the deposit is so many months' rent as the county's table says (variable ``deposit_rule``: months).
    """
    form, row = work.data[inputs["form"]], _row(work)
    row.decided_on = work.today
    told: dict[str, Any] = {"decided_on": work.today.isoformat()}
    if form["decision"] != "pass":
        row.state = rules.FAILED
        work.session.flush()
        return told | {"state": rules.FAILED, "deposit_yuan": None}
    serial = serials.take(work.session, work.case.county, "capital_review", str(work.today.year))
    row.number = f"{work.county.name}流审〔{work.today.year}〕第{serial}号"
    row.state, row.conditions = rules.PASSED, form.get("conditions") or None
    row.valid_until = years_later(work.today, 1) if form.get("valid_until") is None else _until(work, form)
    months = int((work.data.get("deposit_rule") or {}).get("months") or 0)
    row.deposit_yuan = rules.deposit_due(Decimal(work.data["size"]["rent_yuan"]), months)
    row.deposit = "due" if row.deposit_yuan else "none"
    work.session.flush()
    return told | {
        "state": rules.PASSED,
        "number": row.number,
        "valid_until": row.valid_until.isoformat(),
        "deposit_yuan": str(row.deposit_yuan) if row.deposit_yuan else None,
        "deposit_months": months,
    }


def _until(work: Work, form: dict[str, Any]) -> date:
    day = date.fromisoformat(form["valid_until"])
    if day <= work.today:
        raise Invalid({"valid_until": [say("有效期应到今天以后")]})
    return day


def pay_deposit(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (amount, paid_on, receipt). Invalid where it is less than what is due, or paid on a day to come.

    Result: {paid}.
    """
    form, row = work.data[inputs["form"]], _row(work)
    amount, day = Decimal(form["amount"]), date.fromisoformat(form["paid_on"])
    if amount < row.deposit_yuan:
        raise Invalid({"amount": [say("应缴%(due)s元，实缴不足，请足额缴存", due=str(row.deposit_yuan))]})
    if day > work.today:
        raise Invalid({"paid_on": [say("缴存日期不能晚于今天")]})
    capital.move_deposit(work.session, row, "paid", amount, day, form["receipt"], work.actor.name, work.at)
    row.deposit = "paid"
    work.session.flush()
    return {"paid": str(amount)}


def close_capital_review(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: state (withdrawn, lapsed). Nothing where it was never taken in. Result: {state}."""
    row = capital.of_case(work.session, work.case)
    if row is not None:
        row.state = inputs["state"]
        row.deposit = "none" if row.deposit == "due" else row.deposit
        work.session.flush()
    return {"state": inputs["state"]}


def _row(work: Work) -> CapitalReview:
    row = capital.of_case(work.session, work.case)
    if row is None:
        raise Refused("no_review", "此件还没有受理")
    return row
