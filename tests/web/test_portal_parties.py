"""A dispute in the portal: only its parties see it, each what is for that side, and what they do reaches the case."""

import io

import pytest
from api_support import work

from engine.domain.case_type import CaseType
from engine.domain.clock import VirtualClock
from engine.settings import ROOT
from engine.store.register import read_household
from engine.store.versions import read_folder
from engine.usecases.scenarios import read_story
from engine.usecases.scenarios.play import Play
from engine.usecases.scenarios.scene import set_scene
from tests.portal_steps import Browser, code_sent, household, last_message, picture, who, words
from tests.usecases.acting import COUNTY, step_that_does, waited_for

FOLDER = ROOT / "processes" / "dispute_arbitration"


@pytest.fixture(scope="module")
def story(running):
    """An arbitration that was accepted and, with the respondent's identity number, served on the respondent."""
    told = read_story(FOLDER / "scenarios" / "straight.yaml")
    running.clock = VirtualClock(told.start)
    play = Play(running, COUNTY, CaseType(read_folder(FOLDER)), told, printing=True)
    set_scene(play)
    with running.sessions(COUNTY) as session:
        play.home, play.against = (read_household(session, COUNTY, code) for code in (play.code, play.other))
    for step in told.steps:
        if "does" not in step or step["does"] == "record_answer":
            continue
        if step["does"] == "send_answer_copy":
            break
        if step["does"] == "serve_respondent":
            work(running)
            play.early = play.number
            served = [row | {"id_number": who(play.against)[1]} for row in step["data"]["served"]]
            step = step | {"data": {"served": served}}
        play.act(step["who"], step["does"], step)
    assert "record_answer" in waited_for(play)
    work(running)
    return play


def signed_in(running, web, home):
    browser = Browser(running, web.test_client())
    browser.sign_in(home)
    return browser


def fill_in(browser, at, **answers):
    """Begin, answer every page and send; gives the last page."""
    begun = browser.post(at)
    draft = begun.request.path
    for page, given in answers.items():
        given = given if isinstance(given, dict) else {page: given}
        done = browser.client.post(
            f"{draft}/{page.replace('__', '-')}", data=given, content_type="multipart/form-data"
        )
        assert done.status_code == 302, words(done)
    return browser.post(f"{draft}/check")


def upload(kind):
    return {f"papers-{kind}-upload": (io.BytesIO(picture()), "材料.jpg")}


def test_the_respondent_reads_the_case_with_its_periods_and_its_own_papers(running, web, story):
    browser = signed_in(running, web, story.against)
    home = words(browser.get("/portal/"))
    assert "与我有关的纠纷" in home
    page = browser.get(f"/portal/my-disputes/{story.number}")
    said = words(page)
    assert "您是本案的被申请人" in said
    assert "2026年3月12日" in said
    assert "请对方返还占用的承包地" in said or "返还占用的承包地" in said
    assert "参加仲裁通知书" in said
    assert "受理通知书" not in said  # the applicant's alone
    assert "有疑问请联系本村村民委员会" not in said  # the commission has the case, not the village
    assert browser.get(f"/portal/cases/{story.number}").status_code == 404


def test_papers_of_the_other_side_and_cases_of_others_are_not_there(running, web, story):
    applicant, respondent = (signed_in(running, web, one) for one in (story.home, story.against))
    stranger = signed_in(running, web, other_household(running, story))
    page = applicant.get(f"/portal/my-disputes/{story.number}")
    own = [part.split('"')[0] for part in page.text.split(f"/portal/my-disputes/{story.number}/papers/")[1:]]
    theirs = [
        part.split('"')[0]
        for part in respondent.get(f"/portal/my-disputes/{story.number}").text.split("/papers/")[1:]
    ]
    [acceptance] = [code for code in own if code not in theirs and "受理" in title_of(page, code)]
    assert applicant.get(f"/portal/my-disputes/{story.number}/papers/{acceptance}").status_code == 200
    assert respondent.get(f"/portal/my-disputes/{story.number}/papers/{acceptance}").status_code == 404
    only = next(code for code in theirs if code not in own)
    assert applicant.get(f"/portal/my-disputes/{story.number}/papers/{only}").status_code == 404
    assert applicant.get(f"/portal/cases/{story.number}/papers/{only}").status_code == 404
    for path in ("", f"/papers/{only}"):
        assert stranger.get(f"/portal/my-disputes/{story.number}{path}").status_code == 404
    assert stranger.post(f"/portal/my-disputes/{story.number}/answer").status_code == 404
    assert "现在没有要您办的事" not in words(page)


