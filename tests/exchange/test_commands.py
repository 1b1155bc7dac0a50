"""`tianqi demo-county` and `tianqi package check`: what programs and people read, and the exit codes."""

import json

import pytest
from click.testing import CliRunner

from engine.commands.exchange import demo_county, group


@pytest.fixture
def run():
    return lambda command, *arguments: CliRunner().invoke(command, [str(a) for a in arguments])


def test_a_clean_package_exits_0(run, clean):
    done = run(group, "check", clean, "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["findings"] == []
    assert told["counts"]["CBF"] == 64


def test_findings_exit_1_in_three_forms(run, package):
    next(package.glob("图件/*/*.pdf")).unlink()
    as_json = run(group, "check", package, "--json")
    assert as_json.exit_code == 1
    (found,) = json.loads(as_json.stdout)["findings"]
    assert found.keys() == {"rule", "severity", "table", "record", "field", "message"}
    lines = run(group, "check", package, "--jsonl")
    assert [json.loads(line) for line in lines.stdout.splitlines()] == [found]
    on_screen = run(group, "check", package)
    assert "附件不存在" in on_screen.stdout
    assert on_screen.exit_code == lines.exit_code == 1


def test_wrong_use_exits_2(run, tmp_path):
    assert run(group, "check", tmp_path / "nowhere").exit_code == 2
    assert run(demo_county, tmp_path, "--households", "3").exit_code == 2
    assert run(demo_county, tmp_path / "x", "--households", "10", "--flaws").exit_code == 2


def test_demo_county_then_check(run, tmp_path):
    made = run(demo_county, tmp_path / "county", "--households", "20", "--json")
    assert made.exit_code == 0
    assert json.loads(made.stdout)["counts"]["CBF"] == 24
    assert run(group, "check", tmp_path / "county").exit_code == 0
