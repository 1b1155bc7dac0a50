"""Messages and signals between cases, and operations that end in an error of the business."""

import re

import pytest
from sqlalchemy import delete, select, update

from engine.domain import events
from engine.domain.actor import system
from engine.domain.errors import Conflict, Refused
from engine.operations import OPERATIONS
from engine.operations.work import BusinessError
from engine.settings import ROOT
from engine.store import cases, event_waits, history, outbox
from engine.store.tables.cases import Deadline, EventWait
from engine.store.tables.work import OutboxRow
from engine.store.versions import put_in_force, read_folder, store_version
from engine.usecases.carry_out_effect import drain
from engine.usecases.deliver_event import deliver_message, deliver_signal
from engine.usecases.replay_case import replay_case
from tests.usecases.acting import at_once
from tests.usecases.opening import COUNTY, TYPE, open_case

NAMES = '<bpmn:message id="M" name="tell"/><bpmn:signal id="G" name="flood"/><bpmn:error id="X" errorCode="GONE"/>'
PROPERTY = '<bpmn:extensionElements><camunda:properties><camunda:property name="{}" value="{}"/></camunda:properties></bpmn:extensionElements>'
LISTENER = """
<bpmn:subProcess id="beside_{kind}" triggeredByEvent="true">
  <bpmn:startEvent id="on_{kind}" isInterrupting="false">{result}<bpmn:{kind}EventDefinition {kind}Ref="{ref}"/></bpmn:startEvent>
  <bpmn:sequenceFlow id="f1_{kind}" sourceRef="on_{kind}" targetRef="then_{kind}"/>
  <bpmn:{throw} id="then_{kind}">{extra}<bpmn:{thrown}EventDefinition {thrown}Ref="{throw_ref}"/></bpmn:{throw}>
  <bpmn:sequenceFlow id="f2_{kind}" sourceRef="then_{kind}" targetRef="wait_{kind}"/>
  <bpmn:intermediateCatchEvent id="wait_{kind}">
    <bpmn:timerEventDefinition><bpmn:timeDuration>PT36H</bpmn:timeDuration></bpmn:timerEventDefinition>
  </bpmn:intermediateCatchEvent>
  <bpmn:sequenceFlow id="f3_{kind}" sourceRef="wait_{kind}" targetRef="end_{kind}"/>
  <bpmn:endEvent id="end_{kind}"/>
</bpmn:subProcess>"""


@pytest.fixture(scope="module")
def listening(running):
    """Every new case listens for a message, which makes it send the signal, and for the signal."""
    files = read_folder(ROOT / "processes" / "contract_signing")
    text = files["process.bpmn"].decode()
    on_message = LISTENER.format(
        kind="message", ref="M", result=PROPERTY.format("result", "told"),
        throw="intermediateThrowEvent", extra=PROPERTY.format("payload", "told"), thrown="signal", throw_ref="G",
    )  # fmt: skip
    on_signal = LISTENER.format(
        kind="signal", ref="G", result=PROPERTY.format("result", "flooded"),
        throw="intermediateThrowEvent", extra=PROPERTY.format("to", 'told.next"/><camunda:property name="payload" value="told'), thrown="message", throw_ref="M",
    )  # fmt: skip
    text = re.sub(r"(<bpmn:process )", NAMES + r"\1", text, count=1)
    text = text.replace("</bpmn:process>", on_message + on_signal + "</bpmn:process>", 1)
    with running.sessions(COUNTY) as session:
        version = store_version(
            session, files | {"process.bpmn": text.encode()}, "a", "b", running.clock.now()
        )
        put_in_force(session, COUNTY, TYPE, version, running.clock.now())
        session.commit()
    return running


def case_of(session, number):
    return cases.find_case(session, COUNTY, number)


def waits(app, number):
    with app.sessions(COUNTY) as session:
        case = case_of(session, number)
        return [
            (row.kind, row.name)
            for row in session.scalars(
                select(EventWait)
                .where(EventWait.case_id == case.id, ~EventWait.listens)
                .order_by(EventWait.number)
            )
        ]


def variables(app, number):
    with app.sessions(COUNTY) as session:
        return cases.read_state(session, case_of(session, number))[1]


def send(app, number, payload=None, name="tell"):
    with app.sessions(COUNTY) as session:
        deliver_message(session, app.clock, system(COUNTY), name, payload, to=number)
        session.commit()


def test_a_message_comes_to_the_case_it_names_and_the_signal_it_sets_off_to_all(listening):
    first, second = open_case(listening, 20), open_case(listening, 21)
    drain(listening)
    assert waits(listening, first) == [("message", "tell"), ("signal", "flood")]
    send(listening, first, {"height": 3, "next": None})
    drain(listening)
    assert variables(listening, first)["told"] == {"height": 3, "next": None}
    assert variables(listening, first)["flooded"] == {"height": 3, "next": None}  # its own signal, at once
    assert variables(listening, second)["flooded"] == {"height": 3, "next": None}
    with listening.sessions(COUNTY) as session:
        for number in (first, second):
            assert replay_case(session, COUNTY, number).differences == []
        kinds = [link.kind for link, _ in history.read(session, COUNTY, case_of(session, second).id)]
        assert kinds.count(events.EVENT_RECEIVED) == 1


