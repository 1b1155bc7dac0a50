"""One survey out to the field and back: asked for by the village, given to a firm, its file mended once, accepted.

What has no page of its own under test here is done by the use cases, as the shipped story tells it.
"""

import io
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import shapely
from playwright.sync_api import Page, expect
from shapely import affinity

from engine.domain.case_type import CaseType
from engine.domain.clock import VirtualClock
from engine.exchange.field_package import FIELDS, write_layer
from engine.exchange.package.sqlite_files import read_features
from engine.settings import ROOT
from engine.store import cases
from engine.store.register import county_of, read_household
from engine.store.versions import read_folder
from engine.usecases.scenarios import read_story
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from tests.e2e import county, people
from tests.e2e.county import COUNTY
from tests.e2e.looking import look
from tests.e2e.papers import photograph
from tests.usecases.acting import step_that_does

FOLDER = ROOT / "processes" / "survey_request"


@pytest.fixture
def play(site) -> Play:
    """The shipped story: it has a household, and does what has its pages looked at elsewhere."""
    story = read_story(FOLDER / "scenarios" / "straight.yaml")
    site.app.clock = VirtualClock(story.start)
    made = Play(site.app, COUNTY, CaseType(read_folder(FOLDER)), story, printing=True)
    set_scene(made)
    return made


def does(play: Play, element: str) -> None:
    step = step_that_does(play, element)
    play.act(step["who"], element, step)


def test_survey_out_and_back(site, visit, shot, tmp_path, play):
    with site.app.sessions(COUNTY) as session:
        home, epsg = read_household(session, COUNTY, play.code), county_of(session, COUNTY).srid
    plot = home.parcels[0]
    clerk = visit.staff(
        next(
            one.village
            for one in map(partial(county.offices, site.app), range(9))
            if home.division.startswith(one.division)
        )
    )
    officer, firm = visit.staff("county"), visit.staff("firm")
    play.number = ask(clerk, home, shot)
    with site.app.sessions(COUNTY) as session:
        play.case_id = cases.find_case(session, COUNTY, play.number).id
    does(play, "village_check")
    give(officer, play.number, shot)
    field = take_out(site, visit, firm, play.number, home, shot, tmp_path)
    assert [row["DKBM"] for row, _ in field] == [plot.code]
    bring_back(firm, home, returned(tmp_path, field, epsg, 1.1))
    refused_for_quality(site, firm, play.number, plot, shot)
    bring_back(firm, home, returned(tmp_path, field, epsg, 0.98))
    people.submit(firm)
    site.pump()
    review(officer, play.number, shot)
    display(site, visit, home, shot)
    for element in ("close_publicity", "confirm_result"):
        does(play, element)
    accept(site, officer, play.number, shot)
    with site.app.sessions(COUNTY) as session:
        now = next(one for one in read_household(session, COUNTY, home.code).parcels if one.code == plot.code)
    assert abs(float(now.measured_area) - float(plot.measured_area) * 0.98**2) < 0.05
    assert now.contract_area == plot.contract_area, "the contract's area is not the survey's to change"


def ask(page: Page, home: Any, shot: Any) -> str:
    page.goto(f"/cases/new?contractor={home.code}")
    page.get_by_role("link", name="发包方提出测绘").click()
    page.locator(f"[name=parcels][value='{home.parcels[0].code}']").check()
    page.get_by_label("实际面积与登记不符").check()
    page.get_by_label("说明", exact=True).fill("北边水毁，实际面积比登记的小。")
    shot(page, "01-asked")
    page.get_by_role("button", name="提交申请").last.click()
    found = people.NUMBER.search(page.locator(".govuk-panel").inner_text())
    assert found
    return found.group()


def give(page: Page, number: str, shot: Any) -> None:
    """Whoever's qualification has ended is not offered."""
    form = people.claim(page, number)
    form.get_by_label("安排测绘", exact=True).check()
    form.get_by_label("委托有资质的单位").check()
    offered = form.get_by_role("group", name="委托单位")
    expect(offered).not_to_contain_text("北坡测绘队")
    offered.get_by_label("青石勘测有限公司").check()
    form.get_by_label("测绘要求").fill("与邻户一并指界。")
    form.get_by_label("意见", exact=True).fill("交青石勘测有限公司。")
    shot(page, "02-given")
    people.submit(page)


