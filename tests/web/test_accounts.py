"""Accounts: made by one administrator, granted by another, activated by their holders, with a second factor."""

import html
import io
import re
from datetime import UTC, datetime
from uuid import UUID

import pyotp
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from engine.domain.accounts import password_fault
from engine.exchange.account_sheets import COLUMNS
from engine.store.tables.reference import AccountEvent, County, Person, Position
from tests.web.api_support import API
from tests.web.staff import COUNTY, words

GOOD = "Green-fields-2026"
VILLAGE = "990101100201"


@pytest.fixture(scope="module")
def offices(web):
    """Signed in: the two administrators."""
    found = {}
    for name in ("sysadmin", "secadmin"):
        found[name] = web.test_client()
        assert (
            found[name].post("/sign-in", data={"username": name, "password": "tianqi-demo"}).status_code
            == 302
        )
    return found


def make(client, username: str, **changes: str):
    typed = {"username": username, "name": "王新", "role": "village_clerk", "division": VILLAGE}
    return client.post("/accounts/new", data=typed | changes)


def code_on(page: str) -> str:
    return re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", page)[0]


def person(running, username: str) -> Person:
    with running.sessions(COUNTY) as session:
        return session.scalars(select(Person).where(Person.username == username)).one()


def grant(offices, running, username: str):
    with running.sessions(COUNTY) as session:
        held = session.scalars(
            select(Position).join(Person, Person.id == Position.person_id).where(Person.username == username)
        )
        ids = [str(row.id) for row in held]
    return offices["secadmin"].post(
        "/accounts/waiting", data={"position": ids, "act": "grant"}, follow_redirects=True
    )


def activate(web, username: str, code: str, password: str = GOOD):
    client = web.test_client()
    typed = {"username": username, "code": code, "password": password, "again": password}
    return client, client.post("/activate", data=typed)


def test_from_a_new_account_to_the_first_task_list(web, running, offices):
    made = make(offices["sysadmin"], "wangxin")
    assert made.status_code == 201
    code = code_on(made.text)
    early, answer = activate(web, "wangxin", code.lower().replace("-", " "))
    assert answer.status_code == 302
    assert early.get("/inbox").status_code == 403  # the position is not granted yet
    assert "已处理1个岗位" in words(grant(offices, running, "wangxin"))
    assert early.get("/inbox").status_code == 200
    with running.sessions(COUNTY) as session:
        kinds = session.scalars(
            select(AccountEvent.kind)
            .where(AccountEvent.person_id == person(running, "wangxin").id)
            .order_by(AccountEvent.id)
        ).all()
    assert kinds == ["created", "position_asked", "activated", "position_granted"]
    _again, answer = activate(web, "wangxin", code)
    assert answer.status_code == 422 and "激活码不对" in answer.text


