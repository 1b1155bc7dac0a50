"""A small client of /api/v1, with nothing but the standard library: what any outside program would do."""

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

TIMEOUT = 60  # seconds


class Answered(Exception):
    """The server refused; its problem details say why."""

    def __init__(self, asked: str, status: int, problem: dict[str, Any]):
        errors = f" {problem['errors']}" if problem.get("errors") else ""
        super().__init__(f"{asked} -> {status} {problem.get('detail', '')}{errors}")
        self.status, self.problem = status, problem


@dataclass
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One person's program: an address and, once signed in, a token."""

    def __init__(self, url: str, token: str | None = None):
        self.url, self.token = url, token

    def get(self, path: str, **words: Any) -> Any:
        return self.ask("GET", f"{path}?{urlencode(words)}" if words else path).json

    def file(self, path: str) -> bytes:
        return self.ask("GET", path).body

    def post(self, path: str, content: Any = None, match: str | None = None) -> Any:
        """Each call with a key of its own, as a program that may have to repeat it does."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} | ({"If-Match": match} if match else {})
        body = None if content is None else json.dumps(content).encode()
        return self.ask("POST", path, body, headers | {"Content-Type": "application/json"}).json

    def form(self, path: str, **fields: str) -> Any:
        body = urlencode(fields).encode()
        return self.ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"}).json

    def upload(self, path: str, body: bytes, name: str, **fields: str) -> str:
        """Id of the file."""
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'
            for k, v in fields.items()
        ]
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n')
        content = "".join(parts).encode() + body + f"\r\n--{mark}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        return self.ask("POST", path, content, headers).json["id"]

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        asked = Request(self.url + path, data=body, headers={**(headers or {}), **bearer}, method=method)
        try:
            with urlopen(asked, timeout=TIMEOUT) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            with error:
                raise Answered(f"{method} {path}", error.code, _problem(error.read())) from None


def _problem(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {"detail": body[:200].decode("utf-8", "replace")}
    return found if isinstance(found, dict) else {}
