"""The administrator's page of failures: cause, what to do, trying again; by page, by program, by command."""

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from api_support import Program, is_problem, sign_in
from click.testing import CliRunner
from sqlalchemy import delete, select

from engine.cli import main
from engine.commands import incidents as commands
from engine.domain import events
from engine.store import history, outbox
from engine.store.tables.work import OutboxRow
from engine.usecases import long_work
from engine.usecases.carry_out_effect import carry_out_effect, drain
from tests.usecases.acting import COUNTY, played
from tests.web.staff import words
from web.jobs.words import PHASES


@pytest.fixture
def failed(running):
    """A case whose paper cannot be printed any more: gives (case number, mark)."""
    play = played(running, until="village_check")
    with running.sessions(COUNTY) as session:
        [row] = [r for r in outbox.of_case(session, COUNTY, play.case_id) if r.kind == "render_document"]
        session.execute(delete(OutboxRow).where(OutboxRow.id != row.id))
        row.payload = {"paper": "no id"}
        row.status, row.lease_until = "waiting", None
        row.attempts = row.allowed - 1
        session.commit()
    assert carry_out_effect(running)
    return play.case_id, play.number, f"effect-{row.id}"


def told(running, case_id, kind):
    with running.sessions(COUNTY) as session:
        return [(link, body) for link, body in history.read(session, COUNTY, case_id) if link.kind == kind]


def row_of(running, mark):
    with running.sessions(COUNTY) as session:
        return session.scalars(select(OutboxRow).where(OutboxRow.id == int(mark.partition("-")[2]))).one()


def test_an_administrator_sees_the_cause_and_tries_again(running, client_for, failed):
    case_id, number, mark = failed
    admin = client_for("admin")
    page = words(admin.get("/jobs"))
    assert number in page
    assert "生成文书" in page
    assert "ValueError: badly formed" in page
    assert "可以先再试" in page
    [(raised, body)] = told(running, case_id, events.INCIDENT_RAISED)
    assert (raised.actor, body["of"]) == ("system", "render_document")

    for _ in range(2):  # a second click does nothing more
        assert admin.post(f"/jobs/incidents/{mark}/retry").status_code == 303
    again = row_of(running, mark)
    assert (again.status, again.allowed - again.attempts) == ("waiting", outbox.ATTEMPTS)
    [(retried, _)] = told(running, case_id, events.INCIDENT_RETRIED)
    assert retried.position.startswith("process_admin@")
    assert "没有失败的任务" in words(admin.get("/jobs"))


def test_in_english(client_for, failed):
    page = words(client_for("admin").get("/jobs?lang=en"))
    assert "Print a paper" in page
    assert "没有" not in page
    assert "原因" not in page


def test_it_is_the_administrators_alone(client_for, failed):
    for account in ("village1", "county", "auditor"):
        client = client_for(account)
        assert client.get("/jobs").status_code == 403
        assert client.post(f"/jobs/incidents/{failed[2]}/retry").status_code == 403
        assert "/jobs" not in client.get("/audit").text


def test_by_program(web, failed):
    admin = sign_in(web, "admin")
    [one] = admin.get("/incidents").json["items"]
    assert (one["mark"], one["case"], one["attempts"]) == (failed[2], failed[1], outbox.ATTEMPTS)
    assert one["cause"]
    assert one["fix"]
    key = uuid4().hex
    for _ in range(2):
        assert admin.post(f"/incidents/{failed[2]}/retry", key=key).status_code == 202
    is_problem(admin.post(f"/incidents/{failed[2]}/retry"), 404)
    for mark in ("effect-x", "deadline-1", "effect-99999999999999999999", "other", f"deadline-{uuid4()}"):
        is_problem(admin.post(f"/incidents/{mark}/retry"), 404)
    is_problem(sign_in(web, "county").get("/incidents"), 403)
    is_problem(Program(web.test_client()).get("/incidents"), 401)


