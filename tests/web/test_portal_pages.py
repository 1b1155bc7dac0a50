"""The applicants' pages as a browser without scripts uses them: every step, every kept answer, every refusal."""

import io
import re

import pytest
from stdnum.iso7064 import mod_11_2

from engine.store.tables.portal import PortalDraft, Submission
from tests.portal_steps import (
    COUNTY,
    MISSING,
    Browser,
    household,
    inside,
    office_does,
    picture,
    who,
    words,
)

NOBODYS_NUMBER = "11010119900307257" + mod_11_2.calc_check_digit("11010119900307257")


@pytest.fixture
def browser(running, web):
    return Browser(running, web.test_client())


def begin(browser, home):
    """Signed in, with an application begun; gives its address."""
    browser.sign_in(home)
    page = browser.post("/portal/apply/contract_signing")
    return page.request.path


def send(browser, at):
    page = browser.post(f"{at}/check", agreed="yes")
    assert "正在提交" in words(page)
    assert page.headers["Refresh"].startswith("2;")
    inside(browser.app)
    return browser.get(page.request.path)


def case_of(page):
    return re.search(rf"{COUNTY}\d{{14}}", page.text)[0]


def test_first_page_names_the_ways_in(browser):
    page = browser.get("/portal/")
    assert page.status_code == 200
    assert {"登录办理", "凭编号查进度", "核验文书真伪"} <= set(re.findall(r"[\u4e00-\u9fff]+", page.text))


@pytest.mark.parametrize(
    "path",
    [
        "/portal/household",
        "/portal/cases/99010120260302000001",
        "/portal/applications/00000000-0000-0000-0000-000000000001",
        "/portal/submissions/00000000-0000-0000-0000-000000000001",
    ],
)
def test_own_pages_ask_to_sign_in_and_come_back(browser, running, path):
    assert browser.get(path).request.path == "/portal/sign-in"
    page = browser.sign_in(household(running, 0))
    assert page.request.path == path


def test_whole_way_from_sign_in_to_supplement(browser, running):
    home = household(running, 1)
    at = begin(browser, home)
    assert "上面填好后才能提交" in words(browser.get(at))
    browser.fill_in(at, home)
    assert "可以提交" in words(browser.get(at))
    check = browser.get(f"{at}/check")
    assert f"共 {len(home.parcels)} 块" in words(check)
    assert "身份证.jpg" in words(check)
    taken = send(browser, at)
    number = case_of(taken)
    code = re.search(r"tq-taken__code\">(\w{8})<", taken.text)[1]
    noted = browser.post(f"{taken.request.path}/noted")
    assert "村里正在核对您的申请" in words(noted)
    assert code not in browser.get(taken.request.path).text

    office_does(running, number, MISSING)
    case = browser.get(f"/portal/cases/{number}")
    assert "您本人" in words(case)
    assert "现在去补交" in words(case)
    supply = f"/portal/cases/{number}/supply"
    assert {"照片模糊", "重新拍照上传", "2026年3月23日"} <= set(
        re.split(r"\s|：", words(browser.get(supply)))
    )
    upload = (io.BytesIO(picture("#123", "PNG")), "背面.png")
    empty = browser.post(supply, answer="", papers__id_card__upload=upload)
    assert empty.status_code == 422
    assert "背面.png" in words(empty)  # the upload is kept although the answer is missing
    kept = re.search(r'name="papers-id_card" value="([^"]+)"', empty.text)[1]
    waiting = browser.post(supply, answer="已重拍", papers__id_card=kept)
    inside(running)
    done = browser.get(waiting.request.path)
    assert "补正材料已经交上" in words(done)
    assert "不用，请等待" in words(done)
    download = browser.get(re.search(rf"/portal/cases/{number}/papers/\w+", done.text)[0])
    assert download.mimetype == "application/pdf"
    assert download.data.startswith(b"%PDF-")


def test_wrong_details_keep_what_was_typed(browser):
    page = browser.post("/portal/sign-in", name="王小明", id_number="123", phone="1380013800")
    assert page.status_code == 422
    assert 'value="王小明"' in page.text
    assert 'value="123"' in page.text
    assert "应为 18 位" in words(page)


