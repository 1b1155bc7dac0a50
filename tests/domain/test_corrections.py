"""What was said to be wrong in a filed case waits until it is corrected or answered; the household reads its own."""

from dataclasses import dataclass
from datetime import UTC, datetime

from engine.domain import events
from engine.domain.corrections import findings, said_to_applicant


@dataclass
class Link:
    kind: str
    position: str = "village_clerk@990101100200"
    actor_name: str = "某人"
    at: datetime = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # the next day in China


def found(text, position="applicant@990101100200"):
    return Link(events.ERROR_FOUND, position), {"finding": text}


def test_a_correction_takes_up_what_waits_and_an_answer_what_waits_then():
    told = [
        found("户主写错"),
        found("面积写错", "county_handler@990101"),
        (Link(events.CORRECTION_OPENED), {"case": "7"}),
        found("地块写错"),
        (Link(events.TASK_OPENED), {}),
        (Link(events.ERROR_ANSWERED), {"answer": "与原始登记一致"}),
        found("成员写错"),
    ]
    assert [(one.text, one.state, one.case, one.answer) for one in findings(told)] == [
        ("户主写错", "corrected", "7", None),
        ("面积写错", "corrected", "7", None),
        ("地块写错", "declined", None, "与原始登记一致"),
        ("成员写错", "waiting", None, None),
    ]
    said = said_to_applicant(findings(told[:3]))
    assert said == {
        "text": "户主写错", "by": "某人", "on": "2026-03-03", "state": "corrected", "case": "7", "answer": None,
    }  # fmt: skip


def test_what_offices_found_is_not_the_household_s_and_erased_payloads_break_nothing():
    assert said_to_applicant(findings([found("面积写错", "county_handler@990101")])) is None
    assert findings([(Link(events.ERROR_FOUND), None)])[0].text == ""
