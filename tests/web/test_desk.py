"""The desk: content found again in Chinese, lists narrowed and kept, several done at once, remarks, reminders."""

import io
import re
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook

from tests.web.api_support import sign_in
from tests.web.staff import START, staff, words  # noqa: F401  # staff is a fixture

NOTE = "东边的田埂去年被洪水冲垮过"


@pytest.fixture(scope="module")
def village(staff):
    return staff("village1")


@pytest.fixture(scope="module")
def numbers(village):
    """Three cases; the first says something about its land."""
    first, *others = village.households()[:3]
    answer = village.post(
        START + first, **village.application(first, parcels_right="wrong", parcels_note=NOTE)
    )
    return [re.search(r"/cases/(\d{20})", answer.text)[1], *map(village.start, others)]


def listed(page) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><a [^>]*>(\d{20})</a>', page.text)


def marked(page) -> dict[str, str]:
    return {value[:20]: value for value in re.findall(r'name="picked" value="([^"]+)"', page.text)}


def test_what_was_written_in_a_form_finds_the_case(village, numbers):
    assert listed(village.get("/inbox?tab=all&q=洪水冲垮")) == [numbers[0]]
    assert listed(village.get("/inbox?tab=claim&q=田埂 去年")) == [numbers[0]]
    assert listed(village.get("/inbox?tab=all&q=洪水冲垮了")) == []


def test_village_and_parcel_code_find_it_too(village, numbers):
    page = village.get(f"/cases/{numbers[1]}").text
    parcel = re.search(r'data-show-parcel="(\d{19})"', page)
    code = parcel[1] if parcel else re.search(r"\d{19}", page)[0]
    assert listed(village.get(f"/inbox?tab=all&q={code}")) == [numbers[1]]
    place = re.search(r"<dd[^>]*>\s*(\w+村)", page)
    assert set(listed(village.get("/inbox?tab=all&q=柳沟"))) >= (
        set(numbers) if place and "柳沟" in place[1] else set()
    )


def test_another_village_finds_nothing_of_it(staff, numbers):
    other = staff("village2")
    assert listed(other.get("/inbox?tab=all&q=洪水冲垮")) == []
    assert numbers[0] in listed(staff("county").get("/inbox?tab=all&q=洪水冲垮"))


def test_lists_are_narrowed_by_step_due_village_and_kind(village, numbers, running):
    assert len(listed(village.get("/inbox?tab=claim&step=village_check"))) == 3
    assert listed(village.get("/inbox?tab=claim&step=county_decision")) == []
    assert listed(village.get("/inbox?tab=claim&due=over")) == []
    assert listed(village.get("/inbox?tab=claim&type=nothing")) == []
    start = running.clock.now()
    try:
        running.clock._now = start + timedelta(days=20)
        assert len(listed(village.get("/inbox?tab=claim&due=over"))) == 3
        assert len(listed(village.get("/inbox?tab=all&due=over"))) == 3
        assert listed(village.get("/inbox?tab=claim&due=soon")) == []
    finally:
        running.clock._now = start
    own = re.search(r'<option value="(\d{12,14})"', village.get("/inbox?tab=all").text)
    assert own, "a village's groups are there to choose from"
    assert listed(village.get("/inbox?tab=all&division=990101999")) != []  # outside: the whole scope


