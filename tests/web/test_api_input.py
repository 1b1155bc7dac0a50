"""What no program should send, and what it gets: a clear problem, never a fault of ours, never half a change."""

import json

import pytest
from api_support import API, Program, clerk_of, households_of, is_problem, picture, sign_in, start

HUGE = {"data": {"opinion": "x" * (5 * 1024 * 1024)}}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def clerk(web, running) -> Program:
    county = sign_in(web, "county")
    return sign_in(web, clerk_of(running, households_of(running, county)[0]))


@pytest.fixture(scope="module")
def draft(clerk, running) -> str:
    """Address of a draft: it takes any JSON object, so it shows what gets through."""
    case = start(clerk, households_of(running, clerk)[0]).json
    return f"/cases/{case['case']}/tasks/{case['tasks'][0]['number']}/draft"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"data": NaN}',
        b'{"data": {"a": 1e999}}',
        b'{"data": {"a": Infinity}}',
        b'{"data": {"a": "\\u0000"}}',
        b'{"data": {"\\u0000": 1}}',
        b'{"data": {"a": "\\ud800"}}',
        b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"data": {"a": ' + b'{"a":' * 60 + b"1" + b"}" * 60 + b"}}",
        b'{"data": {"a": ' + b"9" * 5000 + b"}}",
    ],
)
def test_what_is_no_json_is_a_bad_request(clerk, draft, body):
    is_problem(clerk.ask("PUT", draft, data=body, headers=JSON), 400)
    assert clerk.get(draft).json["data"] == {}


@pytest.mark.parametrize(
    "body", [b"[]", b"1", b'"x"', b"null", b"{}", b'{"data": []}', b'{"data": 1}', b'{"data": {}, "x": 1}']
)
def test_json_of_another_shape_names_the_field(clerk, draft, body):
    assert is_problem(clerk.ask("PUT", draft, data=body, headers=JSON), 422)["errors"]


def test_an_empty_body_names_what_is_missing(clerk, draft):
    assert "data" in is_problem(clerk.ask("PUT", draft, data=b"", headers=JSON), 422)["errors"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
def test_another_kind_of_content_is_not_read(clerk, draft, kind):
    is_problem(clerk.ask("PUT", draft, data=b'{"data": {}}', headers={"Content-Type": kind}), 415)


def test_too_much_is_refused(clerk, draft):
    is_problem(clerk.put(draft, HUGE), 413)
    assert clerk.get(draft).json["data"] == {}


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"case_type": 1, "contractor": [], "answers": "x"},
        {"case_type": "no_such", "contractor": "1", "answers": {}},
        {"case_type": "../../etc", "contractor": "1", "answers": {}},
        {"case_type": "contract_signing", "contractor": "9" * 5000, "answers": {}},
        {"case_type": "contract_signing", "contractor": "990101' or '1'='1", "answers": {}},
    ],
)
def test_a_case_of_nothing_is_not_started(clerk, content):
    answer = clerk.post("/cases", content)
    assert answer.status_code in (404, 422)
    is_problem(answer, answer.status_code)


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"kind": ["renew"]}, "kind"),
        ({"kind": {"a": 1}}, "kind"),
        ({"kind": 1}, "kind"),
        ({"kind": [{}]}, "kind"),
        ({"parcels": "x"}, "parcels"),
        ({"parcels": 5}, "parcels"),
        ({"parcels": {"a": 1}}, "parcels"),
        ({"parcels": [1, None, {}]}, "parcels"),
        ({"phone": 10**400}, "phone"),
        ({"papers": {"id_card": ["00000000-0000-0000-0000-000000000000"]}}, "papers"),
        ({"papers": {"id_card": ["../../../etc/passwd"]}}, "papers"),
        ({"nonsense": 1}, "nonsense"),
    ],
)
def test_answers_of_wrong_types_are_named(clerk, running, answers, field):
    household = households_of(running, clerk)[0]
    whole = {
        "contractor_code": household.code,
        "kind": "renew",
        "on_behalf_reason": "health",
        "members_right": "right",
        "parcels": [parcel.code for parcel in household.parcels],
        "parcels_right": "right",
        "phone": "13800138000",
        "papers": {
            kind: [clerk.upload("/papers", kind, picture(), case_type="contract_signing").json["id"]]
            for kind in ("id_card", "mandate")
        },
    }
    if field == "papers":
        answers = {"papers": whole["papers"] | answers["papers"]}
    content = {"case_type": "contract_signing", "contractor": household.code, "answers": whole | answers}
    errors = is_problem(clerk.post("/cases", content), 422)["errors"]
    assert any(name.startswith(field) for name in errors)
    assert clerk.get(f"/households/{household.code}").json["open_case"] is None


