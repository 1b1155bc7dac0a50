"""Every Chinese text of the pages has its English."""

import ast
import shutil

from web.translations import check


def test_a_missing_entry_is_found_and_update_adds_it(tmp_path, monkeypatch):
    catalogue = tmp_path / "messages.po"
    shutil.copy(check.CATALOGUE, catalogue)
    source = tmp_path / "page.html"
    source.write_text("{{ _('从未见过的文字') }} {{ _('跳到正文') }}", "utf-8")
    monkeypatch.setattr(check, "CATALOGUE", catalogue)
    monkeypatch.setattr(check, "sources", lambda: [source])
    assert [text for text, _ in check.missing()] == ["从未见过的文字"]
    check.update()
    assert [text for text, _ in check.missing()] == ["从未见过的文字"], "an empty entry is still missing"
    assert "从未见过的文字" in catalogue.read_text("utf-8")


def test_placeholders_must_agree(tmp_path, monkeypatch):
    catalogue = tmp_path / "messages.po"
    catalogue.write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "剩余%(days)s天"\nmsgstr "%(day)s days left"\n',
        "utf-8",
    )
    source = tmp_path / "page.py"
    source.write_text(
        "from flask_babel import gettext as _\n\ndef f(n):\n    return _('剩余%(days)s天', days=n)\n", "utf-8"
    )
    monkeypatch.setattr(check, "CATALOGUE", catalogue)
    monkeypatch.setattr(check, "sources", lambda: [source])
    assert "placeholders" in check.missing()[0][1]


def test_what_a_shipped_model_draws_in_chinese_has_its_english():
    model = (check.MODELS / "dispute_mediation" / "process.bpmn").read_bytes()
    without = model.replace(b'<camunda:property name="name_en" value="Who mediates?"/>', b"")
    assert without != model
    assert list(check.unnamed_in(without)) == [("由谁调解", "gw_level")]
    assert check.unnamed() == []


def test_faults_of_fields_and_messages_by_name_must_be_marked():
    module = """
GONE, KNOWN = "没有了", say("没有")
LOST = "丢了"
faults["a"] = ["请填"]
faults["b"] = [say("请填"), f"最多{n}字", "ok" if n else "太长"]
raise Invalid({"c": [LOST], "d": [KNOWN], "e": [f"没有 {code}" for code in codes]})
raise NotFound("x", LOST)
raise NotFound("x", "没有这个")
"""
    found = sorted((text.lineno, ast.unparse(text)) for text in check.plain_in(ast.parse(module)))
    assert [line for line, _ in found] == [4, 5, 5, 6, 6, 7]