def test_stranger_and_wrong_telephone_read_the_same(browser, running):
    name, number = who(household(running, 2))
    told = []
    for given in (("无此人", NOBODYS_NUMBER, "13900000001"), (name, number, "13900000002")):
        browser.post("/portal/sign-in", name=given[0], id_number=given[1], phone=given[2])
        inside(running)
        told.append(browser.get("/portal/sign-in/wait").text)
    plain = [re.sub(r'nonce="[^"]+"|value="[^"]+"|content="[^"]+"', "", text) for text in told]
    assert plain[0] == plain[1]
    assert "0900-0600001" in told[0]


def test_code_page_belongs_to_the_browser_that_asked(browser, running, web):
    home = household(running, 3)
    name, number = who(home)
    browser.post("/portal/sign-in", name=name, id_number=number, phone=home.phone)
    inside(running)
    other = Browser(running, web.test_client())
    assert "登录超时了" in words(other.get("/portal/sign-in/code"))
    assert "6 位数字" in words(browser.post("/portal/sign-in/code", code="12"))


def test_answers_are_kept_page_by_page_right_or_wrong(browser, running):
    home = household(running, 4)
    at = begin(browser, home)
    page = browser.post(f"{at}/members_right", members_right="wrong", members_note="")
    assert page.status_code == 422
    assert "请填写“哪里有误”" in words(page)
    assert re.search(r'value="wrong" checked', page.text)
    page = browser.post(f"{at}/members_right", members_right="wrong", members_note="长女已出嫁")
    assert page.status_code == 200
    assert "长女已出嫁" in browser.get(f"{at}/members_right").text
    assert "13800" in browser.post(f"{at}/phone", phone="13800").text


def test_change_from_the_summary_comes_back_to_it(browser, running):
    home = household(running, 5)
    at = begin(browser, home)
    browser.fill_in(at, home)
    assert f"{at}/kind?from=check" in browser.get(f"{at}/check").text
    page = browser.post(f"{at}/kind", kind="new", **{"from": "check"})
    assert page.request.path == f"{at}/check"
    assert "首次签订承包合同" in words(page)


def test_nothing_is_sent_without_the_declaration(browser, running):
    home = household(running, 6)
    at = begin(browser, home)
    browser.fill_in(at, home)
    page = browser.post(f"{at}/check")
    assert page.status_code == 422
    assert "请先勾选声明" in words(page)


@pytest.mark.parametrize(
    ("body", "name", "says"),
    [
        (b"MZ this is a program", "photo.jpg", "这份文件的内容不是"),
        (b"", "empty.jpg", "文件是空的"),
        (b"\xff\xd8\xff broken", "broken.jpg", "图片打不开"),
        (picture() + b"0" * (10 * 1024 * 1024), "large.jpg", "文件超过10兆字节"),
    ],
    ids=["program", "empty", "broken", "large"],
)
def test_mislabelled_and_oversize_uploads_are_refused(browser, running, body, name, says):
    at = begin_once(browser, running)
    page = browser.post(f"{at}/papers-id_card", papers__id_card__upload=(io.BytesIO(body), name))
    assert page.status_code == 422
    assert says in words(page)
    assert name not in words(browser.get(f"{at}/papers-id_card"))


def begin_once(browser, running):
    """The limit of codes an hour holds in tests too, so these share one person."""
    from uuid import UUID

    from sqlalchemy import select

    from engine.store.tables.portal import Applicant

    home = household(running, 7)
    with running.portal_sessions() as portal:
        known = portal.scalar(select(Applicant.id).where(Applicant.contractor_code == home.code))
    if known is None:
        return begin(browser, home)
    with browser.client.session_transaction() as session:
        session["applicant"] = str(UUID(str(known)))
    return browser.post("/portal/apply/contract_signing").request.path


def test_uploads_name_is_plain_text(browser, running):
    at = begin(browser, household(running, 8))
    upload = (io.BytesIO(picture()), "../../<script>alert(1)</script>.jpg")
    browser.post(f"{at}/papers-id_card", papers__id_card__upload=upload)
    page = browser.get(f"{at}/papers-id_card").text
    assert "<script>alert" not in page
    assert "../" not in re.search(r'class="tq-files".*?</ul>', page, re.S)[0]


