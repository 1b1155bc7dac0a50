"""What the upper platform is told: by kind of business, row by row what was done, and what a message may not lack."""

import pytest

from engine.domain import feed
from engine.domain.errors import Invalid
from engine.exchange.feed_file import read_reply, write_message

TABLES = ("FBF", "CBF", "JTCY", "CBHT", "CBJYQZDJB", "CBJYQZ", "DK", "CBDKXX", "JZD", "JZX")
PARTY = "99010110020101"
OWN, ONE, TWO = (f"{PARTY}000{n}" for n in (1, 8, 9))


def rows(*holders, **land):
    """Households with their parcels, as the standard has them."""
    held = [(code, parcel) for code in holders for parcel in land.get(f"of_{code[-1]}", ())]
    found = {name: [] for name in TABLES} | {
        "FBF": [{"FBFBM": PARTY}],
        "CBF": [{"CBFBM": code, "CBFMC": code[-1]} for code in holders],
        "CBHT": [{"CBFBM": code, "CBHTBM": f"{code}J"} for code in holders],
        "CBJYQZDJB": [{"CBFBM": code, "CBJYQZBM": f"{code}J"} for code in holders],
        "CBDKXX": [{"CBFBM": code, "DKBM": parcel, "FBFBM": PARTY} for code, parcel in held],
        "DK": [{"DKBM": parcel, "BSM": n, "SHP": "POLYGON EMPTY"} for n, (_, parcel) in enumerate(held)],
    }
    return found


def told(code, before, after, came_of=None):
    about = feed.About(code, "guid", "2026-05-20 09:00:00", "s1", "s0", "990101100201", "x", "20260520", PARTY, OWN, "因故", "EPSG:4525")  # fmt: skip
    return feed.message(about, before, after, came_of or {})


def test_a_split_says_what_became_of_household_and_land():
    before = rows(OWN, of_1=["P1", "P2"])
    after = rows(ONE, TWO, of_8=["P3"], of_9=["P4", "P2"])
    found = told("1052", before, after, {"P3": ["P1"], "P4": ["P1"]})
    assert feed.faults(found) == []
    business = found["BUSINESS_DATA"]
    assert business["FHQCBFBM"] == OWN
    assert [(one["CBFBM"], one["DKBM"]) for one in business["FHHCBF"]] == [(ONE, ["P3"]), (TWO, ["P4", "P2"])]
    land = {
        one["DK"]["DKBM"]: (one["CZFS"], one["YDKBM"], one["YCBFBM"]) for one in found["CHANGE_DATA"]["CBDK"]
    }
    assert land == {
        "P3": ("02", "P1", OWN),
        "P4": ("02", "P1", OWN),
        "P2": ("01", "P2", OWN),
        "P1": ("04", "P1", OWN),
    }
    assert [one["CZFS"] for one in found["CHANGE_DATA"]["CBF"]] == ["02", "02", "04"]
    assert "FBF" not in found["CHANGE_DATA"]
    assert {one["CZFS"] for one in found["ORIGINAL_DATA"]["CBDKXX"]} == {"01"}


def test_a_swap_and_an_assignment_name_both_sides():
    before, after = rows(OWN, ONE, of_1=["P1"], of_8=["P2"]), rows(OWN, ONE, of_1=["P2"], of_8=["P1"])
    swap = told("1041", before, after)["BUSINESS_DATA"]
    assert (swap["JF"]["DKBM"], swap["YF"]["DKBM"]) == (["P1"], ["P2"])
    given = told("1022", before, rows(OWN, ONE, of_8=["P2", "P1"]))
    assert given["BUSINESS_DATA"]["ZRCBFBM"] == ONE
    assert given["BUSINESS_DATA"]["DKBM"] == "P1"


def test_a_message_without_its_content_says_what_it_lacks():
    same = rows(OWN, of_1=["P1"])
    assert feed.faults(told("1033", same, same)) == ["CHANGE_DATA"]
    nobody = rows()
    assert {"BUSINESS_DATA.CBHTBM", "ORIGINAL_DATA.CBHT"} <= set(feed.faults(told("1072", nobody, nobody)))


def test_xml_holds_whatever_names_hold_and_answers_are_read_with_care():
    names = rows(OWN, of_1=["P1"])
    names["CBF"][0]["CBFMC"] = "张<三>&\x01"
    body = write_message(told("1031", names, names), "接入码")
    assert body.decode().count("张&lt;三&gt;&amp;<") == 1
    assert read_reply(b"<S><HEAD><ZT>103</ZT><MS>no</MS></HEAD></S>").state == "refused"
    assert read_reply(b"<S><HEAD><ZT>7</ZT></HEAD></S>").code == "999"
    for bad in (b"", b"<S/>", b"<!DOCTYPE x><S><ZT>100</ZT></S>"):
        with pytest.raises(ValueError):
            read_reply(bad)
    with pytest.raises(Invalid) as fault:
        feed.read_answer({"code": "101", "text": " "})
    assert set(fault.value.fields) == {"text"}
