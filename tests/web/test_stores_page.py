"""The stores' page: how they stand, a reconciliation asked for and read, for data stewards and auditors alone."""

import pytest

from engine.domain.actor import system
from engine.store.register import county_of
from engine.usecases.carry_out_effect import drain
from engine.usecases.long_work import ask_long_work
from tests.usecases.acting import COUNTY
from tests.usecases.stores.places import codes, resurvey
from tests.web.staff import words


@pytest.fixture
def steward(client_for):
    return client_for("steward")


def test_a_steward_has_the_stores_compared(running, steward, client_for):
    drain(running)
    page = words(steward.get("/stores"))
    assert "还没有核对过" in page
    answer = steward.post("/stores/reconciliations")
    assert answer.status_code == 303
    waiting = steward.get(answer.location)
    assert waiting.headers["Refresh"].startswith("2;")
    drain(running)
    assert "三库一致" in words(steward.get(answer.location))
    assert "Refresh" not in steward.get(answer.location).headers
    assert "三库一致" in words(client_for("auditor").get("/stores"))


def test_differences_are_listed_and_a_refresh_mends_them(running, steward):
    code = codes(running)[2]
    resurvey(running, code, by=30)
    with running.sessions(COUNTY) as session:
        ask_long_work(session, running.clock, system(COUNTY), "reconcile", {})
        session.commit()
    from engine.usecases.stores import reconcile

    assert {one.code for one in reconcile(running, COUNTY).differences} == {code}
    assert "还有2项更新在等待办理" in words(steward.get("/stores"))
    answer = steward.post("/stores/refreshes")
    drain(running)
    assert "已更新" in words(steward.get(answer.location))
    done = steward.post("/stores/reconciliations").location
    drain(running)
    assert "三库一致" in words(steward.get(done))


def test_other_long_work_is_not_these_pages_to_show(running, steward):
    with running.sessions(COUNTY) as session:
        work = ask_long_work(session, running.clock, system(COUNTY), "verify_history", {})
        session.commit()
    assert steward.get(f"/stores/works/{work}").status_code == 404
    assert steward.post(f"/stores/works/{work}/cancel").status_code == 404


def test_others_do_not_come_in(client_for):
    for name in ("village1", "county", "admin"):
        assert client_for(name).get("/stores").status_code == 403


def test_it_can_be_stopped(running, steward):
    place = steward.post("/stores/reconciliations").location
    assert steward.post(f"{place}/cancel").status_code == 303
    drain(running)
    assert "已停止" in words(steward.get(place))


def test_a_setting_that_cannot_be_is_an_incident_in_words(running, steward):
    with running.sessions(COUNTY) as session:
        county = county_of(session, COUNTY)
        county.settings = {**county.settings, "stores": {"grid_m": 0}}
        session.commit()
    place = steward.post("/stores/refreshes").location
    drain(running)
    assert "上一次没有做完" in words(steward.get(place))
    with running.sessions(COUNTY) as session:
        county = county_of(session, COUNTY)
        county.settings = {k: v for k, v in county.settings.items() if k != "stores"}
        session.commit()