def test_file_of_another_applicant_is_dropped(browser, running, web):
    mine = begin(browser, household(running, 9))
    theirs_browser = Browser(running, web.test_client())
    theirs = begin(theirs_browser, household(running, 10))
    theirs_browser.post(f"{theirs}/papers-id_card", papers__id_card__upload=(io.BytesIO(picture()), "a.jpg"))
    page = theirs_browser.get(f"{theirs}/papers-id_card").text
    stolen = re.search(r'name="papers-id_card" value="([^"]+)"', page)[1]
    answer = browser.post(f"{mine}/papers-id_card", papers__id_card=stolen)
    assert answer.status_code == 422
    assert "请上传" in words(answer)


def test_others_applications_cases_and_papers_are_not_there(browser, running, web):
    home = household(running, 11)
    at = begin(browser, home)
    browser.fill_in(at, home)
    taken = send(browser, at)
    number = case_of(taken)
    paper = re.search(rf"/portal/cases/{number}/papers/\w+", browser.get(f"/portal/cases/{number}").text)[0]
    stranger = Browser(running, web.test_client())
    stranger.sign_in(household(running, 12))
    for path in (at, f"{at}/kind", f"{at}/check", taken.request.path, f"/portal/cases/{number}", paper):
        assert stranger.get(path).status_code == 404, path
    assert stranger.post(f"{at}/kind", kind="new").status_code == 404
    assert stranger.get(f"/portal/cases/{number}/supply").status_code == 404


def test_sent_twice_is_one_submission(browser, running):
    home = household(running, 13)
    at = begin(browser, home)
    browser.fill_in(at, home)
    first = browser.post(f"{at}/check", agreed="yes")
    second = browser.post(f"{at}/check", agreed="yes")
    assert first.request.path == second.request.path
    with running.portal_sessions() as portal:
        draft = at.rsplit("/", 1)[-1]
        assert portal.query(Submission).filter_by(draft_id=draft).count() == 1
        assert portal.get(PortalDraft, draft).submitted
    # the old page of the draft leads on to what became of it, and saves nothing
    assert browser.post(f"{at}/kind", kind="new").request.path == first.request.path


def test_held_household_is_told_which_case_holds_it(browser, running, web):
    home = household(running, 14)
    at = begin(browser, home)
    browser.fill_in(at, home)
    number = case_of(send(browser, at))
    member = Browser(running, web.test_client())
    other = home.members[-1]
    member.post("/portal/sign-in", name=other.name, id_number=other.id_number, phone=home.phone)
    inside(running)
    from tests.portal_steps import code_sent

    page = member.post("/portal/sign-in/code", code=code_sent(running, home.phone))
    assert "您家有一件正在办理" in words(page)
    again = member.post("/portal/apply/contract_signing").request.path
    member.fill_in(again, home)
    refused = send(member, again)
    assert f"办件编号 {number}" in words(refused)
    assert "已填好" in words(member.get(again))


def test_look_up_says_the_same_for_wrong_number_and_wrong_code(browser, running):
    home = household(running, 15)
    at = begin(browser, home)
    browser.fill_in(at, home)
    taken = send(browser, at)
    number, code = case_of(taken), re.search(r"tq-taken__code\">(\w{8})<", taken.text)[1]
    browser.post("/portal/sign-out")
    wrong = [
        browser.post("/portal/lookup", number=number, code="ABCDEFGH"),
        browser.post("/portal/lookup", number="99010120260302999999", code=code),
    ]
    assert [page.status_code for page in wrong] == [404, 404]
    plain = [re.sub(r'nonce="[^"]+"|value="[^"]*"|content="[^"]+"', "", page.text) for page in wrong]
    assert plain[0] == plain[1]
    assert "0900-0600001" in plain[0]
    found = browser.post("/portal/lookup", number=f" {number[:10]} {number[10:]} ", code=code.lower())
    assert "村里正在核对您的申请" in words(found)
    assert not any(member.name in found.text for member in home.members)
    assert "/papers/" not in found.text


