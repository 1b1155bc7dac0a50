"""Completions through HTTP: gunicorn as `tianqi up` starts it, bearer tokens, forms, idempotency keys, events.

Server, PostgreSQL, Redis and the clients share this machine's processors. Worker and ticker do not run: what the
completions put into the outbox waits. Beside it, in turn, the same clients ask /healthz, whose answer costs one
trivial statement: what this machine and the web framework can do at the moment.
"""

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlencode
from uuid import uuid4

from engine.commands.up import commands
from engine.embedded.processes import free_port
from engine.usecases.load_demonstration import PASSWORD
from tests.bench.measure import Figure
from tests.bench.model import answers, application
from tests.bench.ours import USERS, Ours
from tests.bench.place import COUNTY, Place

CLIENTS, ROUNDS, EACH = 8, 5, 60
GOAL = 100  # completions a second
START_SECONDS = 60


@contextmanager
def server(place: Place) -> Iterator[int]:
    """The port on which the web processes answer."""
    port = free_port(None)
    web = next(command for command in commands(port) if command.name == "web")
    environment = place.environment(TIANQI_PUBLIC_URL=f"http://127.0.0.1:{port}", TIANQI_LIMITS="off")
    environment.pop("TIANQI_DEMO", None)
    process = subprocess.Popen(
        web.argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        await_answer(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def await_answer(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            if ask(http.client.HTTPConnection("127.0.0.1", port, timeout=30), "GET", "/healthz")[0] == 200:
                return
        except OSError:
            pass
        if time.monotonic() > until:
            raise RuntimeError(f"the web server did not answer within {START_SECONDS} s")
        time.sleep(0.2)


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, str]:
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def token(port: int, username: str) -> str:
    form = urlencode({"grant_type": "password", "username": username, "password": PASSWORD})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    status, text = ask(connection, "POST", "/api/v1/token", form, headers)
    assert status == 200, text
    return str(json.loads(text)["access_token"])


class Clients:
    """Each with a connection that stays open."""

    def __init__(self, port: int, bearer: str):
        self.bearer = bearer
        self.pool = ThreadPoolExecutor(CLIENTS)
        self.connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(CLIENTS)]

    def per_second(self, requests: list[tuple[str, str, str | None, dict[str, str]]]) -> float:
        """Answered requests a second, shared among all clients. Any answer but 200 is a fault."""
        begun = time.perf_counter()
        shares = [requests[n::CLIENTS] for n in range(CLIENTS)]
        list(self.pool.map(self._work, self.connections, shares))
        return len(requests) / (time.perf_counter() - begun)

    def completion(self, number: str, task: int) -> tuple[str, str, str, dict[str, str]]:
        body = json.dumps({"answers": answers("apply", False, task)})
        headers = {
            "Authorization": f"Bearer {self.bearer}",
            "Content-Type": "application/json",
            "If-Match": '"1"',
            "Idempotency-Key": uuid4().hex,
        }
        return "POST", f"/api/v1/cases/{number}/tasks/{task}/complete", body, headers

    @staticmethod
    def _work(connection: http.client.HTTPConnection, requests: list) -> None:
        for request in requests:
            status, text = ask(connection, *request)
            if status != 200:
                raise RuntimeError(f"{request[1]}: {status} {text[:300]}")


def figures(place: Place) -> list[Figure]:
    ours = Ours(place.app, COUNTY)
    cases = [ours.start(application(1)) for _ in range((ROUNDS + 1) * EACH)]
    rates, plain = [], []
    with server(place) as port:
        clients = Clients(port, token(port, USERS["village"]))
        for round in range(ROUNDS + 1):
            share = cases[round * EACH : (round + 1) * EACH]
            rate = clients.per_second(
                [clients.completion(case.number, case.tasks["apply"]) for case in share]
            )
            base = clients.per_second([("GET", "/healthz", None, {})] * EACH)
            if round:  # the first one warms the processes up
                rates.append(rate)
                plain.append(base)
    rate, base = sum(rates) / ROUNDS, sum(plain) / ROUNDS
    return [
        Figure(
            f"completions through HTTP, {CLIENTS} clients, beside GET /healthz",
            f"{rate:.0f}/s",
            f"{base:.0f}/s",
            f"{rate / base:.2f}x",
            f">= {GOAL}/s",
            rate >= GOAL,
        )
    ]
