"""Programs of staff and applicants that act over /api/v1 while the installation is being hurt, and never give up.

Every command goes out with an idempotency key and is sent again, with the same key and to either web, until it is
answered. What was acknowledged is written down; at the end it is compared with what the database holds.
"""

import http.client
import io
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode

from PIL import Image

from engine.domain.register import Household
from engine.reading.samples import lean_contract
from engine.usecases.load_demonstration import PASSWORD

API = "/api/v1"
TYPE = "contract_signing"
GIVE_UP = 180  # seconds without any answer: then something is broken for good
TIMEOUT = 60
TWINS = 0.15  # share of commands that are sent to both webs at once
FEW = 10  # cases under way; with more, a client starts another with probability NEW
NEW = 0.1
VERIFIED = 0.02  # of a client's acts come with a verification of the whole record, as long work
BY_ITSELF = 0.15  # share of cases that the household asks for in the portal
CODE_GRANT = "urn:tianqi:params:oauth:grant-type:one-time-code"


class NeverAnswered(Exception):
    """A command was sent again and again, and nobody answered."""


@dataclass(frozen=True)
class Asked:
    """A command as it goes out, the same every time."""

    account: str
    method: str
    path: str
    body: bytes | None
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Acknowledged:
    """What a client was told: of which command, and what of it must be found in the database."""

    asked: Asked
    status: int
    answer: Any
    kind: str  # start, apply, claim, complete, upload, verify, clock
    case: str | None = None
    task: int | None = None
    mark: str | None = None  # text that stands in nothing else


