"""The description says what there is; and whatever is sent by it, the answer is never a fault of ours."""

import contextlib
import json
import os
import warnings

import pytest
import schemathesis
from api_support import clerk_of, households_of, sign_in, sign_in_household, start
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from jsonschema_rs import meta
from schemathesis.generation import GenerationMode

EXAMPLES = int(os.environ.get("API_EXAMPLES", "4"))  # of each operation; more on request


@pytest.fixture(scope="module")
def described(web) -> dict:
    return web.test_client().get("/api/v1/openapi.json").json


def operations(described):
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield path, method, operation


def test_it_is_openapi_3_1_and_refers_to_nothing_that_is_not_there(described):
    assert described["openapi"] == "3.1.0"
    whole = json.dumps(described)
    refs = {part.split('"')[0] for part in whole.split('"$ref": "')[1:]}
    for ref in refs:
        found = described
        for name in ref.removeprefix("#/").split("/"):
            found = found[name]


def test_every_operation_says_what_it_does_and_answers_problems(described):
    for path, method, operation in operations(described):
        assert operation["summary"], (method, path)
        problem = described["components"]["responses"]["DEFAULT_ERROR"]["content"]
        assert operation["responses"]["default"]["$ref"].endswith("/DEFAULT_ERROR"), (method, path)
        assert list(problem) == ["application/problem+json"]


def test_every_change_honours_an_idempotency_key(described):
    """But OAuth's own two, whose form others have settled, and what changes nothing: a look-up, and drawing."""
    without = {
        path
        for path, method, operation in operations(described)
        if method == "post"
        and not any(p.get("name") == "Idempotency-Key" for p in operation.get("parameters", []))
    }
    nothing = {"/api/v1/lookup", "/api/v1/changes/check", "/api/v1/changes/draw"}
    assert without == {"/api/v1/token", "/api/v1/revoke"} | nothing


def test_words_of_an_address_are_described_beside_the_headers(described):
    def names(path, method):
        return {one["name"] for one in described["paths"][f"/api/v1{path}"][method]["parameters"]}

    assert {"cursor", "limit", "q", "party"} <= names("/households", "get")
    assert {"Idempotency-Key", "If-Match"} <= names("/cases/{number}/tasks/{task}/complete", "post")


def test_a_day_at_the_end_of_time_is_a_day(web):
    county = sign_in(web, "county")
    assert county.get("/households?known=9999-12-31&limit=1").status_code == 200


def test_a_token_is_given_behind_a_proxy_that_ends_tls(web):
    """The inner address is plain http, and not that of this machine."""
    form = {"grant_type": "password", "username": "county", "password": "tianqi-demo"}
    answer = web.test_client().post("/api/v1/token", data=form, base_url="http://tianqi.example")
    assert answer.status_code == 200


def test_all_but_the_public_operations_ask_for_a_token(described):
    public = {path for path, _, operation in operations(described) if not operation.get("security")}
    assert public == {
        "/api/v1/token",
        "/api/v1/revoke",
        "/api/v1/lookup",
        "/api/v1/verify/{code}",
        "/api/v1/public-notices",
        "/api/v1/public-notices/{notice_id}",
        "/api/v1/guides",
        "/api/v1/offices",
        "/api/v1/portal/sign-ins",
        "/api/v1/demo/messages",
        "/api/v1/open/parcels/{code}",
        "/api/v1/open/villages/{code}",
    }


def test_every_form_in_force_is_a_component(described):
    schemas = described["components"]["schemas"]
    check = schemas["ContractSigningVillageCheck"]
    assert check["properties"]["decision"]["enum"] == ["pass", "supplement", "reject"]
    assert {"ContractSigningApplication", "ContractSigningSurvey", "ContractSigningSignContract"} <= set(
        schemas
    )


def test_described_schemas_are_valid_json_schema(described):
    for name, schema in described["components"]["schemas"].items():
        assert meta.is_valid({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema), name


@pytest.fixture(scope="module")
def tokens(web, running) -> dict[str, str]:
    county = sign_in(web, "county")
    household = households_of(running, county)[0]
    clerk = sign_in(web, clerk_of(running, household))
    assert start(clerk, household).status_code == 201
    applicant = sign_in_household(web, running, households_of(running, county)[1])
    others = {name: sign_in(web, name).token for name in ("admin", "auditor")}
    return {"village": clerk.token, "county": county.token, "applicant": applicant.token, **others}


def whose(path: str) -> str:
    if "/portal/" in path:
        return "applicant"
    if "/audit/" in path:
        return "auditor"
    if path.endswith(("/case-types", "/versions")):
        return "admin"
    return "village"


def test_whatever_is_sent_the_answer_is_never_our_fault(web, tokens):
    """Bounded and repeatable: the same requests each time. API_EXAMPLES asks for more of each operation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=web)
        faults: list[str] = []
        tried = sum(
            send(operation.ok(), mode, tokens, faults)
            for operation in schema.get_all_operations()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        )
    assert not faults, faults[:5]
    assert tried > 150


def send(operation, mode, tokens: dict[str, str], faults: list[str]) -> int:
    """Requests of one operation, as described or deliberately not; gives how many."""
    token, tried = tokens[whose(operation.path)], 0

    @seeded(20260302)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case):
        nonlocal tried
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        tried += 1
        kind = str(answer.headers.get("content-type"))
        if answer.status_code >= 500 or (
            answer.status_code >= 400 and "application/problem+json" not in kind
        ):
            faults.append(
                f"{operation.label}: {answer.status_code} {kind} {case.body!r} {case.path_parameters} {case.query}"
            )

    with contextlib.suppress(Unsatisfiable):  # an operation without anything to get wrong
        one()
    return tried
