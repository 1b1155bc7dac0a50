"""A member of staff at a browser: signs in, claims, fills in and sends, as the forms on the pages ask."""

import io
import re
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image

COUNTY = "990101"
START = "/cases/new/contract_signing?contractor="
CHECKED = ["household", "land", "no_dispute", "adopted"]


def picture(colour: str = "#bcd") -> io.BytesIO:
    """A small PNG; another colour makes another file."""
    body = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(body, "PNG")
    body.seek(0)
    return body


def words(answer: Any) -> str:
    """What a person reads on the page."""
    text = re.sub(r"<(script|template)\b.*?</\1>", " ", answer.text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


@dataclass
class Staff:
    client: Any

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **data: Any) -> Any:
        return self.client.post(path, data=data, content_type="multipart/form-data")

    def households(self) -> list[str]:
        """Contractor codes of the own village that nothing is under way for."""
        pages = (self.get(f"/register?page={page}").text for page in (1, 2, 3))
        return next(filter(None, (re.findall(r"contractor=(\d{18})", page) for page in pages)), [])

    def application(self, code: str, **changes: Any) -> dict[str, Any]:
        page = self.get(START + code).text
        return {
            "key": hidden(page, "key"),
            "contractor_code": code,
            "kind": "renew",
            "on_behalf_reason": "health",
            "members_right": "right",
            "parcels": re.findall(r'name="parcels" value="([^"]+)"', page),
            "parcels_right": "right",
            "phone": "13800138000",
            "papers-mandate-upload": (picture(), "委托书.png"),
            "papers-id_card-upload": (picture("#cde"), "身份证.png"),
        } | changes

    def start(self, code: str) -> str:
        """Number of the new case."""
        answer = self.post(START + code, **self.application(code))
        assert answer.status_code == 201, words(answer)
        return re.search(r"/cases/(\d{20})", answer.text)[1]

    def task_path(self, number: str) -> str:
        """Address of the case's open task."""
        return re.search(rf"/cases/{number}/tasks/\d+", self.get(f"/cases/{number}").text)[0]

    def claim(self, number: str) -> str:
        path = self.task_path(number)
        answer = self.post(f"{path}/claim")
        assert answer.status_code == 303, words(answer)
        return path

    def opened(self, path: str) -> dict[str, str]:
        """The form's hidden fields as the page gives them."""
        page = self.get(path).text
        return {"key": hidden(page, "key"), "revision": hidden(page, "revision"), "action": "send"}

    def do(self, number: str, **answers: Any) -> str:
        """Claim the open task, fill it in and send it; gives its address."""
        path = self.claim(number)
        answer = self.post(path, **self.opened(path), **answers)
        assert answer.status_code == 303, words(answer)
        assert answer.location == f"/cases/{number}"
        return path

    def check_for_county(self, number: str) -> str:
        """The handling officer's step, before the approving officer's."""
        return self.do(number, checked=["papers", "register", "free"], proposal="approve", opinion="拟同意")

    def pass_village(self, number: str) -> str:
        return self.do(number, decision="pass", checked=CHECKED, term_start="2027-01-01", opinion="情况属实")


@pytest.fixture(scope="module")
def staff(web):
    """``staff("village1")``: that account at a browser."""

    def sign_in(username: str) -> Staff:
        client = web.test_client()
        answer = client.post("/sign-in", data={"username": username, "password": "tianqi-demo"})
        assert answer.status_code == 302, words(answer)
        return Staff(client)

    return sign_in
