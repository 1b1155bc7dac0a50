"""Transfers and guarantees over the small village: what stands against them, what they leave, and the way back."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.domain.changes import (
    EndTransfer,
    RecordGuarantee,
    RecordTransfer,
    ReleaseGuarantee,
    SurrenderParcels,
    apply,
    check,
    inverse,
    preview,
    touched,
)
from engine.domain.changes.register import Block, Recipient, TransferredLand

from .village import A1, A2, B1, DAY, A, B, holdings, village

HERE = village()
AREA = HERE.contracts[A].row(A1).area
FIRM = Recipient(
    "大田公司", "unit", "990101196001010015", "13911110000", representative="钱一", credit_code="9" * 18
)
LEASE = RecordTransfer(
    "甲流1", "lease", FIRM, DAY, date(2027, 6, 30), DAY, "水稻", "每亩800元",
    (TransferredLand(A, A1, AREA), TransferredLand(B, B1, HERE.contracts[B].row(B1).area)),
)  # fmt: skip
OUT = apply([LEASE], HERE)
ENDING = EndTransfer("甲流1", DAY, "agreed", (A, B), (A1, B1))
PLEDGE = RecordGuarantee(
    "融1", "household", "王德顺", "农商行", "贷1", Decimal(1000), DAY, date(2027, 6, 30), A, (A2,)
)
RELEASE = ReleaseGuarantee("融1", DAY, "还清", A, (A2,))
PASSED_ON = replace(
    LEASE,
    number="甲流2",
    under="甲流1",
    land=LEASE.land[:1],
    recipient=replace(FIRM, name="孙二", kind="person"),
)
GOOD = (LEASE, ENDING, PLEDGE, RELEASE)


def part(area, code=A1):
    return replace(LEASE, number="甲流3", land=(TransferredLand(A, code, Decimal(area), False, "东头"),))


def test_a_transfer_leaves_who_holds_which_land_as_it_is():
    assert check([LEASE], HERE) == []
    assert holdings(OUT) == holdings(HERE)
    [shown] = preview([LEASE], HERE)
    assert (shown.kind, shown.code, shown.before) == ("transfers", "甲流1", None)
    assert touched([LEASE], HERE) == {"contractor": {A, B}, "parcel": {A1, B1}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (replace(LEASE, land=()), "没有地块"),
        (replace(LEASE, term_end=DAY - timedelta(days=1)), "流转期限的止日"),
        (replace(LEASE, term_end=date(2028, 1, 1)), "剩余期限"),
        (replace(LEASE, land=(TransferredLand(B, A1, AREA),)), "不在该承包方名下"),
        (replace(LEASE, land=(TransferredLand(A, A1, AREA + 1),)), "流转面积"),
        (part(0), "流转面积"),
        (replace(PASSED_ON, under="没有"), "没有正在履行"),
        (ENDING, "没有正在履行"),
        (replace(PLEDGE, ends=date(2028, 1, 1)), "担保期限"),
        (replace(PLEDGE, amount=Decimal(0)), "担保金额"),
        (replace(PLEDGE, parcels=(B1,)), "不在该承包方名下"),
        (RELEASE, "没有存续"),
    ],
)
def test_what_does_not_fit_is_said(change, words):
    assert any(words in found.message for found in check([change], HERE))


def test_the_last_day_of_the_contract_is_within_its_remainder():
    assert check([replace(LEASE, term_end=date(2027, 12, 31))], HERE) == []


def test_parts_may_sum_up_to_the_parcel_and_no_more():
    half = apply([part(AREA / 2)], HERE)
    rest = replace(part(AREA / 2), number="甲流4")
    assert check([rest], half) == []
    [found] = check([replace(rest, land=part(AREA / 2 + 1).land)], half)
    assert "甲流3" in found.message
    after = replace(rest, land=part(AREA).land, term_start=date(2027, 7, 1), term_end=date(2027, 12, 31))
    assert check([after], half) == []  # the first is over by then


@pytest.mark.parametrize("kind", ["dispute", "seizure", "case"])
def test_what_blocks_land_blocks_its_transfer(kind):
    blocked = replace(HERE, blocks=(Block(kind, "parcel", A1, "X1"),))
    assert [found.record for found in check([LEASE], blocked)] == [A1]


def test_a_mortgage_wants_its_holders_consent():
    pledged = replace(HERE, blocks=(Block("mortgage", "parcel", A1, "押1"),))
    [found] = check([LEASE], pledged)
    assert "押1" in found.message
    assert check([replace(LEASE, consented=("押1",))], pledged) == []


def test_other_changes_of_land_wait_for_the_end_of_the_transfer():
    leased = replace(OUT, blocks=(Block("transfer", "parcel", A1, "甲流1"),))
    away = SurrenderParcels(A, (A1,), DAY - timedelta(days=365))
    assert any("甲流1" in found.message for found in check([away], leased))
    assert check([ENDING], leased) == []


def test_a_re_transfer_stays_within_the_first_and_must_end_before_it():
    assert check([PASSED_ON], OUT) == []
    beyond = replace(PASSED_ON, term_end=LEASE.term_end + timedelta(days=1))
    assert any("原流转合同" in found.message for found in check([beyond], OUT))
    elsewhere = replace(PASSED_ON, land=(TransferredLand(A, A2, Decimal(1)),))
    assert any("不在流转合同" in found.message for found in check([elsewhere], OUT))
    both = apply([PASSED_ON], OUT)
    assert any("甲流2" in found.message for found in check([ENDING], both))


def test_a_pledged_transfer_does_not_end():
    pledge = replace(PLEDGE, side="recipient", parcels=(A1,), transfer="甲流1")
    pledged = apply([pledge], OUT)
    assert any("融1" in found.message for found in check([ENDING], pledged))
    assert any("农商行" in found.message for found in check([replace(pledge, number="融2")], pledged))
    assert check([ENDING], apply([replace(RELEASE, parcels=(A1,))], pledged)) == []


def test_a_change_of_terms_takes_the_place_of_the_transfer():
    longer = replace(LEASE, number="甲流9", term_end=date(2027, 12, 31), replaces="甲流1")
    after = apply([longer], OUT)
    assert check([longer], OUT) == []
    assert (after.transfers["甲流1"].state, after.transfers["甲流1"].ground) == ("ended", "changed")
    assert after.transfers["甲流9"].area == LEASE.land[0].area + LEASE.land[1].area


def test_a_loan_secured_by_a_transfer_is_secured_by_the_changed_one():
    pledge = replace(PLEDGE, side="recipient", parcels=(A1,), transfer="甲流1")
    pledged = apply([pledge], OUT)
    longer = replace(LEASE, number="甲流9", term_end=date(2027, 12, 31), replaces="甲流1")
    after = apply([longer], pledged)
    assert after.encumbrances["融1"].transfer == "甲流9"
    ending = replace(ENDING, number="甲流9")
    assert any("融1" in found.message for found in check([ending], after))
    shorter = replace(longer, term_end=date(2027, 1, 31))
    assert any("担保期限" in found.message for found in check([shorter], pledged))
    back = inverse([longer], pledged)
    assert check(back, after) == []
    undone = apply(back, after)
    assert (undone.transfers["甲流1"].state, undone.encumbrances["融1"].transfer) == ("running", "甲流1")


def test_land_is_not_free_before_the_agreed_end():
    later = DAY + timedelta(days=60)
    ended = apply([replace(ENDING, ended_on=later)], OUT)
    again = replace(LEASE, number="甲流5")
    assert any("甲流1" in found.message for found in check([again], ended))
    assert check([replace(again, term_start=later)], ended) == []
    assert check([again], apply([ENDING], OUT)) == []


@pytest.mark.parametrize(
    ("change", "before"),
    [(LEASE, HERE), (ENDING, OUT), (PLEDGE, HERE), (RELEASE, apply([PLEDGE], HERE))],
)
def test_what_is_undone_runs_as_before(change, before):
    after = apply([change], before)
    back = inverse([change], before)
    assert back and check(back, after) == []
    undone = apply(back, after)
    for register in (undone, before):
        assert {n for n, one in register.transfers.items() if one.state == "running"} == {
            n for n, one in before.transfers.items() if one.state == "running"
        }
        assert {n for n, one in register.encumbrances.items() if one.state == "running"} == {
            n for n, one in before.encumbrances.items() if one.state == "running"
        }
