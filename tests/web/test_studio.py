"""The studio without a browser: who gets in, what is saved and refused, two persons, and pages that need no script."""

import html
import re

import pytest

from engine.domain.actor import system
from engine.store.tables.portal import PublishedForm
from engine.store.versions import case_type_of, put_in_force, version_in_force
from engine.usecases.carry_out_effect import drain
from engine.usecases.long_work import ask_long_work
from engine.usecases.publish_process import publish_process
from tests.usecases.acting import played

COUNTY, TYPE = "990101", "contract_signing"
AT = f"/studio/{TYPE}"
FORM = "forms/village_check.yaml"


@pytest.fixture
def one(client_for):
    return client_for("admin")


@pytest.fixture
def two(client_for):
    return client_for("admin2")


@pytest.fixture(autouse=True)
def no_draft_left(request, running):
    """Every test starts from the version in force."""
    yield
    from engine.store.drafts import open_draft

    with running.sessions(COUNTY) as session:
        row = open_draft(session, COUNTY, TYPE)
        if row:
            row.status = "discarded"
            session.commit()


@pytest.fixture(scope="module")
def past_case(running) -> str:
    """Number of a case that was passed on by the village."""
    return played(running, until="township_review").number


def tag_in(page) -> str:
    return re.search(r'name="tag" value="([^"]*)"', page.text).group(1)


def text_in(page) -> str:
    return html.unescape(
        re.search(r"<textarea[^>]*name=\"text\"[^>]*>\n(.*?)</textarea>", page.text, re.S).group(1)
    )


def put(client, xml, tag):
    return client.put(f"{AT}/model.bpmn", data=xml, headers={"If-Match": tag})


def renamed(client, old="乡镇审核", new="乡镇复核"):
    """Save the model with a task renamed; gives the new tag."""
    loaded = client.get(f"{AT}/model.bpmn")
    assert f'name="{old}"' in loaded.text
    answer = put(client, loaded.text.replace(f'name="{old}"', f'name="{new}"'), loaded.headers["ETag"])
    assert answer.status_code == 200, answer.text
    return answer.headers["ETag"]


def act(client, what, note="", tag=None):
    tag = tag or tag_in(client.get(f"{AT}/changes"))
    return client.post(f"{AT}/changes/{what}", data={"tag": tag, "note": note})


PAGES = [
    "/studio",
    AT,
    f"{AT}/files",
    f"{AT}/files/{FORM}",
    f"{AT}/changes",
    f"{AT}/versions",
    f"{AT}/versions/1",
    f"{AT}/migration",
]


@pytest.mark.parametrize("page", [*PAGES, f"{AT}/model.bpmn", f"{AT}/versions/1/model.bpmn"])
def test_only_administrators_of_procedures_get_in(client_for, web, one, page):
    assert one.get(page).status_code == 200
    for other in ("village1", "county", "auditor"):
        assert client_for(other).get(page).status_code == 403
    assert web.test_client().get(page).status_code == 302


@pytest.mark.parametrize("act", ["submit", "approve", "give_back", "withdraw", "discard"])
def test_nobody_else_acts_on_a_draft(client_for, act):
    assert client_for("county").post(f"{AT}/changes/{act}", data={"tag": "", "note": "x"}).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_every_page_speaks_english(one, page):
    """Whatever stays Chinese there comes from the case type itself, the names of people and places, or the file."""
    answer = one.get(page + "?lang=en")
    assert 'lang="en"' in answer.text
    words = re.sub(
        r"<textarea.*?</textarea>|<table.*?</table>|<dd.*?</dd>|<header.*?</header>",
        "",
        answer.text,
        flags=re.S,
    )
    main = re.search(r"<main.*</main>", words, re.S).group()
    assert re.findall(r"[\u4e00-\u9fff]+", re.sub(r"田溪县|流程管理 沈文", "", main)) == []
    one.get(page + "?lang=zh")


