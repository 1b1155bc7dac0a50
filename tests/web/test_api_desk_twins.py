"""Operations that have what the studio's, the counter's and the map's pages have."""

import pytest

from tests.web.api_support import Program, clerk_of, households_of, is_problem, sign_in, start

TYPE = "/case-types/contract_signing"


@pytest.fixture(scope="module")
def first(web) -> Program:
    return sign_in(web, "admin")


@pytest.fixture(scope="module")
def clerk(web, running) -> tuple[Program, object]:
    home = households_of(running, sign_in(web, "county"))[0]
    return sign_in(web, clerk_of(running, home)), home


def tagged(program: Program, method: str, path: str, answer, **options):
    return program.ask(method, path, headers={"If-Match": answer.headers["ETag"]}, **options)


def test_a_draft_is_kept_checked_submitted_and_taken_back(first):
    opened = first.get(f"{TYPE}/draft")
    assert (opened.json["status"], opened.json["steps"]) == ("none", [])
    file = first.get(f"{TYPE}/draft/files/parameters.yaml")
    text = file.json["text"] + "# looked at\n"
    assert (
        is_problem(first.put(f"{TYPE}/draft/files/parameters.yaml", {"text": text}), 409)["title"] == "stale"
    )
    kept = tagged(first, "PUT", f"{TYPE}/draft/files/parameters.yaml", file, json={"text": text})
    assert {"path": "parameters.yaml", "state": "changed"} in kept.json["files"]
    assert is_problem(tagged(first, "PUT", f"{TYPE}/draft/files/../x", kept, json={"text": "x"}), 404)
    changed = first.get(f"{TYPE}/draft/changes").json
    assert [one["path"] for one in changed["files"]] == ["parameters.yaml"]
    broken = first.post(f"{TYPE}/draft/check", {"files": {"process.bpmn": "<x/>"}}).json
    assert any(one["severity"] == "error" for one in broken["problems"])
    submitted = tagged(first, "POST", f"{TYPE}/draft/submit", kept, json={"note": "说明"})
    assert submitted.json["status"] == "submitted"
    alone = tagged(first, "POST", f"{TYPE}/draft/approve", submitted, json={})
    assert is_problem(alone, 422)["title"] == "second_person"
    back = first.post(f"{TYPE}/draft/withdraw", {})
    assert back.json["status"] == "editing"
    assert [one["did"] for one in back.json["steps"]] == ["withdrawn", "submitted"]
    restored = tagged(first, "DELETE", f"{TYPE}/draft/files/parameters.yaml", back)
    assert tagged(first, "POST", f"{TYPE}/draft/discard", restored, json={}).json["status"] == "none"


def test_versions_backtests_and_migration(first):
    version = first.get(f"{TYPE}/versions/1").json
    assert version["first"] and "process.bpmn" in version["paths"]
    assert "<bpmn:" in first.get(f"{TYPE}/versions/1/files/process.bpmn").json["text"]
    is_problem(first.get(f"{TYPE}/versions/1/files/none.yaml"), 404)
    asked = first.post(f"{TYPE}/backtests", {})
    assert asked.status_code == 202
    where = asked.headers["Location"]
    assert first.get(where).json["kind"] == "backtest_process"
    is_problem(first.get(where.replace("contract_signing", "contract_change")), 404)
    assert first.ask("DELETE", where).json["cancel"] is True
    plan = first.get(f"{TYPE}/migration").json
    assert plan["cases"] == [] and plan["more"] is False
    assert is_problem(first.post(f"{TYPE}/migration/apply", {"version": "x"}), 409)["title"] == "base_changed"
    assert first.post(f"{TYPE}/migration/rehearse", {"version": plan["version"]}).json["cases"] == []


def test_the_counter(clerk):
    program, home = clerk
    offers = program.get("/case-types/startable").json
    assert {"contract_signing"} <= {one["case_type"] for one in offers}
    is_problem(program.post("/counter/persons", {"id_number": "110101199001011"}), 422)
    found = program.post("/counter/persons", {"id_number": home.id_number}).json["persons"]
    assert home.code in {one["household"] for one in found}
    kept = program.put(f"/counter/drafts/contract_signing/{home.code}", {"data": {"phone": "138"}})
    assert kept.json["data"] == {"phone": "138"}
    assert [one["contractor"] for one in program.get("/counter/drafts").json] == [home.code]


def test_numbers_in_full_are_recorded_with_their_purpose(web, clerk):
    _program, home = clerk
    county = sign_in(web, "county")
    is_problem(county.post(f"/households/{home.code}/numbers", {"purpose": "查"}), 422)
    told = county.post(f"/households/{home.code}/numbers", {"purpose": "核对身份证号"}).json
    assert told["id_number"] == home.id_number
    read = sign_in(web, "auditor").get(f"/audit/reads?q={home.code}").json["items"]
    assert "核对身份证号" in {one["purpose"] for one in read}


def test_a_cases_drawing_and_signing(monkeypatch, clerk):
    monkeypatch.setattr("engine.usecases.sketch_parcels.render_pdf", lambda html: b"%PDF-1.7")
    program, home = clerk
    number = start(program, home).json["case"]
    assert program.get(f"/cases/{number}/diagram").mimetype == "application/xml"
    assert program.get(f"/cases/{number}/ground").json["features"]
    assert program.get(f"/cases/{number}/signing").json["signatures"] == []
    for path in (
        f"/cases/{number}/sketch",
        f"/households/{home.code}/sketch",
        f"/parcels/{home.parcels[0].code}/sketch",
    ):
        assert program.get(path).data == b"%PDF-1.7"
    ring = "POLYGON((500000 3400000, 500010 3400000, 500010 3400010, 500000 3400010, 500000 3400000))"
    read = program.ask(
        "POST", f"/cases/{number}/outlines", data={"text": ring}, content_type="multipart/form-data"
    )
    assert read.json["outlines"][0][0][0] == [500000, 3400000], read.text
    broken = program.ask(
        "POST", f"/cases/{number}/outlines", data={"text": "x"}, content_type="multipart/form-data"
    )
    is_problem(broken, 422)


def test_how_work_and_the_stores_stand(web, first):
    county, steward = sign_in(web, "county"), sign_in(web, "steward")
    assert {"months", "steps", "work", "late"} <= county.get("/statistics/supervision").json.keys()
    assert county.get("/map/marks").json["type"] == "FeatureCollection"
    assert steward.get("/stores").json["parcels"]["operational"] > 0
    assert isinstance(first.get("/long-works").json, list)
