"""One arbitration from application to the award's day of effect: both parties on telephones, the secretary at a desk.

What has no page of its own under test here is done by the use cases, as the shipped story tells it.
"""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.domain.case_type import CaseType
from engine.domain.clock import VirtualClock
from engine.queries.case_progress import office_of
from engine.settings import ROOT
from engine.store import cases
from engine.store.register import read_household
from engine.store.versions import read_folder
from engine.usecases.scenarios import read_story
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from tests.e2e import people
from tests.e2e.county import COUNTY
from tests.e2e.looking import look
from tests.e2e.papers import photograph
from tests.usecases.acting import step_that_does

FOLDER = ROOT / "processes" / "dispute_arbitration"


@dataclass
class Journey:
    site: Any
    visit: Any
    shot: Any
    play: Play
    home: Any
    against: Any

    def does(self, element: str, **changes: Any) -> None:
        """As the story has it, with other answers where this one differs."""
        step = step_that_does(self.play, element)
        self.play.act(step["who"], element, step | {"data": step["data"] | changes})
        self.site.pump()


@pytest.fixture
def journey(site, visit, shot) -> Journey:
    story = read_story(FOLDER / "scenarios" / "straight.yaml")
    site.app.clock = VirtualClock(story.start)
    site.pump()
    play = Play(site.app, COUNTY, CaseType(read_folder(FOLDER)), story, printing=True)
    set_scene(play)
    with site.app.sessions(COUNTY) as session:
        home, against = (read_household(session, COUNTY, code) for code in (play.code, play.other))
    return Journey(site, visit, shot, play, home, against)


def test_arbitration(journey):
    applicant = journey.visit.household(journey.home)
    apply(journey, applicant)
    journey.does("examine")
    served = step_that_does(journey.play, "serve_respondent")["data"]["served"]
    journey.does("serve_respondent", served=[served[0] | {"id_number": people.person_of(journey.against)}])
    respondent = journey.visit.household(journey.against)
    answer(journey, respondent)
    for element in ("send_answer_copy", "form_panel", "notify_panel", "schedule_hearing"):
        journey.does(element)
    see_the_hearing(journey, respondent)
    journey.site.move_to("2026-03-09 14:00")
    hear_and_award(journey)
    take_effect(journey, applicant, respondent)


def apply(j: Journey, page: Page) -> None:
    """One question a page; wrong answers stay."""
    page.get_by_role("button", name="开始申请 农村土地承包经营纠纷仲裁").click()
    page.get_by_role("link", name="纠纷种类").click()
    people.go_on(page)
    expect(page.locator(".govuk-error-summary")).to_contain_text("纠纷种类")
    page.get_by_label("侵害土地承包经营权").check()
    people.go_on(page)
    fill(page, {"respondents-0-name": j.against.name, "respondents-0-address": "本村"})
    people.choose(page, "respondents-0-kind", "household")
    people.go_on(page)
    fill(page, {"claims": "请求对方返还占用的承包地，恢复原状。"})
    people.go_on(page)
    fill(page, {"facts": "去年秋收后对方占用地块北侧约一分地。"})
    people.go_on(page)
    people.go_on(page)  # the telephone is known
    people.hand_over(page, "身份证明", "身份证.jpg")
    people.go_on(page)
    page.get_by_role("link", name="争议的是本户的哪些地块").click()
    page.locator(f"[name=parcels][value='{j.home.parcels[0].code}']").check()
    people.go_on(page)
    page.get_by_role("link", name="争议的其他地块").click()
    page.locator("input[name=other_parcels]").first.check()
    people.go_on(page)
    page.goto(re.sub(r"/applications/([^/]+).*", r"/applications/\1/check", page.url))
    expect(page.get_by_text("请求对方返还占用的承包地")).to_be_visible()
    expect(page.get_by_text(f"姓名或者名称：{j.against.name}")).to_be_visible()
    j.shot(page, "01-check")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", name="正在提交")).to_be_visible()
    j.site.pump()
    j.play.number = people.taken_number(page)
    with j.site.app.sessions(COUNTY) as session:
        j.play.case_id = cases.find_case(session, COUNTY, j.play.number).id


def fill(page: Page | Locator, answers: dict[str, str]) -> None:
    for name, value in answers.items():
        page.locator(f"[name='{name}']").fill(value)


