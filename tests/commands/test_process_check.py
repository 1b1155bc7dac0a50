"""`tianqi process check` on single files: whatever is in them, it answers in words and with an exit code."""

import gzip
import io
import json
import os
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.commands.process import MOST_BYTES, group
from tests.bpmn.support import END, MODELS, START, document, flows, process, user

GOOD = document(process(START + user("a") + END + flows("s a e")))


def zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("process.bpmn", content)
    return packed.getvalue()


def run(*arguments: object):
    return CliRunner().invoke(group, ["check", *map(str, arguments)])


BYTES = {
    "nothing": b"",
    "a nul": b"\x00",
    "a nul inside": GOOD.replace(b"<process", b"\x00<process"),
    "text": "不是流程".encode(),
    "zip": zipped(GOOD),
    "gzip": gzip.compress(GOOD),
    "too large": b" " * (MOST_BYTES + 1),
    "utf-16": GOOD.decode().encode("utf-16"),
    "utf-16 without mark": GOOD.decode().encode("utf-16-le"),
    "another encoding than it says": GOOD.replace(b"UTF-8", b"gbk").replace(b'name="a"', "name='田契€'".encode()),
    "an encoding that hides marks": b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
    "a DTD": GOOD.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1),
    "a DTD after a comment": GOOD.replace(b"?>", b"?><!-- x --><?y z?><!DOCTYPE definitions>", 1),
    "an entity": GOOD.replace(b'id="s"', b'id="&x;"'),
    "an outside entity": GOOD.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', 1),
    "an inclusion": GOOD.replace(b"<process", b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd" parse="text"/><process'),
    "many attributes": b"<a " + b" ".join(b"a%d=''" % n for n in range(20_000)) + b"/>",
    "many elements": b"<a>" + b"<b/>" * 20_001 + b"</a>",
    "deep": b"<a>" * 101 + b"</a>" * 101,
    "open to the end": b"<a>" * 90_000,
    "a comment without end": b"<!-- " * 1000,
    "html": b"<!doctype html><html></html>",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
    "not a model": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
}  # fmt: skip


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("file", ["x.bpmn", "x.dmn", "x.xml", "x"])
def test_whatever_the_bytes_it_says_what_is_wrong(name, file, tmp_path):
    path = tmp_path / file
    path.write_bytes(BYTES[name])
    result = run(path, "--json")
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    [row] = json.loads(result.output)
    assert not row["ok"] and row["problems"]
    assert "check-failed" not in {problem["rule"] for problem in row["problems"]}
    assert all(problem["message"] and problem["fix"] for problem in row["problems"])
    assert "root:" not in result.output


def test_a_good_model_is_good_under_any_name(tmp_path):
    for name in ("x.bpmn", "X.BPMN", "x.bpmn20.xml", "x"):
        path = tmp_path / name
        path.write_bytes(GOOD)
        result = run(path)
        assert result.exit_code == 0, result.output
        assert result.output.startswith("ok ")


def test_a_decision_table_alone_can_be_checked():
    assert run(MODELS / "urgency.dmn").exit_code == 0


def test_what_cannot_be_read_is_a_problem_not_a_traceback(tmp_path, monkeypatch):
    path = tmp_path / "x.bpmn"
    path.write_bytes(GOOD)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    result = run(path, "--json")
    assert result.exit_code == 1
    assert json.loads(result.output)[0]["problems"][0]["rule"] == "unreadable"


def test_a_name_that_is_no_text_is_shown_as_well_as_may_be(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.bpmn"))
    path.write_bytes(b"x")
    assert run(path).exit_code == 1
    assert run(path, "--json").exit_code == 1
