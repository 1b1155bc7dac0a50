"""Messages, signals and times of the model's own: sent by program and by command, told on every page in words."""

import re
from contextlib import contextmanager
from uuid import uuid4

import pytest
from api_support import is_problem, sign_in, work
from click.testing import CliRunner
from sqlalchemy import select

from engine.cli import main
from engine.commands import case as commands
from engine.domain.progress import MEANWHILE
from engine.settings import ROOT
from engine.store import cases, history
from engine.store.tables.portal import CaseView
from engine.store.versions import put_in_force, read_folder, store_version
from tests.usecases.opening import COUNTY, TYPE, open_case
from tests.web.staff import words

NAMES = '<bpmn:message id="M" name="tell"/><bpmn:signal id="G" name="flood"/>'
LISTENER = """
<bpmn:subProcess id="beside_{kind}" triggeredByEvent="true">
  <bpmn:startEvent id="on_{kind}" isInterrupting="false">
    <bpmn:extensionElements><camunda:properties><camunda:property name="result" value="{result}"/></camunda:properties></bpmn:extensionElements>
    <bpmn:{kind}EventDefinition {kind}Ref="{ref}"/>
  </bpmn:startEvent>
  <bpmn:sequenceFlow id="f1_{kind}" sourceRef="on_{kind}" targetRef="wait_{kind}"/>
  <bpmn:intermediateCatchEvent id="wait_{kind}" name="等一等">
    <bpmn:timerEventDefinition><bpmn:timeDuration>PT36H</bpmn:timeDuration></bpmn:timerEventDefinition>
  </bpmn:intermediateCatchEvent>
  <bpmn:sequenceFlow id="f2_{kind}" sourceRef="wait_{kind}" targetRef="end_{kind}"/>
  <bpmn:endEvent id="end_{kind}"/>
</bpmn:subProcess>"""
TELL = {"name": "tell", "payload": {"height": 3}}


@pytest.fixture(scope="module")
def listening(running):
    """Every new case waits for the message "tell" and the signal "flood", and then 36 hours."""
    files = read_folder(ROOT / "processes" / TYPE)
    listeners = LISTENER.format(kind="message", ref="M", result="told") + LISTENER.format(
        kind="signal", ref="G", result="flooded"
    )
    text = re.sub(r"(<bpmn:process )", NAMES + r"\1", files["process.bpmn"].decode(), count=1)
    files |= {"process.bpmn": text.replace("</bpmn:process>", listeners + "</bpmn:process>", 1).encode()}
    with running.sessions(COUNTY) as session:
        version = store_version(session, files, "a", "b", running.clock.now())
        put_in_force(session, COUNTY, TYPE, version, running.clock.now())
        session.commit()
    return running


@pytest.fixture
def number(listening):
    return open_case(listening, next(HOUSEHOLDS))


HOUSEHOLDS = iter(range(5, 38))


@pytest.fixture
def county(web):
    return sign_in(web, "county")


def data(app, number):
    with app.sessions(COUNTY) as session:
        return cases.read_state(session, cases.find_case(session, COUNTY, number))[1]


def test_a_message_carries_the_case_on_once_per_key(listening, county, number):
    key = uuid4().hex
    for replayed in (None, "true"):
        answer = county.post(f"/cases/{number}/messages", TELL, key=key)
        assert answer.status_code == 200, answer.text
        assert answer.headers.get("Idempotency-Replayed") == replayed
        assert (answer.json["case"], answer.json["status"]) == (number, "open")
    assert {(one["kind"], one["name"]) for one in answer.json["awaited"]} == {
        ("message", "tell"),
        ("signal", "flood"),
    }
    assert data(listening, number)["told"] == {"height": 3}
    assert answer.headers["ETag"] == f'"{answer.json["revision"]}"'