def test_by_command(running, monkeypatch, failed):
    @contextmanager
    def application():
        yield running

    monkeypatch.setattr(commands, "application", application)
    listed = CliRunner().invoke(main, ["incidents", "list", "--json"])
    assert listed.exit_code == 1
    assert [one["mark"] for one in json.loads(listed.output)] == [failed[2]]
    assert "cause" in CliRunner().invoke(main, ["incidents", "list"]).output
    assert CliRunner().invoke(main, ["incidents", "retry", failed[2], "--by", "village1"]).exit_code == 2
    again = ["incidents", "retry", failed[2], "--by", "admin"]
    assert [CliRunner().invoke(main, again).exit_code for _ in range(2)] == [0, 1]
    assert CliRunner().invoke(main, ["incidents", "list"]).exit_code == 0


def test_a_failed_deadline_says_which(running, client_for):
    play = played(running, until="contract_publicity")
    with running.sessions(COUNTY) as session:
        from engine.store import cases

        [wait] = [d for d in cases.active_deadlines(session, play.case(session)) if d.kind == "wait"]
        wait.status, wait.error = "failed", "RunFailed: 条件不成立"
        session.commit()
    page = words(client_for("admin").get("/jobs"))
    assert play.number in page
    assert "期限到期：" in page
    assert "流程走到这里办不下去" in page
    assert client_for("admin").post(f"/jobs/incidents/deadline-{wait.id}/retry").status_code == 303
    with running.sessions(COUNTY) as session:
        after = session.get(type(wait), (COUNTY, wait.id))
        assert (after.status, after.claimed_until) == ("running", None)
        assert after.due_at < datetime.now(UTC)


def test_a_verification_in_the_background(running, client_for):
    """Asked for by an auditor, followed on a page that comes again by itself, seen and stopped by an administrator."""
    auditor, admin = client_for("auditor"), client_for("admin")
    asked = auditor.post("/audit/verifications")
    assert asked.status_code == 303
    page = auditor.get(asked.location)
    assert page.headers["Refresh"].startswith("2;")
    assert "等待开始" in words(page)
    assert "验证全部记录" in words(admin.get("/jobs"))
    assert admin.get(asked.location).status_code == 403
    drain(running)
    done = auditor.get(asked.location)
    assert "Refresh" not in done.headers
    assert "记录完整" in words(done)

    stopped = auditor.post("/audit/verifications").location
    work = stopped.rpartition("/")[2]
    assert admin.post(f"/jobs/long-works/{work}/cancel").status_code == 303
    drain(running)
    assert "已停止" in words(auditor.get(stopped))
    assert "Refresh" not in auditor.get(stopped).headers
    assert auditor.post(f"{stopped}/cancel").status_code == 303
    assert auditor.get(f"/audit/verifications/{uuid4()}").status_code == 404


def test_a_verification_by_program(running, web):
    auditor, key = sign_in(web, "auditor"), uuid4().hex
    asked = [auditor.post("/audit/verifications", key=key) for _ in range(2)]
    assert [one.status_code for one in asked] == [202, 202]
    assert asked[0].json == asked[1].json
    drain(running)
    done = auditor.get(asked[0].headers["Location"]).json
    assert (done["status"], done["result"]["faults"]) == ("done", [])
    assert auditor.ask("DELETE", asked[0].headers["Location"]).json["status"] == "done"
    other = auditor.post("/audit/verifications").headers["Location"]
    assert auditor.ask("DELETE", other).json["cancel"] is True
    drain(running)
    assert auditor.get(other).json["status"] == "cancelled"


def test_every_phase_of_long_work_has_words():
    """What a page says of work that goes on: no word of the program."""
    engine = Path(long_work.__file__).parents[1]
    said = {
        phase
        for place in (*engine.glob("exchange/**/*.py"), *engine.glob("usecases/**/*.py"))
        for phase in re.findall(
            r"\btell\([^()]*(?:\([^()]*\))?[^()]*,\s*\"([a-z_]+)\"\)", place.read_text("utf-8")
        )
    }
    assert {"villages", "sheets", "compare"} <= said and said <= PHASES.keys(), said - PHASES.keys()
