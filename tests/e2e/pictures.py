"""The README's pictures, taken from the running system: `python -m pytest tests/e2e/pictures.py`.

Not part of the tests. Writes docs/pictures/*.png, each under 200 kB; a county is filled with cases first.
"""

import io
import subprocess
from datetime import datetime

from PIL import Image
from playwright.sync_api import Page
from pypdf import PdfReader
from sqlalchemy import text

from engine.domain.clock import VirtualClock
from engine.queries.scenario_facts import read_holding
from engine.settings import ROOT
from engine.store.tables.cases import Case, Paper
from engine.usecases.check_register import check_register
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.story import words_of
from tests.e2e import county, people
from tests.e2e.looking import ready
from tests.usecases.acting import playing, waited_for

PLACE = ROOT / "docs" / "pictures"
MOST = 200_000  # bytes
STANDS = [  # village by code, household in it, where its case stands, since when
    (1, 0, "county_decision", "2026-09-02 09:12"),
    (0, 1, "county_decision", "2026-09-07 10:40"),
    (0, 5, "county_decision", "2026-09-09 14:05"),
    (1, 1, "county_decision", "2026-09-11 16:31"),
    (0, 2, "township_review", "2026-09-14 09:20"),
    (0, 3, "village_check", "2026-09-15 08:50"),
    (0, 0, "contract_publicity", "2026-09-04 11:02"),
]
NOW = "2026-09-15 09:30"


def test_take_pictures(site, visit):
    PLACE.mkdir(parents=True, exist_ok=True)
    cases = [stand(site, *where) for where in STANDS]
    site.app.clock = VirtualClock(moment(NOW))
    site.pump()
    of_a_household(site, visit)
    of_staff(visit, cases)
    of_studio_and_audit(visit, cases)
    of_a_contract(site)
    of_the_register(site, visit)


def test_take_pictures_of_the_register(site, visit):
    of_the_register(site, visit)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+08:00")


def stand(site, village: int, nth: int, until: str, start: str) -> str:
    return str(standing(site, village, nth, until, start).number)


def standing(site, village: int, nth: int, until: str, start: str) -> Play:
    """A case of that household, begun then, that stands there; it can be played on."""
    play = playing(site.app)
    site.app.clock = VirtualClock(moment(start))
    home = county.household(site.app, county.offices(site.app, village).division, nth)
    with site.app.sessions(county.COUNTY) as session:
        play.code, play.words, play.before = (
            home.code,
            words_of(home),
            read_holding(session, county.COUNTY, home.code),
        )
    for step in play.story.steps:
        if until in waited_for(play):
            break
        if "does" in step:
            play.act(step["who"], step["does"], step)
        elif "waits" in step:
            play.wait(step["waits"])
    return play


