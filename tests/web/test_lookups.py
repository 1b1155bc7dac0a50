"""Other departments look up one parcel at a time, for a purpose: masked, generalised, from the query store, recorded."""

import pytest
from sqlalchemy import select, text, update

from engine.store.register import read_household
from engine.store.tables.history import ReadRecord
from engine.store.tables.query import OpenParcelRow
from engine.store.tables.register import Contractor
from engine.usecases.carry_out_effect import drain
from tests.usecases.acting import COUNTY
from tests.web.api_support import sign_in
from tests.web.staff import words

PURPOSE = "财产查控，（2026）云01执123号"


@pytest.fixture(scope="module")
def held(running):
    """A household with land, which the query store has."""
    drain(running)
    with running.sessions(COUNTY) as session:
        codes = session.scalars(select(Contractor.code).order_by(Contractor.code)).all()
        return next(one for one in (read_household(session, COUNTY, c) for c in codes) if one and one.parcels)


def records(running):
    with running.sessions(COUNTY) as session:
        rows = session.scalars(
            select(ReadRecord).where(ReadRecord.action == "look_up").order_by(ReadRecord.id)
        )
        return [(row.subject, row.purpose) for row in rows]


def test_a_court_sees_a_parcel_as_the_query_store_has_it(running, client_for, held):
    court, code = client_for("court"), held.parcels[0].code
    assert court.get("/").location == "/lookups"
    page = court.post("/lookups", data={"code": code, "purpose": PURPOSE})
    said = words(page)
    assert page.status_code == 200 and code in said and "概化" in said
    assert held.name not in page.text and held.name[0] + "*" in said
    assert held.id_number not in page.text and f"{held.parcels[0].measured_area}" not in page.text
    assert records(running)[-1] == (f"parcel:{code}", PURPOSE)
    with running.query_sessions() as query:  # what the page says comes from there, and by that role
        query.execute(update(OpenParcelRow).where(OpenParcelRow.code == code).values(holder="甲*"))
        query.commit()
        assert query.scalar(text("select current_user")) == "tianqi_query"
    assert "甲*" in words(court.post("/lookups", data={"code": code, "purpose": PURPOSE}))
    assert PURPOSE in words(client_for("auditor").get("/audit/reads"))


def test_a_purpose_is_needed_and_what_is_not_there_is_recorded_too(running, client_for, held):
    court, code = client_for("court"), held.parcels[0].code
    before = records(running)
    refused = court.post("/lookups", data={"code": "12", "purpose": "查"})
    assert refused.status_code == 422 and 'value="12"' in refused.text and 'value="查"' in refused.text
    assert records(running) == before
    for other in ("9901019999999999999", "1101012002010100022"):
        assert "没有查到" in words(court.post("/lookups", data={"code": other, "purpose": PURPOSE}))
    assert len(records(running)) == len(before) + 2
    for place in (
        "/register",
        f"/register/{held.code}",
        "/map",
        "/inbox",
        "/statistics",
        f"/open/parcels/{code}",
    ):
        assert court.get(place).status_code == (200 if place.startswith("/open") else 403), place
    assert client_for("village1").get("/lookups").status_code == 403


def test_a_program_does_the_same(running, web, held):
    court, code = sign_in(web, "court"), held.parcels[0].code
    found = court.post("/lookups", {"code": code, "purpose": PURPOSE})
    assert found.status_code == 200 and found.json["code"] == code and "*" in found.json["holder"]
    assert court.post("/lookups", {"code": "9901019999999999999", "purpose": PURPOSE}).status_code == 404
    assert court.post("/lookups", {"code": code, "purpose": "查"}).status_code == 422
    assert sign_in(web, "village1").post("/lookups", {"code": code, "purpose": PURPOSE}).status_code == 403
