"""Hand-overs to the real-estate registry: listed, receipted by page, program and file, repeated, taken away."""

import io
import json
import zipfile
from datetime import timedelta
from uuid import uuid4

import pytest
from api_support import is_problem, sign_in, work
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from engine.exchange.hand_over_file import COLUMNS, pack, read_receipts, table
from engine.store.people import by_username, positions_on
from engine.store.signing import exchange_key
from engine.store.tables.portal import CaseView
from engine.store.tables.registry import HandOver
from tests.usecases.acting import COUNTY, played, step_that_does, waited_for
from tests.web.staff import words

OF = {
    "on": "2026-10-09",
    "outcome": "accepted",
    "number": "登记第1号",
    "certificate_number": "云（2026）第1号",
}


@pytest.fixture(scope="module")
def begun(running):
    """Three cases that wait for the registry, each of another household."""
    plays = [played(running, until="registry_receipt") for _ in range(3)]
    work(running)
    return plays


def key_of(play, attempt=1):
    return f"{play.number}-{attempt:02d}"


def row_of(running, key):
    with running.sessions(COUNTY) as session:
        return session.scalars(select(HandOver).where(HandOver.key == key)).one()


@pytest.fixture
def county(client_for):
    return client_for("county")


def test_what_is_handed_over_names_land_holder_and_both_areas(running, begun):
    row = row_of(running, key_of(begun[0]))
    household = begun[0].before.household
    told = row.facts
    assert (row.state, row.attempt, row.kind) == ("waiting", 1, "change")
    assert told["FBFDM"] == household.issuing_party.code
    assert told["CBHTDM"].startswith(household.code)
    assert {one["DKBM"] for one in told["DK"]} == {parcel.code for parcel in household.parcels}
    assert told["DK"][0]["SCMJ"] == str(household.parcels[0].measured_area)
    assert told["GYFS"] == "1"
    assert {one["ZJHM"] for one in told["QLR"]} >= {member.id_number for member in household.members}
    assert told["YBDCQZH"] == begun[0].before.certificates[-1][0]
    assert told["BDCQZH"] is None


def test_the_signed_file_is_the_county_s_and_says_the_same(running, begun, county):
    key = key_of(begun[0])
    answer = county.get(f"/registry/hand-overs/{key}/file")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    manifest = archive.read("manifest.json")
    exchange_key(running.settings.var, "registry").public_key().verify(archive.read("signature"), manifest)
    assert json.loads(manifest)["keys"] == [key]
    assert json.loads(archive.read("hand_overs.json")) == [row_of(running, key).facts]
    assert archive.read("hand_overs.csv").decode("utf-8-sig").splitlines()[0].split(",") == list(COLUMNS)


def test_the_file_is_laid_down_once_whole_and_again_the_same(running, begun, tmp_path):
    from dataclasses import replace

    from engine.usecases.registry import send_hand_over

    row = row_of(running, key_of(begun[0]))
    kept = running.settings
    running.settings = replace(kept, registry_folder=tmp_path / "out")
    try:
        with running.sessions(COUNTY) as session:
            again = session.get_one(HandOver, (COUNTY, row.id))
            again.sent_at = None
            session.flush()
            send_hand_over(running, session, COUNTY, row.id)
            session.rollback()
    finally:
        running.settings = kept
    [laid] = (tmp_path / "out").iterdir()
    assert laid.name == f"{row.key}.zip"
    assert laid.read_bytes() == running.files.get(row.file)


def test_a_receipt_that_says_too_little_comes_back_with_what_was_typed(begun, county):
    address = f"/registry/hand-overs/{key_of(begun[0])}/receipt"
    answer = county.post(address, data={"outcome": "refused", "on": "2031-01-01", "number": "只填了这里"})
    assert answer.status_code == 422
    assert "请填写登记机构不予登记的理由" in words(answer)
    assert "日期不能晚于今天" in words(answer)
    assert 'value="只填了这里"' in answer.text
    assert "registry_receipt" in waited_for(begun[0])


def test_only_the_county_s_officer_records_and_only_the_own_village_sees(begun, client_for, running):
    key = key_of(begun[0])
    village = client_for("village1")
    assert village.post(f"/registry/hand-overs/{key}/receipt", data=OF).status_code == 403
    seen = village.get(f"/registry/hand-overs/{key}").status_code
    division = begun[0].before.household.division
    with running.sessions() as session:
        person = by_username(session, "village1")
        own = positions_on(session, person.id, running.clock.now().date())[0].division
    assert seen == (200 if division.startswith(own) else 404)


def test_a_refusal_is_mended_and_handed_over_again(running, begun, county):
    play, key = begun[0], key_of(begun[0])
    page = county.get(f"/registry/hand-overs/{key}")
    household = play.before.household
    assert household.name in words(page)
    assert household.id_number not in page.text
    answer = county.post(
        f"/registry/hand-overs/{key}/receipt",
        data={"outcome": "refused", "on": "2026-10-09", "reason": "坐落不清"},
    )
    assert answer.status_code == 303
    assert waited_for(play) == ["repair_hand_over"]
    assert "坐落不清" in words(county.get("/registry?tab=refused"))
    work(running)
    with (
        running.portal_sessions() as portal
    ):  # the household alone reads why; the public look-up has no ``may``
        view = portal.get(CaseView, play.number)
        assert view.may["refusal"] == {"on": "2026-10-09", "reason": "坐落不清"}
        assert "坐落不清" not in str(view.turn) + str(view.steps)
    play.act("handler", "repair_hand_over", {"data": {"decision": "resend", "repaired": "已核对坐落"}})
    work(running)
    second = row_of(running, key_of(play, 2))
    assert (second.attempt, second.state, second.facts["FJ"]) == (2, "waiting", "已核对坐落")
    assert key in words(county.get("/registry?tab=repeated"))
    assert key not in words(county.get("/registry?tab=refused"))
    told = words(county.get(f"/cases/{play.number}"))
    assert "登记机构退回：坐落不清" in told
    assert f"第2次移交登记机构，业务号 {second.key}" in told
    panel = told[told.index("移交不动产登记") :]
    first_told, second_told = panel.index(key), panel.index(second.key)
    assert "理由：坐落不清" in panel[first_told:second_told]
    assert "登记机构办理期限至" in panel[second_told:]
    assert "被退回" in words(county.get(f"/registry/hand-overs/{second.key}")) or "再次移交" in words(
        county.get(f"/registry/hand-overs/{second.key}")
    )


