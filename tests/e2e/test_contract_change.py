"""A village clerk's words become filed contracts: a household that splits, a swap, a boundary measured anew on the map.

What is not a matter of pages here (the reviews) is done by the use cases, as the shipped story of the swap tells it.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine.domain.case_type import CaseType
from engine.domain.clock import VirtualClock
from engine.domain.register import Household
from engine.settings import ROOT
from engine.store import cases
from engine.store.register import read_household
from engine.store.versions import read_folder
from engine.usecases.scenarios import read_story
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from tests.e2e import county, people
from tests.e2e.county import COUNTY
from tests.e2e.looking import fits, look_here
from tests.e2e.test_drawing import EDITOR, PIXEL, drag, drawn, ring
from tests.usecases.acting import step_that_does

DIGITS = re.compile(r"\d{20}")
FOLDER = ROOT / "processes" / "contract_change"
REVIEWS = ("township_review", "county_check", "county_decision")


@dataclass
class Kind:
    """One kind of change under way: its story's household, and who reads it on which page."""

    site: Any
    visit: Any
    shot: Any
    play: Play

    @property
    def home(self) -> Household:
        return self._household(self.play.code)

    @property
    def other(self) -> Household:
        return self._household(self.play.other)

    def _household(self, code: str | None) -> Household:
        with self.site.app.sessions(COUNTY) as session:
            found = read_household(session, COUNTY, code or "")
        assert found
        return found

    def clerk(self) -> Page:
        offices = map(partial(county.offices, self.site.app), range(9))
        assert self.play.before
        division = self.play.before.household.division
        return self.visit.staff(next(one.village for one in offices if division.startswith(one.division)))

    def goes_on(self, number: str) -> None:
        """What the browser started is carried on by the story."""
        self.play.number = number
        with self.site.app.sessions(COUNTY) as session:
            self.play.case_id = cases.find_case(session, COUNTY, number).id

    def does(self, story: Any, *elements: str) -> None:
        for element in elements:
            step = step_that_does(story, element)
            self.play.act(step["who"], element, step)


@pytest.fixture
def kinds(site, visit, shot) -> dict[str, Kind]:
    """Three stories of one day, each about a household of its own."""
    found: dict[str, Kind] = {}
    files, taken = read_folder(FOLDER), []
    for name in ("swap", "split", "boundary"):  # the other household of the swap is the first that fits
        story = read_story(FOLDER / "scenarios" / f"{name}.yaml")
        if not found:
            site.app.clock = VirtualClock(story.start)
        play = Play(site.app, COUNTY, CaseType(files), story, printing=True, left_alone=tuple(taken))
        set_scene(play)
        taken += [code for code in (play.code, play.other) if code]
        found[name] = Kind(site, visit, shot, play)
    return found


def test_a_household_splits_land_is_swapped_and_a_boundary_moves(kinds, site):
    told = kinds["swap"].play  # of whose steps the others' reviews are done as well
    split(kinds["split"])
    swap(kinds["swap"])
    boundary(kinds["boundary"])
    site.move_to("2026-05-26 09:00")  # the display is over
    for name in ("swap", "boundary"):
        kinds[name].does(told, "close_publicity")
    for kind in kinds.values():
        kind.does(told, *REVIEWS)
    site.pump()  # prints the contracts that are signed
    for name in ("split", "swap"):  # a boundary leaves the contract as it is: the county's word files it
        kinds[name].does(told, "sign_contract")
    for name in ("split", "swap"):
        file(kinds[name])
    site.pump()
    split_is_filed(kinds["split"])
    swap_is_filed(kinds["swap"])
    boundary_is_filed(kinds["boundary"])


def begin(page: Page, code: str, kind: str) -> None:
    page.goto(f"/cases/new?contractor={code}")
    page.get_by_role("link", name="发包方代农户申请").click()
    page.get_by_label("变更种类").select_option(label=kind)
    page.locator("[name=phone]").fill("13900000001")


def hand_in(page: Page, *papers: str) -> str:
    """The page that tells the number leads to the next step."""
    for label in ("委托代办书", "承包方代表身份证", *papers):
        people.hand_over(page, label, f"{label[:6]}.jpg")
    page.locator("[name=agreed]").check()
    page.get_by_role("button", name="提交申请").last.click()
    expect(page.locator(".govuk-error-summary")).to_have_count(0)
    found = DIGITS.search(page.locator("main").inner_text())
    assert found
    page.get_by_role("link", name="征得成员同意").click()
    claim(page)
    return found.group()


