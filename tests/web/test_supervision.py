"""Rented land: rent agreed, paid and reminded of, a finding followed up until it is settled; by page and by program."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from engine.domain.clock import local_date
from engine.jobs.ticker import remind_of_rent
from engine.store.people import by_username, positions_on
from engine.store.tables.transfers import LandTransfer
from engine.store.tables.work import OutboxRow
from tests.web.api_support import sign_in
from tests.web.staff import COUNTY, picture

CODE = "990101000000000001L1"


@pytest.fixture(scope="module")
def at(running):
    """The address of a transfer contract of the village's land, from this year on for two years."""
    today = local_date(running.clock.now())
    with running.sessions(COUNTY) as session:
        village = positions_on(session, by_username(session, "village1").id, today)[0].division
        session.add(
            LandTransfer(
            county=COUNTY, number=CODE, way="lease", recipient="绿禾公司", recipient_kind="unit", id_number="110101199003070038",
            phone="13800000001", address="x", term_start=today, term_end=today + timedelta(days=730), signed_on=today, use="种植", price="每亩800元",
            total_area=6670, consented=[], state="running", valid_from=today, recorded_at=datetime.now(UTC), cause="case", cause_ref="x",
            division=village,
        )
        )  # fmt: skip
        session.commit()
    return f"/supervision/transfers/{CODE}"


def messages(running):
    with running.sessions(COUNTY) as session:
        rows = session.scalars(
            select(OutboxRow).where(OutboxRow.kind == "send_message").order_by(OutboxRow.id)
        )
        return [row.payload["text"] for row in rows if CODE in row.payload.get("text", "")]


def test_rent_and_findings(running, client_for, web, clock, at):
    page, today = client_for("township1"), local_date(running.clock.now())
    assert "没有登记租金" in page.get("/supervision").text
    empty = page.get(at).text  # what is known is not asked: the recipient pays, and who is signed in inspects
    assert all(f'value="{known}"' in empty for known in ("绿禾公司", "13800000001", today.isoformat()))
    first = today + timedelta(days=5)
    agreed = {
        "payer": "绿禾公司",
        "phone": "13800000001",
        "yearly_yuan": "8000",
        "every_months": "12",
        "first_due": first.isoformat(),
    }
    wrong = page.post(f"{at}/terms", data=agreed | {"first_due": "2090-01-01"})
    assert wrong.status_code == 422
    assert "绿禾公司" in wrong.text  # what was typed is kept
    assert page.post(f"{at}/terms", data=agreed).status_code == 303

    assert remind_of_rent(running) == 1
    assert remind_of_rent(running) == 0  # once
    clock.move_to(running.clock.now() + timedelta(days=6))
    assert remind_of_rent(running) == 1
    assert ["逾期" in text for text in messages(running)] == [False, True]
    assert CODE in page.get("/supervision?state=overdue").text
    assert CODE in page.get("/supervision/calendar").text
    assert page.get("/supervision/export?state=overdue").data[:2] == b"PK"

    program = sign_in(web, "township1")
    found = program.get(f"/supervision/transfers/{CODE}").json
    assert (found["transfer"]["state"], found["transfer"]["owed"]) == ("overdue", "8000.00")
    payment = found["payments"][0]["id"]
    again = page.post(f"{at}/payments/{payment}/remind", data={})
    assert again.status_code == 422
    paid = {"paid_on": local_date(running.clock.now()).isoformat(), "note": "凭1"}
    assert page.post(f"{at}/payments/{payment}/paid", data=paid).status_code == 303
    assert CODE not in page.get("/supervision?state=overdue").text

    seen = {
        "inspected_on": today.isoformat(), "inspector": "王检", "place": "东坡", "finding": "changed_use",
        "words": "挖了鱼塘", "photo": (BytesIO(picture("#abc").read()), "a.jpg"),
    }  # fmt: skip
    assert page.post(f"{at}/inspections", data=seen).status_code == 303
    one = program.get(f"/supervision/transfers/{CODE}").json["inspections"][0]
    assert date.fromisoformat(one["rectify_by"]) == today + timedelta(days=30)
    assert client_for("county").get(f"/papers/{one['photo']}").status_code == 200
    assert client_for("village2").get(f"/papers/{one['photo']}").status_code == 404
    assert client_for("village2").get(at).status_code == 404
    assert (
        client_for("supervisor").post(f"{at}/inspections/1/follow-up", data={"words": "x"}).status_code == 403
    )
    assert page.post(f"{at}/inspections/1/follow-up", data={"words": "已责令回填"}).status_code == 303
    assert CODE in page.get("/supervision?state=findings").text
    assert (
        page.post(f"{at}/inspections/1/follow-up", data={"words": "已复耕", "settled": "yes"}).status_code
        == 303
    )
    assert CODE not in page.get("/supervision?state=findings").text
    assert page.post(f"{at}/inspections/1/follow-up", data={"words": "x"}).status_code == 422
    kinds = [event["kind"] for event in program.get(f"/supervision/transfers/{CODE}").json["events"]]
    assert kinds == ["settled", "followed_up", "inspected", "paid", "reminded", "reminded", "terms"]