def title_of(page, code):
    return page.text.split(f"/papers/{code}")[1].split("</a>")[0]


def other_household(running, story):
    return next(
        home
        for home in (household(running, n) for n in range(20, 40))
        if home.code not in (story.code, story.other) and home.phone
    )


def test_an_agent_sees_the_clients_case_alone(running, web, story):
    agent = other_household(running, story)
    name, number = who(agent)
    at = f"/portal/my-disputes/{story.number}"
    client = signed_in(running, web, story.against)
    fill_in(
        client, f"{at}/mandate", name=name, id_number=number, phone=agent.phone, relation="邻居", powers="代为答辩、举证",
        papers__mandate=upload("mandate"),
    )  # fmt: skip
    work(running)
    browser = signed_in(running, web, agent)
    page = words(browser.get(at))
    assert f"您是被申请人{story.against.name}的代理人" in page
    assert "参加仲裁通知书" in page
    assert browser.get("/portal/").text.count("/portal/my-disputes/") == 1
    assert "授权委托书" not in words(signed_in(running, web, story.home).get(at))


LAWYER = {"name": "李律师", "id_number": "11010519491231002X", "phone": "13800138111"}


def sign_in_for(running, web, case, *others):
    """For one case alone, the lawyer and whoever says ``others`` of themselves: their browsers, once the inside has looked."""
    browsers = [Browser(running, web.test_client()) for _ in range(1 + len(others))]
    for browser, changes in zip(browsers, [{}, *others], strict=True):
        browser.post("/portal/sign-in", **({"case_number": case} | LAWYER | changes))
    work(running)
    return browsers


def let_in(browser):
    return browser.get("/portal/sign-in/wait").request.path == "/portal/sign-in/code"


def test_a_lawyer_from_elsewhere_signs_in_for_that_case_until_the_mandate_ends(running, web, story):
    at = f"/portal/my-disputes/{story.number}"
    client = signed_in(running, web, story.against)
    told = LAWYER | {"relation": "律师", "powers": "一般代理"}
    fill_in(client, f"{at}/mandate", **told, papers__mandate=upload("mandate"))
    work(running)
    assert story.number in last_message(running, LAWYER["phone"])
    assert "办件编号" in Browser(running, web.test_client()).get(f"/portal/sign-in?case={story.number}").text
    theirs = who(story.against)
    strangers = (
        {"name": "李四"}, {"phone": "13800138112"}, {"id_number": theirs[1]}, {"case_number": "9" * 20},
        {"name": theirs[0], "id_number": theirs[1], "phone": story.against.phone},
    )  # fmt: skip
    browser, *refused = sign_in_for(running, web, story.number, *strangers)
    assert let_in(browser) and not any(map(let_in, refused))
    page = browser.post("/portal/sign-in/code", code=code_sent(running, LAWYER["phone"]))
    assert page.request.path == at
    assert f"您是被申请人{story.against.name}的代理人" in words(page)
    for closed in (
        "/portal/household",
        "/portal/history",
        "/portal/settings",
        f"/portal/cases/{story.number}",
    ):
        assert browser.get(closed).request.path == at
    assert browser.post("/portal/apply/contract_signing").request.path == at
    fill_in(
        browser, f"{at}/evidence", items={"items-0-name": "租约", "items-0-source": "委托人", "items-0-proves": "租用"},
        papers__evidence_paper=upload("evidence_paper"),
    )  # fmt: skip
    work(running)
    assert "提交证据" in words(client.get(at))
    fill_in(client, f"{at}/mandate_end", name="李律师", reason="另请他人。")
    work(running)
    assert browser.get(at).request.path == "/portal/sign-in"
    assert (
        browser.get("/portal/").request.path == "/portal/"
        and story.number not in browser.get("/portal/").text
    )
    assert not let_in(*sign_in_for(running, web, story.number))


