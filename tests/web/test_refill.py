"""A page's form filled with what was typed before, whatever the page: pure text in, text out."""

import pytest

from web.refill import refill

PAGE = """<!doctype html><html><body><main id="main">
<form method="get" action="/a"><input name="q" value=""></form>
<form action="/a" method="post" novalidate><input type="hidden" name="csrf_token" value="new">
<input class="x" name="name" value="old &amp; gone" maxlength="9"><input name="row" value=""><input name="row">
<textarea name="text" rows="3">before</textarea>
<select name="unit"><option value="mu" selected>亩</option><option value="m2">平方米</option></select>
<input type="radio" name="way" value="yes" checked><input type="radio" name="way" value="no">
<input type="checkbox" name="seen" value="a" checked /><input type="checkbox" name="seen" value="b">
<input type="password" name="secret"><input type="file" name="scan"><button name="act" value="go">好</button></form>
<form method="post" action="/b"><input name="name" value="other"></form></main></body></html>"""


def filled(action="/a", page=PAGE, **fields):
    given = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
    return refill(page, "/a", action, given, "还在", "没处放：")


@pytest.mark.parametrize(
    ("fields", "there"),
    [
        ({"name": '<b>"王"</b>'}, 'name="name" maxlength="9" value="&lt;b&gt;&quot;王&quot;&lt;/b&gt;"'),
        ({"row": ["一", "二"]}, 'name="row" value="一"><input name="row" value="二">'),
        ({"text": "</textarea><script>"}, 'rows="3">&lt;/textarea&gt;&lt;script&gt;</textarea>'),
        ({"unit": "m2"}, '<option value="mu">亩</option><option value="m2" selected="">'),
        ({"way": "no"}, 'value="yes"><input type="radio" name="way" value="no" checked="">'),
        ({"seen": ["b"]}, 'value="a" /><input type="checkbox" name="seen" value="b" checked="">'),
        ({"csrf_token": "old"}, 'name="csrf_token" value="new"'),
        ({"secret": "没处放的"}, "<li>没处放的</li>"),
        ({"row": ["一", "二", "三"]}, "<li>三</li>"),
        (
            {"act": "go"},
            'novalidate><div class="govuk-inset-text" role="status"><p class="govuk-body">还在</p></div>',
        ),
    ],
)
def test_what_a_person_fills_is_filled_and_nothing_else(fields, there):
    page = filled(**fields)
    assert there in page
    assert '<input name="name" value="other">' in page
    assert '<input name="q" value="">' in page


def test_only_the_form_that_was_sent():
    page = filled("/b", name="我")
    assert '<input name="name" value="我">' in page
    assert 'value="old &amp; gone"' in page


def test_a_page_without_the_form_still_says_what_was_typed():
    page = filled("/c", text="写了很多", decision="pass")
    assert page.index("<main") < page.index("写了很多") < page.index("<form")
    assert "pass</li>" not in page