def keep(page: Page, name: str, width: int | None = None) -> None:
    """What is seen now, or so many pixels wide."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    if width:
        picture = picture.resize((width, picture.height * width // picture.width), Image.Resampling.LANCZOS)
    save(picture, name)


def save(picture: Image.Image, name: str) -> None:
    """In as many colours as fit."""
    target = PLACE / f"{name}.png"
    for colours in (None, 256, 128, 64):
        drawn = picture.quantize(colours, dither=Image.Dither.NONE) if colours else picture
        drawn.save(target, optimize=True)
        if target.stat().st_size <= MOST:
            return
    raise AssertionError(f"{target} is {target.stat().st_size} bytes")


def sharp(visit, width: int, height: int, scale: int) -> Page:
    page = visit(width)
    context = visit.chromium.new_context(
        base_url=visit.site.url, viewport={"width": width, "height": height}, device_scale_factor=scale
    )
    visit.contexts.append(context)
    page.close()
    return context.new_page()


def of_a_household(site, visit) -> None:
    office = county.offices(site.app)
    page = sharp(visit, 375, 720, 2)
    people.sign_in_applicant(page, site, county.household(site.app, office.division, 0))
    keep(page, "portal-home")
    page.get_by_role("link", name="农村土地承包合同网签").first.click()
    page.locator(".tq-turn").wait_for()
    keep(page, "portal-case")
    page = sharp(visit, 375, 720, 2)
    people.sign_in_applicant(page, site, county.household(site.app, office.division, 4))
    page.get_by_role("button", name="开始申请 农村土地承包合同网签").click()
    page.get_by_role("link", name="要写入合同的地块").click()
    page.locator("[data-parcel-row]").first.wait_for()
    keep(page, "portal-question")


def of_staff(visit, cases: list[str]) -> None:
    page = sharp(visit, 1280, 820, 1)
    people.sign_in(page, "county")
    page.goto("/inbox?tab=claim")
    keep(page, "inbox")
    page.get_by_role("link", name=cases[0]).click()
    page.get_by_role("button", name="签收并办理").click()
    ready(page)
    page.set_viewport_size({"width": 1280, "height": 1440})
    page.get_by_label("同意，进入合同公示").check()
    page.get_by_label("审批意见").fill("同意。")
    page.locator("#change").evaluate("e => window.scrollTo(0, e.offsetTop - 16)")
    keep(page, "task", 960)
    page.set_viewport_size({"width": 1280, "height": 820})
    page.goto(f"/cases/{cases[-1]}")
    ready(page)
    keep(page, "case")


def of_studio_and_audit(visit, cases: list[str]) -> None:
    page = sharp(visit, 1440, 900, 1)
    people.sign_in(page, "admin")
    page.goto("/studio/contract_signing")
    page.locator("[data-bpmn-modeler][data-ready]").wait_for()
    page.locator("#model-outline").get_by_role("button", name="乡镇审核", exact=True).click()
    page.locator("#model-properties").get_by_text("办理人", exact=True).wait_for()
    page.locator("[data-bpmn-modeler]").evaluate(
        "e => window.scrollTo(0, e.getBoundingClientRect().top - 120)"
    )
    keep(page, "studio")
    page = sharp(visit, 1280, 900, 1)
    people.sign_in(page, "auditor")
    page.goto(f"/audit/cases/{cases[-1]}")
    ready(page)
    page.locator("[data-replay-slider]").focus()
    for _ in range(7):
        page.keyboard.press("ArrowRight")
    page.locator("#replay").evaluate("e => window.scrollTo(0, e.offsetTop - 16)")
    keep(page, "audit")


def of_a_contract(site) -> None:
    """The cover and the sketch of the parcels, as they are printed."""
    number = stand(site, 1, 2, "sign_contract", "2026-09-14 09:00")
    site.pump()
    with site.app.sessions(county.COUNTY) as session:
        case = session.query(Case).filter_by(number=number).one()
        paper = session.query(Paper).filter_by(case_id=case.id, kind="contract").one()
    body = site.app.files.get(paper.sha256)
    texts = [page.extract_text() for page in PdfReader(io.BytesIO(body)).pages]
    sketch = max(n for n, text in enumerate(texts, 1) if "示意图" in text)
    pages = [printed(body, n) for n in (1, sketch)]
    both = Image.new("RGB", (sum(p.width for p in pages) + 12, pages[0].height), "#c9d2c9")
    both.paste(pages[0], (0, 0))
    both.paste(pages[1], (pages[0].width + 12, 0))
    save(both, "contract")


def of_the_register(site, visit) -> None:
    """The map with a parcel chosen, its household, and what the quality rules find in a spoiled county."""
    with site.app.sessions(county.COUNTY) as session:
        session.execute(
            text("update operational.parcel_versions set measured_area = measured_area + 3 where id % 40 = 7")
        )
        session.commit()
    check_register(site.app, county.COUNTY, county.COUNTY, "许诺")
    home = county.household(site.app, county.offices(site.app).division, 4)
    page = sharp(visit, 1280, 860, 1)
    people.sign_in(page, "county")
    page.goto(f"/map?parcel={home.parcels[0].code}")
    ready(page)
    page.wait_for_load_state("networkidle")
    keep(page, "map")
    page.goto(f"/register/{home.code}")
    ready(page)
    keep(page, "household")
    page.goto("/quality")
    keep(page, "quality")


def printed(body: bytes, page: int) -> Image.Image:
    wanted = ["pdftoppm", "-r", "70", "-png", "-f", str(page), "-l", str(page), "-"]
    done = subprocess.run(wanted, input=body, capture_output=True, check=True)
    return Image.open(io.BytesIO(done.stdout)).convert("RGB")
