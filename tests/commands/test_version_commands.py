"""`tianqi process backtest` and `tianqi process migrate` as they are typed."""

import json

import pytest
from click.testing import CliRunner

from engine.cli import main
from tests.usecases.acting import COUNTY, played
from tests.usecases.test_migrate_cases import RENAMED, TYPE, changed, facts, is_whole, publish


@pytest.fixture
def tianqi(running, monkeypatch):
    """Runs a command against the test's database; gives its result."""
    settings = running.settings
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PORTAL_DATABASE_URL", settings.portal_database_url)
    monkeypatch.delenv("OWNER_DATABASE_URL", raising=False)
    monkeypatch.setenv("TIANQI_SECRET_KEY", settings.secret_key.hex())
    monkeypatch.setenv("TIANQI_DEMO", "1")

    def run(*arguments: str):
        return CliRunner().invoke(main, ["process", *arguments])

    return run


@pytest.fixture(scope="module")
def play(running):
    return played(running, until="township_review")


def rows(result):
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_folder_is_run_against_all_cases(tianqi, play, tmp_path):
    result = tianqi("backtest", TYPE)
    assert result.exit_code == 0, result.output
    assert "路线相同 same 1" in result.stdout
    draft = changed(("${village_check.decision == 'pass'}", "${village_check.decision == 'reject'}"))
    for path, body in draft.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(body)
    result = tianqi("backtest", str(tmp_path), "--county", COUNTY, "--json")
    *cases, last = rows(result)
    assert [(case["case"], case["verdict"]) for case in cases] == [(play.number, "route")]
    assert last["summary"]["verdicts"]["route"] == 1
    assert last["summary"]["partings"][0]["key"][0] == "village_check"
    told = tianqi("backtest", str(tmp_path))
    assert f"{play.number}  路线不同" in told.stdout
    assert "village_check" in told.stdout


def test_what_is_no_draft_is_refused_in_words(tianqi):
    assert tianqi("backtest", "nothing").exit_code == 2
    assert tianqi("backtest", TYPE, "--draft").exit_code == 2


def test_the_saved_draft_of_a_county_is_run(tianqi, play):
    result = tianqi("backtest", TYPE, "--draft", "--county", COUNTY)
    assert result.exit_code == 0, result.output
    assert "路线相同 same 1" in result.stdout


def test_cases_are_planned_rehearsed_moved_and_taken_back(tianqi, running, play):
    old = facts(running, play)
    new = publish(running, changed(RENAMED))
    assert "可以迁移 can move 1" in tianqi("migrate", TYPE, "--by", "admin").stdout
    rehearsed = tianqi("migrate", TYPE, "--by", "admin", "--rehearse")
    assert "乡镇复核" in rehearsed.stdout
    assert facts(running, play) == old
    *cases, last = rows(tianqi("migrate", TYPE, "--by", "admin", "--apply", "--json"))
    assert [(case["case"], case["came"]) for case in cases] == [(play.number, "moved")]
    assert last["summary"]["moved"]["count"] == 1
    assert facts(running, play)["version"] == new
    assert "没有要迁移的办件" in tianqi("migrate", TYPE, "--by", "admin", "--apply").stdout
    assert "已迁移 moved 1" in tianqi("migrate", TYPE, "--by", "admin", "--undo").stdout
    assert facts(running, play) == old
    assert is_whole(running, play)


def test_reasons_are_listed_with_what_to_do_and_what_may_be_declared(tianqi, running, play):
    publish(running, changed(('value="acceptance_notice"', 'value="publicity_sheet"')))
    told = tianqi("migrate", TYPE, "--by", "admin").stdout
    assert "不能迁移 cannot 1" in told
    assert "(--harmless issue_acceptance_notice)" in told
    assert (
        "可以迁移 can move 1"
        in tianqi("migrate", TYPE, "--by", "admin", "--harmless", "issue_acceptance_notice").stdout
    )


def test_nobody_else_moves_cases(tianqi, running, play):
    refused = tianqi("migrate", TYPE, "--by", "county", "--apply")
    assert refused.exit_code == 1
    assert "只有流程管理员" in refused.output
