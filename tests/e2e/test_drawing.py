"""A surveyor draws inside a case: shared corners, undo, split and merge, Esc, at a desk and on a telephone."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.looking import assert_english, fits, sound
from tests.e2e.people import claim, form_of, say_surveyed, submit
from tests.usecases.acting import played

EDITOR = "[data-editor][data-ready]"
PIXEL = """([code, at]) => {
  const { view, standing } = document.querySelector('[data-editor]').tianqiEditor;
  const ring = standing().get(code).ring;
  const place = typeof at === 'number' ? ring[at] : at;
  const [x, y] = view.map.getPixelFromCoordinate(place);
  const box = view.map.getViewport().getBoundingClientRect();
  return [box.left + x, box.top + y];
}"""
SHARED = """() => {
  const { standing } = document.querySelector('[data-editor]').tianqiEditor;
  const parcels = [...standing().values()];
  const own = parcels.find((one) => one.code === document.querySelector('[data-editor] select').value);
  const has = (parcel, corner) => parcel.ring.findIndex((one) => one[0] === corner[0] && one[1] === corner[1]);
  for (const [at, corner] of own.ring.entries()) {
    const with_ = parcels.filter((one) => one.code !== own.code && one.party && has(one, corner) >= 0);
    if (with_.length === 1) return { code: own.code, at, other: with_[0].code, otherAt: has(with_[0], corner), corner };
  }
  return null;
}"""


@pytest.fixture(scope="module")
def numbers(site) -> list[str]:
    """Cases whose surveys are to be done."""
    found = [str(played(site.app, "survey", "with_survey").number) for _ in range(2)]
    site.pump()
    return found


def editor(page: Page) -> None:
    page.locator(EDITOR).wait_for()
    page.locator("[data-editor]").scroll_into_view_if_needed()
    page.wait_for_timeout(50)


def drawn(page: Page) -> list[dict]:
    return json.loads(page.locator("textarea[name=drawing]").input_value() or "[]")


def ring(page: Page, code: str) -> list[list[float]]:
    return page.evaluate(
        "(code) => document.querySelector('[data-editor]').tianqiEditor.standing().get(code).ring", code
    )


def drag(page: Page, code: str, at, dx: float, dy: float, drop: bool = True) -> None:
    page.locator(".tq-editor__map").scroll_into_view_if_needed()
    x, y = page.evaluate(PIXEL, [code, at])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2, steps=3)
    page.mouse.move(x + dx, y + dy, steps=3)
    if drop:
        page.mouse.up()


def tool(page: Page, name: str) -> None:
    page.locator(".tq-editor").get_by_role("button", name=name, exact=True).click()


def test_a_surveyor_moves_a_shared_corner_undoes_splits_merges_and_hands_in(visit, numbers, shot):
    page = visit.staff("surveyor")
    form = claim(page, numbers[0])
    editor(page)
    shot(page, "opened")
    found = page.evaluate(SHARED)
    assert found, "no shared corner"
    code, before = found["code"], ring(page, found["code"])
    drag(page, code, found["at"], 24, -18)
    moved = ring(page, code)[found["at"]]
    assert moved != before[found["at"]]
    assert moved in ring(page, found["other"])  # to the last bit
    assert [round(n, 3) for n in moved] == moved
    assert drawn(page)[0]["type"] == "move_boundary"
    expect(page.locator(f"[data-area-of='{code}']")).to_contain_text("亩")
    expect(
        page.locator(".tq-editor__findings, .tq-editor__verdict.is-sound").filter(has_text=re.compile("."))
    ).not_to_have_count(0)
    shot(page, "moved")

    tool(page, "撤销")
    assert ring(page, code) == before
    assert drawn(page) == []
    tool(page, "重做")
    assert ring(page, code)[found["at"]] == moved
    tool(page, "撤销")

    page.get_by_label("邻地的共用界址点一起移动").uncheck()
    middle = page.evaluate(
        "(ring) => [ring.reduce((s, c) => s + c[0], 0) / ring.length, ring.reduce((s, c) => s + c[1], 0) / ring.length]",
        ring(page, found["other"]),
    )
    x, y = page.evaluate(PIXEL, [code, found["at"]])
    to_x, to_y = page.evaluate(PIXEL, [code, middle])
    drag(page, code, found["at"], (to_x - x) * 0.5, (to_y - y) * 0.5)
    expect(page.locator(".tq-editor__quick")).to_contain_text("重叠")
    expect(page.locator(".tq-editor__findings")).to_contain_text("重叠")
    shot(page, "overlap")
    tool(page, "恢复原状")

    drag(page, code, found["at"], 30, 30, drop=False)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert ring(page, code) == before
    expect(page.locator(".tq-editor__hint")).to_contain_text("已取消")

    tool(page, "分割")
    west, south, east, north = (
        min(c[0] for c in before),
        min(c[1] for c in before),
        max(c[0] for c in before),
        max(c[1] for c in before),
    )
    page.keyboard.press("Escape")
    expect(page.locator("[data-tool=split]")).to_have_attribute("aria-pressed", "false")
    tool(page, "分割")
    ends = [[(west + east) / 2 - 1, south - 3], [(west + east) / 2 + 1, north + 3]]
    for place in ends:
        page.mouse.click(*page.evaluate(PIXEL, [code, place]))
    page.mouse.dblclick(*page.evaluate(PIXEL, [code, ends[1]]))
    expect(page.locator(".tq-editor__verdict.is-sound")).to_be_visible()
    [change] = drawn(page)
    assert (change["type"], len(change["pieces"])) == ("split_parcel", 2)
    shot(page, "split")

    tool(page, "合并")
    for piece in change["pieces"]:
        if piece["code"] not in page.evaluate("() => document.querySelector('[data-editor] select').value"):
            centre = page.evaluate(
                """(ring) => [ring.reduce((s, c) => s + c[0], 0) / ring.length, ring.reduce((s, c) => s + c[1], 0) / ring.length]""",
                ring(page, piece["code"]),
            )
            page.mouse.click(*page.evaluate(PIXEL, [piece["code"], centre]))
    page.get_by_role("button", name="合并所选（2 块）").click()
    expect(page.locator("textarea[name=drawing]")).to_have_value(re.compile("merge_parcels"))
    expect(page.locator(".tq-editor__verdict.is-sound")).to_be_visible()
    assert [row["type"] for row in drawn(page)] == ["split_parcel", "merge_parcels"]
    with page.expect_response(
        lambda answer: (
            answer.url.endswith("/draft") and "merge_parcels" not in (answer.request.post_data or "")
        )
    ):  # once the hand rests
        tool(page, "撤销")
    assert [row["type"] for row in drawn(page)] == ["split_parcel"]
    expect(page.locator("[data-draft-state]")).to_contain_text("草稿已保存")
    page.reload()
    editor(page)
    assert [row["type"] for row in drawn(page)] == ["split_parcel"]  # nothing is lost
    sound(page, 1280)

    form = form_of(page)
    say_surveyed(page, form)
    submit(page)
    expect(page.locator("#change")).to_contain_text(change["pieces"][0]["code"])
    shot(page, "handed-in")


def test_without_a_mouse_and_on_a_telephone_in_english(visit, numbers, shot):
    page = visit.staff("surveyor")
    claim(page, numbers[1])
    address = page.url
    page.goto(f"{address}?lang=en")
    editor(page)
    code = page.get_by_label("Parcel to change").input_value()
    page.get_by_text("Corners (editable without a mouse)").click()
    north = page.locator("[data-corner='0'][data-axis='1']")
    was = north.input_value()
    north.fill(f"{float(was) - 0.5:.3f}")
    north.press("Enter")
    assert ring(page, code)[0][1] == round(float(was) - 0.5, 3)
    page.locator("[data-corner-act=insert]").first.press("Enter")
    assert len(ring(page, code)) > 4
    page.keyboard.press("Control+z")
    page.locator("[data-act=undo]").press("Enter")
    north.fill("not a number")
    north.press("Enter")
    expect(page.locator(".tq-editor__hint.is-wrong")).to_contain_text("number")
    page.locator("[data-tool=typed]").press("Enter")
    page.get_by_label("Coordinates (one point").fill("1,2")
    page.get_by_role("button", name="Use as the selected parcel's outline").press("Enter")
    expect(page.locator(".tq-editor__hint.is-wrong")).to_be_visible()
    assert_english(page)
    sound(page, 360)
    shot(page, "phone")
    fits(page, 360)
    page.context.clear_cookies(name="lang")
