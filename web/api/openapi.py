"""OpenAPI 3.1 at /api/v1/openapi.json: the operations, and every form that is in force, by name."""

from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, json
from flask_smorest import Api
from flask_smorest.utils import prepare_response

from engine.domain.from_yaml import read_yaml
from engine.domain.roles import AREAS, OUTSIDE
from engine.queries.counties import county_codes
from engine.store.versions import case_types_in_force
from engine.usecases.procedures import procedure
from forms.schema import camel
from web.api.blueprint import PREFIX, PROBLEM
from web.api.form_schemas import components
from web.api.schemas import Problem
from web.db import db

SCOPES = {
    "accounts": "账号 / staff accounts and other systems",
    "audit": "审计 / proofs of the record",
    "books": "台账簿册 / ledgers and figures as workbooks",
    "cases": "办件 / cases, their papers and events",
    "commission": "仲裁委员会 / arbitrators, land that a court has dealt with",
    "disputes": "纠纷 / mediations, arbitrations, hearings",
    "events": "消息 / messages and signals to cases",
    "field": "外业 / the field package of surveys",
    "firms": "测绘单位 / surveying firms",
    "inbox": "待办 / tasks: claim, fill in, send",
    "jobs": "后台任务 / background work that failed",
    "lookups": "部门查询 / a parcel for another department, with a purpose",
    "map": "地图 / map tiles and outlines",
    "packages": "成果包 / delivery packages",
    "quality": "质检 / findings and rules",
    "registrar": "登记回执 / the registry's receipts",
    "registry": "登记移交 / hand-overs to the registry, archives, destroyed certificates",
    "remind": "催办 / remind of tasks",
    "register": "登记簿 / households, parcels, contracts",
    "start": "代办 / start cases",
    "statistics": "统计 / figures, ledgers, yearly forms",
    "stores": "数据库 / the four stores",
    "supervision": "流转监管 / rented land, its rent and inspections, deposits",
    "studio": "流程 / procedures, drafts, versions",
    "unmask": "证件号码 / whole identity numbers, with a purpose",
}
SIGNING_IN = """Authorization: Bearer …, from POST /api/v1/token; valid for an hour.

Staff: grant `password`. Applicants: grant `urn:tianqi:params:oauth:grant-type:one-time-code`. Other systems: grant
`client_credentials`, with the id and secret that the county's system administrator made. A scope is an area; `scope`
asks for fewer than the position opens."""


class TianqiApi(Api):
    """Errors are web/errors.py's, for every page and operation alike; smorest only describes them."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """None of its own: they would answer for the pages too."""

    def _register_responses(self) -> None:
        assert self.spec is not None
        for name, about in [(s.name, s.phrase) for s in HTTPStatus] + [("DEFAULT_ERROR", "What went wrong")]:
            response: dict[str, Any] = {"description": about, "schema": Problem}
            prepare_response(response, self.spec, PROBLEM)
            self.spec.components.response(name, response, lazy=True)

    def _openapi_json(self) -> Response:
        assert self.spec is not None
        described = completed(self.spec.to_dict())
        described["components"].setdefault("schemas", {}).update(form_components())
        return current_app.response_class(json.dumps(described, sort_keys=False), mimetype="application/json")


def completed(described: dict[str, Any]) -> dict[str, Any]:
    """Each operation names the refusals that its kind can meet; ``default`` covers faults of ours."""
    known = described["components"].setdefault("responses", {})
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            show(operation, examples().get(f"{method.upper()} {path.removeprefix(PREFIX)}", {}))
            for status in refusals(method, operation):
                name, phrase = HTTPStatus(status).name, HTTPStatus(status).phrase
                known.setdefault(name, known["DEFAULT_ERROR"] | {"description": phrase})
                operation["responses"].setdefault(str(status), {"$ref": f"#/components/responses/{name}"})
            if method == "get" and any(
                one.get("name") == "If-None-Match" for one in operation.get("parameters", [])
            ):
                operation["responses"].setdefault("304", {"description": "nothing has changed"})
    return described


@cache
def examples() -> dict[str, dict[str, Any]]:
    return read_yaml((Path(__file__).parent / "examples.yaml").read_text("utf-8"))


def show(operation: dict[str, Any], example: dict[str, Any]) -> None:
    """What one sends and what comes back, beside the schemas of the body and of the first good answer."""
    if "send" in example:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example["send"]
    if "answer" in example:
        good = min(status for status in operation["responses"] if status.startswith("2"))
        operation["responses"][good]["content"]["application/json"]["example"] = example["answer"]


def refusals(method: str, operation: dict[str, Any]) -> list[int]:
    headers = {one.get("name"): one for one in operation.get("parameters", []) if isinstance(one, dict)}
    found = [400, 404, 422, 429]
    if operation.get("security"):
        found += [401, 403]
    if method != "get":
        found += [409, 413]
    if "requestBody" in operation:
        found += [415]
    if "If-Match" in headers:
        found += [412, 428] if headers["If-Match"].get("required") else [412]
    return found


def form_components() -> dict[str, Any]:
    """ContractSigningVillageCheck and so on, of the versions in force. Where counties differ, by version too."""
    found: dict[str, Any] = {}
    session = db.session()
    for version, case_type in sorted(
        {
            (version, name)
            for county in county_codes(session)
            for name, version in case_types_in_force(session, county)
        }
    ):
        known = procedure(session, version)
        for form in known.case_type.form_names:
            name = camel(case_type) + camel(form)
            name = f"{name}_{version[:8]}" if name in found else name
            found |= components(known.form(form), name)
    return found


def configure(app: Flask) -> TianqiApi:
    app.config.update(
        API_TITLE="田契 Tianqi",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "info": {"description": "农村土地承包业务办理 / Case management for rural land contracts"},
            "components": {
                "securitySchemes": {
                    "bearer": {
                        "type": "oauth2",
                        "description": SIGNING_IN,
                        "flows": {
                            "password": {"tokenUrl": f"{PREFIX}/token", "scopes": SCOPES},
                            "clientCredentials": {
                                "tokenUrl": f"{PREFIX}/token",
                                "scopes": {name: SCOPES[name] for name in sorted(AREAS[OUTSIDE])},
                            },
                        },
                    }
                }
            },
        },
    )
    return TianqiApi(app)
