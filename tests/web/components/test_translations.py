"""Every Chinese text of the pages has its English."""

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
