"""What the statistics pages can do, a program can do: the same figures, recorded the same way."""

from decimal import Decimal
from uuid import uuid4

import pytest
from api_support import is_problem, sign_in
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from engine.queries.ledgers import LEDGERS
from engine.store.tables.history import ReadRecord
from engine.usecases.carry_out_effect import drain
from tests.usecases.acting import COUNTY


@pytest.fixture(scope="module")
def county(web):
    return sign_in(web, "county")


@pytest.fixture(scope="module")
def village(web):
    return sign_in(web, "village1")


def reads(running, action):
    with running.sessions(COUNTY) as session:
        query = select(ReadRecord.subject).where(ReadRecord.action == action).order_by(ReadRecord.id)
        return session.scalars(query).all()


def test_figures_add_up_and_drill_down(county, village):
    whole = county.get("/statistics/overview").json
    assert whole["day"] == "2026-03-02"
    assert whole["whole"]["contracts"] == sum(one["contracts"] for one in whole["below"]) == 64
    assert Decimal(whole["whole"]["area"]) == sum(Decimal(one["area"]) for one in whole["below"])
    town = whole["below"][0]
    narrow = county.get(f"/statistics/overview?division={town['division']}").json
    assert narrow["whole"] | {"name": ""} == town | {"name": ""}
    own = village.get("/statistics/overview").json
    assert own["division"] == f"{COUNTY}100201"
    past = county.get("/statistics/overview?day=1990-01-01").json
    assert (past["whole"]["contracts"], past["year"]) == (0, None)


def test_every_ledger_is_listed_and_read_in_pages(county, running):
    listed = county.get("/statistics/ledgers").json
    assert [one["name"] for one in listed] == list(LEDGERS)
    found, path = [], "/statistics/ledgers/contracts?limit=30"
    while path:
        answer = county.get(path).json
        found += answer["items"]
        path = answer["next"] and f"/statistics/ledgers/contracts?limit=30&cursor={answer['next']}"
    assert len(found) == answer["total"] == len({row["contract"] for row in found}) == 64
    assert found[0]["way"] in ("110", "120") and "." in found[0]["area"]
    assert any(subject.startswith("ledger:contracts ") for subject in reads(running, "open"))
    reserve = county.get("/statistics/ledgers/parcels?category=22&held=no").json
    assert {row["category"] for row in reserve["items"]} == {"22"}
    people = county.get("/statistics/ledgers/members").json["items"]
    assert all("*" in row["id_number"] for row in people)
    english = county.get("/statistics/ledgers?lang=en").json
    assert english[0]["title"] == "Contracts"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/statistics/overview?division=990102", 404),
        ("/statistics/overview?division=99010", 422),
        ("/statistics/overview?division=99010110020199", 404),
        ("/statistics/overview?day=2026-02-30", 422),
        ("/statistics/overview?day=2999-01-01", 422),
        ("/statistics/overview?year=x", 422),
        ("/statistics/ledgers/unheard", 404),
        ("/statistics/ledgers/changes?since=2026-03-01&until=2026-01-01", 422),
        ("/statistics/ledgers/contracts?cursor=%00", 400),
        ("/statistics/ledgers/contracts?cursor=WyJ4Il0", 422),
        ("/statistics/yearly/2018", 404),
        ("/statistics/yearly/2027", 404),
        ("/statistics/yearly/2025?division=99010110020101", 404),
    ],
)
def test_what_cannot_be_answered_says_so(county, path, status):
    answer = county.get(path)
    assert answer.status_code == status, answer.text
    if status != 200:
        is_problem(answer, status)


def test_another_scope_is_not_there(web, village):
    for path in (
        "/statistics/overview",
        "/statistics/ledgers/contracts",
        "/statistics/summaries",
        "/statistics/yearly/2025",
    ):
        is_problem(village.get(f"{path}?division={COUNTY}"), 404)
        is_problem(village.get(f"{path}?division={COUNTY}201"), 404)
    is_problem(sign_in(web, "surveyor").get("/statistics/overview"), 403)


def test_a_workbook_is_ordered_followed_and_fetched(running, web, county, village):
    key = uuid4().hex
    asked = [county.post("/statistics/books/parcels?held=yes", key=key) for _ in range(2)]
    assert [one.status_code for one in asked] == [202, 202] and asked[0].json == asked[1].json
    where = asked[0].headers["Location"]
    is_problem(county.get(f"{where}/book.xlsx"), 404)
    is_problem(village.get(where), 404)
    while drain(running):
        pass
    done = county.get(where).json
    assert done["status"] == "done" and "sha256" not in done["result"]
    file = county.get(f"{where}/book.xlsx")
    assert file.headers["Content-Disposition"].startswith("attachment")
    sheet = CalamineWorkbook.from_filelike(__import__("io").BytesIO(file.data)).get_sheet_by_index(0)
    assert sum(1 for row in sheet.to_python() if isinstance(row[0], float)) == done["result"]["rows"] == 304
    assert f"ledger:parcels {COUNTY}" in reads(running, "download")
    assert county.ask("DELETE", where).json["status"] == "done"  # too late changes nothing
    is_problem(county.post("/statistics/books/unheard"), 404)
    is_problem(county.post("/statistics/books/yearly"), 404)


def test_summary_tables(county):
    found = county.get("/statistics/summaries").json
    assert len(found["tables"]) == 6
    by_parcel = next(table for table in found["tables"] if table["name"] == "按地块汇总表")
    assert by_parcel["rows"][COUNTY][1] == 304
    assert set(by_parcel["rows"]) == set(found["units"])


def test_the_yearly_form_from_entry_to_confirmation(county, village):
    path = "/statistics/yearly/2025"
    form = village.get(path).json
    enters = [line["id"] for line in form["lines"] if line["may_enter"]]
    assert "transferred_area" in enters and "commissions" not in enters
    is_problem(village.ask("PUT", f"{path}/confirmation", json={}), 422)
    bad = village.put(f"{path}/entries", {"values": {"transferred_area": "-1", "commissions": "1"}})
    assert set(is_problem(bad, 422)["errors"]) == {"transferred_area", "commissions"}
    values = dict.fromkeys(enters, "0") | {
        "transferred_area": "10.5",
        "leased_area": "10.5",
        "to_others": "10.5",
    }
    saved = village.put(f"{path}/entries", {"values": values})
    assert saved.status_code == 200, saved.text
    line = next(one for one in saved.json["lines"] if one["id"] == "transferred_area")
    assert (Decimal(line["value"]), Decimal(line["own"]), line["unit"]) == (
        Decimal("10.5"),
        Decimal("10.5"),
        "亩",
    )
    done = village.ask("PUT", f"{path}/confirmation", json={"note": "已核对"})
    assert done.json["confirmed_by"] and done.json["closed"]
    is_problem(village.put(f"{path}/entries", {"values": values}), 409)
    above = county.get(path).json
    assert above["below"] == [f"{COUNTY}100201"]
    assert next(o for o in above["lines"] if o["id"] == "transferred_area")["value"] == line["value"]
    is_problem(village.ask("DELETE", f"{path}/confirmation", json={"why": "x"}), 422)
    assert (
        village.ask("DELETE", f"{path}/confirmation", json={"why": "数字要更正"}).json["confirmed_by"] is None
    )
