"""What anybody may read in the portal: public notices without names or exact outlines, guides, telephones."""

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.store import outbox
from engine.store.tables.cases import Case, Objection, Paper, Publicity
from engine.store.tables.portal_public import PublicNotice
from tests.portal_steps import (
    COUNTY,
    PASSED,
    PROPOSED,
    Browser,
    applied,
    household,
    inside,
    office_does,
    picture,
    signed_in,
    words,
)
from tests.web.api_support import Program, is_problem
from web.app import create_app
from web.limits import limiter
from web.portal.plot import plot


@pytest.fixture
def stranger(running, web):
    return Browser(running, web.test_client())


@pytest.fixture(scope="module")
def shown(running):
    """(household, notice id) of a contract that is on display."""
    home = household(running, 20)
    with running.portal_sessions() as portal:
        number, _code = applied(running, portal, signed_in(running, portal, home))
    office_does(running, number, PASSED)
    office_does(running, number, {"decision": "pass", "opinion": "属实"})
    office_does(running, number, PROPOSED)
    office_does(running, number, {"decision": "approve", "opinion": "同意"})
    with running.portal_sessions() as portal:
        found = portal.scalar(select(PublicNotice).where(PublicNotice.case_number == number))
    assert found is not None
    return home, found.id


def test_notice_is_listed_with_masked_names(stranger, shown):
    home, notice = shown
    listed = stranger.get("/portal/notices")
    assert str(notice) in listed.text
    page = stranger.get(f"/portal/notices/{notice}")
    for parcel in home.parcels:
        assert parcel.code in page.text
    for text in (listed.text, page.text):
        for member in home.members:
            assert member.name not in text
    assert home.name[0] + "*" in words(page)
    assert "<svg" in page.text


def test_outlines_are_generalised(running, shown):
    _home, notice = shown
    with running.portal_sessions() as portal:
        drawn = portal.get_one(PublicNotice, notice).map
    corners = [point for f in drawn["features"] for ring in f["geometry"]["coordinates"] for point in ring]
    assert corners
    assert all(x % 5 == 0 and y % 5 == 0 for x, y in corners)


def test_wrong_and_missing_notice_read_the_same(stranger):
    told = [
        stranger.get(f"/portal/notices/{n}")
        for n in ("00000000-0000-0000-0000-000000000000", "11111111-0000-4000-8000-000000000000")
    ]
    assert {page.status_code for page in told} == {404}
    plain = [
        re.sub(r'nonce="[^"]+"|content="[^"]+"|/portal/notices/[0-9a-f-]+', "", page.text) for page in told
    ]
    assert plain[0] == plain[1]


def test_search_by_village(running, stranger, shown):
    assert "没有查到" in words(stranger.get("/portal/notices?q=没有的村"))
    with running.portal_sessions() as portal:
        place = portal.get_one(PublicNotice, shown[1]).place
    assert str(shown[1]) in stranger.get(f"/portal/notices?q={place[-3:]}").text


def test_objection_of_a_stranger_reaches_the_case(running, stranger, shown):
    """Who, what about, in words, with a picture; the page says when it is registered."""
    _home, notice = shown
    at = f"/portal/notices/{notice}/object"
    empty = stranger.post(at, name="王小明")
    assert empty.status_code == 422
    assert 'value="王小明"' in empty.text
    said = {
        "name": "王小明",
        "phone": "13800138000",
        "relation": "neighbour",
        "category": "parcel",
        "text": "东边多划了两米",
    }
    wrong = stranger.post(at, **said, files__upload=(io.BytesIO(b"MZ program"), "a.jpg"))
    assert "这份文件的内容不是" in words(wrong)
    sent = stranger.post(at, **said, files__upload=(io.BytesIO(picture()), "界.jpg"))
    assert "正在提交" in words(sent)
    inside(running)
    assert "异议已登记" in words(stranger.get(sent.request.path))
    with running.sessions(COUNTY) as session:
        row = session.scalar(select(Objection).where(Objection.publicity_id == notice))
        assert (row.objector, row.category, row.channel, row.applicant) == (
            "王小明",
            "parcel",
            "portal",
            None,
        )
        assert "相邻地块的承包方" in row.text
        assert session.scalar(select(Paper.case_id).where(Paper.id == UUID(row.evidence[0]))) == row.case_id


