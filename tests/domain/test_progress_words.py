"""What a household reads where its case type has no words for what is waited for."""

from datetime import date

import pytest

from engine.domain.calendar import shipped_calendar
from engine.domain.case_type import CaseType
from engine.domain.progress import EVENT, MEANWHILE, MOMENT, PERIOD, TASK, Progress, Waiting, steps, turn
from engine.settings import ROOT
from engine.store.versions import read_folder


@pytest.fixture(scope="module")
def case_type():
    return CaseType(read_folder(ROOT / "processes" / "contract_signing"))


@pytest.mark.parametrize("kind", [TASK, PERIOD, MOMENT, EVENT])
def test_each_kind_of_waiting_has_words(case_type, kind):
    waiting = Waiting("drawn_later", 9, due_on=date(2026, 3, 5), kind=kind)
    told = turn(case_type, Progress("open", None, (waiting,), {}, None, None), None, None)
    assert told["text"] == MEANWHILE[kind]
    assert (told["due_on"], told["due_kind"]) == ("2026-03-05", kind)


def test_the_case_types_own_words_come_first(case_type):
    known = next(iter(case_type.statuses))
    now = (Waiting("drawn_later", 9, kind=EVENT), Waiting(known, 3, kind=TASK))
    told = turn(case_type, Progress("open", None, now, {}, None, None), None, None)
    assert told["text"] == case_type.statuses[known]["text"]


def test_a_period_beside_a_task_without_a_limit_says_until_when(case_type):
    """Who waits for an answer that may come reads until when it may, not that there is no limit."""
    now = (Waiting("record_answer", 3), Waiting("answer_over", 4, due_on=date(2026, 3, 12), kind=PERIOD))
    told = turn(case_type, Progress("open", None, now, {}, None, None), None, None)
    assert (told["due_on"], told["due_kind"]) == ("2026-03-12", MOMENT)


def test_a_finished_case_waits_for_nothing(case_type):
    told = turn(case_type, Progress("completed", "end_completed", (), {}, None, None), None, None)
    assert told["due_kind"] is None
    assert told["text"] not in MEANWHILE.values()


def test_a_case_that_the_registry_did_not_take_stops_at_registration(case_type):
    """The contract is filed and all before is done; no certificate is shown as handed out."""
    done = {"file_contract": date(2026, 3, 17), "repair_hand_over": date(2026, 4, 30)}
    told = {}
    for outcome in ("end_unregistered", "end_completed"):
        over = Progress("completed", outcome, (), done, "repair_hand_over", "repair_hand_over")
        told[outcome] = steps(case_type, over, shipped_calendar(), date(2026, 5, 1))
    stopped, whole = told["end_unregistered"], told["end_completed"]
    assert [row["state"] for row in whole] == ["done"] * 9
    assert [row["state"] for row in stopped] == ["done"] * 7 + ["ended"]
    assert (stopped[-1]["said"]["zh"], stopped[-1]["on"]) == ("未予登记", "2026-04-30")


def test_steps_that_a_case_does_not_go_through_are_not_promised():
    """A correction needs no consent, no survey and no contract; what the issuing party proposes is no application."""
    change = CaseType(read_folder(ROOT / "processes" / "contract_change"))
    route = dict.fromkeys(("consent", "answer", "publicity", "contract"), "no") | {"drawing": "none"}
    now = (Waiting("village_check", 3, due_on=date(2026, 3, 9)),)

    def titles(origin, **data):
        told = Progress("open", None, now, {}, None, None, origin=origin, data=data)
        return [row["title"]["zh"] for row in steps(change, told, shipped_calendar(), date(2026, 3, 2))]

    assert titles("self", route=route) == [
        "申请",
        "村级初审",
        "乡镇审核",
        "县级审批",
        "备案",
        "不动产登记",
        "领证",
    ]
    swap = route | {"consent": "yes", "publicity": "yes", "contract": "yes"}
    assert titles("issuer", route=swap)[:4] == ["发包方提出", "征得同意", "村级初审", "公示"]
    assert len(titles("self")) == len(change.steps), "as long as nothing is decided"
    assert titles("issuer", route=route, record_receipt={"certificates": []})[-1] == "不动产登记"


def test_a_case_that_was_rejected_is_not_shown_as_done(case_type):
    over = Progress(
        "rejected", "end_rejected", (), {"township_review": date(2026, 3, 9)}, "township_review", None
    )
    last = steps(case_type, over, shipped_calendar(), date(2026, 3, 9))[-1]
    assert (last["state"], last["said"]["zh"], last["on"]) == ("ended", "不予办理", "2026-03-09")
