"""The studio's check and the command speak English where they are asked to."""

import json
import re

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.settings import ROOT

FOLDER = ROOT / "processes" / "contract_signing"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
QUOTED = re.compile(r"“[^”]*”")  # names from the drawing


@pytest.fixture
def broken() -> str:
    return re.sub(
        r'camunda:candidateGroups="village_clerk"', "", (FOLDER / "process.bpmn").read_text("utf-8")
    )


@pytest.mark.parametrize(("lang", "said"), [("zh", "没有候选组"), ("en", "has no candidate group")])
def test_the_check_of_the_studio(client_for, broken, lang, said):
    answer = client_for("admin").post(
        f"/studio/contract_signing/check?lang={lang}", data=broken.encode(), content_type="application/xml"
    )
    found = answer.json["problems"]
    assert said in found[0]["message"]
    spoken = QUOTED.sub("", " ".join(problem["message"] + problem["fix"] for problem in found))
    assert bool(CHINESE.search(spoken)) == (lang == "zh")


def test_what_is_drawn_has_its_english_name(client_for):
    page = client_for("admin").get("/studio/contract_signing?lang=en").text
    table = page[page.index("model-outline") :]
    assert "Issue notice of acceptance" in table and "Issuing party (village)" in table
    assert "出具受理通知书" not in table


def test_the_command(tmp_path, broken):
    path = tmp_path / "process.bpmn"
    path.write_text(broken, "utf-8")
    told = CliRunner().invoke(main, ["process", "check", str(path), "--json", "--lang", "en"])
    assert told.exit_code == 1
    [row] = json.loads(told.output)
    assert any("has no candidate group" in problem["message"] for problem in row["problems"])
    assert "没有候选组" in CliRunner().invoke(main, ["process", "check", str(path)]).output
