"""The administrator's journey in a real browser: draw, check, mend, save, submit, and a second person publishes.

The journey itself comes last: what it publishes is there for good.
"""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from engine.store.tables.cases import Case, Task
from tests.e2e import people
from tests.e2e.looking import axe
from tests.usecases.opening import COUNTY, open_case

TYPE = "contract_signing"
AT = f"/studio/{TYPE}"
DESK = 1440  # px wide


@pytest.fixture(autouse=True)
def no_draft_left(site):
    yield
    from engine.store.drafts import open_draft

    with site.app.sessions(COUNTY) as session:
        row = open_draft(session, COUNTY, TYPE)
        if row:
            row.status = "discarded"
            session.commit()


def at_desk(visit, username: str, **cookies: str) -> Page:
    page = visit(DESK, **cookies)
    people.sign_in(page, username)
    return page


def drawn(page: Page) -> None:
    page.locator("[data-bpmn-modeler][data-ready], [data-bpmn-viewer][data-ready]").wait_for()


def editor(page: Page) -> None:
    page.goto(AT)
    drawn(page)


def select_element(page: Page, name: str) -> None:
    page.locator("#model-outline").get_by_role("button", name=name, exact=True).click()


def fill_in(page: Page, group: str, field: str, value: str) -> None:
    """Open a group of the properties panel where it is closed, and fill one of its fields in."""
    panel = page.locator("#model-properties")
    place = panel.locator(f"[name={field}]").first
    panel.get_by_text(group, exact=True).wait_for()
    if not place.is_visible():
        panel.get_by_text(group, exact=True).click()
    place.fill(value)
    expect(page.locator("#model-status")).to_have_text("有未保存的修改")


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def save(page: Page) -> None:
    press(page, "保存草稿")
    expect(page.locator("#model-status")).to_contain_text("已保存")


def selected(page: Page, element: str) -> None:
    expect(page.locator(f".djs-element.selected[data-element-id={element}]")).to_have_count(1)


