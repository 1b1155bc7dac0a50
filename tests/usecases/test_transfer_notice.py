"""What the public notice of a transfer says: enough for members to claim it on the same terms, and no person's name."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import shapely

from engine.domain.changes import RecordTransfer
from engine.domain.changes.register import Recipient, Register, TransferredLand
from engine.usecases.publish_notices import _transferred, terms_of

FIRM = Recipient("大田农业有限公司", "unit", "990101196001010015", "13911110000", "县城", None, "钱一")
SQUARE = shapely.box(0, 0, 100, 100)
LAND = (
    TransferredLand("H1", "P1", Decimal("6666.67")),
    TransferredLand("H2", "P2", Decimal("3333.33"), False, "东边", shapely.box(50, 0, 100, 100).wkt),
)
DEAL = RecordTransfer(
    "1", "lease", FIRM, date(2026, 4, 1), date(2027, 3, 31), date(2026, 3, 2), "水稻", "每亩800元", LAND
)
TYPE = SimpleNamespace(lists={"ways": [{"code": "lease", "label": {"zh": "出租", "en": "Lease"}}]})


def test_terms():
    told = terms_of([DEAL], TYPE, 2)
    assert (told["recipient"], told["price"], told["use"]) == ("大田农业有限公司", "每亩800元", "水稻")
    assert (told["term_start"], told["term_end"]) == ("2026-04-01", "2027-03-31")
    assert (told["households"], told["area_mu"]) == (2, "15.00")
    assert told["way"]["en"] == "Lease"
    person = replace(DEAL, recipient=replace(FIRM, name="张三丰", kind="person"))
    assert terms_of([person], TYPE, 2)["recipient"] == "张**"
    assert terms_of([], TYPE, 2) == {}


def test_the_land_of_every_household():
    def parcel(code):
        return SimpleNamespace(
            code=code,
            name="大田",
            measured_area=Decimal(10000),
            outline=SQUARE,
            east="路",
            south="",
            west="",
            north="",
        )

    people = {
        "H1": SimpleNamespace(name="赵一"),
        "H2": SimpleNamespace(name="钱二三"),
        "H3": SimpleNamespace(name="孙四"),
    }
    register = Register(
        "990101", date(2026, 3, 2), contractors=people, parcels={"P1": parcel("P1"), "P2": parcel("P2")}
    )
    first, part = _transferred(register, DEAL)
    assert (first.holder, part.holder) == ("赵*", "钱**")
    assert part.outline.area == 5000
    assert part.contract_area == Decimal("3333.33")
    [alone] = _transferred(register, replace(DEAL, land=LAND[:1]))
    assert alone.holder == ""  # said once, above
