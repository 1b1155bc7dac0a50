"""Events of every kind that runs: what is waited for, thrown and caught, and what it interrupts."""

import pytest

from engine.bpmn import EventWait, RunFailed, Start, TaskNotOpen, TimerWait, advance
from tests.bpmn.support import (
    END,
    START,
    boundary,
    complete,
    define_with_names,
    done,
    elements,
    event,
    fail,
    fire,
    flow,
    flows,
    number,
    properties,
    receive,
    service,
    sub,
    timer,
    user,
)

S1, E1 = '<startEvent id="s1"/>', '<endEvent id="e1"/>'


def began(*bodies, **data):
    model = define_with_names(*bodies)
    return model, advance(model, None, Start(data))


def left(step):
    return {trace.element: trace.outcome for trace in step.left}


# messages


def test_a_message_is_waited_for_by_name_and_key_and_its_payload_goes_where_the_model_says():
    inside = properties(key="order.number", result="payment")
    model, step = began(
        START, event("intermediateCatchEvent", "c", "message", "m", inside), user("a"), END, flows("s c a e"),
        order={"number": "17"},
    )  # fmt: skip
    assert step.events == (EventWait(2, "c", "message", "paid", "17", None),)
    step = advance(model, step.state, receive(step, "c", {"sum": 5}))
    assert elements(step) == ["a"]
    assert step.data["payment"] == {"sum": 5}


def test_a_receive_task_waits_and_a_send_task_throws():
    model, step = began(
        START, '<receiveTask id="r" messageRef="m"/>',
        f'<sendTask id="t" messageRef="m">{properties(to="other", payload="order")}</sendTask>',
        user("a"), END, flows("s r t a e"), order={"n": 1}, other="99",
    )  # fmt: skip
    assert elements(step) == ["r"]
    step = advance(model, step.state, receive(step, "r"))
    assert elements(step) == ["a"]
    [thrown] = step.thrown
    assert (thrown.kind, thrown.name, thrown.to, thrown.payload) == ("message", "paid", "99", {"n": 1})


def test_messages_at_ends_and_in_the_middle_leave_the_case():
    _, step = began(
        START,
        event("intermediateThrowEvent", "t", "message", "m"),
        event("endEvent", "e", "message", "m"),
        flows("s t e"),
    )
    assert [thrown.element for thrown in step.thrown] == ["t", "e"]
    assert step.finished
    assert step.end == "e"


def test_a_message_boundary_withdraws_the_task():
    model, step = began(
        START, user("a"), user("b"), END, event("boundaryEvent", "x", "message", "m", attachedToRef="a"),
        flows("s a e; x b e"),
    )  # fmt: skip
    step = advance(model, step.state, receive(step, "x"))
    assert elements(step) == ["b"]
    assert left(step)["a"] == "cancelled"


def test_a_non_interrupting_message_boundary_may_come_again_and_again():
    model, step = began(
        START, user("a"), user("b"), END, '<endEvent id="f"/>',
        event("boundaryEvent", "x", "message", "m", attachedToRef="a", cancelActivity="false"),
        flows("s a e; x b f"),
    )  # fmt: skip
    for count in (1, 2, 3):
        step = advance(model, step.state, receive(step, "x"))
        assert elements(step) == ["a"] + ["b"] * count + ["x"]
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["b", "b", "b"]
    for _ in range(3):
        step = advance(model, step.state, complete(step, "b"))
    assert step.finished


def test_what_nobody_waits_for_is_refused():
    model, step = began(START, user("a"), END, flows("s a e"))
    from engine.bpmn import Receive

    with pytest.raises(TaskNotOpen):
        advance(model, step.state, Receive(number(step, "a")))


# signals


def test_a_signal_reaches_every_wait_of_its_case_and_is_told_to_the_others():
    model, step = began(
        START, '<parallelGateway id="p"/>', '<parallelGateway id="j"/>', END,
        event("intermediateCatchEvent", "c", "signal", "g"), user("a"), user("h"), user("k"),
        event("boundaryEvent", "x", "signal", "g", attachedToRef="h"),
        event("intermediateThrowEvent", "t", "signal", "g"),
        flows("s p c k j e; p a t j; p h j; x j"),
    )  # fmt: skip
    assert elements(step) == ["a", "h", "c", "x"]
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["k"]
    assert left(step)["h"] == "cancelled"
    assert [(thrown.kind, thrown.name) for thrown in step.thrown] == [("signal", "flood")]