def test_paper_is_confirmed_by_its_code_and_compared(browser, running):
    home = household(running, 16)
    at = begin(browser, home)
    browser.fill_in(at, home)
    number = case_of(send(browser, at))
    path = re.search(rf"/portal/cases/{number}/papers/(\w+)", browser.get(f"/portal/cases/{number}").text)
    body = browser.get(path[0]).data
    browser.post("/portal/sign-out")
    shown = browser.get(f"/verify/{path[1].lower()}")
    assert {"受理通知书", "2026年3月2日"} <= set(words(shown).split())
    assert not any(member.name in shown.text for member in home.members)
    assert browser.get(f"/verify?code={path[1][:6]}-{path[1][6:]}").request.path == f"/verify/{path[1]}"
    same = browser.post(f"/verify/{path[1]}", file=(io.BytesIO(body), "a.pdf"))
    altered = browser.post(f"/verify/{path[1]}", file=(io.BytesIO(body + b" "), "a.pdf"))
    assert "完全一致" in words(same)
    assert "不一致" in words(altered)
    assert browser.post(f"/verify/{path[1]}").status_code == 422
    unknown = [browser.get(f"/verify/{code}") for code in ("ABCDEFGHJKLM", "x", "%3Cscript%3E")]
    assert {page.status_code for page in unknown} == {404}
    assert all("没有这份文书" in words(page) for page in unknown)


def test_public_pages_are_limited(running, web, monkeypatch):
    from web.app import create_app
    from web.limits import limiter

    monkeypatch.setenv("TIANQI_LIMITS", "on")
    limited = create_app(running)
    limited.config["WTF_CSRF_ENABLED"] = False
    browser = Browser(running, limited.test_client())
    try:
        looked = [browser.post("/portal/lookup", number=str(n), code="2").status_code for n in range(12)]
        assert looked == [404] * 10 + [429] * 2
        guessed = [
            browser.client.post(
                "/portal/lookup",
                data={"number": "99010120260302000777", "code": f"CODE{n:04d}"},
                environ_overrides={"REMOTE_ADDR": f"10.0.0.{n}"},
            ).status_code
            for n in range(21)
        ]
        assert guessed == [404] * 20 + [429]  # one case, many addresses
        checked = [browser.get("/verify/ABCDEFGHJKLM").status_code for _ in range(31)]
        assert checked == [404] * 30 + [429]
    finally:
        limiter.reset()
        limiter.enabled = False


def test_signed_out_is_signed_out(browser, running):
    browser.sign_in(household(running, 17))
    browser.post("/portal/sign-out")
    assert browser.get("/portal/household").request.path == "/portal/sign-in"


def test_applicant_is_nobody_on_the_staffs_side(browser, running):
    browser.sign_in(household(running, 18))
    assert browser.get("/inbox").request.path == "/sign-in"


def test_staff_is_nobody_in_the_portal(running, client_for):
    staff = Browser(running, client_for("village1"))
    assert staff.get("/portal/household").request.path == "/portal/sign-in"


def test_english_and_large_text_are_remembered(browser):
    assert "Contracted land online" in words(browser.get("/portal/?lang=en"))
    page = browser.get("/portal/sign-in?elder=1")
    assert "tq-elder" in page.text
    assert "As on your identity card" in words(browser.get("/portal/sign-in"))
    assert "tq-elder" in browser.get("/portal/lookup").text


def test_english_pages_are_english(browser, running):
    home = household(running, 19)
    at = begin(browser, home)
    browser.get("/portal/?lang=en")
    names = "".join([home.name, home.address, home.issuing_party.name, "田契中文县农业农村局"])
    names += "".join(member.name for member in home.members)
    for path in (
        "/portal/",
        "/portal/lookup",
        "/verify",
        at,
        f"{at}/kind",
        f"{at}/phone",
        f"{at}/papers-id_card",
    ):
        left = set(re.findall(r"[\u4e00-\u9fff]+", words(browser.get(path))))
        assert not {text for text in left if not set(text) <= set(names)}, path


def test_messages_page_is_for_demonstrations_alone(browser, web):
    assert browser.get("/demo/messages").status_code == 200
    web.config["DEMO"] = False
    try:
        assert browser.get("/demo/messages").status_code == 404
    finally:
        web.config["DEMO"] = True


def test_two_windows_on_one_question_and_the_way_back(browser, running):
    """The later answer counts; a page that was left answers again; once sent, both lead to what became of it."""
    home = household(running, 33)
    at = begin(browser, home)
    browser.fill_in(at, home)
    first, second = browser.get(f"{at}/phone"), browser.get(f"{at}/phone")
    assert first.status_code == second.status_code == 200
    browser.post(f"{at}/phone", phone="13911112222")
    browser.post(f"{at}/phone", phone="13933334444")
    assert 'value="13933334444"' in browser.get(f"{at}/phone").text
    send(browser, at)
    late = browser.post(f"{at}/phone", phone="13955556666")
    assert late.status_code == 200 and "/portal/submissions/" in late.request.path