def test_a_time_of_the_models_own_runs_by_the_clock(listening):
    number = open_case(listening, 22)
    send(listening, number)
    with listening.sessions(COUNTY) as session:
        rows = session.scalars(select(Deadline).where(Deadline.case_id == case_of(session, number).id))
        exact = [row for row in rows if row.unit == "exact"]
        assert {row.name for row in exact} == {"PT36H"}
        assert {(row.due_at - row.started_at).total_seconds() for row in exact} == {36 * 3600}


def test_a_message_that_nobody_waits_for_is_refused_and_changes_nothing(listening):
    number = open_case(listening, 23)
    with listening.sessions(COUNTY) as session:
        with pytest.raises(Conflict, match="没有办件在等待"):
            deliver_message(session, listening.clock, system(COUNTY), "other", to=number)
        with pytest.raises(Refused, match="没有写明"):
            deliver_message(session, listening.clock, system(COUNTY), "tell")


def test_a_message_for_a_key_that_several_wait_with_is_refused(listening):
    with listening.sessions(COUNTY) as session:
        rows = event_waits.waiting(session, COUNTY, "message", "tell")
        for row in rows[:2]:
            row.key = "same"
        session.flush()
        with pytest.raises(Refused, match="2 处"):
            deliver_message(session, listening.clock, system(COUNTY), "tell", key="same")


def test_two_messages_at_once_are_taken_one_after_the_other(listening):
    number = open_case(listening, 24)
    at_once(lambda: send(listening, number, {"n": 1}), lambda: send(listening, number, {"n": 2}))
    with listening.sessions(COUNTY) as session:
        case = case_of(session, number)
        told = [link.kind for link, _ in history.read(session, COUNTY, case.id)]
        assert told.count(events.EVENT_RECEIVED) == 2
        assert replay_case(session, COUNTY, number).differences == []


def test_cases_that_answer_each_other_for_ever_are_stopped_and_become_an_incident(listening):
    drain(listening)  # what the tests before left is not for these cases
    first, second = open_case(listening, 26), open_case(listening, 27)
    drain(listening)
    with listening.sessions(COUNTY) as session:
        session.execute(delete(EventWait).where(EventWait.case_id != case_of(session, first).id))
        session.commit()  # the signal is for the first alone
    send(listening, first, {"next": first})
    for _ in range(40):
        drain(listening)
        with listening.sessions(COUNTY) as session:
            session.execute(update(OutboxRow).where(OutboxRow.status == "waiting").values(lease_until=None))
            session.commit()
    with listening.sessions(COUNTY) as session:
        stopped = [row for row in outbox.of_case(session, COUNTY, case_of(session, first).id) if row.error]
        assert {row.status for row in stopped} == {"failed"}
        assert all("来回传递" in row.error for row in stopped)
        assert replay_case(session, COUNTY, first).differences == []
    assert waits(listening, second) == []


def test_a_signal_for_a_case_that_waits_no_more_is_nothing(listening):
    number = open_case(listening, 25)
    with listening.sessions(COUNTY) as session:
        case = case_of(session, number)
        assert deliver_signal(session, listening.clock, system(COUNTY), case.id, "other") == 0


def test_an_operations_business_error_is_caught_by_the_model_and_what_it_wrote_is_undone(
    running, monkeypatch
):
    files = read_folder(ROOT / "processes" / "contract_signing")
    text = files["process.bpmn"].decode()
    boundary = (
        '<bpmn:boundaryEvent id="gone" attachedToRef="accept_case"><bpmn:errorEventDefinition errorRef="X"/></bpmn:boundaryEvent>'
        '<bpmn:sequenceFlow id="to_gone" sourceRef="gone" targetRef="gone_end"/><bpmn:endEvent id="gone_end"><bpmn:terminateEventDefinition/></bpmn:endEvent>'
    )
    text = re.sub(r"(<bpmn:process )", NAMES + r"\1", text, count=1)
    text = text.replace("</bpmn:process>", boundary + "</bpmn:process>", 1)

    def fails(work, inputs):
        work.set_changes(())
        raise BusinessError("GONE", "nothing there")

    with running.sessions(COUNTY) as session:
        version = store_version(
            session, files | {"process.bpmn": text.encode()}, "a", "b", running.clock.now()
        )
        put_in_force(session, COUNTY, TYPE, version, running.clock.now())
        session.commit()
    monkeypatch.setitem(OPERATIONS, "accept_case", fails)
    number = open_case(running, 30)
    with running.sessions(COUNTY) as session:
        case = case_of(session, number)
        assert case.outcome == "gone_end"
        assert replay_case(session, COUNTY, number).differences == []
