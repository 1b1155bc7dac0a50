"""A survey at the pages: a firm's account sees what it was given and nothing else, and hands a file in."""

import io
import re
import zipfile
from datetime import date

import pytest

from engine.commands.trial import COUNTY
from engine.domain.case_type import CaseType
from engine.domain.clock import VirtualClock
from engine.settings import ROOT
from engine.store import cases
from engine.store.firms import firm_of
from engine.store.versions import read_folder
from engine.usecases.scenarios import read_story
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from engine.usecases.scenarios.surveys import brought
from tests.web.staff import hidden, picture, words

FOLDER = ROOT / "processes" / "survey_request"


@pytest.fixture(scope="module")
def given(running):
    """A survey as far as it is given to the first firm."""
    story = read_story(FOLDER / "scenarios" / "straight.yaml")
    running.clock = VirtualClock(story.start)
    play = Play(running, COUNTY, CaseType(read_folder(FOLDER)), story, printing=False)
    set_scene(play)
    for step in story.steps[:3]:
        play.act(step["who"], step["does"], step)
    return play


def field_task(play):
    return f"/cases/{play.number}/tasks/{play.task('field_survey_firm')}"


def test_a_firm_sees_what_it_was_given_and_nothing_else(given, client_for):
    firm, other, ended = client_for("firm"), client_for("firm2"), client_for("firm3")
    assert given.number in firm.get("/inbox?tab=claim").text
    assert given.number not in other.get("/inbox?tab=all").text
    assert firm.get(f"/cases/{given.number}").status_code == 200
    for stranger in (other, ended):
        assert stranger.get(f"/cases/{given.number}").status_code == 404
        assert stranger.get(f"/cases/{given.number}/field-package.zip").status_code == 404
        assert stranger.get(field_task(given)).status_code == 404
    for closed in ("/register", f"/register/{given.code}", "/map", "/quality", "/survey/firms", "/accounts"):
        assert firm.get(closed).status_code in (403, 404), closed


def test_the_database_itself_hides_the_rest(given, running):
    """Row security alone: under a firm's scope there is its case, its papers, and no land or person."""
    from sqlalchemy import text

    def seen(scope, table):
        with running.sessions(scope) as session:
            return session.scalar(text(f"select count(*) from operational.{table}"))  # noqa: S608

    for table in (
        "parcels",
        "parcel_versions",
        "contractors",
        "members",
        "contracts",
        "publicities",
        "objections",
    ):
        assert seen(f"{COUNTY}F001", table) == 0, table
    assert seen(f"{COUNTY}F001", "cases") == seen(f"{COUNTY}F001", "case_states") == 1
    assert (
        seen(f"{COUNTY}F002", "cases")
        == seen(f"{COUNTY}F002", "events")
        == seen(f"{COUNTY}F002", "papers")
        == 0
    )
    with running.sessions(f"{COUNTY}F001") as session:
        kinds = set(session.scalars(text("select kind from operational.papers")))
    assert kinds == {"survey_order", "boundary_notice"}, "no application papers, no identity cards"


def test_the_field_package_has_the_land_and_its_neighbours(given, client_for):
    answer = client_for("firm").get(f"/cases/{given.number}/field-package.zip")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert {"DK.gpkg", "DK.shp", "DK.dbf", "XLDK.gpkg", "填写说明.txt"} <= set(archive.namelist())
        said = archive.read("填写说明.txt").decode("utf-8-sig")
    assert given.number in said and "BGLX" in said


def test_whose_qualification_has_ended_gets_no_coordinates(given, client_for, running):
    def qualified_until(day):
        with running.sessions(COUNTY) as session:
            firm_of(session, COUNTY, f"{COUNTY}F001").valid_to = day
            session.commit()

    qualified_until(date(2026, 4, 6))
    refused = client_for("firm").get(f"/cases/{given.number}/field-package.zip")
    listed = words(client_for("county").get("/survey/firms"))
    qualified_until(date(2099, 12, 31))
    assert refused.status_code == 422 and "资质已经到期" in words(refused)
    assert given.number in listed and "收回测绘任务" in listed


def test_a_firm_hands_a_file_in(given, client_for, running):
    firm = client_for("firm")
    address = field_task(given)
    firm.post(f"{address}/claim")
    page = firm.get(address).text
    assert "field-package.zip" in page
    with running.sessions(COUNTY) as session:
        rows = [{"BGLX": "图形变更", "DKBM": given.words["$parcel_1"], "shape": "smaller"}]
        body, _ = brought(session, COUNTY, running.clock.now(), {"rows": rows})
    data = {"key": hidden(page, "key"), "revision": hidden(page, "revision"), "action": "send", "decision": "returned",
            "surveyed_on": "2026-04-07", "surveyors": "甲、乙", "entered": "file", "marks": "stake", "line": "ridge",
            "papers-boundary_record-upload": (picture(), "signed.png")}  # fmt: skip
    for n, row in enumerate(given.words["$witnesses"]):
        data |= {f"witnesses-{n}-{name}": value for name, value in row.items()}
    wrong = firm.post(address, data=data | {"file-survey_return-upload": (io.BytesIO(body), "成果.gpkg")})
    assert wrong.status_code == 422
    assert "没有写变更原因（BGYY）" in words(wrong) and given.words["$parcel_1"] in words(wrong)
    assert re.search(r'name="surveyors"[^>]*value="甲、乙"', wrong.text), "what was typed stays"
    with running.sessions(COUNTY) as session:
        body, _ = brought(session, COUNTY, running.clock.now(), {"rows": [rows[0] | {"BGYY": "水毁"}]})
    data |= {
        "key": hidden(wrong.text, "key"),
        "papers-boundary_record-upload": (picture("#cba"), "signed.png"),
    }
    sent = firm.post(address, data=data | {"file-survey_return-upload": (io.BytesIO(body), "成果.gpkg")})
    assert sent.status_code == 303, words(sent)
    with running.sessions(COUNTY) as session:
        case = cases.find_case(session, COUNTY, given.number)
        assert [task.element for task in cases.open_tasks(session, case)] == ["review_survey"]
    assert firm.get(f"/cases/{given.number}").status_code == 200


def test_firms_are_kept_by_the_county(client_for):
    county, village = client_for("county"), client_for("village1")
    assert village.get("/survey/firms").status_code == 403
    told = {"name": "南岭测绘有限公司", "credit_code": "91990101MA5TQ9999X", "grade": "1", "certificate": "甲测资字99",
            "valid_from": "2026-01-01", "valid_to": "2025-12-31", "contact": "公输", "phone": "0900-1234567", "active": "yes"}  # fmt: skip
    wrong = county.post("/survey/firms/new", data=told)
    assert (
        wrong.status_code == 422
        and "止日早于起日" in words(wrong)
        and 'value="南岭测绘有限公司"' in wrong.text
    )
    assert county.post("/survey/firms/new", data=told | {"valid_to": "2030-12-31"}).status_code == 303
    assert "南岭测绘有限公司" in county.get("/survey/firms").text
    twice = county.post("/survey/firms/new", data=told | {"valid_to": "2030-12-31"})
    assert twice.status_code == 422 and "这个单位已经登记过" in words(twice)
