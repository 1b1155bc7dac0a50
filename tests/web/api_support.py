"""A program that speaks to /api/v1, for tests: bearer tokens, JSON in and out, one household to work with."""

import io
import re
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from PIL import Image

from engine.bootstrap import App
from engine.domain.register import Household
from engine.jobs.ticker import tick
from engine.queries.counties import divisions_within
from engine.store.register import read_household
from engine.usecases.carry_out_effect import drain

COUNTY = "990101"
API = "/api/v1"
PASSWORD = "tianqi-demo"
CODE_GRANT = "urn:tianqi:params:oauth:grant-type:one-time-code"
CHECKED = ["household", "land", "no_dispute", "adopted"]
PASS = {"decision": "pass", "checked": CHECKED, "term_start": "2027-01-01", "opinion": "情况属实"}


def picture(colour: str = "#bcd") -> bytes:
    """A small PNG; another colour makes another file."""
    body = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(body, "PNG")
    return body.getvalue()


def work(running: App) -> None:
    """What ticker and worker do meanwhile."""
    for _ in range(20):
        done = tick(running, None)
        if not drain(running) and not any(done.values()):
            return


@dataclass
class Program:
    """One person's program: the Flask test client and, once signed in, a token."""

    client: Any
    token: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **options: Any) -> Any:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers = {**self.headers, **bearer, **options.pop("headers", {})}
        path = path if path.startswith(API) else API + path
        return self.client.open(path, method=method, headers=headers, **options)

    def get(self, path: str, **options: Any) -> Any:
        return self.ask("GET", path, **options)

    def post(self, path: str, content: Any = None, key: str | None = None, match: str | None = None) -> Any:
        headers = ({"Idempotency-Key": key} if key else {}) | ({"If-Match": match} if match else {})
        return (
            self.ask("POST", path, json=content, headers=headers)
            if content is not None
            else self.ask("POST", path, headers=headers)
        )

    def put(self, path: str, content: Any, match: str | None = None) -> Any:
        return self.ask("PUT", path, json=content, headers={"If-Match": match} if match else {})

    def upload(
        self, path: str, kind: str, body: bytes, name: str = "证.png", key: str | None = None, **more: str
    ):
        data = {"kind": kind, "file": (io.BytesIO(body), name), **more}
        return self.ask("POST", path, data=data, headers={"Idempotency-Key": key} if key else {})


def sign_in(web: Any, username: str) -> Program:
    client = web.test_client()
    form = {"grant_type": "password", "username": username, "password": PASSWORD}
    answer = client.post(f"{API}/token", data=form)
    assert answer.status_code == 200, answer.text
    return Program(client, answer.json["access_token"])


def sign_in_household(web: Any, running: App, household: Household) -> Program:
    """As an applicant does: identity, message, code."""
    stranger = Program(web.test_client())
    who = {"name": household.name, "id_number": household.id_number, "phone": household.phone}
    asked = stranger.post("/portal/sign-ins", who)
    assert asked.status_code == 202, asked.text
    work(running)
    code = re.search(r"验证码 (\d{6})", stranger.get("/demo/messages").json[0]["text"])[1]
    form = {"grant_type": CODE_GRANT, "sign_in": asked.json["id"], "code": code}
    answer = stranger.ask("POST", "/token", data=form)
    assert answer.status_code == 200, answer.text
    return Program(stranger.client, answer.json["access_token"])


def clerk_of(running: App, household: Household) -> str:
    """User name of the village clerk of that household."""
    with running.sessions(COUNTY) as session:
        codes = [division.code for division in divisions_within(session, COUNTY, 12)]
    return f"village{codes.index(household.division[:12]) + 1}"


def other_clerk(running: App, household: Household) -> str:
    own = clerk_of(running, household)
    return "village2" if own == "village1" else "village1"


def households_of(running: App, program: Program) -> list[Household]:
    """Households with telephone and contract, no case yet, that this position sees."""
    rows = program.get("/households?limit=100").json["items"]
    with running.sessions(COUNTY) as session:
        found = [read_household(session, COUNTY, row["code"]) for row in rows if not row["open_case"]]
    return [one for one in found if one and one.phone and one.contract and one.parcels]


def start(program: Program, household: Household, key: str | None = None) -> Any:
    """The village starts a case for the household; the answer of the API."""
    papers = {
        kind: [program.upload("/papers", kind, picture(), case_type="contract_signing").json["id"]]
        for kind in ("id_card", "mandate")
    }
    answers = {
        "contractor_code": household.code,
        "kind": "renew",
        "on_behalf_reason": "health",
        "members_right": "right",
        "parcels": [parcel.code for parcel in household.parcels],
        "parcels_right": "right",
        "phone": "13800138000",
        "papers": papers,
    }
    content = {"case_type": "contract_signing", "contractor": household.code, "answers": answers}
    return program.post("/cases", content, key=key or uuid4().hex)


def is_problem(answer: Any, status: int) -> dict[str, Any]:
    """RFC 9457, whole."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert body["status"] == status
    assert body["type"].startswith("urn:tianqi:")
    assert body["title"]
    assert body["detail"]
    return body
