"""Which pages an application has: only those that its answers so far ask for."""

import forms
from engine.domain.from_yaml import read_yaml
from engine.settings import ROOT
from web.portal.pages import on_page, pages_of

CHANGE, CERTIFICATE = (ROOT / "processes" / name for name in ("contract_change", "certificate_change"))


def form(folder):
    about = read_yaml((folder / "case_type.yaml").read_text("utf-8"))
    source = read_yaml((folder / "forms" / "application.yaml").read_text("utf-8"))
    return forms.load(source, about["lists"])


def slugs(read, **answers):
    return [page.slug for page in pages_of(read, answers)]


def test_many_questions_that_hang_on_one_get_pages_of_their_own():
    read = form(CHANGE)
    first = slugs(read)
    assert first[:3] == ["kind", "ruling", "phone"]
    assert "papers-surrender_notice" not in first
    assert slugs(read, kind="members")[:4] == ["kind", "members", "ruling", "phone"]
    assert "papers-household_book" in slugs(read, kind="members")
    surrender = pages_of(read, {"kind": "surrender"})
    notice = next(page for page in surrender if page.slug == "notice")
    assert notice.fields == ("notice", "notified_on")  # few: they share the page
    assert "papers-surrender_notice" not in [page.slug for page in surrender]  # the application is the notice
    earlier = pages_of(read, {"kind": "surrender", "notice": "earlier"})
    assert "papers-surrender_notice" in [page.slug for page in earlier]


def test_a_question_not_asked_is_no_page():
    read = form(CERTIFICATE)
    assert "statement" not in slugs(read, kind="cancel")
    assert "statement" in slugs(read, kind="reissue")
    assert "papers-loss_statement" not in slugs(read, kind="cancel")


def test_what_was_answered_on_a_page_before_does_not_hide_a_question():
    read = form(CERTIFICATE)
    page = next(page for page in pages_of(read, {"kind": "reissue"}) if page.slug == "statement")
    drawn = next(view for view in read.view({"kind": "reissue"}) if view.name == "statement")
    assert drawn.show_if
    assert on_page(drawn, page).show_if is None