def test_what_is_wrong_with_a_message_is_said(county, number):
    path = f"/cases/{number}/messages"
    is_problem(county.post(path, {"name": "other"}), 409)
    is_problem(county.post(path, TELL | {"key": "of nobody"}), 409)
    for bad in ({}, {"name": ""}, {"name": "x" * 201}, {"name": 3}, TELL | {"key": ""}, TELL | {"more": 1}):
        assert is_problem(county.post(path, bad), 422)
    deep = {"a": 1}
    for _ in range(25):
        deep = {"a": deep}
    is_problem(county.post(path, {"name": "tell", "payload": deep}), 422)
    is_problem(county.post("/cases/99010120991231999999/messages", TELL), 404)
    english = county.post(path + "?lang=en", {"name": "other"}).json["detail"]
    assert english == "No case is waiting for the message “other”"


@pytest.mark.parametrize("account", ["village1", "township1", "surveyor", "auditor"])
def test_only_the_countys_officers_and_administrators_send(web, number, account):
    program = sign_in(web, account)
    is_problem(program.post(f"/cases/{number}/messages", TELL), 403)
    is_problem(program.post("/signals", {"name": "flood"}), 403)


def test_a_signal_reaches_every_case_that_waits_and_says_who_sent_it(listening, web, number):
    other, admin = open_case(listening, next(HOUSEHOLDS)), sign_in(web, "admin")
    answer = admin.post("/signals", {"name": "flood", "payload": {"level": 2, "next": None}}, key=uuid4().hex)
    assert answer.status_code == 202
    assert answer.json["cases"] >= 2
    work(listening)
    for one in (number, other):
        assert data(listening, one)["flooded"]["level"] == 2
    with listening.sessions(COUNTY) as session:
        told = history.read(session, COUNTY, cases.find_case(session, COUNTY, other).id)
        [received] = [link for link, _ in told if link.kind == "event_received"]
    assert received.position.startswith("process_admin@")
    assert admin.post("/signals", {"name": "nobody waits for it"}).json["cases"] == 0


def test_pages_say_what_is_waited_for_and_what_came(listening, county, client_for, number):
    officer = client_for("county")
    before = words(officer.get(f"/cases/{number}"))
    assert "等待消息“tell”" in before
    assert "等待信号“flood”" in before
    assert county.post(f"/cases/{number}/messages", TELL).status_code == 200
    after = words(officer.get(f"/cases/{number}"))
    assert "收到消息“tell”" in after
    assert "等到“等一等（36小时）”" in after
    assert "PT36H" not in after
    english = words(officer.get(f"/cases/{number}?lang=en"))
    for said in ("Received the message “tell”", "Waiting for the signal “flood”", "36 hours"):
        assert said in english
    shown = county.get(f"/cases/{number}").json
    assert ("exact", "PT36H") in {(row["unit"], row["name"]) for row in shown["deadlines"]}
    record = words(client_for("auditor").get(f"/audit/cases/{number}"))
    assert "收到消息“tell”" in record
    assert "消息内容 height" in record


def test_the_household_reads_plain_words(listening, number):
    work(listening)
    with listening.portal_sessions() as portal:
        view = portal.scalars(select(CaseView).where(CaseView.number == number)).one()
    assert view.turn["text"]["zh"] not in [
        text["zh"] for text in MEANWHILE.values()
    ]  # its case type has words
    assert view.turn["due_kind"] == "task"


def test_by_command(listening, number, monkeypatch):
    @contextmanager
    def application():
        yield listening

    monkeypatch.setattr(commands, "application", application)

    def run(*arguments):
        return CliRunner().invoke(main, ["case", *arguments])

    sent = run("message", number, "tell", "--payload", '{"n": 1}', "--by", "admin")
    assert (sent.exit_code, "收到消息" in sent.output) == (0, True), sent.output
    assert data(listening, number)["told"] == {"n": 1}
    assert run("message", number, "other", "--by", "admin").exit_code == 1
    assert run("message", number, "tell", "--by", "village1").exit_code == 2
    assert run("message", number, "tell", "--payload", "{", "--by", "admin").exit_code == 2
    assert run("signal", "flood", "--by", "county").exit_code == 0
