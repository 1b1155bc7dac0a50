"""One oral mediation: asked for at the village's counter, passed to the township, agreed and signed."""

from playwright.sync_api import expect

from engine.domain.clock import local_date
from tests.e2e import county, people
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.looking import look, look_here
from tests.e2e.test_arbitration import fill


def test_mediation(site, visit, shot):
    office = county.offices(site.app)
    home, against = (county.household(site.app, office.division, nth) for nth in (8, 9))
    today = local_date(site.app.clock.now()).isoformat()
    desk = visit.staff(office.village)
    desk.goto(f"/cases/new/dispute_mediation?contractor={home.code}")
    people.choose(desk, "cause", "infringement")
    desk.locator(f"[name=parcels][value='{home.parcels[0].code}']").check()
    people.choose(desk, "respondents-0-kind", "household")
    fill(
        desk,
        {
            "respondents-0-name": against.name,
            "respondents-0-address": "本村",
            "claims": "请求返还承包地。",
            "facts": "去年秋收后占用北侧。",
        },
    )
    people.choose(desk, "oral", "yes")
    shot(desk, "01-oral")
    look_here(desk, DESK, PHONE)
    desk.get_by_role("button", name="提交申请").click()
    number = people.NUMBER.search(desk.locator("main").inner_text())
    assert number, desk.locator("main").inner_text()
    case = number.group()
    site.pump()

    form = people.claim(desk, case)
    people.choose(desk, "decision", "village")
    fill(form, {"mediators": "甲、乙", "day": today, "at": "09:30", "place": "村委会", "opinion": "受理。"})
    look_here(desk, DESK)
    people.submit(desk)
    site.pump()
    form = people.claim(desk, case)
    fill(form, {"held_on": today, "place": "村委会", "mediators": "甲", "record": "已听取双方陈述。"})
    people.choose(desk, "outcome", "to_township")
    people.submit(desk)
    site.pump()

    township = visit.staff(office.township)
    form = people.claim(township, case)
    fill(form, {"held_on": today, "place": "村委会", "mediators": "丙", "record": "双方各自陈述，达成一致。"})
    people.choose(township, "outcome", "agreed")
    people.submit_refused(township, "协议内容")
    fill(people.form_of(township), {"agreement": "对方于三日内返还占用的土地。"})
    look_here(township, DESK, PHONE)
    people.submit(township)
    site.pump()
    people.claim(township, case)
    people.choose(township, "decision", "signed")
    people.choose(township, "register_outcome", "none")
    fill(people.form_of(township), {"signed_on": today})
    people.hand_over(township, "签好的调解协议书", "协议.jpg")
    shot(township, "02-signing")
    people.submit(township)
    site.pump()
    township.goto(f"/cases/{case}")
    shot(township, "03-over")
    for paper in ("调解协议书", "调解笔录"):
        expect(township.get_by_role("link", name=paper).first).to_be_visible()
    expect(township.get_by_text("已达成协议，争议地块的限制已解除")).to_be_visible()
    look(township, f"/cases/{case}")