def answer(j: Journey, page: Page) -> None:
    """The respondent finds the case, reads until when, and answers with a counter-claim left out."""
    at = f"/portal/my-disputes/{j.play.number}"
    page.get_by_role("link", name="农村土地承包经营纠纷仲裁").click()
    expect(page.get_by_text("您是本案的被申请人")).to_be_visible()
    expect(page.locator("main")).to_contain_text("2026年3月12日")
    j.shot(page, "02-respondent")
    look(page, at)
    page.goto(at)
    page.get_by_role("button", name="去办 选定仲裁员").click()
    page.get_by_role("link", name="您选的仲裁员").click()
    page.get_by_label("柏春生").check()
    people.go_on(page)
    page.get_by_label("否").check()
    people.go_on(page)
    send(j, page)
    page.get_by_role("button", name=re.compile("去办 答辩")).click()
    j.shot(page, "03-answer")
    page.get_by_role("link", name="您对申请人的请求怎么说").click()
    fill(page, {"answer": "该地一直由我家耕种。"})
    people.go_on(page)
    page.get_by_label("否").check()
    people.go_on(page)
    send(j, page)
    expect(page.get_by_text("您一方在网上办过的事")).to_be_visible()
    j.shot(page, "04-answered")


def send(j: Journey, page: Page) -> None:
    page.get_by_role("link", name="核对并提交").click()
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_role("heading", name="正在提交")).to_be_visible()
    j.site.pump()
    expect(page.get_by_text("已经交上")).to_be_visible()


def see_the_hearing(j: Journey, page: Page) -> None:
    page.goto(f"/portal/my-disputes/{j.play.number}")
    expect(page.locator("main")).to_contain_text("青石镇便民服务中心")
    expect(page.get_by_role("link", name="开庭通知书")).to_be_visible()
    expect(page.get_by_role("button", name="去办 申请仲裁员回避")).to_be_visible()
    j.shot(page, "05-hearing")


def hear_and_award(j: Journey) -> None:
    page = j.visit.staff("secretary")
    form = people.claim(page, j.play.number)
    expect(page.locator("#by-parties")).to_contain_text("柏春生")
    j.shot(page, "06-secretary")
    fill(
        form,
        {"held_on": "2026-03-09", "recorder": "苏敏", "record": "双方陈述、举证、质证、辩论，调解不成。"},
    )
    for name, value in (("applicant", "present"), ("respondent", "present"), ("outcome", "award")):
        people.choose(form, name, value)
    people.hand_over(page, "签字的开庭笔录", "笔录.jpg", photograph("开庭笔录"))
    people.submit(page)
    j.site.pump()
    form = people.claim(page, j.play.number)
    fill(
        form,
        {
            "awarded_on": "2026-03-09",
            "facts": "地块登记在申请人名下。",
            "reasons_text": "没有相反证据。",
            "result": "返还占用的土地。",
        },
    )
    for name, value in (("vote", "unanimous"), ("register_outcome", "none")):
        people.choose(form, name, value)
    people.submit(page)
    j.site.pump()
    form = people.claim(page, j.play.number)
    for row, name in enumerate((j.home.name, j.against.name)):
        expect(form.locator(f"[name='served-{row}-addressee']")).to_have_value(name)
        for date in ("sent_on", "received_on"):
            fill(form, {f"served-{row}-{date}": "2026-03-09"})
        fill(form, {f"served-{row}-receiver": "本人"})
        people.choose(form, f"served-{row}-way", "direct")
    people.submit_refused(page, "送达回证")
    people.hand_over(page, "签收的送达回证", "回证.jpg", photograph("送达回证"))
    people.submit(page)
    j.site.pump()


def take_effect(j: Journey, applicant: Page, respondent: Page) -> None:
    """Until the thirtieth day somebody could sue; on the day after, the award is in effect."""
    at = f"/portal/my-disputes/{j.play.number}"
    with j.site.app.sessions(COUNTY) as session:
        commission, village = (office_of(session, code)[1] for code in (COUNTY, j.home.division[:12]))
    j.site.move_to("2026-04-08 23:00")
    for page in (applicant, respondent):
        page.goto(at)
        expect(page.locator("main")).to_contain_text("2026年4月8日")
        expect(page.locator("main")).to_contain_text(commission)
        expect(page.locator("main")).not_to_contain_text(village)
        expect(page.get_by_role("contentinfo")).to_contain_text(commission)
        expect(page.get_by_role("contentinfo")).not_to_contain_text(village)
    j.shot(respondent, "07-suit-period")
    j.site.move_to("2026-04-09 00:00")
    for page in (applicant, respondent):
        page.goto(at)
        expect(page.locator("main")).to_contain_text("裁决书已生效")
        expect(page.get_by_role("link", name="生效证明")).to_be_visible()
    with applicant.expect_download() as got:
        applicant.get_by_role("link", name="生效证明").click()
    assert got.value.suggested_filename.startswith("生效证明")
    j.shot(applicant, "08-effect")