def test_columns_and_order_are_in_the_address_and_can_be_kept(village, staff, numbers):
    page = village.get("/inbox?tab=all&columns=contractor,code&sort=started")
    assert listed(page) == sorted(numbers) and "承包方编码" in words(page)
    assert 'data-label="环节"' not in page.text
    query = "tab=all&sort=started&columns=contractor,code&evil=1"
    answer = village.post("/inbox/views", name=" 本村 全部 ", query=query, next="/inbox?tab=all")
    assert answer.status_code == 303
    page = village.get("/inbox")
    assert "本村 全部" in words(page)
    link = re.search(r"/inbox\?view=[0-9a-f-]{36}", page.text)[0]
    opened = staff("village2").get(link)  # another person, another scope: the same list, one's own rows
    assert opened.location == "/inbox?tab=all&sort=started&columns=contractor%2Ccode"
    view = link.rpartition("=")[2]
    assert staff("village2").post("/inbox/views", delete=view).status_code == 303
    assert "本村 全部" in words(village.get("/inbox"))
    village.post("/inbox/views", delete=view)
    assert "本村 全部" not in words(village.get("/inbox"))
    assert "没有这个视图" in words(village.get(f"/inbox?view={view}"))
    village.post("/inbox/views", name="", query=query)
    assert "请给视图起个名字" in words(village.get("/inbox"))


def test_a_village_reminds_nobody_and_the_county_once_a_day(village, staff, numbers, running):
    path = village.task_path(numbers[0])
    assert village.post(f"{path}/remind").status_code == 403
    county = staff("county")
    assert county.post(f"{path}/remind", text="请抓紧").status_code == 303
    assert "已催办，通知了1人" in words(county.get("/inbox"))
    county.post(f"{path}/remind")
    assert "今天已经催办过" in words(county.get("/inbox"))
    assert "催办“村级初审”" in words(village.get(f"/cases/{numbers[0]}"))
    page = village.get("/notices")
    assert "何静 催您抓紧办理" in words(page) and "请抓紧" in words(page)
    start = running.clock.now()
    try:
        running.clock._now = start + timedelta(days=1)
        county.post(f"{path}/remind")
        assert "已催办" in words(county.get("/inbox"))
    finally:
        running.clock._now = start
    notice = re.search(r'action="(/notices/\d+)"', page.text)[1]
    assert village.post(notice).location == path
    assert staff("village2").post(notice).location == "/notices"  # somebody else's


def test_a_remark_tells_whom_it_names_and_nobody_outside(village, staff, numbers):
    county = staff("county")
    answer = county.post(f"/cases/{numbers[1]}/remarks", text="@无此人 请看")
    assert (
        answer.status_code == 422 and "没有找到“@无此人”" in words(answer) and "@无此人 请看" in answer.text
    )
    answer = county.post(f"/cases/{numbers[1]}/remarks", text="@village1 请补一张界址照片")
    assert answer.status_code == 303
    page = village.get(answer.location)
    assert "请补一张界址照片" in words(page)
    assert "在备注里提到了您" in words(village.get("/notices"))
    assert 'class="tq-nav__count"' in village.get("/inbox").text
    village.post("/notices/read")
    assert "未读" not in words(village.get("/notices"))
    assert listed(village.get("/inbox?tab=all&q=界址照片")) == [numbers[1]]
    outside = staff("village2").post(f"/cases/{numbers[1]}/remarks", text="看看")
    assert outside.status_code == 404


def test_several_are_claimed_each_by_itself(village, numbers):
    boxes = marked(village.get("/inbox?tab=claim"))
    assert set(numbers) <= set(boxes)
    village.claim(numbers[2])
    village.post(f"{village.task_path(numbers[2])}/release")
    page = village.post(
        "/inbox/bulk?tab=claim", act="claim", picked=[boxes[numbers[0]], f"{numbers[1]}:999", "x:y"]
    )
    assert "共 2 件，办成 1 件，没有办成 1 件" in words(page)
    assert "没有第 999 号任务" in words(page)
    assert listed(village.get("/inbox?tab=mine")) == [numbers[0]]
    assert village.post("/inbox/bulk", act="complete", picked=[boxes[numbers[1]]]).status_code == 400
    village.post("/inbox/bulk?tab=claim", act="claim", next="/inbox?tab=claim")
    assert "还没有选中任务" in words(village.get("/inbox?tab=claim"))


