"""OpenAPI 3.1 at /api/v1/openapi.json: the operations, and every form that is in force, by name."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, json
from flask_smorest import Api
from flask_smorest.utils import prepare_response

from engine.queries.counties import county_codes
from engine.store.versions import case_types_in_force
from engine.usecases.procedures import procedure
from forms.schema import camel
from web.api.blueprint import PREFIX
from web.api.form_schemas import components
from web.api.schemas import Problem
from web.db import db

PROBLEM = "application/problem+json"


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
        described = self.spec.to_dict()
        described["components"].setdefault("schemas", {}).update(form_components())
        return current_app.response_class(json.dumps(described, sort_keys=False), mimetype="application/json")


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
                        "description": "Authorization: Bearer …, from POST /api/v1/token",
                        "flows": {"password": {"tokenUrl": f"{PREFIX}/token", "scopes": {}}},
                    }
                }
            },
        },
    )
    return TianqiApi(app)
