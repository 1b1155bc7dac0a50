"""Past and open cases in the studio, in a real browser: a draft is run against them, and they are moved."""

import pytest

from engine.domain.actor import Actor
from engine.store.people import by_username
from engine.store.versions import case_type_of, version_in_force
from engine.usecases.edit_process import read_draft, save_file
from engine.usecases.publish_process import publish_process
from tests.e2e.looking import axe
from tests.e2e.test_studio_journey import AT, DESK, TYPE, at_desk
from tests.usecases.opening import COUNTY, open_case

MODEL = "process.bpmn"


@pytest.fixture(scope="module")
def case(site) -> str:
    """Number of an open case on the version before the one in force, with a draft on top of that."""
    number = open_case(site.app)
    with site.app.sessions(COUNTY) as session:
        files = dict(case_type_of(session, version_in_force(session, COUNTY, TYPE)).files)
        files[MODEL] = files[MODEL].replace(b'value="acceptance_notice"', b'value="publicity_sheet"')
        publish_process(session, site.app.clock, COUNTY, files, "甲", "乙")
        person = by_username(session, "admin")
        actor = Actor(str(person.id), person.name, "process_admin", COUNTY, COUNTY)
        draft = read_draft(session, COUNTY, TYPE)
        longer = draft.text("parameters.yaml").replace("value: 5}", "value: 6}")
        save_file(session, site.app.clock, actor, TYPE, "parameters.yaml", longer, draft.tag)
        session.commit()
    return number


def passes_axe(page) -> None:
    found = axe(page)
    assert found.violations_count == 0, f"{page.url}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= DESK, page.url


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.long)])
def test_a_draft_is_run_and_cases_are_moved_with_a_few_clicks(site, visit, case, lang):
    words = {
        "zh": ("检验", "用全部办件检验", "按声明重新计划", "试做", "迁移 1 件", "撤回迁移", "撤回"),
        "en": (
            "Run",
            "Run against all cases",
            "Plan again",
            "Rehearse",
            "Move 1 case",
            "Take a move back",
            "Take back",
        ),
    }[lang]
    page = at_desk(visit, "admin", lang=lang)

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).click()

    page.goto(f"{AT}/changes")
    press(words[0])
    page.get_by_text(case).first.wait_for()
    passes_axe(page)
    press(words[1])
    page.locator("[role=status]").wait_for()
    passes_axe(page)
    site.pump()
    page.locator("#found-1").wait_for()  # the page comes again by itself

    page.goto(f"{AT}/versions")
    passes_axe(page)
    page.goto(f"{AT}/migration")
    passes_axe(page)
    page.locator("[name=harmless]").first.check(force=True)
    press(words[2])
    press(words[3])
    page.locator("#rehearsed").wait_for()
    passes_axe(page)
    press(words[4])
    page.get_by_role("heading").first.wait_for()
    assert page.locator("#reasons").count() == 0
    page.get_by_text(words[5]).click()
    press(words[6])
    page.locator("#reasons").wait_for()
    assert case in page.locator("#reasons").inner_text()
