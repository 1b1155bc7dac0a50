"""Whatever is sent to whatever address by whomever: a documented answer of a documented shape, and never a fault of ours.

FUZZ=n adds n random requests of each operation and of each kind, right and wrong (`make fuzz`).
"""

import json
import os
from collections.abc import Callable
from itertools import count, cycle, islice
from uuid import uuid4

import pytest

from tests.security.api_fuzz import PROBLEM, Attack, some_of
from tests.web.api_support import Program, clerk_of, households_of, picture, sign_in, sign_in_household, start

MOST = int(os.environ.get("FUZZ_BOUNDARIES", "5"))  # of each operation
RANDOM = int(os.environ.get("FUZZ", "0"))
WHOLE = RANDOM > 0  # every hostile thing at every place; else each at some place, and some at each
STAFF = ("township1", "county", "surveyor", "steward", "admin", "sysadmin", "secadmin", "auditor")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def attack(web, running) -> Attack:
    county = sign_in(web, "county")
    homes = households_of(running, county)
    owner = clerk_of(running, homes[0])
    programs = {owner: sign_in(web, owner)} | {name: sign_in(web, name) for name in STAFF}
    areas = {name: set(program.get("/me").json["areas"]) for name, program in programs.items()}
    programs["applicant"] = sign_in_household(web, running, homes[1])
    tokens = {name: program.token for name, program in programs.items()}
    return Attack(web, tokens, things(programs[owner], programs["applicant"], homes[0]), areas)


def things(clerk: Program, applicant: Program, home) -> dict[str, list]:
    """What is really there, by the name that an address has for it."""
    case = start(clerk, home).json
    sheet = clerk.get(f"/households/{home.code}").json
    draft = applicant.post("/portal/drafts", {"case_type": "contract_signing"}).json["id"]
    paper = clerk.upload("/papers", "id_card", picture("#abc"), case_type="contract_signing").json["id"]
    return {
        "number": [case["case"]],
        "task": [case["tasks"][0]["number"]],
        "code": [home.code, home.code[:12]],
        "parcel": [sheet["parcels"][0]["code"]],
        "contract": [sheet["contract"]["code"]],
        "entry": [sheet["contract"]["code"]],
        "party": [home.code[:14]],
        "case_type": ["contract_signing"],
        "ledger": ["contracts", "parcels"],
        "book": ["contracts", "summaries"],
        "draft_id": [draft],
        "paper_id": [paper],
        "year": [2025],
        "level": [8],
        "column": [9160],
        "row": [1209],
    }


def test_every_boundary_is_answered_as_described(attack):
    attack.boundaries(MOST)
    assert not attack.faults, "\n\n".join(some_of(attack.faults))
    assert sum(attack.answers.values()) > 500
    assert sum(times for (_, status), times in attack.answers.items() if status < 300) > 50


@pytest.mark.skipif(not RANDOM, reason="the long run: make fuzz")
def test_random_requests_are_answered_as_described(attack):
    attack.at_random(RANDOM)
    assert not attack.faults, "\n\n".join(some_of(attack.faults))


def taking_turns(things: list, share: int) -> Callable[[], list]:
    """What the next place gets: ``share`` of the things, where the place before it left off."""
    around = cycle(things)
    return lambda: things if WHOLE else list(islice(around, share))


HEADERS = [
    {"Idempotency-Key": "x" * 201},
    {"Idempotency-Key": "\xff\xfe"},
    {"Idempotency-Key": "' or 1=1 --"},
    {"If-Match": 'W/"99999999999999999999999999"'},
    {"If-Match": '"\xe9"'},
    {"If-None-Match": "*, \x7f"},
    {"Range": "bytes=99999999999999999999-1,-5"},
    {"Accept-Language": "zh;q=9e999, *;q=x, " + "a-" * 500},
    {"Accept": "text/html, */*;q=\xbd"},
    {"Content-Type": "multipart/form-data; boundary=" + "x" * 5000},
    {"Content-Type": "application/json; charset=\xfeutf-7"},
    {"Content-Length": "-5"},
    {"Content-Length": "99999999999999999999999"},
    {"Transfer-Encoding": "chunked, gzip"},
    {"X-Forwarded-For": "::1, \xa0, 999.1.1.1"},
    {"Host": "evil.example\xa0"},
    {"Cookie": "tianqi=\xff; session=" + "A" * 4000},
    {"X-HTTP-Method-Override": "DELETE"},
]


TOKENS = ["", "tqs_", "tqs_" + "\xff" * 40, "tqp_" + "a" * 9000, "tqs_ x", "tqc_x", "tqp_\xa0"]


def own(attack: Attack, operation) -> dict[str, str]:
    """The headers of somebody who gets in."""
    role = next((role for role in attack.tokens if attack.enters(operation, role)), "county")
    return {"Authorization": f"Bearer {attack.tokens[role]}"}


def address(attack: Attack, operation) -> str:
    path = operation.path
    for part in operation.path_parameters:
        schema = part.definition["schema"]
        other = uuid4() if schema.get("format") == "uuid" else schema.get("enum", [1])[0]
        path = path.replace("{" + part.name + "}", str(attack.things.get(part.name, [other])[0]))
    return path


