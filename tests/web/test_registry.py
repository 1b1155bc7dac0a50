"""Hand-overs to the real-estate registry: listed, receipted by page, program and file, repeated, taken away."""

import io
import json
import zipfile
from datetime import date, timedelta
from uuid import uuid4

import pytest
from api_support import is_problem, sign_in, work
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from engine.exchange.hand_over_file import COLUMNS, pack, read_receipts, table
from engine.store import parcel_units
from engine.store.people import by_username, positions_on
from engine.store.register import Cause, read_household
from engine.store.signing import exchange_key
from engine.store.tables.portal import CaseView
from engine.store.tables.register import Parcel, ParcelVersion
from engine.store.tables.registry import HandOver, ParcelUnit
from engine.usecases.portal_facts import applicant_facts
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


def units_for(play, zone=1):
    """A code for each parcel of the household, of the demonstration county."""
    parcels = sorted(parcel.code for parcel in play.before.household.parcels)
    return {code: f"{COUNTY}001{zone:03d}JD{number:05d}W00000000" for number, code in enumerate(parcels, 1)}


def test_a_unit_code_that_cannot_be_is_told_at_its_parcel(begun, county):
    units = units_for(begun[0])
    code = next(iter(units))
    typed = dict.fromkeys(map("units-{}".format, units), units[code]) | {f"units-{code}": " 99 0101 JD"}
    answer = county.post(f"/registry/hand-overs/{key_of(begun[0])}/receipt", data=OF | typed)
    assert answer.status_code == 422
    assert f'href="#f-units-{code}"' in answer.text
    assert "不动产单元号应为28位" in words(answer)
    assert f'name="units-{code}" type="text" value=" 99 0101 JD"' in answer.text
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
    assert f"移交登记机构，业务号 {second.key}" in told
    assert "第2次" in words(county.get("/registry"))
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
    units = units_for(begun[1])
    told = OF | {"units": units}
    once = str(uuid4())
    taken = officer.post(f"/hand-overs/{key}/receipt", told, key=once)
    assert (taken.status_code, taken.json["state"], taken.json["receipt"]["units"]) == (
        200,
        "accepted",
        units,
    )
    assert officer.post(f"/hand-overs/{key}/receipt", told, key=once).json == taken.json
    assert (
        officer.post(f"/hand-overs/{key}/receipt", told).status_code == 200
    )  # the same again changes nothing
    other = told | {"number": "登记第2号"}
    is_problem(officer.post(f"/hand-overs/{key}/receipt", other), 409)
    assert "hand_out_certificate" in waited_for(begun[1])
    facts = officer.get(f"/cases/{begun[1].number}").json["tasks"][0]
    assert facts["element"] == "hand_out_certificate"


def test_the_unit_codes_stand_with_the_land(web, running, begun, county):
    """For the office on household and parcel, for the household in the portal, and in what goes to the registry next."""
    play, units = begun[1], units_for(begun[1])
    code, unit = next(iter(units.items()))
    household = play.before.household.code
    assert all(one in words(county.get(f"/register/{household}")) for one in units.values())
    parcel_page = words(county.get(f"/register/parcels/{code}"))
    assert unit in parcel_page
    assert key_of(play) in parcel_page
    officer = sign_in(web, "county")
    shown = {one["code"]: one["unit"] for one in officer.get(f"/households/{household}").json["parcels"]}
    assert shown == units
    assert officer.get(f"/parcels/{code}").json["units"][0]["unit"] == unit
    past = f"/households/{household}?day=2020-01-01"
    assert {one["unit"] for one in officer.get(past).json["parcels"]} <= {None}
    with running.sessions(COUNTY) as session:
        facts = applicant_facts(session, read_household(session, COUNTY, household), date(2026, 3, 2))
        assert {one["code"]: one["unit"] for one in facts["parcels"]} == units


def test_a_unit_code_is_one_parcel_s_until_that_is_no_more(running, begun):
    """And a parcel's code may be told anew: what was told before stays on record."""
    units, fresh = units_for(begun[1]), units_for(begun[1], zone=9)
    mine = min(units)
    unit, anew = units[mine], fresh[mine]
    with running.sessions(COUNTY) as session:
        other = session.scalars(select(Parcel.code).where(Parcel.code.not_in(units)).limit(1)).one()
        assert list(parcel_units.taken(session, COUNTY, {other: unit})) == [f"units-{other}"]
        assert parcel_units.taken(session, COUNTY, {mine: unit}) == {}
        cause = Cause("case", "1", date(2026, 11, 1), running.clock.now())
        assert parcel_units.tell(session, COUNTY, {mine: anew}, cause, "1-01", "x") == [mine]
        assert parcel_units.taken(session, COUNTY, {other: unit}) == {}
        session.execute(
            update(ParcelVersion)
            .where(ParcelVersion.parcel_id == select(Parcel.id).where(Parcel.code == mine).scalar_subquery())
            .values(valid_to=date(2026, 11, 2))
        )
        assert parcel_units.taken(session, COUNTY, {other: anew}) == {}
        later = Cause("case", "2", date(2026, 11, 3), running.clock.now())
        assert parcel_units.tell(session, COUNTY, {other: anew}, later, "2-01", "x") == [other]
        assert parcel_units.units_now(session, COUNTY, [mine, other]) == {other: anew}
        rows = session.scalars(select(ParcelUnit).order_by(ParcelUnit.id)).all()
        assert {(row.unit, row.valid_to) for row in rows} >= {
            (unit, date(2026, 11, 1)),
            (anew, date(2026, 11, 3)),
        }
        session.rollback()
    own = begun[1].before.household.division
    for scope, seen in ((own, len(units)), (COUNTY, len(units)), (f"{own[:9]}999", 0), ("", 0)):
        with running.sessions(scope) as session:
            assert len(session.scalars(select(ParcelUnit)).all()) == seen, scope


def test_the_registry_s_file_is_taken_line_by_line(running, begun, county):
    key = key_of(begun[2])
    units = units_for(begun[2], zone=2)
    told = "；".join(f"{parcel}={unit[:6]} {unit[6:]}" for parcel, unit in units.items())
    taken = {"key": key, "outcome": "accepted", "on": "2026-10-09", "number": "登记第3号", "units": told}
    rows = [
        taken,
        taken,
        {"key": "990101-no-such-01", "outcome": "accepted", "on": "2026-10-09", "number": "4"},
        {"key": key_of(begun[0], 2), "outcome": "refused", "on": "2026-10-09"},
    ]
    body = table(("key", "outcome", "on", "number", "reason", "units"), rows)
    answer = county.post("/registry/receipts", data={"file": (io.BytesIO(body), "回执.csv")})
    told = words(answer)
    assert answer.status_code == 200
    assert "共4条：登记1条，以前已登记1条，不能登记2条" in told
    assert "没有找到移交 990101-no-such-01" in told
    assert "请填写登记机构不予登记的理由" in told
    assert "hand_out_certificate" in waited_for(begun[2])
    assert row_of(running, key).receipt["units"] == units
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