def test_one_officer_for_both_is_asked_for_with_its_basis(web, running, offices):
    """Nobody handles and approves unless two administrators say so, and why; the record and the auditor have it."""
    basis = "县政府办纪要〔2026〕3号，2026年2月1日"
    made = make(offices["sysadmin"], "zhaoyi", role="county_officer", division=COUNTY, basis=basis)
    assert made.status_code == 201, words(made)
    assert basis in words(offices["secadmin"].get("/accounts/waiting"))
    assert "已处理1个岗位" in words(grant(offices, running, "zhaoyi"))
    assert basis in words(offices["secadmin"].get(f"/accounts/{person(running, 'zhaoyi').id}"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"username": "village1"}, "已有人使用"),
        ({"username": "王"}, "用户名用3到40个"),
        ({"division": "990101"}, "应是12位"),
        ({"division": "110101100201"}, "本县没有区划"),
        ({"role": "emperor"}, "没有“emperor”"),
        ({"since": "2026-13-01"}, "日期请写成"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "止日早于起日"),
        ({"name": ""}, "请填写姓名"),
        ({"role": "county_officer", "division": "990101"}, "一人兼办经办和审批，请写明依据"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(offices, running, changes, told):
    answer = make(offices["sysadmin"], **({"username": "liuyi", "phone": "0900-1"} | changes))
    assert answer.status_code == 422
    assert told in answer.text and 'value="0900-1"' in answer.text
    with running.sessions(COUNTY) as session:
        assert not session.scalars(select(Person).where(Person.username == "liuyi")).all()


def test_each_administrator_does_only_the_own_part(web, running, offices):
    assert make(offices["secadmin"], "zhaoer").status_code == 403
    make(offices["sysadmin"], "qiansan")
    who = person(running, "qiansan").id
    for act in ("lock", "sessions", "second"):
        page = offices["sysadmin"].post(f"/accounts/{who}/{act}", follow_redirects=True)
        assert "只有安全管理员" in page.text
    refused = offices["sysadmin"].post("/accounts/waiting", data={"position": [], "act": "grant"})
    assert refused.status_code == 403
    village = web.test_client()
    village.post("/sign-in", data={"username": "village1", "password": "tianqi-demo"})
    assert village.get("/accounts").status_code == 403


def test_a_lock_ends_sessions_and_tokens_at_once(web, running, offices):
    code = code_on(make(offices["sysadmin"], "sunsi").text)
    grant(offices, running, "sunsi")
    client, _ = activate(web, "sunsi", code)
    asked = {"grant_type": "password", "username": "sunsi", "password": GOOD}
    token = client.post(f"{API}/token", data=asked).json["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert web.test_client().get(f"{API}/me", headers=bearer).status_code == 200
    offices["secadmin"].post(f"/accounts/{person(running, 'sunsi').id}/lock")
    assert client.get("/inbox").status_code == 302
    assert web.test_client().get(f"{API}/me", headers=bearer).status_code == 401
    assert web.test_client().post("/sign-in", data={"username": "sunsi", "password": GOOD}).status_code == 403


def test_a_new_code_voids_the_old_password(web, running, offices):
    code = code_on(make(offices["sysadmin"], "lisi").text)
    client, _ = activate(web, "lisi", code)
    again = code_on(offices["sysadmin"].post(f"/accounts/{person(running, 'lisi').id}/code").text)
    assert client.get("/account").status_code == 302
    assert web.test_client().post("/sign-in", data={"username": "lisi", "password": GOOD}).status_code == 403
    assert activate(web, "lisi", again)[1].status_code == 302


def test_wrong_codes_are_counted_like_wrong_passwords(web, offices):
    code = code_on(make(offices["sysadmin"], "zhouwu").text)
    for _ in range(5):
        assert activate(web, "zhouwu", "AAAA-AAAA-AAAA")[1].status_code == 422
    assert activate(web, "zhouwu", code)[1].status_code == 422  # shut out for a while
    nobody = activate(web, "nobody-there", code)[1]
    assert "用户名或激活码不对" in nobody.text


def test_the_second_factor_is_asked_for_and_works_once(web, running, offices):
    code = code_on(make(offices["sysadmin"], "wuliu").text)
    grant(offices, running, "wuliu")
    client, _ = activate(web, "wuliu", code)
    secret = re.search(r"<code class=\"tq-code\">([A-Z2-7]{32})</code>", client.get("/account").text)[1]
    assert client.post("/account/second-factor", data={"code": "000000"}).status_code == 422
    step = int(datetime.now(UTC).timestamp()) // 30
    codes = [pyotp.TOTP(secret).at((step + n) * 30) for n in (0, 1)]
    assert client.post("/account/second-factor", data={"code": codes[0]}).status_code == 200
    fresh = web.test_client()
    half = fresh.post("/sign-in", data={"username": "wuliu", "password": GOOD})
    assert half.location.endswith("/sign-in/second")
    assert fresh.get("/inbox").status_code == 302  # half is not in
    assert (
        fresh.post("/sign-in/second", data={"code": codes[0]}).status_code == 403
    )  # used when it was set up
    assert fresh.post("/sign-in/second", data={"code": codes[1]}).status_code == 302
    assert fresh.get("/inbox").status_code == 200
    asked = {"grant_type": "password", "username": "wuliu", "password": GOOD}
    assert web.test_client().post(f"{API}/token", data=asked).status_code == 400
    offices["secadmin"].post(f"/accounts/{person(running, 'wuliu').id}/second")
    assert fresh.get("/inbox").status_code == 302
    assert web.test_client().post(f"{API}/token", data=asked).status_code == 200


def test_a_county_may_want_the_second_factor_of_everybody(web, running, offices):
    client = web.test_client()
    client.post("/sign-in", data={"username": "village1", "password": "tianqi-demo"})

    def want(settings: dict) -> None:
        with running.sessions(COUNTY) as session:
            session.execute(update(County).values(settings=settings))
            session.commit()

    want({"second_factor": "required"})
    try:
        assert client.get("/inbox").location == "/account"
        assert "请先设置" in words(client.get("/account"))
    finally:
        want({})
    assert client.get("/inbox").status_code == 200


def workbook(rows: list[tuple]) -> io.BytesIO:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([COLUMNS, *rows]):
            sheet.write_row(at, 0, row)
    out.seek(0)
    return out


def send(client, file: io.BytesIO, name: str = "accounts.xlsx"):
    return client.post(
        "/accounts/import", data={"workbook": (file, name)}, content_type="multipart/form-data"
    )


def test_a_workbook_of_accounts_comes_in_whole_or_not_at_all(web, running, offices):
    good = [(f"clerk{n}", f"村员{n}", "村级经办人", VILLAGE, "", "", "") for n in range(300)]
    bad = [
        *good[:2],
        ("clerk0", "重名", "村级经办人", VILLAGE, "", "", ""),
        ("x", "错", "无此岗位", "12", "", "", ""),
    ]
    answer = send(offices["sysadmin"], workbook(bad))
    assert answer.status_code == 422
    told = words(answer)
    assert "与第1条重复" in told and "没有“无此岗位”" in told and "一个也没有建立" in told
    assert "账号 4" in told
    with running.sessions(COUNTY) as session:
        assert not session.scalars(select(Person).where(Person.username.startswith("clerk"))).all()
    answer = send(offices["sysadmin"], workbook(good))
    assert answer.status_code == 201
    assert "已建立300个账号" in words(answer)
    _client, first = activate(web, "clerk0", code_on(answer.text))
    assert first.status_code == 302
    codes = html.unescape(re.search(r'name="codes" value="([^"]+)"', answer.text)[1])
    book = offices["sysadmin"].post("/accounts/codes.xlsx", data={"codes": codes})
    read = CalamineWorkbook.from_filelike(io.BytesIO(book.data)).get_sheet_by_index(0).to_python()
    assert len(read) == 301 and read[1][0] == "clerk0"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"\x00" * 5000])
