"""Certificates reissued, replaced, cancelled; values corrected; JSON of every kind of change."""

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.changes import (
    KINDS,
    CancelCertificate,
    CorrectValue,
    NewCertificate,
    ReissueCertificate,
    ReplaceCertificate,
    apply,
    as_json,
    check,
    errors,
    from_json,
    inverse,
)
from engine.domain.changes.findings import rules as all_rules
from engine.domain.changes.findings import settings

from . import (
    test_contract_changes,
    test_household_changes,
    test_new_land,
    test_parcel_changes,
    test_transfer_changes,
)
from .village import A1, DAY, A, B, holdings, rules, village

HERE = village()
NEW = NewCertificate("第000002号", "某县自然资源局", DAY, DAY, "王德顺", "990101197001010001")
LOST = ReissueCertificate(A, "遗失", NEW)
WORN = ReplaceCertificate(A, "破损", NEW)
CANCELLED = CancelCertificate(A, "承包地全部交回")
CORRECTED = CorrectValue("parcels", A1, "name", "塘边田", "塘尾田", "原登记笔误")


@pytest.mark.parametrize(("change", "states"), [
    (LOST, ["void", "valid"]), (WORN, ["destroyed", "valid"]), (CANCELLED, ["cancelled"])
])  # fmt: skip
def test_what_becomes_of_the_old_certificate(change, states):
    after = apply([change], HERE)
    assert check([change], HERE) == []
    assert [certificate.state for certificate in after.certificates] == states
    assert after.certificates[0].reason == change.reason
    assert inverse([change], HERE) is None


FLAWS = {
    "no certificate": (replace(LOST, contractor_code=B), "C22"),
    "cancelled already": (CANCELLED, "C22"),
    "no serial": (replace(LOST, certificate=replace(NEW, serial=" ")), "C22"),
    "serial in use": (replace(WORN, certificate=replace(NEW, serial="第000001号")), "C22"),
    "no reason": (replace(LOST, reason=""), "C23"),
    "unknown household": (replace(CANCELLED, contractor_code="x"), "R06"),
    "value of an area": (replace(CORRECTED, field="measured_area"), "C24"),
    "value that has changed": (replace(CORRECTED, was="沟边田"), "C24"),
    "the same value": (replace(CORRECTED, value="塘边田"), "C24"),
    "correction without reason": (replace(CORRECTED, reason=" "), "C23"),
    "correction of nothing": (replace(CORRECTED, code="x"), "R05"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_flaw_is_found_by_its_rule(flaw):
    change, rule = FLAWS[flaw]
    register = apply([CANCELLED], HERE) if flaw == "cancelled already" else HERE
    assert rules(check([change], register)) == {rule}


def test_no_contract_no_new_certificate():
    assert rules(check([LOST], HERE.without("contracts", [A]))) == {"R07"}


def test_a_correction_goes_both_ways():
    after = apply([CORRECTED], HERE)
    back = inverse([CORRECTED], HERE)
    assert check([CORRECTED], HERE) == check(back, after) == []
    assert after.parcels[A1].name == "塘尾田"
    assert holdings(apply(back, after)) == holdings(HERE)


def every_change():
    contracts, parcels, households = test_contract_changes, test_parcel_changes, test_household_changes
    yield from (contracts.SWAP, contracts.ASSIGN, contracts.SURRENDER, contracts.FIRST, contracts.RENEW)
    yield from (contracts.GRANT, contracts.ADJUST)
    yield from parcels.GOOD.values()
    yield parcels.LoseParcel(A1, "水毁")
    yield test_new_land.NEW
    yield from households.GOOD.values()
    yield households.EndHousehold(B, "全户消亡")
    yield from test_transfer_changes.GOOD
    yield from (LOST, WORN, CANCELLED, CORRECTED, replace(LOST, certificate=NewCertificate("1", "局", DAY)))


def test_every_kind_of_change_travels_as_json():
    changes = tuple(every_change())
    assert {change.type for change in changes} == set(KINDS)
    assert from_json(json.loads(json.dumps(as_json(changes)))) == changes


def test_json_that_says_something_else_is_refused():
    [row] = as_json([CORRECTED])
    with pytest.raises(KeyError):
        from_json([row | {"type": "drop_table"}])
    with pytest.raises(TypeError):
        from_json([row | {"unheard_of": 1}])


def test_findings_travel_with_their_facts_apart_from_the_text():
    [found] = check([replace(CORRECTED, was="沟边田")], HERE)
    row = json.loads(json.dumps(found.as_json()))
    assert row["text"] % row["facts"] == row["message"] == found.message
    assert errors([found]) == [found]


def test_every_rule_names_its_source_and_what_is_to_be_verified_is_marked():
    found = all_rules()
    assert all(rule.id and rule.message and rule.source for rule in found.values())
    assert all(rule.severity in ("error", "warning") for rule in found.values())
    assert sum(rule.verify for rule in found.values()) > 10
    assert all({"value", "unit", "source"} <= row.keys() for row in settings()["limits"].values())
    assert Decimal(str(settings()["limits"]["same_place"]["value"])) == Decimal("0.001")
