"""Staff at 公示和异议: what hangs where, a photograph of a place, an objection recorded and settled; withdrawing."""

import re

import pytest

from tests.web.staff import Staff, hidden, picture, staff, words  # noqa: F401

OBJECTION = {"objector": "李秀英", "category": "parcel", "text": "东边田埂应归我家。"}


@pytest.fixture(scope="module")
def shown(staff):
    """Number of a case that is on display, and the village's clerk."""
    village = staff("village1")
    number = village.start(village.households()[0])
    village.pass_village(number)
    staff("township1").do(number, decision="pass", opinion="通过")
    staff("handler").check_for_county(number)
    staff("county").do(number, decision="approve", opinion="同意")
    return number, village


def page(clerk: Staff, number: str) -> str:
    return clerk.get(f"/cases/{number}/publicities").text


def record(clerk: Staff, number: str, **changes):
    text = page(clerk, number)
    sent = OBJECTION | {"key": hidden(text, "key")}
    return clerk.post(
        f"/cases/{number}/objections", **(sent | {"publicity": hidden(text, "publicity")} | changes)
    )


def test_places_are_listed_and_each_takes_a_photograph(shown):
    number, clerk = shown
    before = words(clerk.get(f"/cases/{number}/publicities"))
    assert "村务公开栏" in before and "相邻集体经济组织" in before and "还没有照片" in before
    action = re.search(r'action="(/cases/\d+/publicities/[^"]+/photos)"', page(clerk, number))[1]
    refused = clerk.post(action, place="0")
    assert refused.status_code == 422 and "请选择照片" in words(refused)
    assert clerk.post(action, place="99", photo=(picture(), "a.png")).status_code == 404
    assert clerk.post(action, place="0", photo=(picture(), "a.png")).status_code == 303
    assert "看照片" in page(clerk, number)


def test_a_gap_keeps_what_was_typed(shown):
    number, clerk = shown
    answer = record(clerk, number, text="")
    assert answer.status_code == 422
    assert "李秀英" in answer.text and "异议内容" in words(answer)


def test_an_objection_is_recorded_once_settled_and_answered(shown, staff):
    number, clerk = shown
    assert record(clerk, number).status_code == 303
    told = words(clerk.get(f"/cases/{number}/publicities"))
    assert "第1号" in told and "待处理" in told and "去处理第1号异议" in told
    path = clerk.task_path(number)
    assert "东边田埂应归我家" in clerk.get(path).text
    clerk.do(number, outcome="dismissed", finding="界桩无误", answer="界址无误")
    told = words(clerk.get(f"/cases/{number}/publicities"))
    assert "异议不成立" in told and "答复：界址无误" in told
    assert "登记第1号异议" in words(clerk.get(f"/cases/{number}"))
    assert staff("village2").get(f"/cases/{number}/publicities").status_code == 404


def test_the_clerk_withdraws_for_the_household(shown):
    number, clerk = shown
    path = f"/cases/{number}/withdrawal"
    assert clerk.post(path, reason="").status_code == 422
    assert clerk.post(path, reason="农户要求撤回").status_code == 303
    assert "已撤回" in words(clerk.get(f"/cases/{number}"))
    again = clerk.post(path, reason="再撤")
    assert again.status_code == 422 and "不能撤回" in words(again)
