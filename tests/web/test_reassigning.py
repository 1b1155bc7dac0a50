"""Giving tasks to colleagues on the pages: from the task, and all of somebody who leaves."""

import re

import pytest

from engine.usecases.load_demonstration import add_account, stable_id
from engine.usecases.sign_in import HASHER
from tests.web.staff import COUNTY, Staff, staff, words  # noqa: F401


@pytest.fixture(scope="module")
def second(running, staff):
    """A second clerk of the village of village1."""
    with running.sessions(COUNTY) as session:
        add_account(
            session, "zhuer", "村经办 朱二", "village_clerk", division_of(staff), HASHER.hash("tianqi-demo")
        )
        session.commit()
    return staff("zhuer")


def division_of(staff) -> str:
    return staff("village1").households()[0][:12]


def started(clerk: Staff) -> str:
    number = clerk.start(clerk.households()[0])
    clerk.claim(number)
    return number


def test_a_clerk_gives_a_task_on_and_the_case_says_so(staff, second):
    clerk = staff("village1")
    number = started(clerk)
    path = clerk.task_path(number)
    page = clerk.get(path)
    assert "转办给他人" in page.text and "朱二" in page.text
    answer = clerk.client.post(
        f"{path}/reassign",
        data={"to": str(stable_id("person:zhuer")), "reason": "休假"},
        follow_redirects=True,
    )
    assert "已转办" in words(answer)
    told = words(clerk.get(f"/cases/{number}"))
    assert "转给村经办 朱二" in told and "原因：休假" in told
    assert number in second.get("/inbox").text and number not in clerk.get("/inbox").text
    assert "reassigned from" in words(clerk.get(f"/cases/{number}?lang=en"))


@pytest.mark.parametrize(
    ("data", "told"), [({"to": "x", "reason": "y"}, "请选择转给谁"), ({"reason": ""}, "请写明转办的原因")]
)
def test_what_is_missing_is_said(staff, second, data, told):
    clerk = staff("village1")
    path = clerk.task_path(started(clerk))
    asked = {"to": str(stable_id("person:zhuer"))} | data
    assert told in words(clerk.client.post(f"{path}/reassign", data=asked, follow_redirects=True))


def test_all_tasks_of_somebody_who_leaves(staff, second):
    clerk, guard = staff("village1"), staff("secadmin")
    numbers = {started(clerk), started(clerk)}
    address = f"/accounts/{stable_id('person:village1')}"
    page = guard.get(address)
    assert "在办任务" in page.text
    asked = {name: re.search(rf'name="{name}" value="([^"]+)"', page.text)[1] for name in ("role", "office")}
    asked |= {"to": str(stable_id("person:zhuer")), "reason": "调离岗位"}
    answer = guard.client.post(f"{address}/reassign", data=asked, follow_redirects=True)
    assert "已转办" in words(answer)
    inbox = second.get("/inbox").text
    assert all(number in inbox for number in numbers)
    assert "在办任务" not in guard.get(address).text
    assert "在办任务" not in staff("sysadmin").get(f"/accounts/{stable_id('person:zhuer')}").text