@dataclass
class Ledger:
    """Shared by all clients."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)  # tries that got no answer, or 5xx
    violations: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, one: Acknowledged) -> None:
        with self.lock:
            self.acknowledged.append(one)

    def count(self, counter: Counter[str], what: str) -> None:
        with self.lock:
            counter[what] += 1

    def violate(self, what: str) -> None:
        with self.lock:
            self.violations.append(what)


class Clients:
    """All accounts of the county, their tokens, and the cases that they move along."""

    def __init__(
        self,
        urls: list[str],
        households: list[Household],
        accounts: dict[tuple[str, str], list[str]],
        random: Random,
    ):
        self.urls, self.random = urls, random
        self.accounts = accounts  # (role, office) -> user names
        self.households = {household.code: household for household in households}
        self.free = list(self.households)
        self.under_way: list[tuple[str, str]] = []  # (case number, household)
        self.applied: dict[str, str] = {}  # submission -> case number, once it is taken in
        self.tokens: dict[str, str] = {}
        self.ledger = Ledger()
        self.stop = threading.Event()
        self.lock = threading.Lock()
        self.clock_still = threading.Lock()  # a code lasts ten minutes, and the clock moves by days

    # ---- sending

    def insist(self, asked: Asked, first: int | None = None) -> tuple[int, Any, Any]:
        """(status, headers, JSON) of the first answer that is one."""
        until, turn = time.monotonic() + GIVE_UP, self.random.randrange(2) if first is None else first
        while time.monotonic() < until:
            turn += 1
            try:
                status, headers, answer = self.send(asked, self.urls[turn % len(self.urls)])
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.ledger.count(self.ledger.unanswered, type(error).__name__)
                time.sleep(0.2)
                continue
            if status >= 500:
                self.ledger.count(self.ledger.unanswered, str(status))
                time.sleep(0.2)
                continue
            if status == 401:
                self.tokens.pop(asked.account, None)
                time.sleep(0.2)
                continue
            return status, headers, answer
        raise NeverAnswered(f"{asked.method} {asked.path}")

    def send(self, asked: Asked, url: str) -> tuple[int, Any, Any]:
        headers = dict(asked.headers)
        if asked.account:
            headers["Authorization"] = f"Bearer {self.token(asked.account, url)}"
        return _http(url + asked.path, asked.method, asked.body, headers)

    def token(self, account: str, url: str) -> str:
        if account not in self.tokens:
            form = urlencode({"grant_type": "password", "username": account, "password": PASSWORD}).encode()
            kind = {"Content-Type": "application/x-www-form-urlencoded"}
            status, _, answer = _http(f"{url}{API}/token", "POST", form, kind)
            if status != 200:
                raise ValueError(f"no token for {account}: {status}")
            self.tokens[account] = answer["access_token"]
        return self.tokens[account]

    def get(self, account: str, path: str) -> tuple[Any, Any]:
        """(headers, JSON), or (None, None) where it is refused."""
        status, headers, answer = self.insist(Asked(account, "GET", API + path, None, ()))
        return (headers, answer) if status == 200 else (None, None)

    def command(
        self, kind: str, asked: Asked, case: str | None = None, task: int | None = None, mark: str = ""
    ) -> Any:
        """Send it, sometimes twice at once; note what was acknowledged. None where it was refused."""
        if self.random.random() < TWINS:
            status, answer = self.twins(asked)
        else:
            status, _, answer = self.insist(asked)
        if not 200 <= status < 300:
            self.ledger.count(
                self.ledger.refused, f"{kind} {status} {answer.get('title') if answer else ''}".strip()
            )
            return None
        self.ledger.acknowledge(Acknowledged(asked, status, answer, kind, case, task, mark or None))
        return answer

    def twins(self, asked: Asked) -> tuple[int, Any]:
        """The same command at both webs at once: one effect, one answer."""
        answers: list[tuple[int, Any]] = []

        def one(turn: int) -> None:
            try:
                status, _, answer = self.insist(asked, turn)
                answers.append((status, answer))
            except NeverAnswered as error:
                self.ledger.violate(f"never answered: {error}")

        threads = [threading.Thread(target=one, args=(turn,)) for turn in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(answers) < 2:
            raise NeverAnswered(f"{asked.method} {asked.path}")
        good = [answer for answer in answers if answer[0] < 300]
        if good and answers[0] != answers[1]:
            self.ledger.violate(f"two answers to one key: {asked.path} {answers}")
        return answers[0]

    # ---- acting

    def run(self) -> None:
        """One client's life: look at a case, do what it waits for, or start another."""
        while not self.stop.is_set():
            try:
                self.act()
            except NeverAnswered as error:
                self.ledger.violate(f"never answered: {error}")

    def act(self) -> None:
        with self.lock:
            few = len(self.under_way) < FEW or self.random.random() < NEW
            begin = self.free and few
            code = self.free.pop(self.random.randrange(len(self.free))) if begin else None
            known = self.random.choice(self.under_way) if self.under_way and not begin else None
        if self.random.random() < VERIFIED:
            self.command("verify", self.post("auditor", "/audit/verifications"))
        if code is not None and self.random.random() < BY_ITSELF:
            self.apply(self.households[code])
        elif code is not None:
            self.begin(self.households[code])
        elif known is not None:
            self.look(*known)
        else:
            time.sleep(0.2)

    def begin(self, household: Household) -> None:
        village = self.accounts["village_clerk", household.division[:12]][0]
        papers = {kind: [self.upload(village, kind)] for kind in ("id_card", "mandate")}
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
        content = {"case_type": TYPE, "contractor": household.code, "answers": answers}
        told = self.command("start", self.post(village, "/cases", content), mark=household.code)
        with self.lock:
            if told is None:
                self.free.append(household.code)
            else:
                self.under_way.append((told["case"], household.code))

    def apply(self, household: Household) -> None:
        """In the portal: sign in by message, upload, apply, wait until the inside has taken it in."""
        case = None
        with self.clock_still:
            account = self.sign_in(household)
        if account is not None:
            card = self.upload(account, "id_card", "/portal/uploads")
            answers = {
                "kind": "renew",
                "members_right": "right",
                "parcels": [parcel.code for parcel in household.parcels],
                "parcels_right": "right",
                "phone": household.phone,
                "papers": {"id_card": [card]},
                "agreed": "yes",
            }
            content = {"case_type": TYPE, "answers": answers}
            told = self.command("apply", self.post(account, "/portal/applications", content))
            case = told and self.taken_in(account, told["id"])
        with self.lock:
            if case is None:
                self.free.append(household.code)
            else:
                self.under_way.append((case, household.code))

    def sign_in(self, household: Household) -> str | None:
        """The account, with its token; None when the code did not come or was too old: the clock moves."""
        who = {"name": household.name, "id_number": household.id_number, "phone": household.phone}
        _, _, asked = self.insist(self.post("", "/portal/sign-ins", who))
        until = time.monotonic() + 45  # a killed worker's message comes after its lease
        while asked is not None and "id" in asked and time.monotonic() < until and not self.stop.is_set():
            time.sleep(0.3)
            _, _, messages = self.insist(Asked("", "GET", f"{API}/demo/messages", None, ()))
            codes = [re.search(r"验证码 (\d{6})", m["text"]) for m in messages if m["to"] == household.phone]
            code = next((found[1] for found in codes if found), None)
            if code is None:
                continue
            form = urlencode({"grant_type": CODE_GRANT, "sign_in": asked["id"], "code": code}).encode()
            kind = (("Content-Type", "application/x-www-form-urlencoded"),)
            status, _, token = self.insist(Asked("", "POST", f"{API}/token", form, kind))
            if status != 200:
                continue  # the code of an earlier sign-in: the new one is still to come
            self.tokens[f"household {household.code}"] = token["access_token"]
            return f"household {household.code}"
        self.ledger.count(self.ledger.refused, "sign-in without a code that counts")
        return None

    def taken_in(self, account: str, submission: str) -> str | None:
        """The case that a submission became; None when it was refused."""
        until = time.monotonic() + GIVE_UP
        while time.monotonic() < until:
            _, found = self.get(account, f"/portal/submissions/{submission}")
            if found is not None and found["status"] == "taken":
                self.applied[submission] = found["case"]
                return found["case"]
            if found is not None and found["status"] == "refused":
                self.ledger.count(self.ledger.refused, f"apply {(found['answer'] or {}).get('code')}")
                return None
            time.sleep(0.3)
        self.ledger.violate(f"a submission that was never answered: {submission}")
        return None

    def look(self, case: str, code: str) -> None:
        _, found = self.get("county", f"/cases/{case}")
        if found is None:
            self.ledger.violate(f"acknowledged case is not there: {case}")
            self._leave(case, code, again=False)
            return
        if found["status"] != "open":
            self._leave(case, code, again=True)
            return
        for task in found["tasks"]:
            self.do(case, self.households[code], task)
        if any(one["name"] == "registry_receipt" for one in found["awaited"]):
            self.registered(case)

    def registered(self, case: str) -> None:
        """The registry's receipt for the first hand-over; another client may be giving it too."""
        receipt = {"outcome": "accepted", "on": self.today("county"), "number": case}
        key = f"{case}-01"
        self.command("receipt", self.post("county", f"/hand-overs/{key}/receipt", receipt), case)

    def _leave(self, case: str, code: str, again: bool) -> None:
        with self.lock:
            if (case, code) in self.under_way:
                self.under_way.remove((case, code))
                if again:
                    self.free.append(code)

    def do(self, case: str, household: Household, task: dict[str, Any]) -> None:
        """Claim it, read it, complete it; another client may be doing the same."""
        account = self.random.choice(self.accounts[task["role"], task["office"]])
        path, number = f"/cases/{case}/tasks/{task['number']}", task["number"]
        if self.command("claim", self.post(account, f"{path}/claim"), case, number) is None:
            return
        headers, read = self.get(account, path)
        if read is None or not read["mine"]:
            return
        mark = f"{self.random.getrandbits(64):020d}"
        if task["element"] == "sign_contract" and not self.contract(account, case):
            return  # still being printed: somebody comes back to it
        answers = self.answers(task["element"], account, household, read, mark)
        asked = self.post(account, f"{path}/complete", {"answers": answers}, match=headers["ETag"])
        self.command("complete", asked, case, number, mark if mark in json.dumps(answers) else "")

    def answers(
        self, element: str, account: str, household: Household, read: dict[str, Any], mark: str
    ) -> dict[str, Any]:
        return ANSWERS[element](self, account, household, read, mark)

    def today(self, account: str) -> str:
        return self.get(account, "/me")[1]["now"][:10]

    def contract(self, account: str, case: str) -> dict[str, Any] | None:
        """The case's newest contract that is printed."""
        _, found = self.get(account, f"/cases/{case}/papers")
        return next((p for p in reversed(found or []) if p["kind"] == "contract" and p["pages"]), None)

    def signed(self, account: str, case: str) -> str:
        """A scan of as many pages, each with the contract's code."""
        contract = self.contract(account, case) or {"verify_code": "", "pages": 1}
        sheets = lean_contract(f"http://127.0.0.1/verify/{contract['verify_code']}", contract["pages"])
        return self.upload(account, "signed_contract", content=sheets)

    def upload(self, account: str, kind: str, path: str = "/papers", content: bytes | None = None) -> str:
        mark, out = self.random.randbytes(8).hex(), io.BytesIO()
        Image.new("RGB", (8, 8), tuple(self.random.randbytes(3))).save(out, "PNG")
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in (("kind", kind), ("case_type", TYPE))
        ]
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n')
        body = "".join(parts).encode() + (content or out.getvalue()) + f"\r\n--{mark}--\r\n".encode()
        headers = (("Content-Type", f"multipart/form-data; boundary={mark}"), self.key())
        told = self.command("upload", Asked(account, "POST", API + path, body, headers))
        return told["id"] if told else ""

    def move_clock(self, working_days: int) -> None:
        with self.clock_still:
            self.command("clock", self.post("county", "/demo/clock", {"working_days": working_days}))

    def post(self, account: str, path: str, content: Any = None, match: str | None = None) -> Asked:
        headers = [("Content-Type", "application/json"), self.key()]
        if match:
            headers.append(("If-Match", match))
        body = None if content is None else json.dumps(content).encode()
        return Asked(account, "POST", API + path, body, tuple(headers))

    def key(self) -> tuple[str, str]:
        return "Idempotency-Key", f"{self.random.getrandbits(128):032x}"