def test_another_households_parcel_is_refused(clerk, running):
    mine, theirs = households_of(running, clerk)[:2]
    papers = {
        kind: [clerk.upload("/papers", kind, picture(), case_type="contract_signing").json["id"]]
        for kind in ("id_card", "mandate")
    }
    answers = {
        "contractor_code": mine.code,
        "kind": "renew",
        "on_behalf_reason": "health",
        "members_right": "right",
        "parcels": [theirs.parcels[0].code],
        "parcels_right": "right",
        "phone": "13800138000",
        "papers": papers,
    }
    content = {"case_type": "contract_signing", "contractor": mine.code, "answers": answers}
    assert "parcels" in is_problem(clerk.post("/cases", content), 422)["errors"]


@pytest.mark.parametrize(
    ("kind", "body", "name"),
    [
        ("id_card", b"", "a.png"),
        ("id_card", b"MZ not a picture", "a.png"),
        ("id_card", b"\x89PNG\r\n\x1a\nbroken", "a.png"),
        ("id_card", b"<svg onload=alert(1)>", "a.jpg"),
        ("id_card", b"%PDF-1.4 cut off", "a.pdf"),
        ("no_such_kind", picture(), "a.png"),
        ("a\0b", picture(), "a.png"),
        ("id_card", b"\xff\xd8\xff" + b"x" * (11 * 1024 * 1024), "a.jpg"),
    ],
)
def test_files_that_are_not_what_they_say_are_refused(clerk, kind, body, name):
    is_problem(clerk.upload("/papers", kind, body, name, case_type="contract_signing"), 422)


def test_an_upload_without_file_or_words_names_what_is_missing(clerk):
    assert (
        "file"
        in is_problem(clerk.ask("POST", "/papers", data={"kind": "x", "case_type": "y"}), 422)["errors"]
    )
    assert {"kind", "case_type"} <= set(is_problem(clerk.upload("/papers", "", picture()), 422)["errors"]) | {
        "kind"
    }
    is_problem(clerk.ask("POST", "/papers", data=b"x", headers={"Content-Type": "multipart/form-data"}), 422)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/cases/%00", "/cases/x%2F..%2F..", "/households/%FF", "/papers/1/file", "/cases/1/tasks/x"],
)
def test_an_address_that_is_none_is_a_problem_too(clerk, path):
    is_problem(clerk.get(path), 404)


@pytest.mark.parametrize(
    "words",
    [
        "q=%00",
        "q=" + "%E7%94%B0" * 300,
        "q=%25%25__\\\\",
        "q='%3Bdrop table",
        "q=%FF",
        "division=x",
        "division=99",
    ],
)
def test_searches_are_only_words(clerk, words):
    for path in ("/households", "/cases", "/tasks"):
        assert clerk.get(f"{path}?{words}").status_code in (200, 400, 422)


def test_a_wrong_method_says_which_are_right(clerk):
    answer = clerk.ask("DELETE", "/cases")
    is_problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_problems_speak_the_readers_language(clerk):
    assert is_problem(clerk.get("/cases/1?lang=en"), 404)["detail"].isascii()
    assert not is_problem(clerk.get("/cases/1"), 404)["detail"].isascii()


def test_a_page_of_the_site_still_answers_as_a_page(web):
    """The API's errors are the API's alone."""
    answer = web.test_client().get("/nothing-here")
    assert (answer.status_code, answer.content_type) == (404, "text/html; charset=utf-8")


def test_nothing_is_kept_by_caches(clerk):
    assert clerk.get("/cases").headers["Cache-Control"] == "no-store"
    assert clerk.client.get(f"{API}/me").headers.get("Cache-Control", "no-store") == "no-store"


def test_the_largest_json_still_fits(clerk, draft):
    content = json.dumps({"data": {"opinion": "x" * 100_000}}).encode()
    assert clerk.ask("PUT", draft, data=content, headers=JSON).status_code == 200
