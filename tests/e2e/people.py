"""What people do in their browsers, in the words of the pages."""

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Locator, Page, expect

from engine.domain.register import Household
from tests import portal_steps
from tests.e2e.papers import photograph, upload

if TYPE_CHECKING:
    from tests.e2e.conftest import Site

PASSWORD, COOKIE = "tianqi-demo", "tianqi"
BROWSER = "Mozilla/5.0 (tests) Chromium"
CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
NUMBER = re.compile(r"\d{20}")


def staff_session(site: "Site", username: str) -> dict[str, Any]:
    """Signed in beside the browser, which is given the cookie: what ``sign_in`` does, without its pages."""
    client = site.flask.test_client()
    headers = {"User-Agent": BROWSER}  # a session belongs to the browser that it began in
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in", headers=headers).text)
    assert token
    form = {"csrf_token": token[1], "username": username, "password": PASSWORD}
    assert client.post("/sign-in", data=form, headers=headers).status_code == 302
    return _cookie(client)


def applicant_session(site: "Site", person: Household) -> dict[str, Any]:
    with site.app.portal_sessions() as portal:
        known = portal_steps.signed_in(site.app, portal, person)
    client = site.flask.test_client()
    with client.session_transaction() as session:
        session["applicant"] = str(known.id)
    return _cookie(client)


def _cookie(client: Any) -> dict[str, Any]:
    made = client.get_cookie(COOKIE)
    assert made
    there = {
        "domain": "127.0.0.1",
        "path": "/",
        "expires": -1,
        "httpOnly": True,
        "secure": False,
        "sameSite": "Lax",
    }
    return {"cookies": [{"name": COOKIE, "value": made.value} | there], "origins": []}


def sign_in(page: Page, username: str) -> None:
    """Staff."""
    page.goto("/sign-in")
    page.get_by_label(re.compile("^(用户名|Username|User name)$")).fill(username)
    page.get_by_label(re.compile("^(密码|Password)$")).fill(PASSWORD)
    page.get_by_role("button", name=re.compile("^(登录|Sign in)$")).click()
    expect(page.locator("nav.tq-nav")).to_be_visible()


def ask_code(page: Page, person: Household) -> None:
    """An applicant says who they are; the inside checks it, and the page comes back by itself."""
    page.goto("/portal/sign-in")
    say_who(page, person)


def say_who(page: Page, person: Household) -> None:
    page.locator("[name=name]").fill(person.name)
    page.locator("[name=id_number]").fill(person.id_number)
    page.locator("[name=phone]").fill(person.phone or "")
    page.locator("main form button.govuk-button").click()


def message_to(page: Page, telephone: str) -> str:
    """The latest message that would have gone to the telephone, read in another tab of the demonstration."""
    tab = page.context.new_page()
    tab.goto("/demo/messages")
    text = tab.locator("article", has_text=telephone).first.locator("p").inner_text()
    tab.close()
    return text


def sign_in_applicant(page: Page, site: "Site", person: Household) -> None:
    page.goto("/portal/sign-in")
    identify(page, site, person)
    expect(page).to_have_url(re.compile("/portal/$"))


def identify(page: Page, site: "Site", person: Household) -> None:
    """On the page that asks who one is, wherever it leads afterwards."""
    say_who(page, person)
    site.pump()
    page.locator("[name=code]").wait_for()
    found = CODE.search(message_to(page, person.phone or ""))
    assert found, "no code was sent"
    page.locator("[name=code]").fill(found.group())
    page.locator("main form button.govuk-button").click()


def answer(page: Page, question: str, choice: str) -> None:
    """Pick one of a question's answers, in a form where questions are named groups."""
    page.get_by_role("group", name=question).get_by_label(choice).check()


def choose(page: Page | Locator, name: str, value: str) -> None:
    """An answer out of a few, by the name of its question: as buttons, or as a list."""
    listed = page.locator(f"select[name='{name}']")
    if listed.count():
        listed.select_option(value)
    else:
        page.locator(f"[name='{name}'][value='{value}']").check()


