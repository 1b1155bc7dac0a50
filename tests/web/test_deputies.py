"""Asking somebody to stand in, on the pages: an officer before a leave, an administrator for somebody ill."""

import re

from engine.usecases.load_demonstration import stable_id
from tests.web.staff import COUNTY, Staff, staff, words  # noqa: F401

POSITION = stable_id("position:village1")
ASKED = {"username": "village2", "since": "2026-03-02", "until": "2026-03-06", "reason": "年休假"}


def switch(clerk: Staff, position) -> None:
    assert clerk.client.post("/position", data={"position": str(position)}).status_code == 302


def test_from_asking_to_the_task_done_in_anothers_name(running, staff):
    clerk, other = staff("village1"), staff("village2")
    number = clerk.start(clerk.households()[0])
    assert other.get(f"/cases/{number}").status_code == 404
    assert 'href="/accounts"' not in clerk.get("/deputies").text  # the administrators' page
    page = clerk.get(f"/deputies/new/{POSITION}").text
    assert 'value="village2"' in page and 'value="township1"' not in page
    wrong = clerk.client.post(f"/deputies/new/{POSITION}", data=ASKED | {"since": "2026-02-01", "until": "x"})
    assert wrong.status_code == 422 and "日期请写成" in wrong.text and 'value="年休假"' in wrong.text
    wrong = clerk.client.post(f"/deputies/new/{POSITION}", data=ASKED | {"since": "2026-02-01"})
    assert wrong.status_code == 422 and "早于今天" in words(wrong)
    made = clerk.client.post(f"/deputies/new/{POSITION}", data=ASKED, follow_redirects=True)
    assert "代理中" in words(made) and "年休假" in words(made)
    assert "由村经办" in words(clerk.get("/inbox"))
    assert "您正在代理" in words(other.get("/inbox"))
    assert other.get(f"/cases/{number}").status_code == 404  # not in the own position
    switch(other, POSITION)
    inbox = words(other.get("/inbox?tab=claim"))
    assert number in inbox and "正在代" in inbox
    other.pass_village(number)
    told = words(other.get(f"/cases/{number}"))
    assert re.search(r"村经办 \S+（代村经办 \S+）", told)
    switch(other, stable_id("position:village2"))
    assert other.get(f"/cases/{number}").status_code == 404


def test_administrators_see_all_and_end_it_and_the_auditor_sees_both(staff):
    guard, auditor = staff("secadmin"), staff("auditor")
    asked = {"username": "township2", "since": "2026-03-02", "until": "2026-03-20", "reason": "住院"}
    position = stable_id("position:township1")
    assert f"/deputies/new/{position}" in guard.get(f"/accounts/{stable_id('person:township1')}").text
    assert guard.client.post(f"/deputies/new/{position}", data=asked).status_code == 303
    page = guard.get("/deputies").text
    row = page[page.index("住院") :]
    ended = guard.client.post(re.search(r"/deputies/[0-9a-f-]{36}/end", row)[0], follow_redirects=True)
    assert "代理已结束" in words(ended)
    told = words(auditor.get("/audit/accounts"))
    assert "请人代理：乡镇审核" in told and "提前结束代理：乡镇审核" in told and "住院" in told


def test_a_stranger_asks_for_nobody(staff):
    county = staff("county")
    assert county.get(f"/deputies/new/{POSITION}").status_code == 404
    assert county.client.post(f"/deputies/new/{POSITION}", data=ASKED).status_code == 404
    assert "村经办" not in words(county.get("/deputies"))
    assert "Deputies" in words(county.get("/deputies?lang=en"))
