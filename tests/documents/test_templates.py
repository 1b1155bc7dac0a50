"""Every paper of contract_signing: complete contexts, bare ones, faulty ones and hostile ones."""

import io
import re
import time

import pytest
from pypdf import PdfReader

from engine.documents import render_document
from engine.documents.templates import fill
from engine.domain.errors import Refused
from engine.settings import ROOT
from tests.documents import samples
from tests.documents.pixels import words

PAPERS = [
    "acceptance_notice",
    "supplement_notice",
    "rejection_notice",
    "publicity_sheet",
    "contract",
    "filing_notice",
    "objection_sheet",
    "objection_answer",
    "withdrawal_notice",
    "closing_notice",
    "boundary_notice",
    "boundary_reminder",
    "representative_notice",
    "farmland_notice",
    "certificate_receipt",
    "signing_record",
]
OF_CERTIFICATES = ["loss_notice", "result_notice"]
ALL = [*PAPERS, *OF_CERTIFICATES]
OPTIONAL = [
    "case.origin", "case.lookup_code", "county.mu_decimals", "office.level", "issuing_party.head_id_number",
    "issuing_party.phone", "issuing_party.credit_code", "contractor.phone", "contract.previous_code",
    "contract.signed_at", "contract.filed_on", "publicity.days", "publicity.unit", "deadline", "papers", "opinion",
    "survey", "document.verify_code", "sketch",
]  # fmt: skip


def paper(name: str, context: dict, verify_url: str | None = samples.VERIFY_URL) -> bytes:
    return render_document(samples.template(name), context, verify_url=verify_url)


def text_of(pdf: bytes) -> str:
    return "".join(word.text for word in words(pdf))


def without(context: dict, path: str) -> dict:
    owner, _, name = path.rpartition(".")
    (context[owner] if owner else context).pop(name)
    return context


def test_every_template_is_in_the_list():
    assert sorted(path.stem for path in samples.TEMPLATES.glob("*.html")) == sorted(PAPERS)


@pytest.mark.parametrize("name", ALL)
def test_a_full_context_renders_with_number_date_and_check_code(name):
    text = text_of(paper(name, samples.context()))
    for expected in ("田农合〔2026〕00017号", "2026年11月23日", "7F3K-92QM-4XWD", "王德顺"):
        assert expected in text
    assert "None" not in text


@pytest.mark.parametrize("name", ALL)
def test_a_bare_context_renders_and_prints_no_null(name):
    context = samples.context(1, 1)
    for path in OPTIONAL:
        context = without(context, path)
    for parcel in context["parcels"]:
        parcel.update(east=None, note=None, basic_farmland=None)
    text = text_of(paper(name, context, verify_url=None))
    assert "None" not in text
    assert "校验码" not in text


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("acceptance_notice", "office.handler"),
        ("supplement_notice", "supplement_items"),
        ("rejection_notice", "reasons"),
        ("publicity_sheet", "publicity.end"),
        ("contract", "contractor.id_number"),
        ("contract", "contract.total_mu"),
        ("filing_notice", "contract.signed_on"),
        ("filing_notice", "document.number"),
    ],
)
def test_a_missing_value_is_named(name, path):
    with pytest.raises(Refused) as refusal:
        fill(samples.template(name), without(samples.context(1), path))
    assert (refusal.value.code, refusal.value.facts) == ("missing_value", {"name": path})
    assert path in str(refusal.value)


@pytest.mark.parametrize("empty", [None, "", "　"])
def test_empty_counts_as_missing_and_its_place_in_a_list_is_told(empty):
    context = samples.context(2)
    context["contractor"]["members"][2]["relation"] = empty
    with pytest.raises(Refused, match=r"contractor\.members\[3\]\.relation"):
        fill(samples.template("contract"), context)


def test_a_value_of_a_wrong_kind_is_told():
    context = samples.context(1)
    context["contract"]["term_end"] = "明年"
    with pytest.raises(Refused, match="明年"):
        fill(samples.template("contract"), context)


def test_persons_numbers_are_masked_in_public_and_whole_in_the_contract():
    context = samples.context()
    public, contract = (text_of(paper(name, context)) for name in ("publicity_sheet", "contract"))
    for number in [
        context["contractor"]["id_number"],
        *(m["id_number"] for m in context["contractor"]["members"]),
    ]:
        assert number not in public
        assert number[:3] + "*" * 11 + number[-4:] in public
        assert number in contract
    assert context["contractor"]["phone"] not in public


