"""Papers take the law's periods from dated data: a template that says one in words would stay behind the law."""

import re
from datetime import date

import pytest
import yaml

from engine.documents.templates import fill
from engine.domain.case_type import CaseType
from engine.domain.from_yaml import read_yaml
from engine.domain.legal_words import law_of
from engine.domain.remedies import in_characters, period
from engine.settings import ROOT
from engine.store.versions import read_folder
from engine.usecases.publish_process import check_files

PERIOD = re.compile(
    "[一二两三四五六七八九十百]+(?:个?工作日|日[内起以止]|日</b>|日视|天|个月|年(?!月|度|级))|[0-9]+ ?(?:个?工作日|日内|天内|个月)"
)
IN_ENGLISH = re.compile(
    r"\b(?:\d+|one|two|three|five|ten|fifteen|thirty|sixty) (?:working |calendar )?(?:days|months|years)\b",
    re.I,
)
COMMENT = re.compile(r"\{#.*?#\}", re.S)
# Days that are no period: "until this day", "the day after"; and the choice of a form that no law sets.
NO_PERIOD = re.compile("第二天|hint: {zh: 不填为一年")
LONGER = b"values: [{from: 2010-01-01, value: 10}, {from: 2027-01-01, value: 15}]\n    at_least: 10"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return dict(read_folder(ROOT / "processes" / "dispute_arbitration"))


def templates():
    yield from ((path.name, path) for path in sorted((ROOT / "engine/documents/base").glob("*.html")))
    for path in sorted(ROOT.glob("processes/*/documents/*.html")):
        yield f"{path.parents[1].name}/{path.name}", path


def test_no_template_says_a_legal_period_in_words():
    found = {name for name, path in templates() if PERIOD.search(COMMENT.sub("", path.read_text("utf-8")))}
    assert found == set()


def test_no_case_type_says_one_beside_its_parameters():
    """What pages say of a step; the date itself they show from the parameters."""
    told = [
        path
        for kind in ("case_type.yaml", "forms/*.yaml", "process.bpmn")
        for path in ROOT.glob(f"processes/*/{kind}")
    ]
    said = [
        (str(path.relative_to(ROOT)), line.strip())
        for path in told
        for line in path.read_text("utf-8").splitlines()
    ]
    assert [
        (path, line)
        for path, line in said
        if PERIOD.search(NO_PERIOD.sub("", line)) or IN_ENGLISH.search(line)
    ] == []


def test_a_template_takes_the_number_of_the_day(files):
    """The parameters of a county that allows a longer answer from 2027 on."""
    later = files["parameters.yaml"].replace(
        b"values: [{from: 2010-01-01, value: 10}]\n    at_least: 10", LONGER
    )
    case_type = CaseType(files | {"parameters.yaml": later})
    template = "{{ law.answer }} {# law.other #} {{ law.limitation_years }}"
    said = [law_of(case_type, template, day) for day in (date(2026, 12, 31), date(2027, 1, 1))]
    assert said == [{"answer": words, "limitation_years": "二年"} for words in ("十日", "十五日")]
    assert fill(template, {"law": said[0]}).split() == ["十日", "二年"]


def test_a_template_that_names_no_period_is_refused(files):
    """Neither is a number without a unit of time one."""
    path = "documents/award.html"
    told = check_files(files | {path: files[path] + b"{{ law.no_such }} {{ law.answer }}"})
    assert [(one.file, one.rule, "law.no_such" in one.message) for one in told] == [(path, "template", True)]


def test_a_number_without_day_or_source_is_refused(files):
    told = read_yaml(files["parameters.yaml"])
    told["numbers"] |= {
        "no_source": {"values": [{"from": date(2010, 1, 1), "value": 1}]},
        "no_day": {"source": "法", "values": [{"value": 1}]},
    }
    broken = yaml.safe_dump(told, allow_unicode=True).encode()
    said = [one.message for one in check_files(files | {"parameters.yaml": broken})]
    assert (
        len(said) == 2
        and "no_source：没有写依据" in said[1]
        and "no_day" in said[0]
        and "生效日期" in said[0]
    )


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