def test_programs_object_and_compare_files_too(running, web, shown):
    program, path = Program(web.test_client()), f"/public-notices/{shown[1]}/objections"
    said = {
        "name": "王小明",
        "phone": "13800138000",
        "relation": "other",
        "category": "head",
        "text": "户主已去世",
    }
    is_problem(program.ask("POST", path, data={"name": "王小明"}), 422)
    bad = said | {"files": (io.BytesIO(b"MZ program"), "a.jpg")}
    is_problem(program.ask("POST", path, data=bad), 422)
    sent = program.ask("POST", path, data=said | {"files": (io.BytesIO(picture()), "界.jpg")})
    assert (sent.status_code, sent.json["status"]) == (202, "waiting"), sent.text
    inside(running)
    assert program.get(sent.headers["Location"]).json["status"] == "taken"
    with running.sessions(COUNTY) as session:
        assert (
            session.scalar(select(Objection.objector).where(Objection.text.startswith("户主已去世")))
            == "王小明"
        )
    is_problem(program.get(f"/public-objections/{UUID(int=0)}"), 404)
    is_problem(program.ask("POST", "/verify", data={"file": (io.BytesIO(b"x"), "a.txt")}), 422)
    paper = {"file": (io.BytesIO(b"%PDF-1.7 nothing of ours"), "a.pdf")}
    told = program.ask("POST", "/verify", data=paper)
    assert told.status_code in (200, 422), told.text
    if told.status_code == 200:
        assert (told.json["same"], told.json["good"], told.json["paper"]) == (False, False, None)


def test_objections_are_few_from_one_address(running, monkeypatch, shown):
    monkeypatch.setenv("TIANQI_LIMITS", "on")
    app = create_app(running)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    codes = [client.post(f"/portal/notices/{shown[1]}/object").status_code for _ in range(4)]
    limiter.enabled = False
    assert codes == [422, 422, 422, 429]


def test_notice_is_taken_down_when_it_is_over(running, clock, stranger, shown):
    _home, notice = shown
    with running.portal_sessions() as portal:
        ends = portal.get_one(PublicNotice, notice).ends_on
    clock.move_to(clock.now() + timedelta(days=(ends - clock.now().date()).days + 2))
    assert stranger.get(f"/portal/notices/{notice}").status_code == 404
    assert stranger.get(f"/portal/notices/{notice}/object").status_code == 404
    with running.sessions(COUNTY) as session:
        row = session.scalar(select(Publicity).where(Publicity.id == notice))
        row.closed_at = clock.now()
        number = session.scalar(select(Case.number).where(Case.id == row.case_id))
        outbox.put(session, COUNTY, "publish_case", {"case": number}, clock.now())
        session.commit()
    inside(running)
    with running.portal_sessions() as portal:
        kept = portal.get_one(PublicNotice, notice)
        assert (kept.status, kept.rows, kept.holder) == ("closed", [], "")


def test_guide_says_what_the_case_type_says(stranger, running):
    inside(running)
    listed = stranger.get("/portal/guides")
    assert "/portal/guides/990101/contract_signing" in listed.text
    page = words(stranger.get("/portal/guides/990101/contract_signing"))
    for said in ("承包方代表身份证", "必交", "10个工作日", "5个工作日", "农村土地承包法", "不收费"):
        assert said in page
    assert stranger.get("/portal/guides/990101/nothing").status_code == 404
    assert "art." in words(stranger.get("/portal/guides/990101/contract_signing?lang=en"))


def test_telephones_of_the_villages(stranger, running):
    inside(running)
    assert re.search(r"村 ?0\d+-\d+", words(stranger.get("/portal/offices")))


def test_history_is_the_households_own(running, web, shown):
    home, _notice = shown
    browser = Browser(running, web.test_client())
    browser.sign_in(home)
    page = words(browser.get("/portal/history"))
    assert home.contract.code in page
    assert "受理通知书" in page


def test_plot_keeps_its_proportions():
    square = {"type": "Polygon", "coordinates": [[[0, 0], [100, 0], [100, 50], [0, 50], [0, 0]]]}
    found = plot({"features": [{"properties": {"code": "123456", "name": ""}, "geometry": square}]})
    assert found.pieces[0].label == "23456"
    assert (found.width, found.height) == (640.0, 344.0)
    assert plot({}) is None
