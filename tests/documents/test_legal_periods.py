"""Papers take the law's periods from dated data: a template that says one in words would stay behind the law."""

import re
from datetime import date

import pytest

from engine.documents.templates import fill
from engine.domain.remedies import in_characters, period
from engine.settings import ROOT

PERIOD = re.compile(
    "[一二三四五六七八九十百]+(?:个?工作日|日[内起以止]|日</b>|日视|天|个月|年(?!月|度|级))|[0-9]+ ?(?:个?工作日|日内|天内|个月)"
)
COMMENT = re.compile(r"\{#.*?#\}", re.S)
# Templates whose periods still stand in words, beside dated parameters of the same value. None may be added.
IN_WORDS = {
    "dispute_arbitration/service_slip.html", "dispute_arbitration/acceptance_notice.html", "dispute_arbitration/award.html",
    "dispute_arbitration/hearing_notice.html", "dispute_arbitration/participation_notice.html", "dispute_arbitration/public_notice.html",
    "capital_review/acceptance_notice.html", "capital_review/extension_notice.html", "transfer_filing/filing_notice.html",
}  # fmt: skip


def templates():
    yield from ((path.name, path) for path in sorted((ROOT / "engine/documents/base").glob("*.html")))
    for path in sorted(ROOT.glob("processes/*/documents/*.html")):
        yield f"{path.parents[1].name}/{path.name}", path


def test_no_template_says_a_legal_period_in_words():
    found = {name for name, path in templates() if PERIOD.search(COMMENT.sub("", path.read_text("utf-8")))}
    assert found == IN_WORDS


@pytest.mark.parametrize(
    ("name", "day", "says"),
    [
        ("review", date(2026, 1, 1), "六十日"),
        ("suit", date(2026, 1, 1), "六个月"),
        ("suit", date(2015, 4, 30), "三个月"),
    ],
)
def test_the_law_of_the_day(name, day, says):
    assert period(name, day) == says
    assert fill("{{ period_of(name, day) }}", {"name": name, "day": day.isoformat()}) == says


def test_numbers_in_characters():
    assert [in_characters(n) for n in (6, 10, 15, 20, 60, 99)] == [
        "六",
        "十",
        "十五",
        "二十",
        "六十",
        "九十九",
    ]