def test_hostile_headers(attack):
    """And tokens that are none."""
    wrong, client = [], attack.web.test_client()
    headers_in_turn, tokens_in_turn = taking_turns(HEADERS, 2), taking_turns(TOKENS, 1)
    for operation in attack.operations():
        for headers in headers_in_turn():
            sent = own(attack, operation) | headers
            answer = client.open(address(attack, operation), method=operation.method.upper(), headers=sent)
            if answer.status_code >= 500 or (
                answer.status_code >= 400 and PROBLEM not in answer.content_type
            ):
                wrong.append((operation.label, headers, answer.status_code, answer.content_type))
        for token in tokens_in_turn():
            answer = client.open(
                address(attack, operation),
                method=operation.method.upper(),
                headers={"Authorization": f"Bearer {token}"},
            )
            if answer.status_code >= 500 or (
                operation.definition.raw.get("security") and answer.status_code != 401
            ):
                wrong.append((operation.label, token[:20], answer.status_code))
    assert not wrong, wrong[:5]


VALUES = [
    None, "", "\0", "\ud800", "9999-99-99", "0000-01-01", "99999-01-01", "-0001-01-01", "2026-02-30", "1e999", 10**400,
    -(2**63) - 1, 1.7e308, -1, True, [], {}, [[[[]]]], "%00", "../../etc/passwd", "'; drop table x; --", "田" * 3000,
    "=cmd|' /C calc'!A0", "\u202e\u2028\ufeff", "{{7*7}}", "%(x)s %s {0.__class__}",
]  # fmt: skip
NOT_JSON = [
    b"", b"{", b"\xff\xfe\x00", b"nul", b"NaN", b'{"a": Infinity}', b'{"a":1}{"a":2}', b"[" * 50_000, b'"\\ud800"',
    b'{"a": ' * 500 + b"1" + b"}" * 500, b'{"answers": ' + b"9" * 5000 + b"}",
]  # fmt: skip
KINDS = [
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "",
    "*/*",
    "a/b; c",
]


STEP = 11  # of the bodies of an operation, where not all are sent


def bodies(operation) -> list[tuple[bytes, dict[str, str]]]:
    """Each field with each hostile value, one after another so that it stays few; and what is no JSON at all."""
    content = operation.definition.raw["requestBody"].get("content", {})
    if "application/json" not in content:
        return [(body, JSON) for body in NOT_JSON[:3]]
    resolver = operation.schema.raw_schema["components"]["schemas"]
    schema = content["application/json"]["schema"]
    schema = resolver[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    names = list(schema.get("properties", {})) or ["x"]
    made = [(json.dumps(dict.fromkeys(names, VALUES[0]) | {names[at % len(names)]: value}).encode(), JSON)
            for at, value in enumerate(VALUES)]  # fmt: skip
    made += [(json.dumps(dict.fromkeys(names, value)).encode(), JSON) for value in VALUES]
    made += [(body, JSON) for body in NOT_JSON]
    return made + [(b'{"name": "x"}', {"Content-Type": kind}) for kind in KINDS]


def test_hostile_bodies(attack):
    wrong, client, start = [], attack.web.test_client(), count()
    for operation in attack.operations():
        if "requestBody" not in operation.definition.raw:
            continue
        made = bodies(operation)
        for body, kind in made if WHOLE else made[next(start) % STEP :: STEP]:
            answer = client.open(
                address(attack, operation),
                method=operation.method.upper(),
                data=body,
                headers=own(attack, operation) | kind,
            )
            if answer.status_code >= 500 or (
                answer.status_code >= 400 and PROBLEM not in answer.content_type
            ):
                wrong.append((operation.label, body[:60], answer.status_code, answer.content_type))
    assert not wrong, wrong[:5]


QUERIES = [
    "%00", "%FF", "%ED%A0%80", "9" * 400, "-1", "1e9", "0000-01-01", "9999-12-31", "99999-01-01", "2026-02-30", "NaN",
    "%F0%9F%98%80" * 200, "..%2F..", "[]", "a=b=c", "%25%25__%5C", "1,2,3,4", "inf,inf,inf,inf", "eyJhIjoxfQ", "W10", "WzFd",
    "WyJhIiwiYiJd", "W251bGwsbnVsbCxudWxsLG51bGxd", "WzFlMzA5LDEsMV0",
]  # fmt: skip


def test_hostile_queries(attack):
    """Every named word of an address, and cursors that nobody gave out."""
    wrong, client, in_turn = [], attack.web.test_client(), taking_turns(QUERIES, 3)
    for operation in attack.operations():
        names = [one.name for one in operation.query]
        for name in names:
            for value in in_turn():
                answer = client.open(
                    f"{address(attack, operation)}?{name}={value}",
                    method=operation.method.upper(),
                    headers=own(attack, operation),
                )
                if answer.status_code >= 500 or (
                    answer.status_code >= 400 and PROBLEM not in answer.content_type
                ):
                    wrong.append((operation.label, name, value[:30], answer.status_code))
    assert not wrong, wrong[:5]


PARTS = ["%00", "%FF", "%ED%A0%80", "9" * 300, "-1", "0", "..", "%2e%2e%2f", "'", "%F0%9F%98%80", " "]


def test_hostile_addresses(attack):
    """Parts of addresses that are no codes, no numbers, no ids."""
    wrong, client, in_turn = [], attack.web.test_client(), taking_turns(PARTS, 3)
    for operation in attack.operations():
        if "{" not in operation.path:
            continue
        for value in in_turn():
            path = operation.path
            for part in [piece.split("}")[0] for piece in path.split("{")[1:]]:
                path = path.replace("{" + part + "}", value)
            answer = client.open(path, method=operation.method.upper(), headers=own(attack, operation))
            if answer.status_code >= 500:
                wrong.append((operation.label, value, answer.status_code))
    assert not wrong, wrong[:5]