def test_a_list_is_taken_away_as_it_is_or_what_was_marked_of_it(village, numbers):
    def rows(answer):
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
        return [row for row in sheet if any(re.fullmatch(r"\d{20}", str(cell)) for cell in row)]

    assert len(rows(village.get("/inbox/list.xlsx?tab=all"))) == 3
    found = rows(village.get("/inbox/list.xlsx?tab=all&q=洪水冲垮"))
    assert len(found) == 1 and numbers[0] in found[0]
    boxes = marked(village.get("/inbox?tab=all"))
    assert len(rows(village.post("/inbox/bulk?tab=all", act="export", picked=[boxes[numbers[1]]]))) == 1


def test_programs_do_the_same(web, numbers, village):
    county, clerk = sign_in(web, "county"), sign_in(web, "village1")
    assert [row["case"] for row in county.get("/cases?q=洪水冲垮").json["items"]] == [numbers[0]]
    assert clerk.get("/tasks?list=claimable&step=county_decision").json["items"] == []
    task = int(village.task_path(numbers[2]).rpartition("/")[2])
    answer = clerk.post(
        "/tasks/bulk",
        {"act": "claim", "tasks": [{"case": numbers[2], "task": task}, {"case": "9" * 20, "task": 1}]},
    )
    assert (answer.json["done"], answer.json["refused"]) == (1, 1)
    assert county.post(f"/cases/{numbers[2]}/tasks/{task}/remind", {}).json["told"] == 1
    assert county.post(f"/cases/{numbers[2]}/tasks/{task}/remind", {}).status_code == 409
    assert clerk.post(f"/cases/{numbers[2]}/remarks", {"text": "@county 已收到"}).status_code == 201
    assert [one["text"] for one in clerk.get(f"/cases/{numbers[2]}/remarks").json["items"]] == [
        "@county 已收到"
    ]
    told = county.get("/notices").json
    assert told["unread"] >= 1 and told["items"][0]["case"] == numbers[2]
    assert county.post("/notices/read", {"ids": [told["items"][0]["id"]]}).json["read"] == 1
    made = clerk.post("/views", {"name": "急件", "query": "tab=claim&due=soon"}).json
    assert [one["name"] for one in clerk.get("/views").json["items"]] == ["急件"]
    assert county.ask("DELETE", f"/views/{made['id']}").status_code == 404
    assert clerk.ask("DELETE", f"/views/{made['id']}").status_code == 204


def test_keyboard_can_be_switched_off(village):
    village.post("/account/keys", keys="off")
    assert 'data-keys="off"' in village.get("/inbox").text
    village.post("/account/keys", keys="on")
    assert 'data-keys="off"' not in village.get("/inbox").text


def test_who_supervises_reminds_and_keeps_a_desk_and_changes_nothing(staff, village, numbers):
    supervisor = staff("supervisor")
    boxes = marked(supervisor.get("/inbox?tab=all"))
    village.post(f"/cases/{numbers[1]}/remarks", text="@supervisor 请督办")
    page = supervisor.post("/inbox/bulk?tab=all", act="remind", picked=[boxes[numbers[1]]])
    assert "共 1 件，办成 1 件" in words(page)
    page = supervisor.post("/inbox/bulk?tab=all", act="claim", picked=[boxes[numbers[1]]])
    assert "没有办成 1 件" in words(page) and "由其他岗位办理" in words(page)
    assert supervisor.post("/inbox/bulk?tab=all", act="export", picked=[boxes[numbers[1]]]).status_code == 200
    supervisor.post("/inbox/views", name="督办", query="tab=all&due=over")
    assert "督办" in words(supervisor.get("/inbox"))
    opened = re.search(r'action="(/notices/\d+)"', supervisor.get("/notices").text)[1]
    assert supervisor.post(opened).status_code == 303
    case = supervisor.get(f"/cases/{numbers[1]}").text
    assert "/remarks" not in case and "请督办" in case
    assert supervisor.post(f"/cases/{numbers[1]}/remarks", text="x").status_code == 403