def take_out(
    site, visit, page: Page, number: str, home: Any, shot: Any, folder: Path
) -> list[tuple[dict, bytes]]:
    """The firm finds this case alone, and of the household only what it needs outside."""
    site.pump()
    other = visit.staff("firm2")
    other.goto(f"/cases/{number}")
    expect(other.get_by_role("heading", name="没有")).to_be_visible()
    page.goto("/inbox?tab=claim")
    assert set(people.NUMBER.findall(page.locator("main").inner_text())) == {number}
    form = people.claim(page, number)
    expect(page.locator("main")).not_to_contain_text(home.id_number)
    expect(form).to_be_visible()
    with page.expect_download() as got:
        page.locator("#field-package").get_by_role("button").click()
    with zipfile.ZipFile(io.BytesIO(got.value.path().read_bytes())) as archive:
        archive.extractall(folder)
    shot(page, "03-field")
    look(page, page.url.removeprefix(site.url))
    page.goto(f"{page.url.partition('?')[0]}?lang=zh")
    return read_features(folder / "DK.gpkg", 10)[0]


def returned(folder: Path, field: list[tuple[dict, bytes]], epsg: int, scale: float) -> Path:
    """The package's own layer, drawn anew by so much, with its change written beside."""
    rows = [
        values | {"BGLX": "图形变更", "BGYY": "水毁", "outline": shapely.to_wkb(affinity.scale(shapely.from_wkb(shape), scale, scale))}
        for values, shape in field
    ]  # fmt: skip
    path = folder / f"成果{scale}.gpkg"
    write_layer(path, "DK", rows, FIELDS, epsg)
    return path


def bring_back(page: Page, home: Any, file: Path) -> None:
    """Who must point out boundaries is listed already, and stays when the result comes back."""
    form = people.form_of(page)
    expect(form.locator("[name='witnesses-0-name']")).to_have_value(home.name)
    form.get_by_label("测绘日期").fill("2026-04-07")
    form.get_by_label("测绘人员").fill("鲁班、公输")
    for present in form.locator("[name^='witnesses-'][name$='-how'][value=present]:visible").all():
        present.check()
    page.locator("[name='file-survey_return-upload']").set_input_files(file)
    people.hand_over(page, "界址签章表", "签章表.jpg", photograph("界址签章表"))


def refused_for_quality(site, page: Page, number: str, plot: Any, shot: Any) -> None:
    """The outline lies on the neighbour's land: it comes back at once, in words that say where and by how much."""
    shot(page, "04-brought-back")
    people.submit(page)
    site.pump()
    page.reload()
    for place in ("case", "task"):
        told = page.locator("#findings")
        expect(told).to_contain_text(plot.code)
        expect(told).to_contain_text("重叠")
        shot(page, f"05-findings-{place}")
        if place == "case":
            people.claim(page, number)


def review(page: Page, number: str, shot: Any) -> None:
    """With the forms that were printed, and who surveyed by name."""
    form = people.claim(page, number)
    for paper in ("权属调查表", "界址标示和签章表", "界址点成果表和地块示意图"):
        expect(page.locator("#papers")).to_contain_text(paper)
    expect(page.locator("#earlier")).to_contain_text("青石勘测有限公司")
    shot(page, "06-review")
    form.get_by_label("通过，进入公示").check()
    form.get_by_label("意见", exact=True).fill("图形、签章齐全。")
    people.submit(page)


def display(site, visit, home: Any, shot: Any) -> None:
    site.pump()
    phone = visit.household(home)
    phone.get_by_role("link", name="权属调查和测绘").first.click()
    expect(phone.locator("main")).to_contain_text("公示到2026年4月22日")
    shot(phone, "07-displayed")
    site.move_to("2026-04-23 09:00")


def accept(site, page: Page, number: str, shot: Any) -> None:
    form = people.claim(page, number)
    form.get_by_label("验收合格").check()
    form.get_by_label("意见", exact=True).fill("验收合格。")
    people.submit(page)
    site.pump()
    page.reload()
    expect(page.locator("#now")).to_contain_text("实测面积和图形已写入登记簿")
    expect(page.locator("#path")).to_contain_text("有变化的地块 1 块")
    shot(page, "08-accepted")
