"""What every page sends along, and what no form makes fail."""

import pytest

from tests.web.api_support import sign_in
from tests.web.staff import START, Staff

NUL = "a\0b"


@pytest.fixture(scope="module")
def clerk(web) -> Staff:
    client = web.test_client()
    client.post("/sign-in", data={"username": "village1", "password": "tianqi-demo"})
    return Staff(client)


@pytest.fixture(scope="module")
def case(clerk) -> str:
    return clerk.start(clerk.households()[0])


@pytest.mark.parametrize(
    "path", ["/inbox", "/register", "/map", "/map/parcels.geojson", "/sign-in", "/portal/", "/not-there"]
)
def test_no_cache_keeps_a_page(clerk, path):
    assert "no-store" in clerk.get(path).headers["Cache-Control"]


def test_no_cache_keeps_a_case_or_its_papers(clerk, case):
    page = clerk.get(f"/cases/{case}")
    assert "no-store" in page.headers["Cache-Control"]
    paper = clerk.get("/papers/" + page.text.split('href="/papers/')[1].split('"')[0])
    assert paper.status_code == 200
    assert "no-store" in paper.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/inbox", "/portal/", "/not-there"])
def test_scripts_are_ours_alone_and_no_page_is_framed(clerk, path):
    headers = clerk.get(path).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"].startswith("'self' 'nonce-")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_cookie_is_for_the_server_alone(web):
    set_cookie = web.test_client().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in set_cookie
    assert "SameSite=Lax" in set_cookie


def test_nothing_is_posted_without_the_pages_token(web, clerk, case, monkeypatch):
    monkeypatch.setitem(web.config, "WTF_CSRF_ENABLED", True)
    for path in ("/sign-out", "/position", f"/cases/{case}/tasks/4", f"{START}x", "/portal/lookup"):
        assert clerk.post(path).status_code == 400


def test_nul_in_a_forms_number_does_no_harm(clerk, case):
    code = clerk.households()[0]
    started = clerk.post(START + code, **clerk.application(code, key=NUL))
    assert started.status_code == 201
    path = clerk.claim(case)
    sent = clerk.post(path, **(clerk.opened(path) | {"key": NUL}), decision="pass")
    assert sent.status_code == 422


def test_nul_in_a_purpose_is_left_out(web):
    client = web.test_client()
    client.post("/sign-in", data={"username": "county", "password": "tianqi-demo"})
    officer = Staff(client)
    code = officer.get("/register").text.split('href="/register/')[1][:18]
    assert officer.post(f"/register/{code}/numbers", purpose="核对\0身份证").status_code == 200
    assert officer.post(f"/register/{code}/numbers", purpose="\0\0\0\0\0").status_code == 422


def test_what_no_column_takes_is_a_bad_request(web):
    """Whatever slipped through the forms: the database's refusal is no fault of ours."""
    program = sign_in(web, "village1")
    answer = program.upload("/papers", "id_card", b"x", case_type=NUL)
    assert answer.status_code == 400
    assert answer.json["detail"]
    assert program.get("/me").status_code == 200