def test_a_file_that_is_no_workbook_is_refused_in_words(offices, content):
    answer = send(offices["sysadmin"], io.BytesIO(content))
    assert answer.status_code == 422 and "下载的模板" in words(answer)


def test_the_template_reads_back(offices):
    template = offices["sysadmin"].get("/accounts/template.xlsx")
    read = CalamineWorkbook.from_filelike(io.BytesIO(template.data)).get_sheet_by_index(0).to_python()
    assert tuple(read[0]) == COLUMNS


def test_the_record_of_accounts_cannot_be_changed(running, offices):
    make(offices["sysadmin"], "zhengqi")
    for statement in (
        "delete from reference.account_events",
        "update reference.account_events set kind = 'x'",
    ):
        with running.sessions(COUNTY) as session, pytest.raises(DBAPIError):
            session.execute(text(statement))


@pytest.mark.parametrize("password", ["short1A", "alllowercaseletters", "Wangxin-12345", "1234567890-"])
def test_weak_passwords_are_refused(password):
    assert password_fault(password, "wangxin")
    assert password_fault(GOOD, "wangxin") is None


def test_another_countys_account_is_not_there(running, offices):
    stranger = UUID(int=7)
    with running.sessions(COUNTY) as session:
        session.add(
            Person(
                id=stranger,
                username="elsewhere",
                name="外县",
                home="110101",
                password_hash="",
                sessions_from=datetime.now(UTC),
            )
        )
        session.commit()
    assert "外县" not in offices["sysadmin"].get("/accounts?q=elsewhere").text
    assert offices["sysadmin"].get(f"/accounts/{stranger}").status_code == 404
    assert offices["secadmin"].post(f"/accounts/{stranger}/lock").status_code == 404


def test_the_auditor_sees_what_the_others_did(web, offices):
    make(offices["sysadmin"], "fengba")
    auditor = web.test_client()
    auditor.post("/sign-in", data={"username": "auditor", "password": "tianqi-demo"})
    page = words(auditor.get("/audit/accounts"))
    assert "王新（fengba）" in page and "建立账号" in page and "系统管理 陶然（sysadmin）" in page
    assert offices["sysadmin"].get("/audit/accounts").status_code == 403


def test_wrong_second_factors_lock_the_account_though_the_password_is_right(web, running, offices):
    code = code_on(make(offices["sysadmin"], "wangjiu").text)
    client, _ = activate(web, "wangjiu", code)
    secret = re.search(r"<code class=\"tq-code\">([A-Z2-7]{32})</code>", client.get("/account").text)[1]
    step = int(datetime.now(UTC).timestamp()) // 30
    client.post("/account/second-factor", data={"code": pyotp.TOTP(secret).at(step * 30)})
    for _ in range(5):
        guessing = web.test_client()
        guessing.post("/sign-in", data={"username": "wangjiu", "password": GOOD})
        guessing.post("/sign-in/second", data={"code": "000000"})
    assert (
        web.test_client().post("/sign-in", data={"username": "wangjiu", "password": GOOD}).status_code == 403
    )


def test_who_makes_codes_cannot_become_who_holds_positions(web, running, offices):
    code = code_on(make(offices["sysadmin"], "chenshi").text)
    grant(offices, running, "chenshi")
    activate(web, "chenshi", code)
    who = person(running, "chenshi").id
    again = code_on(offices["sysadmin"].post(f"/accounts/{who}/code").text)
    assert activate(web, "chenshi", again)[1].status_code == 422  # locked until the other has seen who asks
    offices["secadmin"].post(f"/accounts/{who}/unlock")
    assert activate(web, "chenshi", again)[1].status_code == 302
    guard = person(running, "secadmin").id
    assert offices["sysadmin"].post(f"/accounts/{guard}/code").status_code == 403
    assert offices["secadmin"].post(f"/accounts/{guard}/code").status_code == 403


def test_activating_again_still_asks_for_the_second_factor(web, running, offices):
    code = code_on(make(offices["sysadmin"], "chuyi").text)
    client, _ = activate(web, "chuyi", code)
    secret = re.search(r"<code class=\"tq-code\">([A-Z2-7]{32})</code>", client.get("/account").text)[1]
    step = int(datetime.now(UTC).timestamp()) // 30
    client.post("/account/second-factor", data={"code": pyotp.TOTP(secret).at(step * 30)})
    again = code_on(offices["sysadmin"].post(f"/accounts/{person(running, 'chuyi').id}/code").text)
    half, answer = activate(web, "chuyi", again)
    assert answer.location.endswith("/sign-in/second") and half.get("/account").status_code == 302
