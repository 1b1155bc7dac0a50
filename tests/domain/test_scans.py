"""Which scans pass for the contract that was issued, and what is said of the others."""

import pytest

from engine.domain.scans import Page, Wanted, dpi_on_a4, faults, listed

WANTED = Wanted(pages=3, code="ABC234", dpi=200)
GOOD = Page(200, ("ABC234",))


def test_a_whole_sharp_scan_passes_even_where_one_page_hides_its_code():
    assert faults([GOOD, Page(300, ()), GOOD], WANTED) == []


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([], "没有能打开的页面"),
        ([GOOD, GOOD], "合同共3页，扫描件有2页"),
        ([GOOD] * 4, "扫描件有4页"),
        ([GOOD, Page(149, ("ABC234",)), GOOD], "第2页不够清晰（149 dpi"),
        ([GOOD, Page(0, ("ABC234",)), GOOD], "第2页不是扫描的图像"),
        ([GOOD, GOOD, Page(200, ("XYZ789",))], "第3页的二维码是另一份文书的"),
        ([Page(200, ())] * 3, "没有一页能读出"),
    ],
)
def test_what_is_wrong_is_said(pages, says):
    assert any(says in fault for fault in faults(pages, WANTED))


def test_a_contract_printed_before_pages_were_counted_is_judged_by_the_rest():
    assert faults([GOOD], Wanted(None, "ABC234", 200)) == []


def test_sharpness_is_that_of_the_worse_side_whichever_way_the_sheet_lay():
    assert dpi_on_a4(1654, 2339) == dpi_on_a4(2339, 1654) == 200
    assert dpi_on_a4(1654, 1654) < 200


def test_long_lists_of_pages_are_cut():
    assert listed(range(1, 13)).endswith("10……")
