"""送达: what went to whom, when it was received, and what the return slip says (仲裁规则 art 56)."""

from datetime import date, datetime, time
from typing import Any

from engine.domain.clock import SHANGHAI
from engine.domain.deadline import Deadline
from engine.domain.dispute import received_last
from engine.domain.errors import Invalid
from engine.domain.said import say
from engine.operations.work import Work
from engine.store.tables.disputes import ServedPaper

SLIP = "return_slip"


def record_service(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Inputs: form (with rows ``served``: addressee, way, sent_on, received_on, receiver, remark), what (the paper's title).

    Something displayed by a notice is received when the days of the parameter ``public_service`` are over; until then
    the form has no day for it. Result: {received_on: of the last addressee, public: whether a notice was needed}.
    """
    form = work.data[inputs["form"]]
    rows = [dict(row) for row in form["served"]]
    check(work, rows, form)
    for row in rows:
        if row["way"] == "public":
            row["received_on"] = end_of_display(work, row["sent_on"]).isoformat()
        work.session.add(
            ServedPaper(
                county=work.case.county,
                id=work.new_id(),
                case_id=work.case.id,
                what=inputs["what"],
                addressee=row["addressee"],
                way=row["way"],
                sent_on=date.fromisoformat(row["sent_on"]),
                received_on=date.fromisoformat(row["received_on"]) if row.get("received_on") else None,
                receiver=row.get("receiver"),
                remark=row.get("remark"),
                recorded_by=work.actor.name,
                division=work.case.division,
            )
        )
    work.session.flush()
    public = [row for row in rows if row["way"] == "public"]
    return {
        "received_on": received_last(rows),
        "public": bool(public),
        "displayed_on": max(row["sent_on"] for row in public) if public else None,
        "rows": rows,
    }


def check(work: Work, rows: list[dict[str, Any]], form: dict[str, Any]) -> None:
    """A slip proves every way but the notice; nothing is received before it was sent, nor in days to come."""
    faults: dict[str, list[str]] = {}
    for number, row in enumerate(rows):
        field = f"served-{number}-received_on"
        if row["sent_on"] > work.today.isoformat():
            faults[f"served-{number}-sent_on"] = [say("送出日期不能晚于今天")]
        if row["way"] == "public":
            if row.get("received_on"):
                faults[field] = [say("公告送达的，收到日期由系统按公告期满计算，请留空")]
            continue
        if not row.get("received_on"):
            faults[field] = [say("请填写送达回证上的签收日期")]
        elif not row["sent_on"] <= row["received_on"] <= work.today.isoformat():
            faults[field] = [say("签收日期应在送出之后，且不晚于今天")]
        if row["way"] == "left" and not row.get("remark"):
            faults[f"served-{number}-remark"] = [say("留置送达的，请写明拒收事由和见证人")]
    if any(row["way"] != "public" for row in rows) and not (form.get("papers") or {}).get(SLIP):
        faults[f"papers-{SLIP}"] = [say("请上传签收的送达回证")]
    if faults:
        raise Invalid(faults)


def end_of_display(work: Work, displayed_on: str) -> date:
    rule = work.case_type.deadline("public_service", work.today)
    since = datetime.combine(date.fromisoformat(displayed_on), time.min, SHANGHAI)
    last = Deadline(rule.kind, rule.unit, rule.length, since).last_day(work.calendar)
    assert last is not None
    return last
