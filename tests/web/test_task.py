"""The task page: nothing typed is lost, nothing is done twice, nobody acts out of turn."""

import io
import re

import pytest
from sqlalchemy import func, select, text

from engine.domain import events
from engine.store.tables.cases import Case, Draft, Paper, Task
from engine.store.tables.history import Event
from tests.web.staff import CHECKED, COUNTY, hidden, picture, staff, words  # noqa: F401  # staff is a fixture

PASS = {"decision": "pass", "checked": CHECKED, "term_start": "2027-01-01", "opinion": "情况属实"}


@pytest.fixture(scope="module")
def village(staff):
    return staff("village1")


@pytest.fixture
def number(village):
    """A fresh case, waiting for the village."""
    return village.start(village.households()[0])


def in_case(running, number, table, *conditions):
    with running.sessions(COUNTY) as session:
        case = session.scalar(select(Case).where(Case.county == COUNTY, Case.number == number))
        return session.scalars(select(table).where(table.case_id == case.id, *conditions)).all()


def completed(running, number):
    return len(in_case(running, number, Event, Event.kind == events.TASK_COMPLETED))


def test_everything_to_decide_stands_on_the_page(village, number):
    page = village.get(village.claim(number))
    for part in (
        "要您办什么",
        "农村土地承包法第十三条",
        "申请内容",
        "登记变更",
        "材料",
        "委托代办书",
        "剩余5个工作日",
        "办理经过",
    ):
        assert part in words(page), part
    assert 'id="change-map-features"' in page.text and "年老、患病或行动不便" in words(page)


def test_what_was_typed_and_uploaded_survives_errors_elsewhere(village, number, running):
    path = village.claim(number)
    upload = {"papers-meeting_minutes-upload": (picture("#123456"), "会议 决议.png")}
    refused = village.post(path, **village.opened(path), decision="pass", opinion="我的意见", **upload)
    assert refused.status_code == 422
    assert "我的意见" in refused.text and "会议 决议.png" in refused.text
    assert 'href="#f-checked"' in refused.text and completed(running, number) == 0
    kept = re.findall(r'name="papers-meeting_minutes" value="([^"]+)"', refused.text)
    assert len(kept) == 1
    sent = village.post(path, **village.opened(path), **PASS, **{"papers-meeting_minutes": kept})
    assert sent.status_code == 303 and completed(running, number) == 1
    assert [p.file_name for p in in_case(running, number, Paper, Paper.kind == "meeting_minutes")] == [
        "会议 决议.png"
    ]