def claim(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^签收")).first.click()


def split(kind: Kind) -> None:
    """Everybody and every parcel is on the page already: only where each goes is chosen."""
    page, person = kind.clerk(), kind.home
    begin(page, person.code, "分户")
    for n in range(len(person.members)):
        page.locator(f"[name=split_members-{n}-to]").select_option("1" if n == 0 else "2")
        page.locator(f"[name=split_members-{n}-relation]").select_option("02" if n < 2 else "97")
    for n in range(len(person.parcels)):
        page.locator(f"[name=split_parcels-{n}-to]").select_option("1" if n == 0 else "2")
    kind.shot(page, "split-form")
    look_here(page)
    kind.goes_on(hand_in(page, "户口簿或出生"))
    for member in person.members:
        expect(page.locator("main")).to_contain_text(member.name)
    expect(page.locator("#change")).to_contain_text("新增")
    kind.shot(page, "split-consent")
    fits(page, 360)
    agree(page, len(person.members), "签好的分户")
    kind.does(kind.play, "village_check")


def agree(page: Page, members: int, *papers: str) -> None:
    """Each by name, as the paper has it that they signed; without the agreement that was printed for them it is refused."""
    if papers:
        expect(page.get_by_text("变更协议书")).not_to_have_count(0)
    for n in range(members):
        page.locator(f"[name=signatures-{n}-signed]").select_option("agrees")
    page.get_by_label("全体成员都已同意").check()
    if papers:
        people.submit_refused(page, "分户、合户协议或互换、转让合同")
    for label in papers:
        people.hand_over(page, label, "协议.jpg")
    page.get_by_role("button", name="提交", exact=True).last.click()
    expect(page.locator(".govuk-error-summary")).to_have_count(0)


def swap(kind: Kind) -> None:
    page, own, other = kind.clerk(), kind.home, kind.other
    begin(page, own.code, "互换")
    page.locator("[name=own_parcels]").first.check()
    page.locator("[name=other_household]").select_option(label=f"{other.name} {other.code}")
    page.get_by_role("button", name="列出对方的地块").click()
    page.locator(f"[name=other_parcels][value='{other.parcels[0].code}']").check()
    kind.goes_on(hand_in(page))
    expect(page.locator("#change")).to_contain_text(f"{other.name} → {own.name}")
    kind.shot(page, "swap-consent")
    fits(page, 360)
    agree(page, len(own.members) + len(other.members), "签好的分户")
    kind.does(kind.play, "village_check")


def boundary(kind: Kind) -> None:
    """The land is on the map from the first day on; the surveyor's drawing begins at it."""
    page, person = kind.clerk(), kind.home
    plot = person.parcels[-1]
    begin(page, person.code, "地块面积或界址变更")
    page.locator(f"[name=own_parcels][value='{plot.code}']").check()
    page.locator("[name=reason]").fill("水渠改道")
    number = hand_in(page)
    kind.goes_on(number)
    expect(page.locator("#land")).to_contain_text(plot.code)
    expect(page.locator("#land canvas").first).to_be_visible()
    agree(page, len(person.members))
    page.get_by_role("link", name="村级初审").first.click()
    claim(page)
    page.get_by_label("核实无误").check()
    for label in ("成员属实", "地块、面积和承包方相符", "界址无争议"):
        page.get_by_label(label).check()
    page.get_by_label("本件内录入").check()
    page.get_by_label("初审意见").fill("属实。")
    page.get_by_role("button", name="提交", exact=True).last.click()
    survey(kind, plot.code)


def survey(kind: Kind, code: str) -> None:
    page = kind.visit.staff("surveyor")
    form = people.claim(page, kind.play.number or "")
    page.locator(EDITOR).wait_for()
    expect(page.get_by_label("要改的地块")).to_have_value(code)
    page.get_by_label("邻地的共用界址点一起移动").uncheck()
    outline = ring(page, code)
    middle = [sum(corner[axis] for corner in outline) / len(outline) for axis in (0, 1)]
    (x, y), (to_x, to_y) = (page.evaluate(PIXEL, [code, place]) for place in (0, middle))
    drag(page, code, 0, (to_x - x) * 0.3, (to_y - y) * 0.3)
    assert drawn(page), "nothing was drawn"
    people.say_surveyed(page, form)
    kind.shot(page, "boundary-survey")
    people.submit(page)
    expect(page.locator("#change")).to_contain_text("界线有变化")
    kind.shot(page, "boundary-surveyed")


def file(kind: Kind) -> None:
    """The county sees before and after, on the map too, and files it."""
    page = kind.visit.staff("county")
    form = people.claim(page, kind.play.number or "")
    expect(page.locator("#change canvas").first).to_be_visible()
    form.get_by_label("同意备案").check()
    form.get_by_label("意见").last.fill("同意备案。")
    people.submit(page)
    kind.site.pump()
    page.reload()
    expect(page.locator("#change")).to_contain_text("记入登记簿")
    kind.shot(page, f"filed-{kind.play.story.name}")


def split_is_filed(kind: Kind) -> None:
    """The old contract has ended; each part is a household of its own, with its land on its own page."""
    page, before = kind.clerk(), kind.play.before
    assert before
    with kind.site.app.sessions(COUNTY) as session:
        assert read_household(session, COUNTY, kind.play.code) is None
    page.goto(f"/cases/{kind.play.number}")
    made = set(re.findall(r"承包合同 \S+ (\d{18}) · 新增", page.locator("#change").inner_text()))
    assert len(made) == 2
    for code in made:
        page.goto(f"/register/{code}")
        expect(page.locator("main")).to_contain_text(before.household.parcels[0].code[:14])


def swap_is_filed(kind: Kind) -> None:
    own, other = kind.home, kind.other
    assert kind.play.words["$other_parcel_1"] in {one.code for one in own.parcels}
    assert kind.play.words["$parcel_1"] in {one.code for one in other.parcels}


def boundary_is_filed(kind: Kind) -> None:
    plot = kind.home.parcels[-1]
    page = kind.clerk()
    page.goto(f"/cases/{kind.play.number}")
    expect(page.locator("#change canvas").first).to_be_visible()
    expect(page.locator("#change")).to_contain_text("界线有变化")
    kind.shot(page, "filed-boundary")
    page.goto(f"/register/{kind.play.code}")
    expect(page.locator("main")).to_contain_text(str(plot.measured_area))