def hand_over(page: Page, label: str, name: str, body: bytes | None = None) -> None:
    page.get_by_label(label).set_input_files([upload(body or photograph(label), name)])  # type: ignore[list-item]


def go_on(page: Page) -> None:
    page.get_by_role("button", name="保存并继续").click()


def apply_online(page: Page, site: "Site", person: Household) -> str:
    """A signed-in household applies for an extension. Gives the case number; the page shows the lookup code."""
    page.get_by_role("button", name="开始申请 农村土地承包合同网签").click()
    page.get_by_role("link", name="申请事项").click()
    page.get_by_label("延包").check()
    go_on(page)
    page.get_by_label("无误").check()  # the members
    go_on(page)
    expect(page.get_by_role("heading", name="要写入合同的地块")).to_be_visible()
    go_on(page)
    page.get_by_label("无误").check()  # the parcels
    go_on(page)
    expect(page.locator("[name=phone]")).to_have_value(person.phone or "")
    go_on(page)
    hand_over(page, "承包方代表身份证", "身份证正面.jpg")
    go_on(page)
    page.get_by_role("link", name="核对并提交").click()
    page.get_by_label("以上内容属实").check()
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("heading", name="正在提交")).to_be_visible()
    site.pump()
    return taken_number(page)


def taken_number(page: Page) -> str:
    expect(page.get_by_role("heading", name="申请已受理")).to_be_visible()
    found = NUMBER.search(page.locator(".tq-taken").inner_text())
    assert found
    return found.group()


def claim(page: Page, number: str) -> Locator:
    """From the inbox: what waits to be claimed, this case's row, and its task's page. Gives the task's form."""
    page.goto("/inbox?tab=claim")
    row = row_of(page, number)
    task = row.get_by_role("link", name=number).get_attribute("href") or ""
    row.get_by_role("button", name="签收").click()
    expect(page.get_by_text(f"已签收办件 {number}")).to_be_visible()
    page.goto(task)
    return form_of(page)


def form_of(page: Page) -> Locator:
    form = page.locator("form[data-draft-url]")
    expect(form).to_be_visible()
    return form


def row_of(page: Page, number: str) -> Locator:
    return page.get_by_role("row").filter(has_text=number)


def submit(page: Page) -> None:
    """Send the task's form; the case's page says that it went."""
    form_of(page).get_by_role("button", name="提交", exact=True).last.click()
    expect(page.get_by_text("已提交。办件接下来到了哪里")).to_be_visible()


def submit_refused(page: Page, about: str) -> None:
    """Send the task's form although something is missing; the page says what, and keeps the rest."""
    form_of(page).get_by_role("button", name="提交", exact=True).last.click()
    expect(page.locator(".govuk-error-summary")).to_contain_text(about)


def pass_village(page: Page, number: str) -> None:
    """The village's clerk confirms everything."""
    form = claim(page, number)
    form.get_by_label("核实无误").check()
    for label in ("成员属实", "由该户承包", "界址无争议", "已依法议定"):
        form.get_by_label(label).check()
    form.get_by_label("初审意见").fill("情况属实，同意上报。")
    submit(page)


def person_of(home: Household) -> str:
    """The identity number with which ``applicant_session`` signs in."""
    return portal_steps.who(home)[1]


def say_surveyed(page: Page, form: Locator) -> None:
    """By whom and when (today, the last day that the form takes), who pointed out the boundary, and the signed sheet of it."""
    day = form.get_by_label("测绘日期")
    day.fill(day.get_attribute("max") or "")
    form.get_by_label("测绘单位").fill("田溪县测绘队")
    form.get_by_label("测绘人员").fill("马跃")
    form.get_by_label("承包方和相邻权利人已指界并签字").check()
    form.get_by_label("姓名").first.fill("户主")
    form.get_by_label("本宗指界人").first.check()
    hand_over(page, "权属调查表和归户确认表", "调查表.png")