def test_a_signal_that_ends_its_own_path_is_the_last_that_happens_on_it():
    """The library runs the next inner task all the same."""
    model, step = began(
        START, sub("h", S1, user("a"), event("intermediateThrowEvent", "t", "signal", "g"), user("n"), E1, flows("s1 a t n e1")),
        event("boundaryEvent", "x", "signal", "g", attachedToRef="h"), user("b"), END, flows("s h e; x b e"),
    )  # fmt: skip
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["b"]
    assert "n" not in left(step)
    assert left(step)["t"] == "completed"
    assert left(step)["h"] == "cancelled"


# errors


def caught(*inside, **attributes):
    return began(
        START, sub("h", S1, *inside), event("boundaryEvent", "x", "error", "x", properties(result="fault"), attachedToRef="h"),
        event("boundaryEvent", "any", "error", attachedToRef="h"),
        user("one"), user("other"), user("on"), END, flows("s h on e; x one e; any other e"), **attributes,
    )  # fmt: skip


def test_an_error_end_interrupts_the_nearest_that_catches_its_code():
    model, step = caught(
        '<parallelGateway id="p"/>', user("a"), user("b"),
        event("endEvent", "e1", "error", "x", properties(payload="a")), '<endEvent id="e2"/>', flows("s1 p a e1; p b e2"),
    )  # fmt: skip
    step = advance(model, step.state, complete(step, "a", why="x"))
    assert elements(step) == ["one"]
    assert left(step)["b"] == "cancelled"
    assert step.data["fault"] == {"why": "x"}


def test_an_error_of_another_code_goes_to_the_one_that_catches_all():
    model, step = caught(user("a"), event("endEvent", "e1", "error", "y"), flows("s1 a e1"))
    assert elements(advance(model, step.state, complete(step, "a"))) == ["other"]


def test_an_operation_may_end_in_an_error_of_the_business():
    model, step = caught(service("o"), E1, flows("s1 o e1"))
    ok = advance(model, step.state, done(step, "o"))
    assert elements(ok) == ["on"]
    step = advance(model, step.state, fail(step, "o", "E1"))
    assert elements(step) == ["one"]
    assert step.data["fault"] == {"code": "E1", "detail": "why"}


def test_an_error_on_the_operation_itself_comes_first():
    model, step = caught(
        service("o"), event("boundaryEvent", "near", "error", "x", attachedToRef="o"), user("n"), E1, flows("s1 o e1; near n e1")
    )  # fmt: skip
    assert elements(advance(model, step.state, fail(step, "o", "E1"))) == ["n"]
    assert elements(advance(model, step.state, fail(step, "o", "E2"))) == ["other"]


def test_an_error_that_nobody_catches_is_an_incident():
    model, step = began(START, service("o"), END, flows("s o e"))
    with pytest.raises(RunFailed, match="E9"):
        advance(model, step.state, fail(step, "o", "E9"))


def test_an_error_in_one_instance_of_a_repeat_ends_them_all():
    many = '<multiInstanceLoopCharacteristics camunda:collection="list" camunda:elementVariable="item"/>'
    model, step = began(
        START, sub("h", S1, user("a"), event("endEvent", "e1", "error", "x"), flows("s1 a e1"), many),
        event("boundaryEvent", "x", "error", "x", attachedToRef="h"), user("b"), END, flows("s h e; x b e"),
        list=[1, 2, 3],
    )  # fmt: skip
    assert elements(step) == ["a", "a", "a"]
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["b"]
    assert sum(trace.element == "a" and trace.outcome == "cancelled" for trace in step.left) == 2


# escalation


@pytest.mark.parametrize("interrupting", [True, False])
def test_an_escalation_goes_outwards_and_only_an_interrupting_one_stops_what_threw_it(interrupting):
    model, step = began(
        START, sub("h", S1, user("a"), event("intermediateThrowEvent", "t", "escalation", "u"), user("n"), E1, flows("s1 a t n e1")),
        event("boundaryEvent", "x", "escalation", "u", attachedToRef="h", cancelActivity=str(interrupting).lower()),
        user("b"), END, flows("s h e; x b e"),
    )  # fmt: skip
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == (["b"] if interrupting else ["b", "n"]) or elements(step) == ["n", "b"]
    assert ("h" in left(step)) == interrupting


def test_an_escalation_that_nobody_catches_does_nothing():
    model, step = began(START, user("a"), event("endEvent", "e", "escalation", "u"), flows("s a e"))
    assert advance(model, step.state, complete(step, "a")).finished


# timers


