"""The register's pages: found by name, code or number; masked; shown to whom they concern; every look noted."""

import re

import pytest
from sqlalchemy import select

from engine.store.register import read_household
from engine.store.tables.history import ReadRecord
from tests.web.staff import COUNTY, START, staff, words  # noqa: F401  # staff is a fixture


@pytest.fixture(scope="module")
def village(staff):
    return staff("village1")


@pytest.fixture(scope="module")
def household(village, running):
    with running.sessions(COUNTY) as session:
        return read_household(session, COUNTY, village.households()[0])


def reads(running, action):
    with running.sessions(COUNTY) as session:
        return session.scalars(select(ReadRecord).where(ReadRecord.action == action)).all()


def test_the_list_holds_ones_own_area_only(staff, village):
    mine = set(re.findall(r"/register/(\d{18})", village.get("/register").text))
    theirs = set(re.findall(r"/register/(\d{18})", staff("village2").get("/register").text))
    assert mine and theirs and not mine & theirs
    assert all(code.startswith("990101100201") for code in mine)


def test_a_household_is_found_by_name_code_and_a_members_number(village, household):
    for searched in (household.name, household.code, household.code[:16], household.members[-1].id_number):
        assert household.code in words(village.get(f"/register?q={searched}")), searched
    assert household.code not in words(village.get(f"/register?q={household.members[-1].id_number[:17]}"))
    assert "没有找到“无此人”" in words(village.get("/register?q=无此人"))


def test_searching_another_village_finds_nothing(staff, household):
    for searched in (household.name + " " + household.code, household.id_number):
        page = staff("village2").get(f"/register?q={searched}")
        assert "没有找到" in words(page) and f"/register/{household.code}" not in page.text


def test_a_household_with_everything_it_holds(village, household, running):
    page = words(village.get(f"/register/{household.code}"))
    assert all(member.name in page for member in household.members)
    assert all(member.id_number not in page for member in household.members)
    number = household.id_number
    assert f"{number[:3]}{'*' * 11}{number[-4:]}" in page
    assert all(parcel.code in page and f"{parcel.contract_area} m²" in page for parcel in household.parcels)
    assert household.contract.code in page and "权证编号" in page and "户主" in page
    assert f"contractor:{household.code}" in [r.subject for r in reads(running, "open")]


def test_outside_the_area_it_reads_as_missing(staff, household):
    other = staff("village2")
    theirs, missing = other.get(f"/register/{household.code}"), other.get("/register/990101100201019999")
    assert theirs.status_code == missing.status_code == 404
    assert words(theirs).replace(household.code, "N") == words(missing).replace("990101100201019999", "N")
    for odd in ("%00", "x" * 200, "一"):
        assert other.get(f"/register/{odd}").status_code == 404


def test_numbers_in_full_need_the_right_position_and_a_purpose(staff, village, household, running):
    path = f"/register/{household.code}/numbers"
    assert village.post(path, purpose="核对户主身份").status_code == 403
    county = staff("county")
    refused = county.post(path, purpose=" 查 ")
    assert refused.status_code == 422 and household.id_number not in refused.text
    assert reads(running, "unmask") == []
    shown = county.post(path, purpose="核对户主身份")
    assert shown.status_code == 200
    assert all(member.id_number in shown.text for member in household.members)
    record = reads(running, "unmask")[0]
    assert (record.subject, record.purpose) == (f"contractor:{household.code}", "核对户主身份")
    assert household.id_number not in county.get(f"/register/{household.code}").text


def test_those_without_the_register_are_told_so(staff, household):
    for who in ("surveyor", "auditor", "admin"):
        assert staff(who).get(f"/register/{household.code}").status_code == 403


def test_starting_gives_a_number_and_a_code_once(village, household):
    form = village.application(household.code)
    with_files = {k: v for k, v in form.items() if not k.endswith("upload")}
    refused = village.post(START + household.code, **form | {"phone": "123"})
    assert refused.status_code == 422 and 'href="#f-phone"' in refused.text
    kept = {
        f"papers-{kind}": re.findall(rf'name="papers-{kind}" value="([^"]+)"', refused.text)
        for kind in ("mandate", "id_card")
    }
    assert all(len(ids) == 1 for ids in kept.values())
    first = village.post(START + household.code, **with_files, **kept)
    again = village.post(START + household.code, **with_files, **kept)
    assert first.status_code == again.status_code == 201
    assert words(first) == words(again)
    code = re.search(r'tq-lookup tq-code">([2-9A-Z]{8})<', first.text)[1]
    number = re.search(r"/cases/(\d{20})", first.text)[1]
    assert code not in village.get(f"/cases/{number}").text
    page = words(village.get(f"/register/{household.code}"))
    assert f"该承包方有在办业务： {number}" in page


def test_a_household_under_way_is_refused_with_the_first_number(village, household):
    number = re.search(r"/cases/(\d{20})", village.get(f"/register/{household.code}").text)[1]
    answer = village.post(START + household.code, **village.application(household.code))
    assert answer.status_code == 422 and f"办件编号 {number}" in words(answer)
    assert 'value="13800138000"' in answer.text


def test_nobody_starts_for_another_village_or_by_another_role(staff, village, household):
    assert staff("village2").get(START + household.code).status_code == 404
    assert staff("village2").post(START + household.code, key="x").status_code == 404
    assert staff("township1").get(START + household.code).status_code == 403
    assert village.get("/cases/new/no_such_type").status_code == 404
    assert village.get("/cases/new/../x").status_code == 404


def test_the_code_in_the_form_must_be_the_chosen_household(village):
    mine, other = village.households()[:2]
    answer = village.post(START + mine, **village.application(mine) | {"contractor_code": other})
    assert answer.status_code == 422 and "不一致" in words(answer)


def test_a_household_is_picked_by_searching(village, household):
    page = village.get(f"/cases/new/contract_signing?q={household.name}")
    assert page.status_code == 200 and household.code in words(page)