def test_the_contract_has_its_ten_articles_and_what_the_law_asks_for():
    """农村土地承包法 art 22: parties and persons, land, term, use, rights and duties, breach."""
    context = samples.context()
    text = text_of(paper("contract", context))
    for number, heading in zip(
        "一二三四五六七八九十",
        ["承包土地情况", "承包方家庭成员信息", "承包期限", "承包土地的用途", "发包方的权利与义务",
         "承包方的权利与义务", "违约责任", "其他事项", "合同的成立与生效", "合同份数"], strict=True
    ):  # fmt: skip
        assert f"{number}、{heading}" in text
    for expected in (
        "赵长河",
        "田溪县柳河乡石桥村一组18号",
        "2027年1月1日起至2056年12月31日",
        "一式4份",
        "三等",
    ):
        assert expected in text
    for parcel in context["parcels"]:
        assert parcel["code"] in text


def test_the_county_sets_the_decimals_of_mu():
    context = samples.context(1)
    context["county"]["mu_decimals"] = 4
    assert ">0.9450<" in fill(samples.template("filing_notice"), context)


def test_the_two_subjects_of_publicity():
    context = samples.context(2)
    context["publicity"]["subject"] = "survey"
    context["parcels"][0]["previous_area_mu"] = "0.90"
    html = fill(samples.template("publicity_sheet"), context)
    assert "权属调查结果公示" in html
    assert "原面积" in html
    assert ">0.90<" in html


@pytest.mark.parametrize("name", ["objection_sheet", "objection_answer"])
def test_an_objection_may_be_to_whatever_models_display(name):
    models = [path.read_text() for path in ROOT.glob("processes/*/process.bpmn")]
    subjects = {
        word
        for model in models
        if name in model
        for word in re.findall(r'name="subject" value="(\w+)"', model)
    }
    assert subjects >= {"survey", "contract", "change"}
    for subject in subjects:
        context = samples.context()
        context["objection"]["subject"] = subject
        assert "公示" in fill(samples.template(name), context)


@pytest.mark.parametrize(
    ("level", "seen", "unseen"), [("county", "行政复议", "反映"), ("village", "反映", "行政复议")]
)
def test_remedies_fit_who_refuses(level, seen, unseen):
    context = samples.context(1) | {"outcome": "退回"}
    context["office"]["level"] = level
    html = fill(samples.template("rejection_notice"), context)
    assert "退回通知书" in html
    assert seen in html
    assert unseen not in html


def test_hostile_and_very_long_values_stay_text_and_stay_on_the_page():
    context = samples.context(3)
    hostile = "<script>alert(1)</script>"
    context["contractor"]["members"][1]["name"] = hostile
    context["contractor"]["name"] = "阿卜杜热西提·买买提艾力·玉素甫江·托合提麦麦提" * 3
    context["parcels"][0]["name"] = "A" * 120
    context["parcels"][1]["note"] = "该地块内有通信基站一座，" * 20
    pdf = paper("contract", context)
    assert hostile in text_of(pdf)
    assert "A" * 20 in text_of(pdf)
    assert all(
        word.left >= 0 and word.right <= 595.3 - 40 for word in words(pdf, pages=3) if word.text.strip()
    )


def test_forty_parcels_and_twelve_members_are_all_there():
    context = samples.context(40, 12)
    html = fill(samples.template("contract"), context)
    assert all(f"<br>{parcel['code']}<" in html for parcel in context["parcels"])
    assert all(f"<td>{member['name']}<" in html for member in context["contractor"]["members"])
    sheets = len(context["sketch"]["pages"])
    assert f"第 1–{sheets} 页" in html
    assert f"第 {sheets}–{sheets} 页" in html
    pages = PdfReader(io.BytesIO(paper("contract", context))).pages
    assert 7 + sheets <= len(pages) <= 9 + sheets


def test_a_contract_with_its_sketch_takes_less_than_two_seconds_of_computing():
    paper("contract", samples.context())
    times = []
    for _ in range(2):
        start = time.process_time()
        paper("contract", samples.context())
        times.append(time.process_time() - start)
    assert min(times) < 2


def test_a_contract_in_another_way_has_its_own_wording():
    context = samples.context(1, 1)
    context["contract"] |= {"way_name": "公开协商", "other_way": True, "price": "每年每亩六百元"}
    text = text_of(paper("contract", context))
    for expected in ("公开协商", "每年每亩六百元", "第三章"):
        assert expected in text
    assert "家庭成员依法平等享有" not in text and "家庭承包方式" not in text
