"""Signing, swap, assignment and surrender: what passes, and the flaw that each rule finds."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from engine.domain.changes import (
    AdjustParcels,
    AssignParcels,
    ContractedArea,
    GrantParcels,
    LoseParcel,
    SignContract,
    SurrenderParcels,
    SwapParcels,
    apply,
    check,
    inverse,
    preview,
)
from engine.domain.changes.contracts import months_later
from engine.domain.changes.findings import finding
from engine.domain.changes.register import Block

from .village import A1, A2, B1, C1, COMMON, DAY, Z1, A, B, C, D, Z, holdings, rules, village

HERE = village()
SWAP = SwapParcels(A, (A1,), B, (B1,))
ASSIGN = AssignParcels(A, C, (A1,), consented_on=DAY)
SURRENDER = SurrenderParcels(A, (A1,), notified_on=months_later(DAY, -6))
GRANT = GrantParcels(A, (ContractedArea(COMMON, Decimal("6000.00")),), "成员会议决定")
ADJUST = AdjustParcels(A, B, (A1,), "洪水冲毁", agreed=60, entitled=90)
FIRST = SignContract(
    D, "110", DAY, date(2056, 11, 22), (ContractedArea(COMMON, Decimal("6000.00")),), None, DAY
)
RENEW = SignContract(
    B, "110", date(2028, 1, 1), date(2057, 12, 31), (ContractedArea(B1, Decimal("5900.00")),), B + "J", DAY
)


def with_free_land(category="10"):
    return HERE.put(replace(HERE.parcels[COMMON], category=category))


def test_a_contract_is_renewed_over_the_same_land():
    after = apply([RENEW], HERE)
    assert check([RENEW], HERE) == []
    assert after.contracts[B].term_end == date(2057, 12, 31)
    assert after.contracts[B].total_area == Decimal("5900.00")
    assert [change.kind for change in preview([RENEW], HERE)] == ["contracts"]
    assert inverse([RENEW], HERE) is None


def test_a_first_contract_takes_land_that_nobody_holds():
    free = with_free_land()
    assert check([FIRST], free) == []
    assert apply([FIRST], free).contracts[D].codes == (COMMON,)
    for reserved in ("22", "23"):  # is contracted land from then on
        assert check([FIRST], with_free_land(reserved)) == []
        assert apply([FIRST], with_free_land(reserved)).parcels[COMMON].category == "10"
    for kept in ("21", "99"):  # private plots and other land of the collective are not let so
        assert rules(check([FIRST], with_free_land(kept))) == {"R05"}
    taken = replace(FIRST, parcels=(ContractedArea(A1, Decimal(1)),))
    assert rules(check([taken], free)) == {"R05"}
    assert rules(check([replace(FIRST, contractor_code=Z)], free)) == {"R05"}  # and Z has a contract
    other_group = free.without("contracts", [Z])
    assert rules(check([replace(FIRST, contractor_code=Z)], other_group)) == {"R05"}


def test_a_swap_moves_land_with_its_area_and_says_how_it_came():
    after = apply([SWAP], HERE)
    assert check([SWAP], HERE) == []
    assert after.contracts[A].codes == (A2, B1)
    assert after.contracts[B].codes == (A1,)
    assert [row.acquired_by for row in after.contracts[A].parcels] == ["110", "300"]
    total = sum(c.total_area for c in HERE.contracts.values())
    assert sum(c.total_area for c in after.contracts.values()) == total
    assert holdings(apply(inverse([SWAP], HERE), after)) == holdings(HERE)


def test_part_of_the_land_is_assigned_and_the_rest_stays():
    after = apply([ASSIGN], HERE)
    assert check([ASSIGN], HERE) == []
    assert (after.contracts[A].codes, after.contracts[C].codes) == ((A2,), (A1, C1))
    assert after.contracts[C].row(A1).acquired_by == "200"
    assert after.valid_certificates(A)


def test_with_the_last_parcel_the_giver_s_contract_and_certificate_end():
    whole = AssignParcels(A, D, (A1, A2), consented_on=DAY)
    after = apply([whole], HERE)
    assert check([whole], HERE) == []
    assert A not in after.contracts
    assert A in after.contractors
    assert not after.valid_certificates(A)
    assert (after.contracts[D].codes, after.contracts[D].term_end) == ((A1, A2), date(2027, 12, 31))
    [back] = inverse([whole], HERE)
    assert rules(check([back], after)) == {"C05"}  # the way back needs a consent of its own
    assert holdings(apply([back], after)) == holdings(HERE)


def test_land_that_is_surrendered_is_the_collective_s():
    after = apply([SURRENDER], HERE)
    assert check([SURRENDER], HERE) == []
    assert after.contracts[A].codes == (A2,)
    assert (after.holder(A1), after.parcels[A1].category) == (None, "22")
    assert inverse([SURRENDER], HERE) is None


def ending(contractor, day):
    contract = HERE.contracts[contractor]
    return HERE.put(replace(contract, term_end=day))


FLAWS = {
    "no parcels": (replace(RENEW, parcels=()), HERE, "C01"),
    "ends before it begins": (replace(RENEW, term_end=RENEW.term_start), HERE, "A07"),
    "another's land": (replace(RENEW, parcels=(ContractedArea(A1, Decimal(1)),)), HERE, "R05"),
    "no area": (replace(RENEW, parcels=(ContractedArea(B1, Decimal(0)),)), HERE, "A06"),
    "one parcel twice": (replace(RENEW, parcels=RENEW.parcels * 2), HERE, "C02"),
    "unknown household": (replace(SWAP, second=A[:-1] + "9"), HERE, "R06"),
    "swap with itself": (replace(SWAP, second=A), HERE, "C03"),
    "swap for nothing": (replace(SWAP, second_parcels=()), HERE, "C03"),
    "swap of another's land": (replace(SWAP, first_parcels=(C1,)), HERE, "R05"),
    "swap across collectives": (replace(SWAP, second=Z, second_parcels=(Z1,)), HERE, "C07"),
    "swap into a longer term": (SWAP, ending(B, date(2030, 12, 31)), "C08"),
    "swap of a term that is over": (SWAP, ending(B, date(2026, 11, 22)), "C08"),
    "assigned to itself": (replace(ASSIGN, recipient=A), HERE, "C04"),
    "nothing assigned": (replace(ASSIGN, parcels=()), HERE, "C04"),
    "no consent": (replace(ASSIGN, consented_on=None), HERE, "C05"),
    "consent of tomorrow": (replace(ASSIGN, consented_on=date(2026, 11, 24)), HERE, "C05"),
    "assigned across collectives": (replace(ASSIGN, recipient=Z), HERE, "C07"),
    "assigned to a firm": (ASSIGN, HERE.put(replace(HERE.contractors[C], kind="3")), "C06"),
    "assigned beyond the term": (ASSIGN, ending(C, date(2028, 1, 1)), "C08"),
    "nothing surrendered": (replace(SURRENDER, parcels=()), HERE, "C09"),
    "notice a day short": (replace(SURRENDER, notified_on=date(2026, 5, 24)), HERE, "C09"),
    "under two contracts": (
        RENEW,
        HERE.put(replace(HERE.contracts[A], parcels=HERE.contracts[A].parcels + HERE.contracts[B].parcels)),
        "U02",
    ),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_flaw_is_found_by_its_rule(flaw):
    change, register, rule = FLAWS[flaw]
    findings = check([change], register)
    assert rules(findings) == {rule}
    assert all(found.message and "%(" not in found.message for found in findings)


def test_a_parcel_held_by_shares_is_under_several_contracts_and_ends_in_none_alone():
    shared = [replace(row, shares=True) for row in HERE.contracts[B].parcels]
    here = HERE.put(
        replace(HERE.contracts[B], parcels=tuple(shared)), replace(HERE.contracts[C], parcels=tuple(shared))
    )
    assert check([RENEW], here) == []
    assert apply([RENEW], here).contracts[B].row(B1).shares
    assert rules(check([LoseParcel(B1, "水毁")], here)) == {"R05"}


def test_what_only_nearly_breaks_a_rule_passes():
    assert check([SWAP], ending(B, DAY).put(replace(HERE.contracts[A], term_end=DAY))) == []  # the last day
    assert check([ASSIGN], ending(C, HERE.contracts[A].term_end)) == []
    assert check([replace(SURRENDER, notified_on=date(2026, 5, 23))], HERE) == []


@pytest.mark.parametrize(("day", "months", "then"), [
    (date(2026, 8, 31), 6, date(2027, 2, 28)),
    (date(2027, 8, 31), 6, date(2028, 2, 29)),
    (date(2026, 12, 1), 6, date(2027, 6, 1)),
    (date(2026, 5, 31), 1, date(2026, 6, 30)),
])  # fmt: skip
def test_months_later(day, months, then):
    assert months_later(day, months) == then


@pytest.mark.parametrize("kind", ["dispute", "mortgage", "seizure", "transfer", "case"])
def test_what_is_blocked_does_not_change(kind):
    for on, code in (("parcel", A1), ("contractor", A), ("contractor", B)):
        held_back = replace(HERE, blocks=(Block(kind, on, code, "某字第1号"),))
        [found] = check([SWAP], held_back)
        assert (found.rule, found.record) == ("C30", code)
        assert "某字第1号" in found.message
    for on, code in (("parcel", C1), ("contractor", C)):
        assert check([SWAP], replace(HERE, blocks=(Block(kind, on, code, "x"),))) == []


def test_free_land_joins_the_contract_that_the_household_has():
    after = apply([GRANT], HERE)
    assert check([GRANT], HERE) == []
    assert COMMON in after.contracts[A].codes
    assert after.parcels[COMMON].category == "10"
    assert after.contracts[A].term_end == HERE.contracts[A].term_end


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (replace(GRANT, parcels=()), "C42"),
        (replace(GRANT, parcels=(ContractedArea(B1, Decimal(1)),)), "U02"),
        (replace(GRANT, parcels=(ContractedArea(COMMON, Decimal(0)),)), "A06"),
        (replace(GRANT, contractor_code=D), "R07"),
        (replace(ADJUST, parcels=()), "C43"),
        (replace(ADJUST, agreed=59), "C43"),  # two thirds of 90 are 60
        (replace(ADJUST, agreed=91), "C43"),  # more than there are
        (replace(ADJUST, parcels=(B1,)), "R05"),
        (replace(ADJUST, recipient=Z), "C07"),
        (replace(ADJUST, recipient=D), "R07"),
    ],
)
def test_what_cannot_be_granted_or_adjusted(change, rule):
    assert rule in rules(check([change], HERE))


def test_two_thirds_move_land_to_another_household_or_back_to_the_collective():
    assert check([ADJUST], HERE) == []
    assert A1 in apply([ADJUST], HERE).contracts[B].codes
    back = apply([replace(ADJUST, recipient=None)], HERE)
    assert back.holders(A1) == ()
    assert back.parcels[A1].category == "22"


def test_land_is_not_given_back_after_the_contract_has_ended():
    late = SurrenderParcels(A, (A1,), notified_on=HERE.contracts[A].term_end)
    end = HERE.contracts[A].term_end
    told = finding("notice_beyond_term", A, day=months_later(end, 6), end=end)
    assert told in check([late], HERE)
    assert told not in check([replace(late, notified_on=months_later(end, -6))], HERE)
