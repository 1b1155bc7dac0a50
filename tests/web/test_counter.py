"""The counter: identity cards checked, drafts kept, files met twice, the receipt; cases selected on the map."""

import re

import pytest
from sqlalchemy import select

from engine.store.register import read_household
from engine.store.tables.desk import CounterDraft
from engine.store.tables.register import ParcelVersion
from tests.web.api_support import sign_in
from tests.web.staff import COUNTY, START, staff, words  # noqa: F401  # staff is a fixture


@pytest.fixture(scope="module")
def village(staff):
    return staff("village1")


@pytest.fixture(scope="module")
def household(village, running):
    with running.sessions(COUNTY) as session:
        return read_household(session, COUNTY, village.households()[0])


def test_a_card_is_checked_and_met_with_the_register(village, household):
    wrong = household.id_number[:-1] + ("0" if household.id_number[-1] != "0" else "1")
    answer = village.post("/counter", id_number=wrong)
    assert answer.status_code == 422 and wrong in answer.text
    page = village.post("/counter", id_number=household.id_number, name="别人")
    told = words(page)
    assert household.name in told and household.code in told and "不一致" in told
    assert household.id_number not in page.text
    assert f"/cases/new/contract_signing?contractor={household.code}" in page.text
    strange = village.post("/counter", id_number="110101199003074557")
    assert "没有这个号码" in words(strange) or strange.status_code == 422


def test_another_village_does_not_meet_it(staff, household):
    assert household.name not in words(staff("village2").post("/counter", id_number=household.id_number))


def test_what_is_half_filled_in_is_kept_until_it_is_sent(village, household, running):
    path = START + household.code
    typed = {"kind": "renew", "phone": "13800138000", "members_right": "wrong", "members_note": "儿子已分户"}
    saved = village.post(f"/cases/new/contract_signing/draft?contractor={household.code}", **typed)
    assert re.fullmatch(r"\d\d:\d\d", saved.json["saved"])
    assert "儿子已分户" in village.get(path).text and household.name in words(village.get("/counter"))
    answer = village.post(path, action="draft", **typed | {"members_note": "女儿已分户"})
    assert answer.status_code == 200 and "女儿已分户" in answer.text
    answer = village.post(path, **village.application(household.code))
    assert answer.status_code == 201 and "<svg" in answer.text
    with running.sessions(COUNTY) as session:
        assert session.scalars(select(CounterDraft)).all() == []
    number = re.search(r"/cases/(\d{20})", answer.text)[1]
    receipt = village.get(f"/cases/{number}/receipt.pdf")
    assert receipt.data[:5] == b"%PDF-" and len(receipt.data) > 10_000


def test_files_that_another_case_has_are_named(village, household):
    """The pictures of the test are the same for every household."""
    other = village.households()[0]
    page = village.post(START + other, **village.application(other) | {"action": "draft"})
    assert "完全相同" in words(page)
    assert re.search(r"/cases/\d{20}", page.text)
    assert "这户的办件" in words(village.get(START + household.code))


def test_cases_are_selected_by_an_area_of_the_map(web, village, household, running):
    page = village.get("/inbox/map")
    assert page.status_code == 200 and household.parcels[0].code in page.text
    land = village.get("/inbox/map.geojson").json["features"]
    assert {"after", "parcel"} == {one["properties"]["layer"] for one in land}
    program = sign_in(web, "village1")
    assert program.get("/tasks/land").json["items"][0]["parcel"] in page.text
    told = program.get("/tasks/land.geojson?bbox=0,0,1,1").json
    assert told["features"] == [] and program.get("/tasks/land.geojson").json["features"] == land
    with running.sessions(COUNTY) as session:
        code = household.parcels[0].code
        box = session.execute(
            select(
                *(
                    getattr(ParcelVersion.geom, name)()
                    for name in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")
                )
            ).where(ParcelVersion.county == COUNTY, ParcelVersion.code == code)
        ).one()
    west, south, east, north = box
    drawn = f"POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
    there = village.client.get("/inbox", query_string={"tab": "all", "area": drawn})
    assert household.name in words(there) and "只看地块在图上所画范围内的办件" in words(there)
    away = village.client.get(
        "/inbox",
        query_string={"tab": "all", "area": f"{west - 9e4},{south - 9e4};{west - 8e4},{south - 8e4}"},
    )
    assert household.name not in words(away)
    odd = village.client.get("/inbox", query_string={"tab": "all", "area": "1,2;x"})
    assert odd.status_code == 200 and household.name in words(odd)
