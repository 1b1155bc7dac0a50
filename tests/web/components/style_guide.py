"""A small application that shows every component, under the product's own content security policy.

Run by hand: `python -m tests.web.components.style_guide` serves it on port 8099 (pages /, /portal, /modeler).
"""

import datetime
import hashlib
from pathlib import Path
from types import SimpleNamespace

from flask import Flask, Response, jsonify, render_template, request
from flask_talisman import Talisman

import forms
from tests.forms.conftest import EVERY_KIND, LISTS
from web.i18n import init_i18n, lang

MODEL = Path(__file__).parents[3] / "processes" / "contract_signing" / "process.bpmn"
CSP = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": ["'self'", "data:", "blob:"],
    "font-src": ["'self'", "data:"],
}
CONTEXT = {
    "parcels": [
        {
            "code": f"99010120101010000{n}",
            "name": name,
            "area_mu": "1.2",
            "location": "东：沟；西：王二；南：路；北：塘",
        }
        for n, name in enumerate(("门前田", "后坡", "塘边"), 1)
    ],
    "files": {"f1": {"id": "f1", "name": "身份证正面.jpg", "size": 234567, "url": "#"}},
    "members": [{"name": "王大", "relation": "02"}, {"name": "李秀", "relation": "10"}],
}
ANSWERS = {
    "decision": "reject",
    "rent": "一百",
    "papers": {"id_card": ["f1"]},
    "parcels": ["990101201010100001"],
    "survey": [{"code": "9901012010101000", "area_m2": "812.5"}],
}


def _strip(code: str, layer: str, column: int) -> dict:
    x, y = 37_400_000 % 1_000_000 + column * 22, 3_412_000 + column * 3
    ring = [[x, y], [x + 20, y + 2], [x + 24, y + 90], [x + 4, y + 88], [x, y]]
    properties = {"code": code, "name": f"{column + 1}号田", "area": "2.70亩", "layer": layer}
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def _features() -> dict:
    layers = ["neighbour", "before", "after", "parcel"]
    listed = [_strip(f"99010120101010000{n + 1}", layer, n) for n, layer in enumerate(layers)]
    return {"type": "FeatureCollection", "features": listed}


def create_style_guide() -> Flask:
    app = Flask("web")
    app.config.update(DEMO=True, SECRET_KEY="style guide")
    app.extensions["saved"] = {"xml": MODEL.read_bytes()}
    Talisman(
        app,
        force_https=False,
        session_cookie_secure=False,
        content_security_policy=CSP,
        content_security_policy_nonce_in=["script-src", "style-src"],
    )
    init_i18n(app)
    position = SimpleNamespace(id=1, role="village_clerk")
    person = SimpleNamespace(
        is_authenticated=True,
        position=position,
        positions=[position, SimpleNamespace(id=2)],
        person=SimpleNamespace(name="李会计"),
    )
    app.context_processor(
        lambda: {
            "current_user": person,
            "may": lambda area: True,
            "county_name": "云原省青禾市田溪县",
            "inbox_count": 12,
            "position_label": lambda p, lang: "青石村 村级经办人",
            "csrf_token": lambda: "token",
            "applicant": "王大",
            "office_phone": "0990-8123456",
        }
    )
    app.add_url_rule("/", view_func=lambda: _page("staff.html"), endpoint="staff")
    app.add_url_rule("/portal", view_func=lambda: _page("portal.html"), endpoint="portal")
    app.add_url_rule("/modeler", view_func=lambda: render_template("dev/modeler.html"), endpoint="modeler")
    app.add_url_rule(
        "/missing",
        view_func=lambda: render_template(
            "errors/error.html", status=404, detail="没有这一页，请核对地址", shell="portal.html"
        ),
        endpoint="missing",
    )
    app.add_url_rule("/process.bpmn", view_func=_model, endpoint="model", methods=["GET", "PUT"])
    app.add_url_rule("/check", view_func=_check, endpoint="check", methods=["POST"])
    return app


def _page(shell: str) -> str:
    form = forms.load(EVERY_KIND, LISTS)
    data, errors = form.read(ANSWERS, lang=lang(), context=CONTEXT)
    rows = [
        {
            "number": "990101202603150001",
            "type": "家庭承包合同签订",
            "who": "王大",
            "step": "村级初审",
            "due": "剩余3个工作日",
            "area": "5.31",
        },
        {
            "number": "990101202603150002",
            "type": "家庭承包合同签订",
            "who": "李秀",
            "step": "公示",
            "due": None,
            "area": "12.70",
        },
    ]
    steps = [
        {"done": [], "current": ["village_check"], "text": "村级初审"},
        {"done": ["village_check"], "current": ["township_review"], "text": "乡镇审核"},
    ]
    answered = form.summary(
        {
            "decision": "pass",
            "rent": "3.00",
            "objection": False,
            "papers": {"id_card": ["f1"]},
            "members": [{"name": "王大", "relation": "02"}],
        },
        lang(),
        CONTEXT,
    )
    return render_template(
        "dev/components.html",
        shell=shell,
        rows=rows,
        errors=errors,
        views=form.view(data, errors, lang(), CONTEXT),
        answered=answered,
        features=_features(),
        parcels=CONTEXT["parcels"],
        replay_steps=steps,
        now=datetime.datetime(2026, 3, 2, 1, 30, tzinfo=datetime.UTC),
    )


def _model() -> Response:
    from flask import current_app

    saved = current_app.extensions["saved"]
    tag = f'"{hashlib.sha256(saved["xml"]).hexdigest()[:12]}"'
    if request.method == "PUT":
        if request.headers.get("If-Match") != tag or request.headers.get("X-CSRFToken") != "token":
            return Response('{"message": "stale"}', 412, mimetype="application/json")
        saved["xml"] = request.get_data()
        tag = f'"{hashlib.sha256(saved["xml"]).hexdigest()[:12]}"'
        return Response('{"saved": true}', 200, {"ETag": tag}, mimetype="application/json")
    return Response(saved["xml"], 200, {"ETag": tag}, mimetype="application/xml")


def _check() -> Response:
    return jsonify(
        [
            {
                "element": "village_check",
                "rule": "form",
                "severity": "error",
                "message": "没有表单",
                "fix": "在属性区填写表单键",
                "file": "x",
            },
            {"element": None, "rule": "x", "severity": "warning", "message": "一般提醒", "fix": ""},
        ]
    )


if __name__ == "__main__":
    create_style_guide().run(port=8099)
