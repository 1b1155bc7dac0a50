"""Language and text size: chosen by address, remembered by cookie, Chinese unless asked."""

import datetime
import json
from decimal import Decimal

import pytest
from flask import render_template_string

from engine.domain.errors import Invalid
from engine.domain.said import say
from engine.usecases.take_in_submissions import refusal
from tests.web.components.style_guide import create_style_guide
from web.i18n import faults_said


@pytest.fixture
def client():
    return create_style_guide().test_client()


def html_tag(answer):
    return answer.text.split("<head>")[0]


def test_chinese_first_and_english_remembered(client):
    assert 'lang="zh-CN"' in html_tag(client.get("/portal"))
    assert 'lang="en"' in html_tag(client.get("/portal?lang=en"))
    assert 'lang="en"' in html_tag(client.get("/portal"))
    assert 'lang="zh-CN"' in html_tag(client.get("/portal?lang=zh"))
    assert 'lang="zh-CN"' in html_tag(client.get("/portal?lang=klingon"))


def test_english_pages_speak_english(client):
    assert "Skip to main content" in client.get("/portal?lang=en").text
    assert "跳到正文" in client.get("/portal?lang=zh").text


def test_elders_version_is_remembered(client):
    assert "tq-elder" not in html_tag(client.get("/portal"))
    client.get("/portal?elder=1")
    assert "tq-elder" in html_tag(client.get("/portal"))
    client.get("/portal?elder=0")
    assert "tq-elder" not in html_tag(client.get("/portal"))


def test_switches_keep_what_was_searched_for(client):
    assert "?q=%E7%8E%8B&amp;elder=1" in client.get("/portal?q=王").text


def shown(text, lang="zh", **values):
    app = create_style_guide()
    with app.test_request_context(f"/?lang={lang}"):
        return render_template_string(text, **values)


def test_moments_are_shown_in_chinas_time():
    late = datetime.datetime(2026, 3, 2, 17, 30, tzinfo=datetime.UTC)
    assert shown("{{ t|moment }}", t=late) == "2026年3月3日 01:30"
    assert shown("{{ t|day }}", t=late) == "2026年3月3日"
    assert shown("{{ t|day }}", "en", t=datetime.date(2026, 3, 5)) == "5 March 2026"
    assert shown("{{ t|day }}", t="2026-03-05") == "2026年3月5日"


def test_areas_and_bilingual_texts():
    assert shown("{{ a|mu }}", a=Decimal("1000.00")) == "1.50"
    assert shown("{{ t|both }}", "en", t={"zh": "地块", "en": "Parcel"}) == "Parcel"


def test_assets_carry_their_fingerprint(client):
    assert "/static/dist/site.css?v=" in client.get("/portal").text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", "登记簿中没有地块 12，请核对编码"),
        ("en", "The register has no parcel 12; check the code"),
    ],
)
def test_what_was_wrong_in_a_submission_is_read_in_the_readers_language(language, said):
    fault = say("登记簿中没有地块 %(code)s，请核对编码", code="12")
    kept = json.loads(json.dumps(refusal(Invalid({"other_parcels": [fault], "parcels": [fault]}))))
    with create_style_guide().test_request_context(f"/?lang={language}"):
        assert faults_said(kept) == [said]
        assert faults_said({"kind": "invalid", "errors": {"a": ["x"]}}) == ["x"]
