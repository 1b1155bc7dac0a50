"""`tianqi process scenarios`: what it prints and how it exits. The county it would build is the tests' own here."""

import json
import shutil
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.commands import scenarios
from engine.settings import ROOT

SHIPPED = ROOT / "processes" / "contract_signing"


@pytest.fixture
def folder(tmp_path, monkeypatch, running):
    """An installation's own case types: contract signing with one short scenario."""
    copy = tmp_path / "contract_signing"
    shutil.copytree(SHIPPED, copy, ignore=shutil.ignore_patterns("scenarios"))
    (copy / "scenarios").mkdir()
    shutil.copy(SHIPPED / "scenarios" / "rejection_village.yaml", copy / "scenarios")
    monkeypatch.setenv("TIANQI_PROCESSES", str(tmp_path))

    @contextmanager
    def trial():
        yield running

    monkeypatch.setattr(scenarios, "trial", trial)
    return copy


def run(*args):
    return CliRunner().invoke(main, ["process", "scenarios", "--no-print", *args])


def test_a_scenario_that_goes_as_told(folder):
    answer = run("contract_signing", "--json")
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    row = {
        "case_type": "contract_signing",
        "scenario": "rejection_village",
        "ok": True,
        "steps": 4,
        "message": "",
    }
    assert told["scenarios"] == [row]
    assert 0 < told["coverage"]["contract_signing"] < 1
    assert "ok  contract_signing/rejection_village" in run().output


def test_one_that_does_not_is_a_finding(folder):
    path = folder / "scenarios" / "rejection_village.yaml"
    text = path.read_text("utf-8")
    assert text.count("status: rejected") == 1
    path.write_text(text.replace("status: rejected", "status: completed"), "utf-8")
    answer = run("--json")
    assert answer.exit_code == 1
    [row] = json.loads(answer.output)["scenarios"]
    assert (row["ok"], row["steps"]) == (False, 2)
    assert "status" in row["message"]
    assert "rejected" in row["message"]


def test_wrong_use_and_a_broken_case_type(folder):
    assert run("unheard_of").exit_code == 2
    (folder / "process.bpmn").write_text("<not bpmn", "utf-8")
    answer = run()
    assert answer.exit_code == 1
    assert "contract_signing" in answer.output
    assert "Traceback" not in answer.output
