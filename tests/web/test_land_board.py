"""The board of land: handed in by anybody, seen by nobody before an office reviewed it, names masked, withdrawn, reported."""

from datetime import timedelta
from decimal import Decimal

import pytest

from engine.domain.clock import local_date
from engine.domain.land_board import fits, public_name, shown_until
from engine.store.people import by_username, positions_on
from engine.usecases.carry_out_effect import drain
from engine.usecases.take_in_submissions import take_in_submissions
from tests.web.api_support import sign_in
from tests.web.staff import COUNTY
from web.supervision.board_form import beyond_picked

SAID = {
    "publisher_kind": "household", "publisher": "田大禾", "phone": "13800000009", "phone_public": "no", "area_mu": "12.5",
    "parcels": "东坡三块", "way": "lease", "years": "5", "price": "每亩900元", "words": "水路方便",
}  # fmt: skip


@pytest.fixture(scope="module")
def village(running):
    with running.sessions(COUNTY) as session:
        today = local_date(running.clock.now())
        return positions_on(session, by_username(session, "village1").id, today)[0].division[:12]


def work(running):
    while take_in_submissions(running) + drain(running):
        pass


def test_an_entry_from_end_to_end(running, web, client_for, clock, village):
    work(running)  # the villages are published
    anybody, office = web.test_client(), client_for("township1")
    wrong = anybody.post("/portal/board/new", data=SAID | {"kind": "offered", "place": "000000000000"})
    assert wrong.status_code == 422
    assert "水路方便" in wrong.text  # what was typed is kept
    sent = anybody.post("/portal/board/new", data=SAID | {"kind": "offered", "place": village}).headers[
        "Location"
    ]
    work(running)
    assert "每亩900元" not in anybody.get("/portal/board").text
    assert client_for("village2").get("/supervision/board").text.count("每亩900元") == 0
    program = sign_in(web, "township1")
    [entry] = program.get("/land-board").json["items"]
    assert office.post(f"/supervision/board/{entry['id']}", data={"decision": "rejected"}).status_code == 422
    assert (
        client_for("village2")
        .post(f"/supervision/board/{entry['id']}", data={"decision": "public"})
        .status_code
        == 404
    )
    assert office.post(f"/supervision/board/{entry['id']}", data={"decision": "public"}).status_code == 303
    work(running)
    page = anybody.get(f"/portal/board/{entry['id']}").text
    assert "12.50" in page
    assert not any(secret in page for secret in ("田大禾", "13800000009", "东坡三块"))

    wanted = SAID | {
        "kind": "wanted",
        "publisher_kind": "firm",
        "publisher": "绿禾公司",
        "phone_public": "yes",
        "area_mu": "20",
        "place": village,
    }
    assert office.post("/supervision/board", data=wanted).status_code == 303
    work(running)
    [found] = anybody.get("/api/v1/land-offers?kind=wanted").json["items"]
    assert (found["publisher"], found["contact"]) == ("绿禾公司", "13800000009")  # by consent
    assert anybody.get(f"/api/v1/land-offers/{found['id']}").json["fitting"] == [entry["id"]]

    told = anybody.post(f"/portal/board/{found['id']}/report", data={"text": "电话是假的"})
    assert told.status_code == 303
    work(running)
    [row] = program.get("/land-board?state=public").json["items"][:1]
    report = next(r for one in program.get("/land-board?state=public").json["items"] for r in one["reports"])
    settled = {"finding": "电话打不通，撤下", "take_down": "yes"}
    assert office.post(f"/supervision/board/reports/{report['id']}", data=settled).status_code == 303
    assert row["state"] == "public"

    assert anybody.post(f"{sent}/withdraw").status_code == 200
    work(running)
    assert anybody.get("/api/v1/land-offers").json["items"] == []
    assert anybody.get(f"/portal/board/{entry['id']}").status_code == 404
    assert anybody.get("/portal/policy").status_code == 200

    again = anybody.post(
        "/api/v1/land-offers",
        json=SAID | {"kind": "offered", "place": village, "years": 5, "phone_public": True},
    )
    assert again.status_code == 201, again.text
    work(running)
    assert (
        office.post(f"/supervision/board/{again.json['id']}", data={"decision": "public"}).status_code == 303
    )
    work(running)
    assert len(anybody.get("/api/v1/land-offers").json["items"]) == 1
    clock.move_to(clock.now() + timedelta(days=91))
    assert anybody.get("/api/v1/land-offers").json["items"] == []  # expired
    assert "水路方便" in client_for("township1").get("/supervision/board?state=expired").text


def test_what_fits_and_how_long(running):
    class Entry:
        def __init__(self, kind, area, place="990101001001", way="lease"):
            self.kind, self.area_mu, self.place_code, self.way = kind, area, place, way

    offer = Entry("offered", 10)
    assert [fits(offer, Entry("wanted", area)) for area in (4, 5, 20, 21)] == [False, True, True, False]
    assert not fits(offer, Entry("wanted", 10, place="990101002001"))
    assert not fits(offer, Entry("offered", 10))
    day = local_date(running.clock.now())
    assert shown_until(day, day + timedelta(days=400)) == shown_until(day, None)
    assert public_name("person", "田大禾") != "田大禾"


def test_no_more_than_the_picked_parcels():
    rows = [
        {"code": "1", "area_mu": "1.20"},
        {"code": "2", "area_mu": "2.00"},
        {"code": "3", "area_mu": None},
    ]
    assert beyond_picked({"area_mu": "1.21", "parcels": ["1"]}, rows) == Decimal("1.20")
    assert beyond_picked({"area_mu": "3.20", "parcels": ["1", "2"]}, rows) is None
    assert beyond_picked({"area_mu": "9", "parcels": ["3"]}, rows) is None, "its area is not known"
    assert beyond_picked({"area_mu": "9", "parcels": "东坡三块"}, rows) is None
