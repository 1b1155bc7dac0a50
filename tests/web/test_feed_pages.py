"""The county's messages to the upper platform: one after the other, stopped by a refusal, sent again, or carried by hand."""

from dataclasses import replace
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from api_support import sign_in, work
from sqlalchemy import select

from engine.operations.feed import EFFECT
from engine.store import outbox
from engine.store.cases import find_case
from engine.store.tables.feed import FeedMessage
from tests.outside import serving
from tests.usecases.acting import COUNTY, played
from tests.web.staff import words

FACTS = {
    "HEAD": {"SJLX": "1041", "SJBZM": "x", "FSSJ": "2026-05-20 09:00:00"},
    "BUSINESS_DATA": {"YWLSH": "x", "JF": {"DKBM": ["P1"]}},
    "ORIGINAL_DATA": {"FBF": [{}], "CBF": [{}], "CBHT": [{}], "CBDK": []},
    "CHANGE_DATA": {"CBF": [{"CZFS": "03"}], "CBDK": [], "CBDKXX": []},
}


@pytest.fixture(scope="module")
def messages(running):
    """Three of one case, in order; nothing sends them yet."""
    play = played(running, until="village_check")
    ids = [uuid4() for _ in range(3)]
    with running.sessions(COUNTY) as session:
        case = find_case(session, COUNTY, play.number)
        for turn, message_id in enumerate(ids, 1):
            session.add(FeedMessage(
                county=COUNTY, id=message_id, case_id=case.id, turn=turn, attempt=1, serial=f"S{turn}", code="1041",
                contractor_code=case.contractor_code, contractor_name=case.contractor_name, facts=FACTS, faults=[],
                state="waiting", made_at=running.clock.now(), made_by="x", division=case.division,
            ))  # fmt: skip
        session.commit()
    return ids


@pytest.fixture
def sends(running):
    """Whatever the county's row has to send goes to that destination."""
    kept = running.settings

    def send(**settings):
        running.settings = replace(kept, feed_key="KEY", **settings)
        with running.sessions(COUNTY) as session:
            outbox.put(session, COUNTY, EFFECT, {"county": COUNTY}, running.clock.now())
            session.commit()
        work(running)

    yield send
    running.settings = kept


def states(running):
    with running.sessions(COUNTY) as session:
        rows = session.scalars(select(FeedMessage).order_by(FeedMessage.turn, FeedMessage.attempt))
        return [(row.serial, row.attempt, row.state) for row in rows]


def test_a_refused_message_stops_those_behind_it_until_it_is_sent_again(running, messages, sends, client_for):
    says = ["103", "100", "100", "100"]

    def answer(headers, body):
        return 200, {}, f"<S><HEAD><ZT>{says.pop(0)}</ZT><MS>授权过期</MS></HEAD></S>".encode()

    county, page = client_for("county"), f"/registry/feed/{messages[0]}"
    with serving(answer) as platform:
        sends(feed_url=platform.address)
        assert states(running)[:2] == [("S1", 1, "refused"), ("S2", 1, "waiting")]
        assert len(platform.asked) == 1
        assert "授权过期" in words(county.get("/registry/feed"))
        assert client_for("village1").post(f"{page}/repeat", data={"why": "x"}).status_code == 403
        assert county.post(f"{page}/repeat", data={"why": " "}).status_code == 422
        assert county.post(f"{page}/repeat", data={"why": "接入码已更新"}).status_code == 303
        assert county.post(f"{page}/repeat", data={"why": "又一次"}).status_code == 409
        work(running)
    assert states(running) == [
        ("S1", 1, "refused"),
        ("S1", 2, "accepted"),
        ("S2", 1, "accepted"),
        ("S3", 1, "accepted"),
    ]
    sent = [ET.fromstring(body) for _, body in platform.asked]
    assert [one.findtext("HEAD/FSF") for one in sent] == ["KEY"] * 4
    assert len({one.findtext("HEAD/SJBZM") for one in sent[:2]}) == 2


def test_a_file_waits_for_the_answer_that_somebody_enters(
    running, messages, sends, client_for, tmp_path, web
):
    with running.sessions(COUNTY) as session:
        last = session.get(FeedMessage, (COUNTY, messages[2]))
        last.state, last.answer, last.sent_at = "waiting", None, None
        session.commit()
    sends(feed_folder=tmp_path)
    assert (tmp_path / COUNTY / "S3" / "BW" / "DJYWS3.xml").read_bytes().startswith(b"<?xml")
    county, page = client_for("county"), f"/registry/feed/{messages[2]}"
    assert "等应答" in words(county.get(page))
    assert county.get(f"{page}/file").data == (tmp_path / COUNTY / "S3" / "BW" / "DJYWS3.xml").read_bytes()
    refused = county.post(f"{page}/answer", data={"code": "101", "text": ""})
    assert refused.status_code == 422
    assert "请填写上级平台说明的原因" in words(refused)
    program = sign_in(web, "county")
    for said, status in (({"code": "100"}, 200), ({"code": "100"}, 200), ({"code": "101", "text": "x"}, 409)):
        assert program.post(f"/feed-messages/{messages[2]}/reply", said).status_code == status
    assert program.get("/feed-messages?state=accepted").json["items"][-1]["serial"] == "S3"
