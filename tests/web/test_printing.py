"""Printing at one place, by dated settings of the county with who set them."""

import io
import re
import subprocess
from datetime import timedelta

import pytest

from engine.documents.templates import fill
from engine.domain.errors import Invalid
from engine.domain.print_settings import PrintSettings, checked, from_json
from tests.documents import samples
from tests.web.api_support import sign_in
from tests.web.staff import picture, staff, words  # noqa: F401  # staff is a fixture


def text_of(pdf: bytes, tmp_path) -> str:
    path = tmp_path / "one.pdf"
    path.write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture(scope="module")
def number(staff):
    village = staff("village1")
    return village.start(village.households()[0])


def sheet(person, number, kind):
    answer = person.get(f"/cases/{number}/printing/{kind}.pdf")
    assert answer.status_code == 200, words(answer)
    return answer.data


def test_settings_are_bounded():
    assert checked(
        {"mu_decimals": "4", "page_size": "16K", "split_fields": "1"}, PrintSettings()
    ) == PrintSettings(mu_decimals=4, page_size="16K", split_fields=True)
    with pytest.raises(Invalid) as error:
        checked({"mu_decimals": "5", "page_size": "A0", "parcels_per_page": "x"}, PrintSettings())
    assert set(error.value.fields) == {"mu_decimals", "page_size", "parcels_per_page"}
    told = checked(
        {"clauses": "  不得 撂荒；\n\n不得撂荒\n  不得 撂荒；", "boxed_contract_dates": "1"}, PrintSettings()
    )
    assert told.clauses == ("不得 撂荒；", "不得撂荒") and told.boxed_contract_dates
    assert from_json(told.as_json()) == told and checked({}, told) == told
    for clauses in (["条"] + [f"第{n}条" for n in range(20)], ["长" * 501]):
        with pytest.raises(Invalid):
            checked({"clauses": clauses}, PrintSettings())


def test_a_contract_states_the_county_s_clauses_with_its_days_in_boxes(tmp_path):
    context = samples.context()
    context["contract"] |= {"extra_terms": ["承包地不得撂荒。"], "signed_on": None}
    context["print"] = {"boxed_contract_dates": True}
    boxed = fill(samples.template("contract"), context)
    assert "6．承包地不得撂荒。" in boxed and boxed.count('class="box"') == 12
    context["contract"]["term_end"] = "9999-01-01"
    assert "至长久止" in fill(samples.template("contract"), context)
    assert 'class="box"' not in fill(samples.template("contract"), context | {"print": {}})


def test_everything_of_a_case_is_printed_at_one_place(staff, number, tmp_path):
    village = staff("village1")
    page = village.get(f"/cases/{number}/printing")
    for what in ("申请表", "权证登记内容", "地块示意图", "收件回执", "亩的小数位"):
        assert what in words(page)
    told = text_of(sheet(village, number, "certificate"), tmp_path)
    assert "土地利用类型" in told and "土地用途" in told and "永久基本" in told
    for nothing in ("NULL", "None", "null"):
        assert nothing not in told
    assert "申请表" in text_of(sheet(village, number, "application"), tmp_path)
    assert village.get(f"/cases/{number}/printing/anything.pdf").status_code == 404
    assert staff("village2").get(f"/cases/{number}/printing/certificate.pdf").status_code == 404


def test_what_the_county_sets_shows_from_its_day_on(staff, number, tmp_path, running):
    admin, village = staff("admin"), staff("village1")
    today = running.clock.now()
    form = {"mu_decimals": "4", "page_size": "A3", "split_fields": "1", "hide_basic_farmland": "1",
            "parcels_per_page": "1", "background_width": "100", "background_height": "120",
            "clauses": "承包地不得撂荒。\n不得用于非农建设。",
            "boxed_contract_dates": "1", "picture": (picture(), "底图.png"), "valid_from": "2026-03-03", "reason": "新证用纸"}  # fmt: skip
    wrong = admin.post(
        "/studio/printing", **form | {"mu_decimals": "9", "picture": (picture(), "x.png"), "reason": ""}
    )
    assert wrong.status_code == 422 and 'value="9"' in wrong.text and "请写明为什么改" in words(wrong)
    not_one = {"picture": (io.BytesIO(b"x"), "x.png")}
    assert admin.post("/studio/printing", **form | not_one).status_code == 422
    form["picture"] = (picture(), "底图.png")
    assert admin.post("/studio/printing", **form).status_code == 303
    told = words(admin.get("/studio/printing"))
    assert "新证用纸" in told and "附加条款：承包地不得撂荒。" in told and "合同日期分格" in told
    not_drawn = admin.post(
        "/studio/printing", **form | {"clauses": "\ue000", "picture": (picture(), "x.png")}
    )
    assert not_drawn.status_code == 422 and "打印不出的字" in words(not_drawn)
    assert village.post("/studio/printing", **form | {"picture": (picture(), "x.png")}).status_code == 403
    before = sheet(village, number, "certificate")
    try:
        running.clock._now = today + timedelta(days=1)
        after = sheet(village, number, "certificate")
    finally:
        running.clock._now = today
    assert "永久基本" in text_of(before, tmp_path) and "永久基本" not in text_of(after, tmp_path)
    told = text_of(after, tmp_path)
    assert "续页1" in told and re.search(r"\d+\.\d{4}亩", told)
    size = subprocess.run(
        ["pdfinfo", tmp_path / "one.pdf"], capture_output=True, text=True, check=True
    ).stdout
    assert "A3" in size


def test_programs_print_and_set_too(web, number):
    admin, clerk = sign_in(web, "admin"), sign_in(web, "village1")
    for kind in ("application", "certificate", "receipt"):
        assert clerk.get(f"/cases/{number}/sheets/{kind}").data[:5] == b"%PDF-"
    asked = {"valid_from": "2026-05-01", "reason": "试印", "mu_decimals": 3, "clauses": ["不得撂荒。"]}
    made = admin.post("/print-settings", asked).json["settings"]
    assert made["mu_decimals"] == 3 and made["clauses"] == ["不得撂荒。"]
    assert admin.post("/print-settings", asked | {"valid_from": "2020-01-01"}).status_code == 422
    told = admin.get("/print-settings").json
    assert told["settings"]["mu_decimals"] == 2 and told["history"][0]["reason"] == "试印"
    assert clerk.get("/print-settings").status_code == 403
