"""Which scans pass for the contract that was issued, and what is said of the others."""

import pytest

from engine.domain.scans import Page, Wanted, dpi_on_a4, faults, listed

WANTED = [Wanted(pages=3, code="ABC234")]
GOOD = Page(200, ("ABC234",))
NUMBERED = [Wanted(pages=3, code="ABC234", numbered=True)]
ONE, TWO, THREE = (Page(200, (f"ABC234/{number}",)) for number in (1, 2, 3))


def test_a_whole_sharp_scan_passes_in_whatever_order():
    assert faults([GOOD, Page(300, ("ABC234",)), GOOD], WANTED, 200) == []
    assert faults([ONE, THREE, TWO], NUMBERED, 200) == []


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([ONE, THREE], "缺少合同的第2页"),
        ([ONE, TWO, TWO], "合同的第2页扫描了不止一次"),
        ([ONE, Page(200, ("XYZ789/2",)), THREE], "第2页的二维码是另一份文书的"),
        (
            [ONE, Page(200, ("ABC234/2", "XYZ789/2")), THREE],
            "第2页的二维码是另一份文书的",
        ),  # ours laid over it
        (
            [ONE, Page(200, ("ABC234/1",)), THREE],
            "缺少合同的第2页",
        ),  # a page of our own in the place of another
        ([ONE, Page(200, ()), THREE], "第2页读不出合同的二维码"),
    ],
)
def test_of_numbered_pages_it_is_said_which_lack(pages, says):
    assert any(says in fault for fault in faults(pages, NUMBERED, 200))


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([], "没有能打开的页面"),
        ([GOOD, GOOD], "合同共3页，扫描件有2页"),
        ([GOOD] * 4, "扫描件有4页"),
        ([GOOD, Page(149, ("ABC234",)), GOOD], "第2页不够清晰（149 dpi"),
        ([GOOD, Page(0, ("ABC234",)), GOOD], "第2页不是扫描的图像"),
        ([GOOD, GOOD, Page(200, ("XYZ789",))], "第3页的二维码是另一份文书的"),
        ([Page(200, ())] * 3, "第1、2、3页读不出"),
    ],
)
def test_what_is_wrong_is_said(pages, says):
    assert any(says in fault for fault in faults(pages, WANTED, 200))


SEVERAL = [
    *NUMBERED,
    Wanted(pages=2, code="DEF567", numbered=True, name="李四"),
    Wanted(1, "GHJ234", name="王五"),
]
REST = [Page(200, ("DEF567/1",)), Page(200, ("DEF567/2",)), Page(200, ("GHJ234",))]


def test_several_contracts_pass_together_in_whatever_order():
    assert faults([REST[2], ONE, REST[1], THREE, REST[0], TWO], SEVERAL, 200) == []


@pytest.mark.parametrize(
    ("pages", "says"),
    [
        ([ONE, TWO, THREE], "要签的合同有3份，扫描件里只读出1份"),
        ([ONE, TWO, THREE, REST[0], *[REST[2]] * 2], "李四户合同的第2页"),
        ([ONE, TWO, THREE, REST[0], *[REST[2]] * 2], "王五户的合同共1页，扫描件里有2页"),
        ([ONE, TWO, THREE, REST[0], REST[0], REST[2]], "李四户合同的第1页扫描了不止一次"),
    ],
)
def test_of_several_it_is_said_whose_pages_lack(pages, says):
    assert any(says in fault for fault in faults(pages, SEVERAL, 200))


def test_a_contract_printed_before_pages_were_counted_is_judged_by_the_rest():
    assert faults([GOOD], [Wanted(None, "ABC234")], 200) == []


def test_sharpness_is_that_of_the_worse_side_whichever_way_the_sheet_lay():
    assert dpi_on_a4(1654, 2339) == dpi_on_a4(2339, 1654) == 200
    assert dpi_on_a4(1654, 1654) < 200


def test_long_lists_of_pages_are_cut():
    assert listed(range(1, 13)).endswith("10……")
