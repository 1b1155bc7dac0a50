"""The result goes back to the village and the applicant: the feedback of the procedure's last step."""

from typing import Any

from engine.domain import events
from engine.operations.work import Work


def publish_result(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """A message to the telephone that the application gives, else the household's; the papers are in the portal."""
    application = work.data.get(work.case_type.start_variable) or {}
    phone = application.get("phone") or work.household().phone
    text = f"【田契】您的{work.case_type.title['zh']}（{work.case.number}）已备案，可在网上查询和下载合同。"
    if phone:
        work.later("send_message", {"to": phone, "text": text})
        work.say(events.MESSAGE_QUEUED, {"subject": "result"})
    return {"told": bool(phone)}
