"""What comes beside the way of a dispute: others who join, more time, a suit, and the day the award takes effect."""

from datetime import date, timedelta
from typing import Any

from engine.domain.errors import Invalid, NotFound, Refused
from engine.domain.said import say
from engine.operations.disputes.opening import free_land
from engine.operations.work import Work
from engine.store import cases, disputes
from engine.store.channels import channels_of
from engine.store.deadlines import as_running

CHANGES = "contract_change"


def add_participant(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (kind: third_party, agent or mandate_ended, name, ...). Third parties are named with the dispute (art 19).

    Result: {rows: everybody who joined, in that order; of agents that are none any more with ended_on}. An agent needs a
    mandate (art 19). Whoever has a telephone and an identity number is told how to follow the case on line.
    """
    form = dict(work.data[inputs["form"]])
    given = form.pop("papers", None) or {}
    earlier = (work.data.get("participants") or {}).get("rows") or []
    if form["kind"] == "mandate_ended":
        return {"rows": _without_agent(earlier, form, work.today)}
    if form["kind"] == "agent" and not given.get("mandate"):
        raise Invalid({"papers-mandate": [say("代理人应当提交授权委托书")]})
    row = disputes.of_case(work.session, work.case)
    if row is not None and form["kind"] == "third_party":
        row.third_parties = [*row.third_parties, form["name"]]
        work.session.flush()
    if form.get("phone") and form.get("id_number"):
        _invite(work, form)
    return {"rows": [*earlier, form | {"joined_on": work.today.isoformat()}]}


def _without_agent(rows: list[dict[str, Any]], form: dict[str, Any], today: date) -> list[dict[str, Any]]:
    """Invalid where that side has no such agent."""
    ends = [
        row["kind"] == "agent"
        and not row.get("ended_on")
        and (row["name"], row.get("for_whom")) == (form["name"], form["for_whom"])
        for row in rows
    ]
    if not any(ends):
        raise Invalid({"name": [say("这一方没有叫这个名字的代理人，或者委托已经终止")]})
    mark = {"ended_on": today.isoformat()}
    return [row | mark if over else row for row, over in zip(rows, ends, strict=True)]


def _invite(work: Work, form: dict[str, Any]) -> None:
    whose = f"受{form['for_whom']}委托代理" if form["kind"] == "agent" else "作为第三人参加"
    said = (
        f"{form['name']}：您{whose}{work.case.contractor_name}的农村土地承包经营纠纷。可以在网上办理门户的登录页选"
        f"“只为一件纠纷登录”，填本人姓名、身份证号、本手机号和办件编号{work.case.number}，查看本件。"
    )
    text = channels_of(work.session, work.case.county).sign(said)
    work.later("send_message", {"to": form["phone"], "text": text})


def extend_time(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (days), deadline (the limit of the case). Once, by so many days as the parameters allow (art 47).

    Result: {days, last_day}.
    """
    form = work.data[inputs["form"]]
    most, days = int(work.case_type.value("extension_most", work.today)), int(form["days"])
    if not 1 <= days <= most:
        raise Invalid({"days": [say("延长期限不得超过%(most)s日", most=most)]})
    if work.data.get("extended"):
        raise Refused("extended", "本案已经延长过一次")
    running = [row for row in work.found.deadlines if row.name == inputs["deadline"]]
    if not running:
        raise Refused("no_limit", "审理期限已满或者已经结束，不能延长")
    [row] = running
    row.length += days
    row.due_at = as_running(row).due(work.calendar)
    cases.save_deadlines(work.writes, [row])
    last = as_running(row).last_day(work.calendar)
    return {"days": days, "last_day": last.isoformat() if last else None}


def note_suit(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (filed_on, court, number), received (the variable that says when the award was received).

    A suit within the period keeps the award from taking effect (art 48). Result: {filed_on, last_day}. Refused after it.
    """
    form = work.data[inputs["form"]]
    last = last_day_to_sue(work)
    filed = date.fromisoformat(form["filed_on"])
    if filed > work.today:
        raise Invalid({"filed_on": [say("起诉日期不能晚于今天")]})
    if last is not None and filed > last:
        raise Refused(
            "suit_late", "起诉期限到%(day)s为止，逾期不起诉的裁决书已经发生法律效力", day=last.isoformat()
        )
    return {"filed_on": form["filed_on"], "last_day": last.isoformat() if last else None}


def last_day_to_sue(work: Work) -> date | None:
    running = [row for row in work.found.deadlines if row.name == "suit_period"]
    return as_running(running[-1]).last_day(work.calendar) if running else None


def take_effect(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: on (``period``: the day after the period to sue; else the path variable.field of the day).

    Result: {effective_on}.
    """
    if inputs["on"] == "period":
        day = work.today  # the wait fires as the day after its last day begins
        fired = [row for row in work.found.deadlines if row.name == "suit_period"]
        if fired and fired[-1].due_at is not None:
            last = as_running(fired[-1]).last_day(work.calendar)
            day = last + timedelta(days=1) if last else day
    else:
        name, _, field = inputs["on"].partition(".")
        day = date.fromisoformat(work.data[name][field])
    row = disputes.of_case(work.session, work.case)
    if row is not None:
        row.effective_on = day
        work.session.flush()
    return {"effective_on": day.isoformat()}


def note_change(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (case_number). The case that changes the register as the award or agreement asks; it stands with the
    dispute. Result: {case_number}. Invalid where there is none of that number that was begun for this village.
    """
    number = work.data[inputs["form"]]["case_number"]
    try:
        found = cases.find_case(work.session, work.case.county, number)
    except NotFound:
        found = None
    if (
        found is None
        or found.case_type != CHANGES
        or found.issuing_party_code != work.case.issuing_party_code
    ):
        raise Invalid({"case_number": [say("没有找到本发包方的这件合同变更，请核对办件编号")]})
    row = disputes.of_case(work.session, work.case)
    if row is not None:
        row.change_case = found.number
        free_land(work.session, work.case, work.at)
        work.session.flush()
    return {"case_number": found.number}
