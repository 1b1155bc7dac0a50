"""Every POST that changes something, sent twice with one Idempotency-Key: one answer, one effect; another body: 422.

The operations are taken from the description. An effect is any row more in any table of the county's database. SENT has what
must be said for an operation to do its work; what else is refused (there is no such thing in this county) is refused alike
twice.
"""

from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from engine.usecases.load_demonstration import stable_id
from tests.security.test_fuzzed_api import things
from tests.web.api_support import API, Program, clerk_of, households_of, picture, sign_in, sign_in_household

VILLAGE = str(stable_id("position:village1"))
SOMEBODY = {"name": "某", "role": "village_clerk", "division": "990101100201"}
SENT: dict[str, tuple[str, dict]] = {
    "/accounts": ("sysadmin", SOMEBODY | {"username": "twice1"}),
    "/accounts/{person_id}/code": ("sysadmin", {}),
    "/accounts/{person_id}/lock": ("secadmin", {}),
    "/accounts/{person_id}/unlock": ("secadmin", {}),
    "/accounts/{person_id}/sessions/end": ("secadmin", {}),
    "/accounts/{person_id}/second-factor/end": ("secadmin", {}),
    "/accounts/{person_id}/positions": ("sysadmin", {"role": "township_reviewer", "division": "990101100"}),
    "/audit/checkpoints": ("auditor", {}),
    "/audit/verifications": ("auditor", {}),
    "/case-types/{case_type}/backtests": ("admin", {}),
    "/case-types/{case_type}/migration/{act}": ("admin", {}),
    "/cases/{number}/remarks": ("owner", {"text": "看过"}),
    "/cases/{number}/tasks/{task}/claim": ("owner", {}),
    "/cases/{number}/tasks/{task}/release": ("owner", {}),
    "/clients": (
        "sysadmin",
        {"client_id": "twice", "name": "系统", "division": "990101", "scopes": ["register"]},
    ),
    "/demo/clock": ("village", {"working_days": 1}),
    "/deputies": ("secadmin", {"position": VILLAGE, "username": "village2", "since": "2026-03-02",
                               "until": "2026-03-09", "reason": "培训"}),
    "/notices/read": ("owner", {}),
    "/packages/exports": ("steward", {}),
    "/portal/drafts": ("applicant", {"case_type": "contract_signing"}),
    "/portal/facts-check": ("applicant", {"answer": "right"}),
    "/portal/messages/read": ("applicant", {}),
    "/quality/runs": ("steward", {}),
    "/signals": ("county", {"name": "x"}),
    "/statistics/books/{book}": ("county", {}),
    "/stores/reconciliations": ("steward", {}),
    "/stores/refreshes": ("steward", {}),
    "/tasks/bulk": ("owner", {"act": "claim", "tasks": [{"case": "x", "task": 1}]}),
    "/tasks/reassign": ("owner", {"items": [{"case": "x", "task": 1}], "to": str(uuid4()), "reason": "出差"}),
    "/views": ("owner", {"name": "我的", "query": "tab=mine"}),
}  # fmt: skip
NO_JSON = ("/papers", "/portal/uploads")  # files; tests/web/test_api_tasks.py sends one twice


@pytest.fixture(scope="module")
def people(web, running) -> dict[str, Program]:
    county = sign_in(web, "county")
    homes = households_of(running, county)
    names = ("steward", "admin", "sysadmin", "secadmin", "auditor", "township1")
    found = {name: sign_in(web, name) for name in names} | {"county": county}
    found["owner"] = found["village"] = sign_in(web, clerk_of(running, homes[0]))
    found["applicant"] = sign_in_household(web, running, homes[1])
    return found


@pytest.fixture(scope="module")
def real(running, people) -> dict[str, list]:
    home = households_of(running, people["county"])[0]
    return things(people["owner"], people["applicant"], home) | {
        "person_id": [str(stable_id("person:township2"))],
        "act": ["undo"],
    }


@pytest.fixture(scope="module")
def rows(running):
    """() -> rows by table, as the owner of the database sees them."""
    engine = create_engine(running.settings.owner_database_url)
    with engine.connect() as connection:
        names = connection.execute(
            text(
                "select schemaname || '.' || tablename from pg_tables "
                "where schemaname in ('operational', 'reference', 'portal')"
            )
        ).scalars()
        asked = " union all ".join(f"select '{name}', count(*) from {name}" for name in sorted(names))  # noqa: S608 (names from the catalogue)

    def count() -> dict[str, int]:
        with engine.connect() as connection:
            return dict(iter(connection.execute(text(asked)).tuples()))

    yield count
    engine.dispose()


def posts(web) -> list[tuple[str, dict]]:
    paths = web.test_client().get(f"{API}/openapi.json").json["paths"]
    return [
        (path.removeprefix(API), methods["post"])
        for path, methods in sorted(paths.items())
        if "post" in methods
        and any(one.get("name") == "Idempotency-Key" for one in methods["post"].get("parameters", []))
    ]


def who_may(operation: dict, path: str) -> str:
    area = next((one for row in operation.get("security") or [] for one in row["bearer"]), "")
    by_area = {"studio": "admin", "jobs": "admin", "accounts": "sysadmin", "audit": "auditor", "packages": "steward",
               "stores": "steward", "start": "owner", "inbox": "owner"}  # fmt: skip
    return "applicant" if path.startswith("/portal/") else by_area.get(area, "county")


def test_sent_twice_it_is_done_once(web, people, real, rows):
    done, wrong, refused = set(), [], {}
    for path, operation in posts(web):
        if path in NO_JSON:
            continue
        who, body = SENT.get(path, (who_may(operation, path), {}))
        address = path
        for name, values in (real | {"task_number": real["task"]}).items():
            address = address.replace("{" + name + "}", str(values[0]))
        address = address if "{" not in address else address.split("{")[0] + str(uuid4())
        key, program = uuid4().hex, people[who]
        first = program.post(address, body, key=key)
        before = rows()
        again = program.post(address, body, key=key)
        if (again.status_code, again.data) != (first.status_code, first.data):
            wrong.append((path, first.status_code, first.text[:200], again.status_code, again.text[:200]))
        if first.status_code >= 300:
            refused[path] = f"{first.status_code} {first.text[:300]}"
            continue
        done.add(path)
        if rows() != before or again.headers.get("Idempotency-Replayed") != "true":
            wrong.append((path, "a second effect"))
        other = program.post(address, body | {"case_type": "another", "reason": "其他原因"}, key=key)
        if other.status_code != 422:
            wrong.append((path, "another body", other.status_code, other.text[:200]))
    assert wrong == []
    assert {path: refused.get(path) for path in set(SENT) - done} == {}


def test_a_key_is_one_persons(people):
    """Another's equal key is another key."""
    key, body = uuid4().hex, {"name": "甲", "query": "tab=mine"}
    mine = people["owner"].post("/views", body, key=key)
    theirs = people["township1"].post("/views", body, key=key)
    assert theirs.headers.get("Idempotency-Replayed") is None
    assert mine.json["id"] != theirs.json["id"]


def test_a_file_sent_twice_is_one(people):
    key = uuid4().hex
    for path, who in (("/papers", "owner"), ("/portal/uploads", "applicant")):
        first, again = (
            people[who].upload(path, "id_card", picture("#a1b"), key=key, case_type="contract_signing")
            for _ in "ab"
        )
        assert first.status_code == 201 and first.data == again.data, path