@pytest.mark.parametrize(
    ("body", "name", "reason"),
    [
        (b"just text", "a.png", "这份文件的内容不是"),
        (b"%PDF-1.7 no end", "a.pdf", "这份文件的内容不是"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "a.png", "图片打不开"),
        (b"\xff\xd8\xff" + b"0" * (20 * 1024 * 1024), "big.jpg", "文件超过20兆字节"),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_by_name(village, number, running, body, name, reason):
    path = village.claim(number)
    upload = {"papers-meeting_minutes-upload": (io.BytesIO(body), name)}
    answer = village.post(path, **village.opened(path), **PASS, **upload)
    assert answer.status_code == 422
    assert reason in words(answer) and 'href="#f-papers-meeting_minutes"' in answer.text
    assert "情况属实" in answer.text and completed(running, number) == 0


def test_a_file_of_somebody_else_cannot_be_named(staff, village, number, running):
    strange = in_case(running, number, Paper, Paper.kind == "id_card")[0].id
    other = staff("village2")
    code = other.households()[0]
    stolen = other.application(code) | {"papers-mandate": str(strange)}
    del stolen["papers-mandate-upload"]
    answer = other.post(f"/cases/new/contract_signing?contractor={code}", **stolen)
    assert answer.status_code == 422 and "身份证.png" not in answer.text.split("papers-id_card")[0]


def test_sending_twice_does_it_once(village, number, running):
    path = village.claim(number)
    form = village.opened(path) | PASS
    first, second = village.post(path, **form), village.post(path, **form)
    assert (
        (first.status_code, first.location)
        == (second.status_code, second.location)
        == (303, f"/cases/{number}")
    )
    assert completed(running, number) == 1


def test_a_key_used_for_another_content_is_told_so(village, number, running):
    path = village.claim(number)
    form = village.opened(path) | PASS
    village.post(path, **form)
    changed = village.post(path, **form | {"opinion": "改过的意见"})
    assert changed.status_code == 422 and completed(running, number) == 1


def test_a_stale_form_keeps_what_was_typed_and_can_be_sent_again(village, number, running):
    path = village.claim(number)
    old = village.opened(path) | {"revision": "0"}
    answer = village.post(path, **old, **PASS)
    assert answer.status_code == 409 and "办件在您填写时有了新的变化" in words(answer)
    assert "情况属实" in answer.text and completed(running, number) == 0
    fresh = {name: hidden(answer.text, name) for name in ("key", "revision")}
    assert village.post(path, **PASS, **fresh).status_code == 303


@pytest.mark.parametrize("revision", ["", "abc", "-5", "9" * 30, "٣"])
def test_a_form_without_a_sensible_revision_is_stale(village, number, running, revision):
    path = village.claim(number)
    assert village.post(path, **village.opened(path) | {"revision": revision}, **PASS).status_code == 409
    assert completed(running, number) == 0


def test_who_was_slower_keeps_the_words_and_learns_the_name(staff, village, number, running):
    village.pass_village(number)
    staff("township1").do(number, decision="pass", opinion="同意")
    staff("handler").check_for_county(number)
    first, second = staff("county"), staff("county2")
    path = first.claim(number)
    form = first.opened(path)
    late = second.post(path, **form | {"key": "x"}, decision="approve", opinion="罗成的意见")
    assert late.status_code == 409
    assert "该任务已由县审批 何静签收，您的内容已存为草稿" in words(late) and "罗成的意见" in words(late)
    assert first.post(path, **form, decision="approve", opinion="同意").status_code == 303
    later = second.post(path, **form | {"key": "y"}, decision="reject", opinion="不同意")
    assert (
        later.status_code == 409 and "该任务已由县审批 何静办理" in words(later) and "不同意" in words(later)
    )
    drafts = in_case(running, number, Draft)
    assert [draft.data["opinion"] for draft in drafts] == ["不同意"]
    assert "不同意" in words(second.get(path))


@pytest.mark.parametrize("who", ["township1", "county", "surveyor"])
def test_another_position_may_look_but_not_act(staff, village, number, running, who):
    path = village.claim(number)
    form = village.opened(path)
    other = staff(who)
    looked = other.get(path)
    assert looked.status_code == 200 and "先签收" not in words(looked)
    assert other.post(f"{path}/claim").status_code == 403
    assert other.post(path, **form, **PASS).status_code == 403
    assert other.post(f"{path}/draft", **PASS).status_code == 403
    assert completed(running, number) == 0 and in_case(running, number, Draft) == []


def test_another_village_does_not_even_see_it(staff, village, number, running):
    path = village.claim(number)
    other = staff("village2")
    for answer in (
        other.post(path, **PASS),
        other.post(f"{path}/claim"),
        other.post(f"{path}/draft", **PASS),
    ):
        assert answer.status_code == 404
    assert other.post(f"{path}/release").status_code == 404
    assert completed(running, number) == 0


def test_an_unclaimed_task_is_not_done(village, number, running):
    path = village.task_path(number)
    answer = village.post(path, revision="1", key="k", **PASS)
    assert answer.status_code == 409 and "请先签收" in words(answer) and completed(running, number) == 0


def test_a_draft_is_kept_on_every_pause_and_comes_back(village, number, running):
    path = village.claim(number)
    answer = village.post(f"{path}/draft", decision="supplement", opinion="写到一半", junk="x" * 10)
    assert answer.get_json() == {"saved": "09:00"}
    page = village.get(path).text
    assert "写到一半" in page and re.search(r'value="supplement" checked', page)
    saved = village.post(path, **village.opened(path) | {"action": "draft"}, opinion="写到一半，再写一点")
    assert saved.status_code == 303 and "草稿已保存" in words(village.get(saved.location))
    village.post(path, **village.opened(path), **PASS)
    assert in_case(running, number, Draft) == []


def test_rows_are_added_and_removed_without_a_script(village, number):
    path = village.claim(number)
    typed = {
        "decision": "supplement",
        "supplement_items-0-paper": "户口簿",
        "supplement_items-0-reason": "缺少",
        "supplement_items-0-todo": "补交",
    }
    more = village.post(path, **village.opened(path), **typed, _rows="add:supplement_items")
    assert (
        more.status_code == 200 and 'name="supplement_items-1-paper"' in more.text and "户口簿" in more.text
    )
    fewer = village.post(path, **village.opened(path), **typed, _rows="remove:supplement_items:0")
    assert "户口簿" not in fewer.text and fewer.status_code == 200
    odd = village.post(path, **village.opened(path), **typed, _rows="add:nothing:999")
    assert odd.status_code == 200 and "户口簿" in odd.text


def test_papers_asked_for_stop_the_clock_and_come_back(village, number):
    items = {
        "supplement_items-0-paper": "户口簿",
        "supplement_items-0-reason": "缺",
        "supplement_items-0-todo": "补",
    }
    village.do(number, decision="supplement", opinion="材料不全", **items)
    page = words(village.get(f"/cases/{number}"))
    assert "补正期间，办理时限暂停计算" in page and "暂停计时，剩余60个工作日" in page
    path = village.claim(number)  # applied for by the village: it supplies as well
    assert "户口簿" in words(village.get(path)) and "此前各环节的意见" in words(village.get(path))
    sent = village.post(path, **village.opened(path), answer="已补交户口簿")
    assert sent.status_code == 303 and "办理时限恢复计算" in words(village.get(f"/cases/{number}"))


def test_a_survey_shows_the_outline_before_and_after_with_its_findings(staff, village, number):
    village.pass_village(number)
    staff("township1").do(number, decision="pass", opinion="同意")
    staff("handler").check_for_county(number)
    county = staff("county")
    code = re.findall(r'data-parcel-row="(\d{19})"', county.get(f"/cases/{number}").text)[0]
    county.do(number, decision="survey", parcels_to_survey=code, survey_reason="界址变化", opinion="请测绘")
    surveyor = staff("surveyor")
    path = surveyor.claim(number)
    page = surveyor.get(path).text
    assert f'value="{code}"' in page
    east, north = re.search(r'"coordinates": ?\[\[\[([\d.]+), ?([\d.]+)\]', page).groups()
    east, north = float(east), float(north)
    corners = [(east, north), (east + 30, north), (east + 30, north + 200), (east, north + 200)]
    survey = {
        "surveyed_on": "2026-03-02",
        "survey_unit": "测绘院",
        "entered": "table",
        "surveyors": "马跃",
        "parcels-0-code": code,
        "parcels-0-area_m2": "6000",
        "boundary_confirmed": "signed",
        "witnesses-0-name": "户主",
        "witnesses-0-side": "own",
        "papers-survey_sheet-upload": (picture("#444"), "调查表.png"),
    }
    crossed = "\n".join(f"{x},{y}" for x, y in (corners[0], corners[2], corners[1], corners[3]))
    bad = surveyor.post(path, **surveyor.opened(path), **survey, **{"parcels-0-geometry": crossed})
    assert bad.status_code == 422 and "parcels-0-geometry" in bad.text and "调查表.png" in bad.text
    kept = re.findall(r'name="papers-survey_sheet" value="([^"]+)"', bad.text)
    del survey["papers-survey_sheet-upload"]
    drawn = "\n".join(f"{x},{y}" for x, y in corners)
    good = {"parcels-0-geometry": drawn, "papers-survey_sheet": kept}
    sent = surveyor.post(path, **surveyor.opened(path), **survey, **good)
    assert sent.status_code == 303, words(sent)
    page = county.get(f"/cases/{number}")
    assert '"layer": "before"' in page.text and '"layer": "after"' in page.text
    assert "核查发现" in words(page) and "重叠" in words(page)
    assert "9.00 亩" in words(page) and "有变化" in words(page)


def test_posts_without_the_token_are_refused(web, village, number):
    path = village.claim(number)
    web.config["WTF_CSRF_ENABLED"] = True
    try:
        for target in (path, f"{path}/claim", f"{path}/release", "/sign-out", "/register/1/numbers"):
            assert village.post(target, **PASS).status_code == 400
    finally:
        web.config["WTF_CSRF_ENABLED"] = False


def test_a_released_task_is_free_again(village, number, running):
    path = village.claim(number)
    assert village.post(f"{path}/release").status_code == 303
    assert [task.assignee for task in in_case(running, number, Task, Task.status == "open")] == [None]
    assert village.post(f"{path}/release").status_code == 403


def test_nothing_is_half_written_after_all_this(running):
    with running.sessions(COUNTY) as session:
        adopted = (
            select(func.count()).select_from(Paper).where(Paper.case_id.is_not(None), Paper.sha256.is_(None))
        )
        assert session.scalar(adopted.where(Paper.source == "material")) == 0


def test_a_broken_transaction_still_gives_a_page(village, number, monkeypatch):
    """What nobody foresaw: a sentence and 500, also when the database has given the transaction up."""
    from web.db import office_session
    from web.inbox import cases

    def breaks(*_given):
        office_session().execute(text("select 1/0"))

    monkeypatch.setattr(cases.case_file, "periods", breaks)
    answer = village.get(f"/cases/{number}")
    assert answer.status_code == 500 and "系统出了问题" in words(answer) and "ZeroDivision" not in answer.text
