"""What the applicant is told by message: that it is their turn, and how it ended. The papers are in the portal."""

from typing import Any

from engine.domain import events
from engine.operations.work import Work


def publish_result(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """The feedback of the procedure's last step. Result: {told}."""
    return {"told": tell(work, "result", "已备案，可在网上查询和下载合同。")}


def remind_applicant(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Result: {told}."""
    return {
        "told": tell(work, "reminder", "合同已备好，还没有签订，请尽快带身份证到村委会签订，逾期将终止办理。")
    }


def tell(work: Work, subject: str, words: str) -> bool:
    """A message to the telephone that the application gives, else the household's; whether there is one."""
    application = work.data.get(work.case_type.start_variable) or {}
    phone = application.get("phone") or work.household().phone
    if phone:
        text = f"【田契】您的{work.case_type.title['zh']}（{work.case.number}）{words}"
        work.later("send_message", {"to": phone, "text": text})
        work.say(events.MESSAGE_QUEUED, {"subject": subject})
    return bool(phone)