def test_a_program_gives_the_receipt_once(web, running, begun):
    officer, key = sign_in(web, "county"), key_of(begun[1])
    listed = officer.get("/hand-overs?state=waiting&limit=100").json["items"]
    assert key in [row["key"] for row in listed]
    assert officer.get(f"/hand-overs/{key}").json["facts"]["YWH"] == key
    is_problem(officer.post(f"/hand-overs/{key}/receipt", {"outcome": "accepted", "on": "2026-10-09"}), 422)
    once = str(uuid4())
    taken = officer.post(f"/hand-overs/{key}/receipt", OF, key=once)
    assert (taken.status_code, taken.json["state"]) == (200, "accepted")
    assert officer.post(f"/hand-overs/{key}/receipt", OF, key=once).json == taken.json
    assert officer.post(f"/hand-overs/{key}/receipt", OF).status_code == 200  # the same again changes nothing
    other = OF | {"number": "登记第2号"}
    is_problem(officer.post(f"/hand-overs/{key}/receipt", other), 409)
    assert "hand_out_certificate" in waited_for(begun[1])
    facts = officer.get(f"/cases/{begun[1].number}").json["tasks"][0]
    assert facts["element"] == "hand_out_certificate"


def test_the_registry_s_file_is_taken_line_by_line(running, begun, county):
    key = key_of(begun[2])
    rows = [
        {"key": key, "outcome": "accepted", "on": "2026-10-09", "number": "登记第3号"},
        {"key": key, "outcome": "accepted", "on": "2026-10-09", "number": "登记第3号"},
        {"key": "990101-no-such-01", "outcome": "accepted", "on": "2026-10-09", "number": "4"},
        {"key": key_of(begun[0], 2), "outcome": "refused", "on": "2026-10-09"},
    ]
    body = table(("key", "outcome", "on", "number", "reason"), rows)
    answer = county.post("/registry/receipts", data={"file": (io.BytesIO(body), "回执.csv")})
    told = words(answer)
    assert answer.status_code == 200
    assert "共4条：登记1条，以前已登记1条，不能登记2条" in told
    assert "没有找到移交 990101-no-such-01" in told
    assert "请填写登记机构不予登记的理由" in told
    assert "hand_out_certificate" in waited_for(begun[2])
    assert waited_for(begun[0]) == ["registry_receipt"]


@pytest.mark.parametrize("body", [b"", b"\xff\xff\x81", b"[1, 2]", b"[{", b"a,b\n1,2\n", b"key,outcome,on\n"])
def test_another_file_is_refused_in_words(county, body):
    answer = county.post("/registry/receipts", data={"file": (io.BytesIO(body), "x.csv")})
    assert answer.status_code == 422
    assert "登记移交" in words(answer)


def test_the_workbook_holds_the_tab(begun, county):
    answer = county.get("/registry/workbook?tab=all")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    cells = {cell for row in book.get_sheet_by_index(0).to_python() for cell in row}
    assert {key_of(begun[0]), key_of(begun[0], 2), key_of(begun[1])} <= cells


def test_thirty_working_days_are_shown_and_stop_nothing(running, begun, county):
    play = begun[0]
    running.clock.move_to(running.clock.now() + timedelta(days=90))
    work(running)
    page = words(county.get("/registry?tab=waiting"))
    assert "已超期" in page
    assert waited_for(play) == ["registry_receipt"]


def test_no_spreadsheet_takes_a_cell_for_a_formula():
    body = table(("a",), [{"a": "=1+1"}, {"a": "-2"}])
    assert body.decode("utf-8-sig").split() == ["a", "'=1+1", "'-2"]
    assert read_receipts(b"key,outcome,on\n'=x,accepted,2026-10-09\n")[0]["key"] == "=x"


def test_the_same_hand_over_packs_to_the_same_bytes(running):
    facts = [{"YWH": "1-01", "DK": [{"DKBM": "2"}]}]
    key = exchange_key(running.settings.var, "registry")
    assert pack(COUNTY, "2026-10-09", facts, key) == pack(COUNTY, "2026-10-09", facts, key)


def test_what_the_village_hands_out_is_filled_in_from_the_receipt(web, begun, running):
    clerk = sign_in(web, "county")
    number = begun[1].number
    task = clerk.get(f"/cases/{number}").json["tasks"][0]["number"]
    known = clerk.get(f"/cases/{number}/tasks/{task}").json["facts"]["known"]
    assert known["certificate_number"] == OF["certificate_number"]


def test_the_old_certificate_waits_to_be_destroyed(running, begun):
    from engine.store.tables.registry import CollectedCertificate

    play = begun[2]
    old = play.before.certificates[-1][0]
    play.act("village", "hand_out_certificate", step_that_does(play, "hand_out_certificate"))
    with running.sessions(COUNTY) as session:
        [row] = session.scalars(
            select(CollectedCertificate).where(CollectedCertificate.contractor_code == play.code)
        )
    assert (row.serial, row.destruction_id) == (old, None)
