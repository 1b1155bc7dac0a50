"""Disputes: two hearings at one time, the pages of the commission's secretary, acts beside the tasks, the public list."""

from threading import Barrier
from uuid import uuid4

import pytest
from api_support import sign_in, work
from sqlalchemy import select

from engine.domain.case_type import CaseType
from engine.domain.clock import VirtualClock
from engine.domain.errors import Invalid, Refused
from engine.settings import ROOT
from engine.store import cases
from engine.store.tables.cases import Task
from engine.store.tables.register import Parcel
from engine.store.versions import read_folder
from engine.usecases.procedures import current_procedure
from engine.usecases.scenarios import read_story
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from engine.usecases.start_case import check_parcels
from tests.usecases.acting import COUNTY, at_once, step_that_does, waited_for
from tests.web.staff import hidden, words

FOLDER = ROOT / "processes" / "dispute_arbitration"
CASE_TYPE = CaseType(read_folder(FOLDER))


def arbitrated(running, until):
    story = read_story(FOLDER / "scenarios" / "straight.yaml")
    running.clock = VirtualClock(story.start)
    play = Play(running, COUNTY, CASE_TYPE, story, printing=False)
    set_scene(play)
    for step in story.steps:
        if "does" in step:
            play.act(step["who"], step["does"], step)
        if until in waited_for(play):
            return play
    raise AssertionError(until)


@pytest.fixture(scope="module")
def two(running):
    """Two arbitrations with the same panel, neither of them called yet."""
    plays = [arbitrated(running, "schedule_hearing") for _ in range(2)]
    work(running)
    return plays


def test_nobody_sits_in_two_hearings_at_once(running, two):
    """Called in the same moment for the same time: one of them is refused, in words that name the other."""
    step, gate = step_that_does(two[0], "schedule_hearing"), Barrier(2)

    def call(play):
        gate.wait(timeout=30)
        play.act("secretary", "schedule_hearing", step)

    said = at_once(*(lambda play=play: call(play) for play in two))
    assert sorted(type(one) for one in said if one) == [Refused]
    assert "蒋文清" in str(next(filter(None, said)))
    called = [play for play in two if "hold_hearing" in waited_for(play)]
    [other] = [play for play in two if play not in called]
    data = step["data"] | {"at": "14:00"}
    other.act("secretary", "schedule_hearing", step | {"data": data})
    assert "hold_hearing" in waited_for(other)


def test_the_secretary_sees_disputes_calendar_and_commission(running, two, client_for):
    secretary = client_for("secretary")
    page = words(secretary.get("/disputes"))
    assert page.count("农仲案") == 2
    calendar = words(secretary.get("/disputes/hearings"))
    assert "青石镇便民服务中心" in calendar
    assert "首席" in calendar
    assert "蒋文清" in words(secretary.get("/disputes/commission"))
    assert words(client_for("county").get("/disputes")).count("农仲案") == 2
    assert client_for("surveyor").get("/disputes").status_code == 403


def test_who_applies_is_told_of_a_code_that_the_register_lacks(two):
    """Land of another village is known although the household sees its own alone."""
    actor = two[0].actor("household")
    with two[0].stage.sessions(COUNTY) as session:
        elsewhere = session.scalars(
            select(Parcel.code).where(~Parcel.division.startswith(actor.division[:12])).limit(1)
        ).one()
    with two[0].stage.sessions(actor.scope) as session:
        form = current_procedure(session, COUNTY, "dispute_arbitration").start_form("self")
        check_parcels(session, COUNTY, form, {"other_parcels": [elsewhere]})
        with pytest.raises(Invalid) as unknown:
            check_parcels(session, COUNTY, form, {"other_parcels": [elsewhere, "9901019999990199999"]})
    assert "9901019999990199999" in str(unknown.value.fields["other_parcels"])


def test_the_list_of_arbitrators_is_kept(client_for):
    secretary = client_for("secretary")
    given = {"number": "08", "name": "文知远", "post": "vice_chair", "arbitrator": "yes", "trade": "law"}
    answer = secretary.post("/disputes/commission", data=given)
    assert answer.status_code == 422
    assert 'value="文知远"' in answer.text
    given["ground"] = "law"
    assert secretary.post("/disputes/commission", data=given).status_code == 303
    page = secretary.get("/disputes/commission")
    assert "文知远" in words(page)
    assert secretary.post("/disputes/commission", data=given).status_code == 422  # once
    member = page.text.split("文知远")[1].split("/disputes/commission/")[1].split("/end")[0]
    assert secretary.post(f"/disputes/commission/{member}/end").status_code == 303
    assert client_for("chair").post("/disputes/commission", data=given).status_code == 403