Answer = Callable[[Clients, str, Household, dict[str, Any], str], dict[str, Any]]

ANSWERS: dict[str, Answer] = {
    "village_check": lambda here, account, household, read, mark: {
        "decision": "pass",
        "opinion": mark,
        "checked": ["household", "land", "no_dispute", "adopted"],
        "term_start": read["facts"]["known"].get("term_start") or "2028-01-01",
    },
    "township_review": lambda here, account, household, read, mark: {"decision": "pass", "opinion": mark},
    "county_check": lambda here, account, household, read, mark: {
        "checked": ["papers", "register", "free"],
        "proposal": "approve",
        "opinion": mark,
    },
    "county_decision": lambda here, account, household, read, mark: {"decision": "approve", "opinion": mark},
    "close_publicity": lambda here, account, household, read, mark: {
        "places": ["own", "neighbours"],
        "outcome": "none",
        "papers": {"publicity_photo": [here.upload(account, "publicity_photo")]},
    },
    "sign_contract": lambda here, account, household, read, mark: {
        "both_signed": "yes",
        "signed_on": here.today(account),
        "place": mark,
        "contractor_signatory": household.name,
        "identity_check": "id_card",
        "papers": {"signed_contract": [here.signed(account, read["case"])]},
    },
    "file_contract": lambda here, account, household, read, mark: {"decision": "file", "opinion": mark},
    "hand_out_certificate": lambda here, account, household, read, mark: {
        "certificate_serial": f"云（2026）田溪县农村土地承包经营权证第{mark}号",
        "handed_on": here.today(account),
        "receiver_name": household.name,
        "receiver_id_number": household.id_number,
        "old_certificate": "collected",
        "papers": {"receipt": [here.upload(account, "receipt")]},
    },
}


def _http(url: str, method: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, Any, Any]:
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return answer.status, answer.headers, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.loads(error.read() or b"null")
