"""`tianqi stores …` and `tianqi reconcile`: exit codes, JSON, and a file carried there and back with its receipt."""

import json
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.commands import stores as commands
from engine.usecases.carry_out_effect import drain
from engine.usecases.stores import follow_stores
from tests.usecases.acting import COUNTY
from tests.usecases.stores.places import codes, resurvey, two_sides


@pytest.fixture
def run(monkeypatch):
    def at(app, *arguments: str):
        @contextmanager
        def application():
            yield app

        monkeypatch.setattr(commands, "application", application)
        return CliRunner().invoke(main, list(arguments))

    return at


def test_reconcile_says_0_where_all_agree_and_1_with_what_differs(running, run):
    drain(running)
    answer = run(running, "reconcile", "--json")
    assert answer.exit_code == 0, answer.output
    [found] = json.loads(answer.output)
    assert found["agrees"]
    assert found["stores"].keys() == {"vault", "operational", "query"}
    code = codes(running)[0]
    resurvey(running, code, by=40)
    answer = run(running, "reconcile", "--json")
    assert answer.exit_code == 1
    [found] = json.loads(answer.output)
    assert {(d["store"], d["code"], d["problem"]) for d in found["differences"]} == {
        ("vault", code, "differs"), ("query", code, "differs"),
    }  # fmt: skip
    assert found["waiting"] == 2
    assert "differs" in run(running, "reconcile").output
    assert run(running, "stores", "refresh").exit_code == 0
    assert run(running, "reconcile", "--county", COUNTY).exit_code == 0
    drain(running)


def test_a_file_goes_there_and_its_receipt_comes_back(running, run, tmp_path):
    inside, outside = two_sides(running, tmp_path)
    key = run(inside, "stores", "key").output.strip()
    assert run(outside, "stores", "trust", "vault", key).exit_code == 0
    sent, receipt = tmp_path / "1.zip", tmp_path / "1.receipt.json"
    assert run(inside, "stores", "export", str(sent)).exit_code == 0
    assert run(inside, "stores", "export", str(sent)).exit_code == 2  # it is there
    answer = run(outside, "stores", "import", str(sent))
    assert answer.exit_code == 0, answer.output
    assert run(outside, "stores", "import", str(sent)).exit_code == 2
    again = run(outside, "stores", "receipt", "1", str(tmp_path / "again.json"))
    assert again.exit_code == 0
    assert json.loads((tmp_path / "again.json").read_text()) == json.loads(receipt.read_text())
    assert run(inside, "stores", "import", str(receipt)).exit_code == 0
    [status] = json.loads(run(inside, "stores", "status", "--json").output)
    assert [(f["direction"], f["number"], f["receipted"]) for f in status["files"]] == [("out", 1, True)]
    assert "receipt" in run(inside, "stores", "status").output
    assert run(inside, "stores", "export", "--again", "1", str(tmp_path / "more.zip")).exit_code == 0
    assert (tmp_path / "more.zip").read_bytes() == sent.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [["stores", "export", "x.zip"], ["stores", "key"], ["stores", "trust", "vault", "00"], ["stores", "receipt", "1", "x.json"]],
)  # fmt: skip
def test_where_a_network_joins_the_stores_that_is_wrong_use(running, run, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = run(running, *arguments)
    assert answer.exit_code == 2
    assert "TIANQI_EXCHANGE" in answer.output


def test_the_vaults_machine_keeps_newer_outlines_that_files_brought(running, run, tmp_path):
    """Its own register is what was last imported there; a refresh does not put that over the vault."""
    inside, _ = two_sides(running, tmp_path)
    assert follow_stores(inside, COUNTY, {}, lambda *_: None).keys() == {"open"}