def test_the_respondent_chooses_answers_and_hands_in_evidence(running, web, story, client_for):
    at = f"/portal/my-disputes/{story.number}"
    browser = signed_in(running, web, story.against)
    agent = signed_in(running, web, other_household(running, story))
    begun = browser.post(f"{at}/choice")
    wrong = browser.post(f"{begun.request.path}/arbitrator", arbitrator="路人")
    assert wrong.status_code == 422
    fill_in(browser, f"{at}/choice", arbitrator="柏春生", chair="蒋文清", sole="no")
    fill_in(
        browser, f"{at}/answer",
        answer="该地一直由我家耕种。", counter_claim={"counter_claim": "yes", "counter_claims": "请求赔偿青苗损失。"},
        papers__answer_paper=upload("answer_paper"),
    )  # fmt: skip
    assert "正在登记" in words(browser.get(at))
    late = fill_in(agent, f"{at}/answer", answer="同上。", counter_claim="no")
    fill_in(
        browser, f"{at}/evidence",
        items={"items-0-name": "耕种照片", "items-0-source": "本人拍摄", "items-0-proves": "一直由我家耕种"},
        papers__evidence_paper=upload("evidence_paper"),
    )  # fmt: skip
    work(running)
    assert "send_answer_copy" in waited_for(story)
    page = words(browser.get(at))
    assert "这一项现在不能办" in words(agent.get(late.request.path))  # the client was faster
    assert "您一方在网上办过的事" in page
    assert page.count("答辩，可以一并提出反请求") == 1  # done, and no more to be done
    gone = browser.post(f"{at}/answer")
    assert gone.request.path == at
    secretary = words(client_for("secretary").get(f"/cases/{story.number}"))
    assert "在网上办理" in secretary
    assert "蒋文清" in secretary
    assert "蒋文清" not in words(
        client_for("village1").get(f"/cases/{story.number}")
    )  # it may be a party itself
    applicant = words(signed_in(running, web, story.home).get(at))
    assert "证据清单" in applicant
    assert "耕种照片" not in applicant


def test_what_one_side_would_agree_to_is_not_shown_to_the_other(running, web, story):
    at = f"/portal/my-disputes/{story.number}"
    browser = signed_in(running, web, story.home)
    assert browser.post(f"{at}/counter_answer").request.path == at  # not yet asked for
    draft = browser.post(f"{at}/mediation").request.path
    browser.post(f"{draft}/willing", willing="yes", offer="各让一步")
    browser.post(f"{draft}/check")
    assert browser.post(f"{draft}/check").status_code == 200  # sent twice, taken once
    work(running)
    assert words(browser.get(at)).count("愿不愿意调解") == 3  # done once, and open still
    assert "各让一步" not in words(signed_in(running, web, story.against).get(at))


def test_a_challenge_on_line_holds_the_case_up(running, web, story):
    at = f"/portal/my-disputes/{story.number}"
    for name in ("send_answer_copy", "form_panel"):
        step = step_that_does(story, name)
        story.act(step["who"], name, step)
        if name == "send_answer_copy":
            story.act(
                "secretary", "examine_counter_claim", {"data": {"decision": "refuse", "reasons": ["N04"], "opinion": "请求不具体。"}}
            )  # fmt: skip
    work(running)
    browser = signed_in(running, web, story.home)
    fill_in(
        browser, f"{at}/challenge", arbitrator="岳长林", reasons="H02", known_later="no", text="与对方合伙。"
    )
    work(running)
    assert "decide_challenge" in waited_for(story)
