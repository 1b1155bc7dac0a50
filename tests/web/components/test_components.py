"""Components in a real browser: accessible, narrow enough, usable with and without JavaScript."""

import gzip

import pytest

from tests.e2e.looking import axe
from web.assets import DIST

EVERYWHERE = [
    ("/", 360),
    ("/portal?elder=1", 360),
    ("/missing", 360),
    ("/modeler", 1280),
    *(
        pytest.param(*shown, marks=pytest.mark.long)
        for shown in [("/", 1280), ("/portal", 360), ("/portal?lang=en", 1280)]
    ),
]


def ready(page):
    for mark in ("[data-map]", "[data-bpmn-viewer]", "[data-bpmn-modeler]"):
        if page.locator(mark).count():
            page.locator(f"{mark}[data-ready]").wait_for()


@pytest.mark.parametrize(("path", "width"), EVERYWHERE)
def test_no_axe_violation_and_no_sideways_scrolling(open_page, path, width):
    page = open_page(path, width)
    ready(page)
    found = axe(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_pale_text_is_found_in_whichever_row_it_stands(open_page):
    """Rows that look alike are looked at once; one that looks otherwise is looked at too."""
    page = open_page("/missing", 360)
    page.evaluate(
        """document.querySelector('main').innerHTML += `<ul>${"<li><b>一块地</b></li>".repeat(30)}</ul>`"""
    )
    assert axe(page).violations_count == 0
    page.evaluate("document.querySelector('li:nth-child(20) b').style.color = '#ccc'")
    assert [row["id"] for row in axe(page).response["violations"]] == ["color-contrast"]
    page.evaluate("document.querySelectorAll('li b').forEach((b) => b.style.color = '#ccc')")
    assert [len(row["nodes"]) for row in axe(page).response["violations"]] == [2]


def test_pages_work_without_javascript(open_page):
    page = open_page("/portal", 360, javascript=False)
    assert page.get_by_label("意见").or_(page.get_by_role("group", name="意见")).first.is_visible()
    assert page.locator("[name=reasons]").first.is_visible(), "without scripts every question is shown"
    assert page.get_by_role("row", name="990101201010100001").first.is_visible()
    assert "大字" in page.get_by_role("link", name="长辈版").inner_text()


def test_questions_follow_answers(open_page):
    page = open_page("/")
    reasons = page.locator("[name=reasons]").first
    assert reasons.is_visible()
    page.get_by_label("通过", exact=True).check()
    assert reasons.is_hidden()
    page.get_by_label("不予通过").check()
    assert reasons.is_visible()


def test_rows_are_added_and_removed_in_place(open_page):
    page = open_page("/")
    group = page.get_by_role("group", name="家庭成员")
    assert group.locator("[data-row]").count() == 2
    group.get_by_role("button", name="增加一行").click()
    page.locator("[name='members-2-name']").fill("新成员")
    assert group.locator("[data-row-number]").all_inner_texts() == ["第 1 行", "第 2 行", "第 3 行"]
    group.get_by_role("button", name="删除此行").first.click()
    assert group.locator("[data-row-number]").all_inner_texts() == ["第 1 行", "第 2 行"]
    assert page.locator("[name='members-2-name']").input_value() == "新成员"


def test_error_summary_leads_to_its_field(open_page):
    page = open_page("/")
    page.get_by_role("link", name="“租金”应为数字").click()
    assert page.evaluate("document.activeElement.name") == "rent"


def test_map_is_drawn_and_follows_its_table(open_page):
    page = open_page("/")
    ready(page)
    count = "document.querySelector('[data-map]').tianqiMap.source.getFeatures().length"
    assert page.evaluate(count) == 4
    assert page.get_by_text("没有可显示的地块").count() == 0
    page.locator("[data-show-parcel='990101201010100002']").click()
    assert (
        page.locator("tr.is-selected[data-parcel-row]").first.get_attribute("data-parcel-row")
        == "990101201010100002"
    )


def test_replay_slider_moves_the_marks(open_page):
    page = open_page("/")
    ready(page)
    assert page.locator(".tq-mark-current[data-element-id=village_check]").count() == 1
    page.locator("[data-replay-slider]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".tq-mark-current[data-element-id=township_review]").count() == 1
    assert page.locator(".tq-mark-done[data-element-id=village_check]").count() == 1
    assert "第 2 步" in page.locator("[data-replay-text]").inner_text()


@pytest.mark.parametrize(
    ("path", "place"), [("/", "[data-bpmn-viewer]"), ("/modeler", "[data-bpmn-modeler]")]
)
def test_the_bpmn_io_mark_is_visible_and_uncovered(open_page, path, place):
    """The library's licence asks for it."""
    page = open_page(path)
    ready(page)
    mark = page.locator(f"{place} .bjs-powered-by")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box
    assert min(box["width"] / 40, box["height"] / 15) > 1
    for dx, dy in ((0.1, 0.2), (0.5, 0.5), (0.9, 0.8)):
        at = [box["x"] + box["width"] * dx, box["y"] + box["height"] * dy]
        covered = "([x, y]) => !document.elementFromPoint(x, y)?.closest('.bjs-powered-by')"
        assert not page.evaluate(covered, at)
    assert mark.evaluate("e => getComputedStyle(e).opacity") == "1"


def test_the_modeler_saves_checks_and_speaks_chinese(open_page):
    page = open_page("/modeler")
    ready(page)
    page.get_by_role("button", name="人工任务：村级初审").click()
    panel = page.locator("#model-properties")
    panel.get_by_text("办理人", exact=True).wait_for()
    assert "人工任务" in panel.inner_text()
    panel.get_by_text("基本", exact=True).click()
    panel.locator("[name=name]").first.fill("村级初步审查")
    page.get_by_role("button", name="人工任务：村级初步审查").wait_for()
    page.get_by_role("button", name="保存草稿").click()
    page.get_by_text("已保存").wait_for()
    page.get_by_role("button", name="检查", exact=True).click()
    page.get_by_role("button", name="没有表单").click()
    assert page.locator(".djs-element.selected[data-element-id=village_check]").count() == 1
    assert page.locator(".tq-mark-bad[data-element-id=village_check]").count() == 1
    assert page.get_by_text("发现 2 个问题").is_visible()


def test_applicants_load_little():
    """16 kB of CSS is govuk-frontend's own size; the scripts are htmx and our small improvements."""
    size = {
        name: len(gzip.compress((DIST / name).read_bytes())) for name in ("site.css", "site.js", "viewer.js")
    }
    assert size["site.css"] + size["site.js"] < 54_000
    assert size["viewer.js"] < 75_000


def test_no_foreign_identity_in_the_styles():
    css = (DIST / "site.css").read_text("utf-8")
    assert "GDS Transport" not in css
    assert "govuk-crest" not in css
