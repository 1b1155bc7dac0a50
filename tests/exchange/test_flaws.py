"""Every implemented rule finds the flaw that was planted for it, where it was planted."""

import json
from pathlib import Path

import pytest

from engine.domain.said import written
from engine.exchange.check_package import CheckResult, check_package
from engine.exchange.checks import CHECKS
from engine.exchange.demo import write_demo_county
from engine.exchange.findings import rules

# F00: see test_bad_packages.
PLANTED = [rule for rule in rules() if rule != "F00"]


@pytest.fixture(scope="module")
def flawed(tmp_path_factory) -> tuple[list[dict], CheckResult, Path]:
    folder = tmp_path_factory.mktemp("flawed")
    write_demo_county(folder, households=60, flaws=True)
    manifest = json.loads((folder / "flaws.json").read_text("utf-8"))
    return manifest, check_package(folder), folder


@pytest.mark.parametrize("rule", PLANTED)
def test_the_planted_flaw_is_found(flawed, rule):
    manifest, result, _ = flawed
    (flaw,) = [entry for entry in manifest if entry["rule"] == rule]
    found = {(f.rule, f.table, f.record, f.field) for f in result.findings}
    assert (rule, flaw["table"], flaw["record"], flaw["field"]) in found


def test_little_else_is_found(flawed):
    """Only the other side of a pair: the second holder of a number, the neighbour of an overlap or a gap."""
    manifest, result, _ = flawed
    planted = {(entry["rule"], entry["record"]) for entry in manifest}
    assert [f.rule for f in result.findings if (f.rule, f.record) not in planted] == [
        "A10",
        "T03",
        "T07",
        "T15",
    ]


def test_findings_are_in_the_users_words(flawed):
    _, result, _ = flawed
    for finding in result.findings:
        assert any("\u4e00" <= c <= "\u9fff" for c in finding.message)
        assert written(finding.message), "what is not said by a template stays Chinese in English pages"
        assert finding.severity in ("error", "warning")
    assert not result.ok


def test_every_check_is_a_listed_rule():
    assert {rule for rule, _ in CHECKS} <= set(rules())
    for entry in rules().values():
        assert entry.keys() - {"verify", "firm"} == {"severity", "zh", "en", "source"}