def test_a_timer_says_the_time_of_the_model_or_the_deadline_of_the_county():
    when = "<timerEventDefinition><timeDuration>P15D</timeDuration></timerEventDefinition>"
    until = "<timerEventDefinition><timeDate>${order.day}</timeDate></timerEventDefinition>"
    _, step = began(
        START, '<parallelGateway id="p"/>', f'<intermediateCatchEvent id="t">{when}</intermediateCatchEvent>',
        f'<intermediateCatchEvent id="d">{until}</intermediateCatchEvent>', timer("k", "publicity"),
        '<parallelGateway id="j"/>', END, flows("s p t j e; p d j; p k j"), order={"day": "2027-03-01"},
    )  # fmt: skip
    times = {wait.element: (wait.deadline, wait.kind, wait.time) for wait in step.waits}
    assert times == {
        "t": ("", "duration", "P15D"),
        "d": ("", "date", "2027-03-01"),
        "k": ("publicity", "", ""),
    }


def test_a_computed_time_that_is_none_is_an_incident():
    until = "<timerEventDefinition><timeDate>${order.day}</timeDate></timerEventDefinition>"
    with pytest.raises(RunFailed, match="tomorrow"):
        began(
            START, f'<intermediateCatchEvent id="d">{until}</intermediateCatchEvent>', END, flows("s d e"),
            order={"day": "tomorrow"},
        )  # fmt: skip


def test_a_cycle_fires_as_often_as_it_says_while_its_task_is_open():
    every = "<timerEventDefinition><timeCycle>R2/P7D</timeCycle></timerEventDefinition>"
    model, step = began(
        START, user("a"), f'<boundaryEvent id="x" attachedToRef="a" cancelActivity="false">{every}</boundaryEvent>',
        service("remind"), '<endEvent id="f"/>', END, flows("s a e; x remind f"),
    )  # fmt: skip
    assert step.waits == (TimerWait(2, "x", "", 3, False, "cycle", "R2/P7D"),)
    step = advance(model, step.state, fire(step, "x"))
    assert [wait.time for wait in step.waits] == ["R1/P7D"]
    step = advance(model, step.state, done(step, "remind"))
    step = advance(model, step.state, fire(step, "x"))
    assert step.waits == ()
    step = advance(model, step.state, done(step, "remind"))
    assert elements(step) == ["a"]


# event-based gateway


def test_the_first_event_takes_the_token_and_the_others_are_given_up_without_a_trace():
    model, step = began(
        START, '<eventBasedGateway id="w"/>', event("intermediateCatchEvent", "c", "message", "m"), timer("t"),
        '<receiveTask id="r" messageRef="m"/>', user("a"), user("b"), '<exclusiveGateway id="j"/>', END,
        flows("s w c a j e; w t b j; w r j"),
    )  # fmt: skip
    assert elements(step) == ["t", "c", "r"]
    assert [trace.element for trace in step.entered] == ["s", "w"]
    step = advance(model, step.state, fire(step, "t"))
    assert elements(step) == ["b"]
    assert left(step) == {"w": "completed", "t": "completed"}
    assert set(step.flows) == {"w-t", "t-b"}
    assert advance(model, step.state, complete(step, "b")).finished


# event subprocess


def listening(kind, reference, interrupting, *more):
    start = event("startEvent", "ls", kind, reference, isInterrupting=str(interrupting).lower())
    listener = sub(
        "l", start, user("b"), '<endEvent id="le"/>', flows("ls b le"), attributes='triggeredByEvent="true"'
    )
    return began(START, user("a"), END, flows("s a e"), listener, *more)


def test_an_interrupting_event_subprocess_takes_its_scope_over():
    model, step = listening("message", "m", True)
    assert elements(step) == ["a", "ls"]
    step = advance(model, step.state, receive(step, "ls"))
    assert elements(step) == ["b"]
    assert left(step)["a"] == "cancelled"
    step = advance(model, step.state, complete(step, "b"))
    assert step.finished
    assert step.end == "le"


def test_another_event_subprocess_runs_beside_and_may_come_again():
    model, step = listening("signal", "g", False)
    step = advance(model, step.state, receive(step, "ls"))
    step = advance(model, step.state, receive(step, "ls"))
    assert elements(step) == ["a", "b", "b", "ls"]
    step = advance(model, step.state, complete(step, "a"))
    assert not step.finished
    step = advance(model, step.state, complete(step, "b"))
    step = advance(model, step.state, complete(step, "b"))
    assert step.finished
    assert step.end == "e"


def test_an_event_subprocess_that_never_began_leaves_no_trace():
    model, step = listening("message", "m", True)
    step = advance(model, step.state, complete(step, "a"))
    assert step.finished
    assert "l" not in left(step)


