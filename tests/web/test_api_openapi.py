"""The description says what there is. That the answers are as it says: tests/security/test_fuzzed_api.py."""

import json

import pytest
from jsonschema_rs import meta, validator_for

from tests.web.api_support import sign_in
from web.api.openapi import examples


@pytest.fixture(scope="module")
def described(web) -> dict:
    return web.test_client().get("/api/v1/openapi.json").json


SHORT = {
    "/case-types": "the procedures of a county",
    "/case-types/startable": "what a position may start",
    "/counter/drafts": "one's own, fifty at most",
    "/long-works": "what runs, and the last that ended",
    "/case-types/{case_type}/versions": "published by hand",
    "/cases/{number}/errors": "one case's, as reported",
    "/cases/{number}/papers": "one case's",
    "/cases/{number}/publicities": "one case's, a round or two",
    "/cases/{number}/tasks/{task}/takers": "holders of one office's role",
    "/certificates/collected": "collected and not yet destroyed",
    "/deputies": "one person's and their deputies'",
    "/destructions": "one list a year or so",
    "/guides": "the procedures of the counties",
    "/offices": "offices of the county",
    "/portal/disputes": "those of one person",
    "/portal/disputes/{number}/papers": "one case's",
    "/public-notices": "running now",
    "/portal/messages": "one person's, the last ones",
    "/portal/messages/read": "one person's, the last ones",
    "/packages": "on their way in, and the last ten",
    "/packages/incoming": "one folder's",
    "/portal/cases": "one household's",
    "/portal/cases/{number}/papers": "one case's",
    "/portal/drafts": "one applicant's, unsent",
    "/portal/offers": "the procedures of a county",
    "/statistics/ledgers": "the ledgers of the standard",
    "/tokens": "one person's, of an hour",
    "/demo/messages": "the last ones of a demonstration",
}


def operations(described):
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield path, method, operation


def test_examples_fit_what_they_are_examples_of(described):
    """Of the operations that a program of a county begins with; one that is named and gone would show nothing."""
    shown = {}
    for path, method, operation in operations(described):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in (
            one for body in bodies for one in body.get("content", {}).values() if "example" in one
        ):
            whole = content["schema"] | {"components": described["components"]}
            wrong = [str(one) for one in validator_for(whole).iter_errors(content["example"])]
            assert not wrong, (method, path, wrong)
            shown[f"{method.upper()} {path.removeprefix('/api/v1')}"] = True
    assert shown.keys() == examples().keys()


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
    """But OAuth's own two, whose form others have settled, and what changes nothing: look-ups, checks, drawing."""
    without = {
        path
        for path, method, operation in operations(described)
        if method == "post"
        and not any(p.get("name") == "Idempotency-Key" for p in operation.get("parameters", []))
    }
    nothing = {
        f"/api/v1/{path}"
        for path in (
            "lookup", "changes/check", "changes/draw", "case-types/{case_type}/draft/check",
            "cases/{number}/outlines", "households/{code}/numbers", "counter/persons", "lookups", "verify",
        )
    }  # fmt: skip
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


def test_every_operation_says_which_scope_it_takes(described):
    schemes = described["components"]["securitySchemes"]["bearer"]["flows"]
    for path, method, operation in operations(described):
        for one in operation.get("security") or []:
            assert set(one["bearer"]) <= set(schemes["password"]["scopes"]), (method, path)
    assert set(schemes["clientCredentials"]["scopes"]) < set(schemes["password"]["scopes"])


def test_every_list_goes_on_by_cursor(described):
    """But those that are short by their nature: SHORT says which, and why."""
    bare = set()
    for path, _method, operation in operations(described):
        schema = (
            operation["responses"]
            .get("200", {})
            .get("content", {})
            .get("application/json", {})
            .get("schema", {})
        )
        if schema.get("type") == "array":
            bare.add(path.removeprefix("/api/v1"))
    assert sorted(bare) == sorted(SHORT)


def test_all_but_the_public_operations_ask_for_a_token(described):
    public = {path for path, _, operation in operations(described) if not operation.get("security")}
    assert public == {
        *(f"/api/v1/deals/{{key}}{rest}" for rest in ("", "/contract", "/code", "/answers/{submission_id}")),
        "/api/v1/token",
        "/api/v1/revoke",
        "/api/v1/lookup",
        "/api/v1/verify",
        "/api/v1/verify/{code}",
        "/api/v1/land-offers",
        "/api/v1/land-offers/{offer_id}",
        "/api/v1/land-offers/{offer_id}/reports",
        "/api/v1/land-offers/sent/{submission_id}",
        "/api/v1/land-offers/sent/{submission_id}/withdrawal",
        "/api/v1/public-disputes",
        "/api/v1/public-notices",
        "/api/v1/public-notices/{notice_id}",
        "/api/v1/public-notices/{notice_id}/objections",
        "/api/v1/public-objections/{submission_id}",
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