def test_a_challenge_is_raised_on_a_page_and_decided_by_the_chair(running, two, client_for):
    number, secretary = two[0].number, client_for("secretary")
    assert "申请仲裁员回避" in words(secretary.get(f"/cases/{number}"))
    path = f"/cases/{number}/acts?act=challenge"
    page = secretary.get(path)
    given = {
        "key": hidden(page.text, "key"),
        "by": "甲",
        "arbitrator": "路人",
        "reasons": ["H02"],
        "known_later": "no",
    }
    answer = secretary.post(path, data=given)
    assert answer.status_code == 422
    assert 'value="路人"' in answer.text
    answer = secretary.post(path, data=given | {"text": "有利害关系"})
    assert answer.status_code == 422
    assert "不在本案仲裁庭中" in answer.text
    assert (
        secretary.post(path, data=given | {"text": "有利害关系", "arbitrator": "岳长林"}).status_code == 303
    )
    assert "decide_challenge" in waited_for(two[0])
    with running.sessions(COUNTY) as session:
        asked = session.scalars(
            select(Task).where(Task.case_id == two[0].case_id, Task.element == "decide_challenge")
        ).one()
    decided = words(client_for("chair").get(f"/cases/{number}/tasks/{asked.number}"))
    assert "要求回避的仲裁员 岳长林" in decided  # what is asked stands on the page of who decides
    assert client_for("chair").post(path, data=given).status_code == 403


def test_programs_ask_the_same(running, two, web):
    program = sign_in(web, "secretary")
    assert {row["case"] for row in program.get("/disputes").json["items"]} >= {play.number for play in two}
    assert len(program.get("/hearings").json["items"]) == 2
    assert program.get("/commission").json["lacks"] == []
    number = two[1].number
    assert "evidence" in {row["name"] for row in program.get(f"/cases/{number}/acts").json["items"]}
    answers = {
        "kind": "inspection",
        "by": "苏敏",
        "given_on": "2026-03-02",
        "place": "地头",
        "record": "丈量。",
    }
    body, key = {"act": "evidence", "answers": answers}, {"Idempotency-Key": uuid4().hex}
    done = program.ask("POST", f"/cases/{number}/acts", json=body, headers=key)
    assert done.status_code == 200, done.text
    assert program.ask("POST", f"/cases/{number}/acts", json=body, headers=key).json == done.json
    unsued = program.ask("POST", f"/disputes/{number}/release", json={"reason": "判决"})
    assert unsued.status_code == 422


def test_anybody_reads_the_list_with_names_masked(running, two, web):
    work(running)
    browser = web.test_client()
    page = words(browser.get("/portal/disputes?q=农仲案"))
    name = two[0].before.household.name
    assert page.count("农仲案〔") >= 2
    assert name not in page
    assert name[0] + "*" in page
    shown = browser.get("/api/v1/public-disputes").json["items"]
    assert {row["kind"] for row in shown} == {"arbitration"}
    assert any(row["hearing"].get("place") == "青石镇便民服务中心" for row in shown)


def test_the_village_finds_the_change_drafted_and_the_dispute_closes_by_it(running, web, client_for):
    """A mediation whose agreement goes into the register: land blocked until the drafted change is sent."""
    folder = ROOT / "processes" / "dispute_mediation"
    story = read_story(folder / "scenarios" / "township.yaml")
    running.clock = VirtualClock(story.start)
    play = Play(running, COUNTY, CaseType(read_folder(folder)), story, printing=False)
    set_scene(play)
    for step in story.steps:
        if "does" in step and step["does"] != "begin_other":
            play.act(step["who"], step["does"], step)
    assert "begin_change" in waited_for(play)
    work(running)
    village = client_for("village1")
    assert "申请已经起草" in words(village.get("/notices"))
    with running.sessions(COUNTY) as session:
        number = cases.open_tasks(session, play.case(session))[0].number
    village.post(f"/cases/{play.number}/tasks/{number}/claim")
    task = village.get(f"/cases/{play.number}/tasks/{number}")
    at = f"/cases/new/contract_change?contractor={play.code}&origin=issuer"
    assert at.replace("&", "&amp;") in task.text
    drafted = village.get(at).text
    assert f'value="{play.number}"' in drafted
    assert "生效文书办理" in drafted
    again = {"kind": "extinct", "ruling": play.number, "grounds": "按协议。", "key": hidden(drafted, "key")}
    assert village.post(at, data=again | {"ruling": "99010120260000000001"}).status_code == 422
