"""开庭: called in time and for a time at which everybody who sits is free, held, postponed (art 30, 31; 仲裁规则 art 35)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from engine.domain.clock import SHANGHAI, local_date
from engine.domain.dispute import last_day_before
from engine.domain.errors import Invalid, Refused
from engine.domain.said import say
from engine.operations.disputes.panel import members, refuse_conflict
from engine.operations.work import Work
from engine.store import disputes
from engine.store.tables.disputes import Hearing


def call_hearing(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (day, at, hours, place, public, notified_on).

    Result: {round, day, at, place, notify_by, postpone_by}. Invalid when the parties were told too late, or when one
    who sits has another hearing then.
    """
    form = work.data[inputs["form"]]
    day = date.fromisoformat(form["day"])
    if not work.calendar.is_working_day(day):
        raise Invalid({"day": [say("这一天不是工作日，请另选一天")]})
    told_by = last_day_before(
        work.calendar, day, int(work.case_type.value("hearing_notice_days", work.today))
    )
    notified = max(date.fromisoformat(form.get("notified_on") or work.today.isoformat()), work.today)
    if notified > told_by:
        raise Invalid(
            {
                "day": [
                    say(
                        "开庭应当提前通知：%(day)s开庭的，最迟%(last)s通知当事人",
                        day=day.isoformat(),
                        last=told_by.isoformat(),
                    )
                ]
            }
        )
    starts = datetime.combine(day, clock_time(form["at"]), SHANGHAI)
    ends = starts + timedelta(hours=int(form.get("hours") or 3))
    seated = members(work)
    refuse_conflict(work, seated, starts, ends)
    asked_by = last_day_before(work.calendar, day, int(work.case_type.value("postponement_days", work.today)))
    row = Hearing(
        county=work.case.county,
        id=work.new_id(),
        case_id=work.case.id,
        round=disputes.next_round(work.session, work.case),
        starts_at=starts,
        ends_at=ends,
        place=form["place"],
        public=bool(form.get("public")),
        panel=seated,
        status="called",
        called_on=work.today,
        notify_by=told_by,
        postpone_by=asked_by,
        division=work.case.division,
    )
    work.session.add(row)
    work.session.flush()
    return {
        "round": row.round,
        "day": form["day"],
        "at": form["at"],
        "place": row.place,
        "public": row.public,
        "notify_by": told_by.isoformat(),
        "postpone_by": asked_by.isoformat(),
    }


def clock_time(text: str) -> time:
    try:
        return time.fromisoformat(text.replace("：", ":").zfill(5))
    except ValueError:
        raise Invalid({"at": [say("请按 09:30 的样子填写时间")]}) from None


def current(work: Work) -> Hearing:
    called = [row for row in disputes.hearings_of(work.session, work.case) if row.status == "called"]
    if not called:
        raise Refused("no_hearing", "没有安排开庭")
    return called[-1]


def record_hearing(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (held_on, applicant, respondent, outcome). Result: {round, held_on, absent: who stayed away}.

    Invalid where the outcome does not follow from who was there (art 35).
    """
    form, row = work.data[inputs["form"]], current(work)
    held_on = date.fromisoformat(form["held_on"])
    if held_on < local_date(row.starts_at):
        raise Invalid(
            {"held_on": [say("通知的开庭日期是%(day)s，不能提前", day=local_date(row.starts_at).isoformat())]}
        )
    if held_on > work.today:
        raise Invalid({"held_on": [say("开庭日期不能晚于今天")]})
    absent = [side for side in ("applicant", "respondent") if form.get(side) == "absent"]
    if form["outcome"] == "deemed_withdrawn" and "applicant" not in absent:
        raise Invalid({"outcome": [say("申请人到庭的，不能按撤回申请处理")]})
    if form["outcome"] == "mediated" and absent:
        raise Invalid({"outcome": [say("有一方没有到庭，不能达成协议")]})
    row.status = "held"
    work.session.flush()
    return {"round": row.round, "held_on": form["held_on"], "absent": absent}


def check_postponement(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (asked_on, by, reason). A party asks three working days before the hearing at the latest (仲裁规则
    art 35). Result: {asked_on, postpone_by}. Refused when it is too late.
    """
    form, row = work.data[inputs["form"]], current(work)
    if date.fromisoformat(form["asked_on"]) > row.postpone_by:
        raise Refused(
            "postponement_late",
            "变更开庭时间、地点的申请最迟在%(day)s提出；确有正当理由不能到庭的，由仲裁庭当庭决定",
            day=row.postpone_by.isoformat(),
        )
    return {"asked_on": form["asked_on"], "postpone_by": row.postpone_by.isoformat()}


def postpone_hearing(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (reason). The time of those who sit is free again. Result: {round}."""
    row = current(work)
    row.status, row.reason = "postponed", work.data[inputs["form"]].get("reason")
    work.session.flush()
    return {"round": row.round}
