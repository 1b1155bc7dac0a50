"""Drawing events in a real browser: the panel offers what this system carries out, and the check answers."""

import pytest
from playwright.sync_api import Page, expect

from engine.store.drafts import open_draft
from tests.e2e.test_studio_journey import at_desk, editor, fill_in, press, select_element, selected
from tests.usecases.opening import COUNTY, TYPE

OFFERED = ("service-task", "send-task", "receive-task", "rule-task", "call-activity", "collapsed-subprocess", "expanded-subprocess")  # fmt: skip


@pytest.fixture(autouse=True)
def no_draft_left(site):
    yield
    with site.app.sessions(COUNTY) as session:
        row = open_draft(session, COUNTY, TYPE)
        if row:
            row.status = "discarded"
            session.commit()


def offered(page: Page, name: str, element: str) -> list[str]:
    """What the element may be turned into, by the menu on itself."""
    select_element(page, name)
    selected(page, element)
    page.locator(".djs-context-pad [data-action=replace]").click()
    page.locator(".djs-popup .entry[data-id]").first.wait_for()
    found = page.locator(".djs-popup .djs-popup-body .entry[data-id]")
    return [entry.get_attribute("data-id").removeprefix("replace-with-") for entry in found.all()]


def groups(page: Page) -> list[str]:
    page.locator("#model-properties .bio-properties-panel-group").first.wait_for()
    return page.locator("#model-properties .bio-properties-panel-group-header-title").all_inner_texts()


def test_the_panel_offers_what_the_check_accepts(visit, shot):
    page = at_desk(visit, "admin")
    page.goto(f"/studio/{TYPE}?element=village_check")  # as the check's findings lead there
    selected(page, "village_check")
    page.locator("#model-properties").get_by_text("办理人", exact=True).wait_for()
    assert groups(page) == ["基本", "英文", "办理人", "表单", "期限、结果和消息", "说明", "扩展属性"]
    page.get_by_text("期限、结果和消息", exact=True).click()
    expect(page.locator("#model-properties [name=limit]")).to_have_value("village_check")
    shot(page, "user-task")
    assert offered(page, "村级初审", "village_check") == list(OFFERED)
    shot(page, "menu")
    page.keyboard.press("Escape")
    assert offered(page, "收到申请", "start_application") == ["none-intermediate-throwing", "none-end"]


def test_a_timer_becomes_a_message_and_the_check_says_what_it_lacks(visit, shot):
    page = at_desk(visit, "admin")
    editor(page)
    before = page.locator("#model-problems li")
    kinds = offered(page, "测绘公示期满", "survey_publicity")
    assert "message-intermediate-catch" in kinds
    assert not [kind for kind in kinds if "compensation" in kind]
    page.locator(".djs-popup [data-id=replace-with-message-intermediate-catch]").click()
    press(page, "检查")
    missing = page.locator("#model-problems button[data-element=survey_publicity]")
    expect(missing.first).to_contain_text("没有指明消息")
    shot(page, "refused")

    missing.first.click()
    page.locator("#model-properties").get_by_text("消息", exact=True).first.click()
    page.locator("#model-properties [name=messageRef]").select_option("create-new")
    fill_in(page, "消息", "messageName", "survey_opinion")
    fill_in(page, "期限、结果和消息", "result", "opinion")
    fill_in(page, "期限、结果和消息", "waitKey", "${application.contractor_code}")
    shot(page, "message")
    press(page, "检查")
    expect(missing).to_have_count(0)
    expect(before.filter(has_text="survey_publicity")).to_have_count(0)
    xml = page.evaluate(
        "document.querySelector('[data-bpmn-modeler]').tianqiModeler.saveXML().then((saved) => saved.xml)"
    )
    for written in (
        'name="result" value="opinion"',
        'name="key" value="${application.contractor_code}"',
        'name="survey_opinion"',
    ):
        assert written in xml


def test_in_english(visit):
    page = at_desk(visit, "admin", lang="en")
    editor(page)
    page.locator("#model-outline button").nth(3).click()
    assert not any("\u4e00" <= character <= "\u9fff" for name in groups(page) for character in name)
