"""What the applicant is told by message: that it is their turn, and how it ended. The papers are in the portal."""

from typing import Any

from engine.domain import events
from engine.operations.work import Work

FILED = "已备案，可在网上查询和下载合同。"


def publish_result(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Tell the household how it stands. Inputs: words (what follows the case's name and number). Result: {told}."""
    return {"told": tell(work, "result", inputs.get("words") or FILED)}


def remind_applicant(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Result: {told}."""
    return {
        "told": tell(work, "reminder", "合同已备好，还没有签订，请尽快带身份证到村委会签订，逾期将终止办理。")
    }


def tell(work: Work, subject: str, words: str) -> bool:
    """In the portal's inbox of who applied, and to the telephone that the application gives, else the household's;
    whether there is either. ``subject``: a kind of data/messages.yaml.
    """
    application = work.data.get(work.case_type.start_variable) or {}
    phone = application.get("phone") or work.household().phone
    reached = bool(phone or work.case.applicant)
    if reached:
        say_later(work, subject, {"words": words}, phone)
        work.say(events.MESSAGE_QUEUED, {"subject": subject})
    return reached


def say_later(work: Work, kind: str, facts: dict[str, Any], phone: str | None = None) -> None:
    """Put the message into the outbox; by which ways it goes out is the county's and the person's to say."""
    case = work.case
    told = {
        "kind": kind,
        "facts": facts | {"title": work.case_type.title, "number": case.number},
        "case": case.number,
        "contractor": case.contractor_code,
        "applicant": str(case.applicant) if case.applicant else None,
        "phone": phone,
    }
    work.later("tell_applicant", told)