@pytest.mark.parametrize(
    "page",
    ["/studio/nothing", "/studio/a%00b", "/studio/" + "a" * 200, f"{AT}/files/../../etc/passwd", f"{AT}/files/x%00.yaml",
     f"{AT}/versions/99", f"{AT}/versions/0", f"{AT}/versions/99999999999999"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(one, page):
    assert one.get(page).status_code == 404


def test_the_model_is_loaded_as_a_file_and_never_kept_by_the_browser(one):
    answer = one.get(f"{AT}/model.bpmn")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "application/xml"


def test_a_saved_model_is_the_draft_and_the_version_in_force_stays(one, two):
    renamed(one)
    assert "乡镇复核" in two.get(f"{AT}/model.bpmn").text
    assert "乡镇复核" not in two.get(f"{AT}/versions/1/model.bpmn").text
    assert "修改中" in two.get("/studio").text


def test_saving_over_anothers_saving_is_refused_and_says_whose(one, two):
    loaded = two.get(f"{AT}/model.bpmn")
    renamed(one)
    answer = put(two, loaded.text, loaded.headers["ETag"])
    assert answer.status_code == 409
    assert "沈文" in answer.json["message"]
    assert "乡镇复核" in one.get(f"{AT}/model.bpmn").text


def test_saving_without_saying_what_was_opened_is_refused(one):
    assert put(one, "<x/>", "").status_code == 409


@pytest.mark.parametrize("body", [b"\xff\xfe<x/>", b"<x>\0</x>", "字".encode() * 2_000_001])
def test_bodies_that_are_no_text_are_refused_in_words(one, body):
    answer = put(one, body, one.get(f"{AT}/model.bpmn").headers["ETag"])
    assert answer.status_code == 422
    assert answer.json["message"]


def test_the_check_reads_what_is_drawn_and_saves_nothing(one):
    xml = one.get(f"{AT}/model.bpmn").text
    answer = one.post(
        f"{AT}/check",
        data=xml.replace('camunda:formKey="village_check"', 'camunda:formKey="nothing"').encode(),
    )
    found = answer.json["problems"]
    assert [(p["element"], p["severity"]) for p in found] == [("village_check", "error")]
    assert found[0]["fix"]
    assert one.post(f"{AT}/check", data=xml.encode()).json["problems"] == []
    assert "没有未发布的修改" in one.get(f"{AT}/changes").text


@pytest.mark.parametrize(
    "body", ["", "not xml", "<a/>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"]
)
def test_the_check_answers_whatever_it_is_given(one, body):
    found = one.post(f"{AT}/check", data=body.encode()).json["problems"]
    assert found
    assert "root:" not in str(found)


def test_a_model_that_cannot_be_read_can_still_be_mended_as_text(one):
    loaded = one.get(f"{AT}/model.bpmn")
    assert put(one, "<broken", loaded.headers["ETag"]).status_code == 200
    assert "模型读不出来" in one.get(AT).text
    assert "模型读不出来" in one.get(f"{AT}/changes").text
    assert text_in(one.get(f"{AT}/files/process.bpmn")) == "<broken"


def test_the_outline_lists_every_task_without_a_script(one):
    page = one.get(AT).text
    row = re.search(r'data-outline-row="village_check">.*?</tr>', page, re.S).group()
    for words in ("村级初审", "人工任务", "发包方（村级）", "village_check", "village_clerk"):
        assert words in row
    model = one.get(f"{AT}/model.bpmn").text
    drawn = re.findall(r'<bpmn:(?:\w+(?:Task|Event|Gateway)|subProcess|callActivity) id="(\w+)"', model)
    assert sorted(re.findall(r'data-outline-row="(\w+)"', page)) == sorted(drawn)


def test_a_file_saved_as_it_was_opened_has_not_changed(one):
    """Browsers send CRLF and drop the first line break of a text area."""
    for path in (FORM, "process.bpmn", "documents/contract.html", "parameters.yaml"):
        page = one.get(f"{AT}/files/{path}")
        sent = text_in(page).replace("\n", "\r\n")
        saved = one.post(f"{AT}/files/{path}", data={"text": sent, "tag": tag_in(page), "do": "save"})
        assert saved.status_code == 303
    assert "没有未发布的修改" in one.get(f"{AT}/changes").text


def test_checking_a_file_keeps_what_was_typed_and_saves_nothing(one):
    page = one.get(f"{AT}/files/parameters.yaml")
    typed = text_in(page).replace("value: 10}]", "value: 8}]", 1)
    answer = one.post(f"{AT}/files/parameters.yaml", data={"text": typed, "tag": tag_in(page), "do": "check"})
    assert "少于法定的10天" in answer.text
    assert text_in(answer) == typed
    assert text_in(one.get(f"{AT}/files/parameters.yaml")) != typed


def test_a_conflict_keeps_what_was_typed(one, two):
    page = two.get(f"{AT}/files/{FORM}")
    renamed(one)
    answer = two.post(f"{AT}/files/{FORM}", data={"text": "mine: <b>", "tag": tag_in(page), "do": "save"})
    assert answer.status_code == 409
    assert text_in(answer) == "mine: <b>"
    assert "沈文" in answer.text


def test_a_form_can_be_added_and_taken_back(one):
    answer = one.post(
        f"{AT}/files", data={"kind": "form", "name": "second_check", "tag": tag_in(one.get(f"{AT}/files"))}
    )
    assert answer.headers["Location"].endswith("forms/second_check.yaml")
    assert "没有发现问题" in one.get(f"{AT}/changes").text
    page = one.get(f"{AT}/files/forms/second_check.yaml")
    gone = one.post(
        f"{AT}/files/forms/second_check.yaml", data={"text": "", "tag": tag_in(page), "do": "restore"}
    )
    assert gone.headers["Location"].endswith("/files")


@pytest.mark.parametrize("name", ["", "Second", "a/b", "../a", "a b", "village_check", "检查"])
def test_a_name_that_cannot_be_used_is_told(one, name):
    tag = tag_in(one.get(f"{AT}/files"))
    answer = one.post(f"{AT}/files", data={"kind": "form", "name": name, "tag": tag})
    assert answer.status_code == 422
    assert "f-name-error" in answer.text


def test_what_is_typed_is_never_markup(one):
    loaded = one.get(f"{AT}/model.bpmn")
    evil = loaded.text.replace('name="乡镇审核"', 'name="&lt;script&gt;alert(1)&lt;/script&gt;"')
    put(one, evil, loaded.headers["ETag"])
    for page in (AT, f"{AT}/changes"):
        told = one.get(page).text
        assert "<script>alert" not in told
        assert "&lt;script&gt;alert" in told


def test_nothing_is_submitted_without_a_reason(one):
    renamed(one)
    answer = act(one, "submit", " ")
    assert answer.status_code == 422
    assert "请写明改了什么" in answer.text


def test_errors_are_listed_and_keep_a_draft_from_being_submitted(one):
    loaded = one.get(f"{AT}/model.bpmn")
    put(one, loaded.text.replace('camunda:candidateGroups="surveyor"', ""), loaded.headers["ETag"])
    page = one.get(f"{AT}/changes").text
    assert f"{AT}?element=survey" in page
    answer = act(one, "submit", "改")
    assert answer.status_code == 422
    assert "改好后才能提交" in answer.text
    assert "\n改</textarea>" in answer.text


def test_the_second_person_returns_it_with_a_reason_the_first_one_reads(one, two):
    renamed(one)
    act(one, "submit", "改名")
    assert act(two, "give_back", "").status_code == 422
    assert act(two, "give_back", "名称请与方案一致").status_code == 303
    page = one.get(f"{AT}/changes").text
    assert "丁宁 退回：名称请与方案一致" in page
    assert "已退回修改" in one.get("/studio").text


def test_publishing_takes_two_persons_and_everyone_sees_it(running, one, two):
    with running.sessions(COUNTY) as session:
        before = version_in_force(session, COUNTY, TYPE)
    renamed(one, "县级审批", "县级核准")
    act(one, "submit", "按省里的说法")

    refused = act(one, "approve")
    assert refused.status_code == 422
    assert "提交人不能复核自己的修改" in refused.text
    assert "要由另一位流程管理员复核发布" in refused.text

    page = two.get(f"{AT}/changes").text
    for words in ("待复核", "按省里的说法", "沈文", "县级审批", "县级核准", "批准并发布"):
        assert words in page
    assert act(two, "approve").status_code == 303
    assert act(two, "approve", tag="x").status_code == 409, "once"

    with running.sessions(COUNTY) as session, running.portal_sessions() as portal:
        after = version_in_force(session, COUNTY, TYPE)
        assert after != before
        assert portal.get(PublishedForm, (after, "application")), "households get the new version's forms"
    versions = one.get(f"{AT}/versions").text
    for words in ("第 2 版", "按省里的说法", "沈文", "丁宁"):
        assert words in versions
    assert "县级核准" in one.get(f"{AT}/versions/2").text
    assert "县级核准" not in one.get(f"{AT}/versions/1/model.bpmn").text


def test_a_submitted_draft_is_shown_but_not_edited(one, two):
    tag = renamed(one)
    act(one, "submit", "改名")
    assert "data-bpmn-modeler" not in two.get(AT).text
    assert "data-bpmn-viewer" in two.get(AT).text
    assert "readonly" in two.get(f"{AT}/files/{FORM}").text
    assert put(one, "<x/>", tag).status_code == 409
    assert act(two, "withdraw").status_code == 422
    assert act(one, "withdraw").status_code == 303
    assert "data-bpmn-modeler" in one.get(AT).text


def run_against_past_cases(client):
    return client.post(f"{AT}/backtest")


def test_a_draft_is_run_against_past_cases_and_told_in_counts(one, past_case):
    loaded = one.get(f"{AT}/model.bpmn")
    other = loaded.text.replace("village_check.decision == 'pass'", "village_check.decision == 'reject'")
    assert put(one, other, loaded.headers["ETag"]).status_code == 200
    assert f'action="{AT}/backtest"' in one.get(f"{AT}/changes").text
    answer = run_against_past_cases(one)
    assert answer.status_code == 200
    assert "路线分开的地方" in answer.text
    assert past_case in answer.text
    english = one.post(f"{AT}/backtest?lang=en").text
    assert "Where the routes part" in english
    one.get(f"{AT}?lang=zh")


def test_a_draft_that_changes_nothing_of_substance_says_so(one, past_case):
    renamed(one)
    assert "路线和期限都与当时一样" in run_against_past_cases(one).text


def test_a_draft_with_errors_is_not_run(one):
    loaded = one.get(f"{AT}/model.bpmn")
    put(one, loaded.text.replace('camunda:formKey="village_check"', ""), loaded.headers["ETag"])
    assert f'action="{AT}/backtest"' not in one.get(f"{AT}/changes").text
    answer = run_against_past_cases(one)
    assert answer.status_code == 422
    assert "改好后才能用以往的办件检验" in answer.text


def test_nobody_else_runs_a_draft(client_for):
    assert run_against_past_cases(client_for("county")).status_code == 403


# --- open cases of older versions


@pytest.fixture
def published(running, past_case):
    """The past case is open on the version before the one in force; gives its number. Taken back afterwards."""
    with running.sessions(COUNTY) as session:
        before = version_in_force(session, COUNTY, TYPE)
        files = dict(case_type_of(session, before).files)
        files["process.bpmn"] = files["process.bpmn"].replace(
            b'value="acceptance_notice"', b'value="publicity_sheet"'
        )
        publish_process(session, running.clock, COUNTY, files, "甲", "乙")
        session.commit()
    yield past_case
    with running.sessions(COUNTY) as session:
        put_in_force(session, COUNTY, TYPE, before, running.clock.now())
        session.commit()


def version_shown(page):
    return re.search(r'name="version" value="([^"]*)"', page.text).group(1)


def test_open_cases_are_planned_rehearsed_moved_and_taken_back(one, published):
    page = one.get(f"{AT}/migration")
    assert "为什么不能迁移" in page.text
    assert published in page.text
    assert 'value="issue_acceptance_notice"' in page.text
    declared = {"harmless": "issue_acceptance_notice"}
    page = one.get(f"{AT}/migration", query_string=declared)
    form = {"version": version_shown(page), **declared}
    rehearsed = one.post(f"{AT}/migration/rehearse", data=form)
    assert "没有保存任何改动" in rehearsed.text
    assert "迁移 1 件" in one.get(f"{AT}/migration", query_string=declared).text
    moved = one.post(f"{AT}/migration/apply", data=form, follow_redirects=True)
    assert "已迁移 1 件" in moved.text
    assert "都在启用的版本上" in moved.text
    back = one.post(f"{AT}/migration/undo", data={}, follow_redirects=True)
    assert "已撤回 1 件" in back.text
    assert "为什么不能迁移" in back.text


def test_moving_to_a_version_that_was_not_looked_at_is_refused(one, published):
    answer = one.post(
        f"{AT}/migration/apply", data={"version": "another", "harmless": "issue_acceptance_notice"}
    )
    assert answer.status_code == 409
    assert "请重新计划" in answer.text


@pytest.mark.parametrize("act", ["rehearse", "apply", "undo"])
def test_nobody_else_moves_cases(client_for, act):
    assert client_for("county").post(f"{AT}/migration/{act}").status_code == 403


def test_a_draft_is_run_against_all_cases_as_long_work(one, client_for, running, past_case):
    renamed(one)
    asked = one.post(f"{AT}/backtest/all")
    assert asked.status_code == 303
    waiting = one.get(asked.location)
    assert waiting.headers["Refresh"].startswith("2;")
    assert client_for("county").get(asked.location).status_code == 403
    drain(running)
    found = one.get(asked.location)
    assert "Refresh" not in found.headers
    assert "路线和期限都与当时一样" in found.text
    assert "用全部办件检验修改" in one.get("/jobs").text
    renamed(one, "村级初审", "村级审查")
    assert "又保存过" in one.get(asked.location).text


def test_long_work_of_another_kind_is_no_backtest(one, running):
    with running.sessions(COUNTY) as session:
        work = ask_long_work(session, running.clock, system(COUNTY), "verify_history", {})
        session.commit()
    assert one.get(f"{AT}/backtest/{work}").status_code == 404
    assert one.post(f"{AT}/backtest/{work}/cancel").status_code == 404