def test_an_event_subprocess_catches_errors_of_its_scope_and_of_what_runs_inside():
    start = event("startEvent", "ls", "error", "x")
    listener = sub(
        "l", start, user("b"), '<endEvent id="le"/>', flows("ls b le"), attributes='triggeredByEvent="true"'
    )
    model, step = began(
        START, sub("h", S1, user("a"), event("endEvent", "e1", "error", "x"), flows("s1 a e1")), user("c"), END,
        flows("s h c e"), listener,
    )  # fmt: skip
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["b"]
    assert left(step)["h"] == "cancelled"


# conditional events


def test_a_condition_is_looked_at_whenever_something_happened():
    condition = "<conditionalEventDefinition><condition>a.ready</condition></conditionalEventDefinition>"
    model, step = began(
        START, '<parallelGateway id="p"/>', f'<intermediateCatchEvent id="c">{condition}</intermediateCatchEvent>',
        user("a"), user("b"), user("k"), '<parallelGateway id="j"/>', END, flows("s p c k j e; p a b j"),
    )  # fmt: skip
    assert elements(step) == ["a"]
    step = advance(model, step.state, complete(step, "a", ready=True))
    assert elements(step) == ["b", "k"]


def test_a_non_interrupting_condition_fires_each_time_it_becomes_true():
    condition = "<conditionalEventDefinition><condition>b.alarm</condition></conditionalEventDefinition>"
    model, step = began(
        START, '<parallelGateway id="p"/>', user("a"), user("b"), user("k"), '<endEvent id="f"/>', END,
        f'<boundaryEvent id="x" attachedToRef="a" cancelActivity="false">{condition}</boundaryEvent>',
        '<exclusiveGateway id="g" default="g-b"/>', '<exclusiveGateway id="m"/>',
        flows("s p a e; p m b g b; x k f".replace("g b;", "g;")), flow("g", "m", "1 == 1"), flow("g", "b", "1 == 2"),
    )  # fmt: skip
    for alarm, open_ones in ((True, 1), (True, 1), (False, 1), (True, 2)):
        step = advance(model, step.state, complete(step, "b", alarm=alarm))
        assert elements(step).count("k") == open_ones


# links, loops, terminate


def test_a_link_is_a_flow_that_is_not_drawn():
    throw = '<intermediateThrowEvent id="t"><linkEventDefinition name="on"/></intermediateThrowEvent>'
    catch = '<intermediateCatchEvent id="c"><linkEventDefinition name="on"/></intermediateCatchEvent>'
    model, step = began(START, user("a"), throw, catch, user("b"), END, flows("s a t; c b e"))
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["b"]


def test_a_loop_goes_on_while_its_condition_holds_and_at_most_so_often():
    again = '<standardLoopCharacteristics loopMaximum="3"><loopCondition>a.again</loopCondition></standardLoopCharacteristics>'
    model, step = began(START, user("a", inside=again), END, flows("s a e"))
    for _ in range(2):
        step = advance(model, step.state, complete(step, "a", again=True))
        assert elements(step) == ["a"]
    assert advance(model, step.state, complete(step, "a", again=True)).finished
    step = advance(model, None, Start())
    assert advance(model, step.state, complete(step, "a", again=False)).finished


def test_a_loop_that_tests_before_may_not_run_at_all():
    again = '<standardLoopCharacteristics testBefore="true"><loopCondition>go</loopCondition></standardLoopCharacteristics>'
    body = (START, sub("h", S1, user("a"), E1, flows("s1 a e1"), again), END, flows("s h e"))
    _, step = began(*body, go=False)
    assert step.finished
    model, step = began(*body, go=True)
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["a"]


def test_a_terminate_end_ends_its_subprocess_only():
    model, step = began(
        START, sub("h", S1, '<parallelGateway id="p"/>', user("a"), user("b"), E1, event("endEvent", "e2", "terminate"), flows("s1 p a e2; p b e1")),
        user("c"), END, flows("s h c e"),
    )  # fmt: skip
    step = advance(model, step.state, complete(step, "a"))
    assert elements(step) == ["c"]
    assert left(step)["b"] == "cancelled"


def test_a_timer_on_a_receive_task():
    model, step = began(
        START,
        '<receiveTask id="r" messageRef="m"/>',
        boundary("x", "r"),
        user("a"),
        END,
        flows("s r e; x a e"),
    )
    assert elements(step) == ["x", "r"]
    assert elements(advance(model, step.state, fire(step, "x"))) == ["a"]
    assert advance(model, step.state, receive(step, "r")).finished
