"""With Redis away programs still work: it carries sessions of browsers, limits and ids of jobs, and no command."""

from dataclasses import replace

import pytest
from api_support import Program, is_problem, sign_in

from web.app import create_app
from web.limits import limiter


@pytest.fixture
def alone(running, monkeypatch):
    """A web whose Redis is not there, with its limits on."""
    monkeypatch.setenv("TIANQI_LIMITS", "on")
    settings = replace(running.settings, redis_url="redis://127.0.0.1:1/0")
    monkeypatch.setattr(running, "settings", settings)
    monkeypatch.setattr(limiter, "_storage_dead", False)  # as it was, for the tests that follow
    yield create_app(running)
    limiter.enabled = False


def test_a_program_signs_in_and_reads(alone):
    clerk = sign_in(alone, "village1")
    assert clerk.get("/tasks").status_code == 200
    assert alone.test_client().get("/healthz").status_code == 200


def test_limits_hold_on_in_memory(alone):
    stranger = Program(alone.test_client())
    asked = {"number": "99010120260302000001", "code": "AAAAAAAA"}
    answers = [stranger.post("/lookup", asked).status_code for _ in range(12)]
    assert answers[0] == 404
    assert answers[-1] == 429
    is_problem(stranger.post("/lookup", asked), 429)