def test_an_element_is_changed_by_the_keyboard_alone(visit):
    page = at_desk(visit, "admin")
    editor(page)
    row = page.locator("#model-outline").get_by_role("button", name="乡镇审核", exact=True)
    row.focus()
    page.keyboard.press("Enter")
    selected(page, "township_review")
    expect(page.locator("#model-properties")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # opens the first group
    page.keyboard.press("Tab")
    expect(page.locator("#model-properties [name=name]")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("复核")
    expect(page.locator("#model-outline")).to_contain_text("乡镇审核复核")
    page.keyboard.press("Control+s")
    expect(page.locator("#model-status")).to_contain_text("已保存")


def test_saving_a_model_that_was_not_changed_changes_nothing_but_the_drawing(visit):
    """What the editor writes differs from what it read only in what does not matter."""
    page = at_desk(visit, "admin")
    editor(page)
    save(page)
    page.goto(f"{AT}/changes")
    expect(page.locator("#model-changes")).to_contain_text("没有变化")
    expect(page.locator("#file-changes")).to_contain_text("只改了图的排布")


def test_a_lost_race_keeps_the_drawing(visit):
    """The loser is told who saved, may go on looking, and can take the own drawing along."""
    one, two = at_desk(visit, "admin"), at_desk(visit, "admin2")
    editor(one)
    editor(two)
    select_element(one, "乡镇审核")
    fill_in(one, "基本", "name", "乡镇复审")
    save(one)
    select_element(two, "县级审批")
    fill_in(two, "基本", "name", "县级核准")
    press(two, "保存草稿")
    expect(two.locator("#model-status")).to_contain_text("沈文又保存过")
    expect(two.locator("#model-outline")).to_contain_text("县级核准")
    with two.expect_download() as download:
        press(two, "下载模型")
    assert "县级核准" in download.value.path().read_text("utf-8")
    assert [fault.split()[0] for fault in visit.faults] == ["409"]
    visit.faults.clear()


def test_a_session_that_ended_costs_no_work(visit):
    page = at_desk(visit, "admin")
    editor(page)
    select_element(page, "乡镇审核")
    fill_in(page, "基本", "name", "乡镇复审")
    page.context.clear_cookies()
    press(page, "保存草稿")
    expect(page.locator("#model-status")).to_contain_text("登录已失效")
    people.sign_in(page.context.new_page(), "admin")
    save(page)
    assert {fault.split()[0] for fault in visit.faults} == {"400"}
    visit.faults.clear()


@pytest.mark.long
def test_without_javascript_the_model_is_read_as_a_table_and_changed_as_text(visit):
    page = visit(DESK, javascript=False)
    people.sign_in(page, "admin")
    page.goto(AT)
    assert page.get_by_role("row", name=re.compile("村级初审.*village_clerk")).is_visible()
    assert not page.locator("[data-modeler-do]").first.is_visible()
    page.get_by_role("link", name="修改 XML").first.click()
    text = page.get_by_label("文件内容")
    whole = text.input_value()
    text.fill(whole.replace('camunda:formKey="survey"', 'camunda:formKey="nothing"'))
    press(page, "检查")
    assert page.locator(".tq-problems").get_by_text("nothing").first.is_visible()
    text.fill(whole.replace('name="乡镇审核"', 'name="乡镇复审"'))
    press(page, "保存草稿")
    assert page.get_by_text("草稿已保存").is_visible()
    page.goto(f"{AT}/changes")
    assert page.locator("#model-changes").get_by_text("乡镇复审").first.is_visible()
    page.get_by_label("改动说明").fill("改名")
    press(page, "提交复核")
    assert page.get_by_text("要由另一位流程管理员复核发布").is_visible()


@pytest.mark.long
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_passes_axe(visit, lang):
    """The whole page, the editor's own parts too: nothing is left out."""
    page = at_desk(visit, "admin", lang=lang)
    editor(page)
    page.keyboard.press("Control+s")
    pages = [
        "/studio",
        AT,
        f"{AT}/files",
        f"{AT}/files/parameters.yaml",
        f"{AT}/changes",
        f"{AT}/versions",
        f"{AT}/versions/1",
    ]
    for path in pages:
        page.goto(path)
        if page.locator("[data-bpmn-modeler], [data-bpmn-viewer]").count():
            drawn(page)
        if path == AT:
            page.locator("#model-outline button").first.click()
            press(page, "检查" if lang == "zh" else "Check")
            page.locator("#model-properties .bio-properties-panel-group").first.wait_for()
        found = axe(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= DESK, path


@pytest.mark.parametrize("path", [AT, f"{AT}/versions/1"])
def test_the_bpmn_io_mark_is_visible_and_uncovered(visit, path):
    """The library's licence asks for it; also while an element is selected and problems are shown."""
    page = at_desk(visit, "admin")
    page.goto(path)
    drawn(page)
    if path == AT:
        select_element(page, "办结")
        press(page, "检查")
    mark = page.locator(".bjs-powered-by")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    assert box
    assert min(box["width"] / 40, box["height"] / 15) > 1
    for dx, dy in ((0.1, 0.2), (0.5, 0.5), (0.9, 0.8)):
        at = [box["x"] + box["width"] * dx, box["y"] + box["height"] * dy]
        assert page.evaluate(
            "([x, y]) => Boolean(document.elementFromPoint(x, y)?.closest('.bjs-powered-by'))", at
        )
    assert mark.evaluate("e => getComputedStyle(e).opacity") == "1"


def test_a_change_goes_from_the_drawing_to_the_next_case(site, visit, shot):
    before = open_case(site.app, household=0)
    one = at_desk(visit, "admin")
    one.goto("/studio")
    shot(one, "overview")
    kind(one).get_by_role("button", name="修改流程").click()
    drawn(one)

    select_element(one, "村级初审")
    selected(one, "village_check")
    fill_in(one, "基本", "name", "村级初步审查")
    fill_in(one, "表单", "formKey", "no_such_form")
    select_element(one, "县级审批")
    press(one, "检查")
    problem = one.locator("#model-problems button")
    expect(problem).to_contain_text("no_such_form")
    expect(one.locator(".tq-mark-bad[data-element-id=village_check]")).to_have_count(1)
    problem.click()
    selected(one, "village_check")
    shot(one, "problem")

    fill_in(one, "表单", "formKey", "village_check")
    press(one, "检查")
    expect(one.locator("#model-problems-summary")).to_have_text("没有发现问题")
    save(one)
    one.reload()
    drawn(one)
    expect(one.locator("#model-outline")).to_contain_text("村级初步审查")

    one.get_by_role("navigation", name="农村土地承包合同网签").get_by_role("link", name="修改和复核").click()
    changes = one.locator("#model-changes")
    expect(changes).to_contain_text("改名")
    expect(changes.locator("tbody tr")).to_have_count(1)
    expect(changes.locator("del")).to_have_text("村级初审")
    one.get_by_label("改动说明").fill("与方案的说法一致")
    press(one, "提交复核")
    expect(one.get_by_text("要由另一位流程管理员复核发布")).to_be_visible()
    expect(one.get_by_role("button", name="批准并发布")).to_have_count(0)
    shot(one, "submitted")

    two = at_desk(visit, "admin2")
    two.goto("/studio")
    kind(two).get_by_role("button", name="查看和复核").click()
    expect(two.locator("#model-changes ins")).to_have_text("村级初步审查")
    expect(two.locator("#review")).to_contain_text("与方案的说法一致")
    shot(two, "review")
    press(two, "批准并发布")
    expect(two.get_by_text("已发布。新收的办件按新版办理")).to_be_visible()
    shot(two, "versions")

    after = open_case(site.app, household=1)
    assert task_names(site, before, after) == ["村级初审", "村级初步审查"]
    two.goto("/studio")
    for version in ("第 1 版", "第 2 版"):
        row = kind(two).get_by_role("row", name=re.compile(version))
        expect(row.get_by_role("cell").last).to_have_text("1")
    kind(two).get_by_role("link", name="第 1 版").click()
    drawn(two)
    expect(two.locator("[data-element-id=village_check]").first).to_contain_text("村级初审")


def kind(page: Page) -> Locator:
    """The part of the overview that is the case type's own."""
    return page.locator(f"#type-{TYPE}")


def task_names(site, *numbers: str) -> list[str | None]:
    same = (Case.county == Task.county) & (Case.id == Task.case_id)
    with site.app.sessions(COUNTY) as session:
        wanted = select(Task.name).join(Case, same).where(Task.element == "village_check")
        return [session.scalar(wanted.where(Case.number == number)) for number in numbers]
