"""The changes a case proposes: what they say, whether they fit the household, and that they travel as JSON."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from shapely import Polygon

from engine.domain.changes import Register, check
from engine.domain.changes.register import Contract, Contracted, Contractor, Member, Parcel
from engine.domain.changeset import (
    ContractedArea,
    RemeasureParcel,
    SignContract,
    as_json,
    from_json,
    signing,
    surveyed,
)
from engine.domain.register import Household, IssuingPartyFacts, ParcelFacts, mu

ONE, TWO = "9901011002010100001", "9901011002010100002"


def parcel(code, area):
    area = Decimal(area)
    return ParcelFacts(
        id=int(code[-5:]), code=code, name="塘边田", category="10", land_use="011", grade="03", use="1",
        basic_farmland="1", measured_area=area, contract_area=area, east=None, south=None, west=None, north=None,
        note=None, outline=b"",
    )  # fmt: skip


PARTY = IssuingPartyFacts(1, "99010110020101", "99010110020101", "一组", "赵长河", "x", None, "石桥村")
HOUSEHOLD = Household(
    county="990101", id=1, code="990101100201010001", kind="1", name="王德顺", id_number="x", phone=None, address="x",
    division="99010110020101", issuing_party=PARTY, members=(), parcels=(parcel(ONE, "900.00"), parcel(TWO, "600.50")),
    contract=None,
)  # fmt: skip
HELD = tuple(Contracted(p.code, p.contract_area) for p in HOUSEHOLD.parcels)
REGISTER = Register("990101", date(2026, 10, 9)).put(
    Contractor(HOUSEHOLD.code, PARTY.code, "1", "王德顺", "x", members=(Member("x", "王德顺", "1", "02"),)),
    *(Parcel(p.code, PARTY.code, p.name, Polygon(), p.measured_area) for p in HOUSEHOLD.parcels),
    Contract(HOUSEHOLD.code, "110", date(1998, 1, 1), date(2027, 12, 31), date(1998, 1, 1), HELD, id=1),
)
CONTRACT = SignContract(
    contractor_code=HOUSEHOLD.code,
    way="110",
    term_start=date(2028, 1, 1),
    term_end=date(2057, 12, 31),
    parcels=(ContractedArea(ONE, Decimal("900.00")), ContractedArea(TWO, Decimal("600.50"))),
    previous_code=None,
)
SURVEY = RemeasureParcel(ONE, Decimal("1234.56"), None, "全站仪实测")


def test_a_contract_s_code_and_area_follow_from_its_parts():
    assert CONTRACT.code == "990101100201010001J"
    assert replace(CONTRACT, way="120").code == "990101100201010001Q"
    assert CONTRACT.total_area == Decimal("1500.50")
    assert mu(CONTRACT.total_area) == Decimal("2.25")


def test_what_travels_as_json_comes_back_the_same():
    outline = replace(SURVEY, outline="POLYGON ((0 0, 1 0, 1 1, 0 0))")
    signed = replace(CONTRACT, signed_on=date(2026, 10, 9), previous_code="990101100201010001J")
    for changes in ((CONTRACT,), (signed, SURVEY), (CONTRACT, outline, replace(SURVEY, parcel_code=TWO))):
        assert from_json(json.loads(json.dumps(as_json(changes)))) == changes


def remeasured(changes, survey):
    return surveyed(signing(changes), CONTRACT.parcels, survey, REGISTER)


def test_a_survey_goes_into_the_contract_and_replaces_an_earlier_one():
    once = remeasured((CONTRACT,), (SURVEY,))
    assert [p.area for p in signing(once).parcels] == [Decimal("1234.56"), Decimal("600.50")]
    again = remeasured(once, (replace(SURVEY, area=Decimal("1000.00")),))
    assert [p.area for p in signing(again).parcels] == [Decimal("1000.00"), Decimal("600.50")]
    assert len(again) == 2
    assert remeasured(once, (replace(SURVEY, parcel_code="9901011002010199999"),))[-1] == CONTRACT


def test_changes_that_fit_have_no_findings():
    assert check((CONTRACT,), REGISTER) == []
    assert check(remeasured((CONTRACT,), (SURVEY,)), REGISTER) == []


FAULTY = {
    "C01": replace(CONTRACT, parcels=()),
    "A07": replace(CONTRACT, term_end=CONTRACT.term_start),
    "R05": replace(CONTRACT, parcels=(ContractedArea("9901011002010199999", Decimal(1)),)),
    "A06": replace(CONTRACT, parcels=(ContractedArea(ONE, Decimal(0)),)),
}


@pytest.mark.parametrize("rule", FAULTY)
def test_what_does_not_fit_is_named(rule):
    [finding] = check((FAULTY[rule],), REGISTER)
    assert finding.rule == rule
    assert finding.message


def test_a_survey_of_nothing_is_named():
    findings = check((CONTRACT, replace(SURVEY, area=Decimal(0))), REGISTER)
    assert [(finding.rule, finding.record) for finding in findings] == [("A06", ONE)]


@pytest.mark.parametrize(
    ("area", "decimals", "shown"),
    [
        ("667", 2, "1.00"),
        ("666.67", 4, "1.0000"),
        ("3.33", 2, "0.00"),
        ("3.34", 2, "0.01"),
        ("10000", 0, "15"),
    ],
)
def test_mu_is_rounded_half_up(area, decimals, shown):
    assert str(mu(Decimal(area), decimals)) == shown
