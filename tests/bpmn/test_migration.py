"""Moving an open case to another version: every refusal with its reason, and what stays and comes when it moves."""

import json

import pytest

from engine.bpmn import Receive, Start, Step, advance, load_definition
from engine.bpmn.migration import plan
from tests.bpmn.support import (
    END,
    START,
    boundary,
    complete,
    define,
    document,
    done,
    elements,
    fire,
    flow,
    flows,
    number,
    process,
    properties,
    service,
    timer,
    user,
)


class At:
    """A case led somewhere, with the elements it has completed."""

    def __init__(self, definition, **data):
        self.definition, self.over = definition, set()
        self.step: Step = advance(definition, None, Start(data))
        self._note()

    def __call__(self, command):
        self.step = advance(self.definition, self.step.state, command)
        self._note()
        return self

    def complete(self, element, **data):
        return self(complete(self.step, element, **data))

    def done(self, element, **result):
        return self(done(self.step, element, **result))

    def fire(self, element):
        return self(fire(self.step, element))

    def _note(self):
        self.over |= {trace.element for trace in self.step.left if trace.outcome == "completed"}

    def plan(self, new, *harmless):
        return plan(self.definition, new, self.step.state, self.over, harmless)

    def move(self, new, *harmless):
        found = self.plan(new, *harmless)
        assert found.reasons == (), [reason.message for reason in found.reasons]
        self.definition, self.step = new, found.step
        return self


def reasons(found):
    assert found.step is None
    return [(reason.element, reason.over) for reason in found.reasons]


def told(found):
    return "；".join(reason.message for reason in found.reasons)


def line(*parts, way="s a b e"):
    return define(START, *(parts or (user("a"), user("b"))), END, flows(way))


# --- where the token stands ---------------------------------------------------------------------------------


def test_a_task_keeps_its_number_and_the_case_goes_on_in_the_new_version():
    case = At(line(), x=1)
    renamed = line(user("a").replace('name="a"', 'name="甲"'), user("b"), user("c"), way="s a b c e")
    before = number(case.step, "a")
    case.move(renamed)
    assert [(task.number, task.name) for task in case.step.tasks] == [(before, "甲")]
    assert (case.step.entered, case.step.left, case.step.flows) == ((), (), ())
    assert case.step.data == {"x": 1}
    case.complete("a").complete("b")
    assert elements(case.step) == ["c"]


def test_a_task_whose_element_is_gone_cannot_move():
    found = At(line()).plan(line(user("b"), way="s b e"))
    assert reasons(found) == [("a", False), ("s", True)]
    assert "“a”" in told(found)
    assert "已删除" in told(found)
    assert found.reasons[0].fix


def test_a_task_that_became_something_else_cannot_move():
    found = At(line()).plan(line(service("a"), user("b")))
    assert reasons(found) == [("a", False)]
    assert "另一种元素" in told(found)


def test_a_task_that_went_into_a_subprocess_cannot_move():
    inner = f'<subProcess id="sub"><startEvent id="is"/>{user("a")}<endEvent id="ie"/>{flows("is a ie")}</subProcess>'
    found = At(line()).plan(define(START, inner, user("b"), END, flows("s sub b e")))
    assert ("a", False) in reasons(found)
    assert "移到了别处" in told(found)


def test_a_task_that_is_repeated_now_cannot_move():
    again = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    found = At(line()).plan(line(user("a", inside=again.replace(">2<", ">${2}<")), user("b")))
    assert ("a", False) in reasons(found)
    assert "是否重复" in told(found)


def test_another_main_process_cannot_be_moved_to():

    other = document(process("".join((START, user("a"), user("b"), END, flows("s a b e"))), "other"))

    found = At(line()).plan(load_definition("other-main", {"process.bpmn": other}))
    assert reasons(found)[0] == (None, False)


def test_a_finished_case_stays():
    found = At(line()).complete("a").complete("b").plan(line())
    assert reasons(found) == [(None, False)]
    assert "办结" in told(found)


# --- what is over -------------------------------------------------------------------------------------------


def test_what_is_still_to_come_may_change_as_it_likes():
    case = At(line(user("a"), service("op"), user("b"), way="s a op b e"))
    case.move(line(user("a"), user("c", extra='name="x"').replace(' name="c"', ""), way="s a c e"))
    assert elements(case.complete("a").step) == ["c"]


def test_names_lanes_groups_and_limits_of_what_is_over_do_no_harm():

    case = At(line()).complete("a")
    other = user("a", inside=properties(deadline="soon")).replace('name="a"', 'name="甲"')
    case.move(line(other.replace('candidateGroups="clerk"', 'candidateGroups="boss"'), user("b")))
    assert elements(case.step) == ["b"]


def test_a_changed_operation_that_was_carried_out_is_a_reason_until_it_is_declared_harmless():
    case = At(line(service("op"), user("b"), way="s op b e")).done("op")
    new = line(service("op", topic="other"), user("b"), way="s op b e")
    assert reasons(case.plan(new)) == [("op", True)]
    case.move(new, "op")
    assert elements(case.step) == ["b"]


def test_a_step_taken_out_or_put_in_behind_the_case_is_a_reason_until_declared_harmless():
    case = At(line()).complete("a")
    without = line(user("b"), way="s b e")
    assert reasons(case.plan(without)) == [("a", True), ("s", True)]
    with_x = line(user("a"), user("x"), user("b"), way="s a x b e")
    found = case.plan(with_x)
    assert reasons(found) == [("a", True)]
    assert "之后的路线" in told(found)
    assert case.plan(with_x, "a").reasons == ()


def gate(condition="${a.n == 1}", extra=""):
    return (
        f'<exclusiveGateway id="g" default="g-c"/>{flow("g", "b", condition)}{flow("g", "c")}'
        f"{user('b')}{user('c')}{flows('s a g; b e; c e')}{extra}"
    )


def test_a_condition_that_was_decided_is_a_reason_and_one_ahead_is_none():
    old, new = define(START, user("a"), gate(), END), define(START, user("a"), gate("${a.n == 2}"), END)
    assert At(old).plan(new).reasons == ()
    case = At(old).complete("a", n=1)
    assert reasons(case.plan(new)) == [("g", True)]
    renamed = define(START, user("a"), gate().replace('id="g-b"', 'id="way" name="好"'), END)
    assert case.plan(renamed).reasons == ()


# --- data ---------------------------------------------------------------------------------------------------


def test_a_form_renamed_behind_the_case_is_refused_where_its_answers_are_read_later():
    def model(form, reads):
        task = user("a").replace('formKey="a"', f'formKey="{form}"')
        way = flow("b", "c", None) + flow("s", "a") + flow("a", "b")
        choice = f'<exclusiveGateway id="g" default="g-e"/>{flow("g", "d", reads)}{flow("g", "e")}'
        return define(START, task, user("b"), user("c"), user("d"), choice, END, way, flows("c g; d e"))

    case = At(model("a", "${a.n == 1}")).complete("a", n=1)
    found = case.plan(model("other", "${other.n == 1}"), "a")
    assert reasons(found) == [("a", False), ("g", False)]
    assert "“other”" in told(found)
    assert reasons(case.plan(model("other", "${b.n == 1}"))) == [("a", True)]


def test_what_a_later_condition_reads_and_nobody_will_fill_in_is_refused():
    def model(with_x):
        first = "a x b" if with_x else "a b"
        reads = "${x.ok == true}" if with_x else "${b.ok == true}"
        choice = f'<exclusiveGateway id="g" default="g-e"/>{flow("g", "d", reads)}{flow("g", "e")}'
        return define(
            START, user("a"), user("x") if with_x else "", user("b"), user("d"), choice, END,
            flows(f"s {first} g; d e"),
        )  # fmt: skip

    case = At(model(False)).complete("a")
    found = case.plan(model(True), "a")
    assert reasons(found) == [("g", False)]
    assert "“x”" in told(found)
    assert At(model(False)).plan(model(True)).reasons == (), "before it, it is still to be asked"


def test_a_step_taken_out_of_the_way_is_missed_where_its_answer_is_read():
    def model(writes):
        choice = (
            f'<exclusiveGateway id="g" default="g-e"/>{flow("g", "d", "${b.ok == true}")}{flow("g", "e")}'
        )
        return define(START, user("a"), *([user("b")] if writes else []), user("d"), choice, END,
                      flows("s a b g; d e" if writes else "s a g; d e"))  # fmt: skip

    found = At(model(True)).plan(model(False))
    assert ("g", False) in reasons(found)
    assert At(model(False)).plan(model(False)).reasons == (), "it was no better before"


# --- joins --------------------------------------------------------------------------------------------------


def fork(*branches, inserted="", kind="parallelGateway"):
    """s -> f -> each branch -> j -> z -> e"""
    ways = "; ".join(f"f {branch} j" for branch in branches)
    tasks = "".join(user(task) for branch in branches for task in branch.split())
    return define(
        START,
        f'<{kind} id="f"/><{kind} id="j"/>',
        tasks,
        user("z"),
        END,
        inserted,
        flows(f"s f; {ways}; j z e"),
    )


@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
def test_a_token_at_a_join_keeps_waiting_for_the_others(kind):
    case = At(fork("a", "b", kind=kind)).complete("a")
    renamed = fork("a", "b", kind=kind)
    case.move(renamed).complete("b")
    assert elements(case.step) == ["z"]
    assert ("j", "merged") in [(trace.element, trace.outcome) for trace in case.step.left]


def test_a_join_that_no_more_takes_the_branch_of_the_token_refuses_it():
    case = At(fork("a", "b")).complete("a")
    found = case.plan(fork("b", "c"), "a", "f")
    assert ("j", False) in reasons(found)
    assert "没有从它来的那一路" in told(found)


def test_a_join_that_waits_for_one_more_refuses_a_token_that_is_there():
    case = At(fork("a", "b")).complete("a")
    found = case.plan(fork("a", "b", "c"), "f")
    assert ("j", False) in reasons(found)
    assert "要等哪几路" in told(found)


def test_a_join_ahead_that_waits_for_a_branch_that_was_not_begun_refuses():
    case = At(fork("a", "b"))
    found = case.plan(fork("a", "b", "c"), "f")
    assert reasons(found) == [("j", False)]
    assert "会停在那里" in told(found)


def test_a_longer_branch_before_a_join_is_no_obstacle():
    case = At(fork("a", "b"))
    case.move(fork("a x", "b")).complete("a").complete("b")
    assert elements(case.step) == ["x"]
    assert elements(case.complete("x").step) == ["z"]


# --- repeats, subprocesses, calls ----------------------------------------------------------------------------


def many(collection="list", sequential=False, until="", what=user):
    inside = (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"'
        f' camunda:collection="${{{collection}}}" camunda:elementVariable="one">'
        f"{until and f'<completionCondition>{until}</completionCondition>'}</multiInstanceLoopCharacteristics>"
    )
    return line(what("m", inside=inside), user("z"), way="s m z e")


@pytest.mark.parametrize("sequential", [False, True])
def test_instances_in_flight_are_kept(sequential):
    case = At(many(sequential=sequential), list=["x", "y", "z"], other=[])
    case(complete(case.step, "m", n=1))
    case.move(many(sequential=sequential))
    while "m" in elements(case.step):
        case.complete("m", n=2)
    assert case.step.data["m"] == [{"n": 1}, {"n": 2}, {"n": 2}]
    assert elements(case.step) == ["z"]


@pytest.mark.parametrize(
    "other", [{"collection": "other"}, {"sequential": True}, {"until": "${loopCounter == 1}"}]
)
def test_instances_in_flight_refuse_another_list_order_or_end(other):
    case = At(many(), list=["x", "y"], other=["z"])
    found = case.plan(many(**other))
    assert {reason.element for reason in found.reasons} == {"m"}
    assert "多次" in told(found)


def sub(inside, way, after="z"):
    inner = f'<subProcess id="sub"><startEvent id="is"/>{inside}<endEvent id="ie"/>{flows(way)}</subProcess>'
    return define(START, inner, user(after), END, flows(f"s sub {after} e"))


def test_a_token_inside_a_subprocess_moves_within_it():
    case = At(sub(user("i"), "is i ie"))
    case.move(sub(user("i") + user("k"), "is i k ie")).complete("i")
    assert elements(case.step) == ["k"]
    assert elements(case.complete("k").step) == ["z"]


def test_a_token_inside_a_subprocess_whose_element_is_gone_cannot_move():
    found = At(sub(user("i"), "is i ie")).plan(sub(user("k"), "is k ie"))
    assert ("i", False) in reasons(found)


def calling(called="callee", inside=None):

    main = process(
        "".join(
            (
                START,
                f'<callActivity id="call" calledElement="{called}"/>',
                user("z"),
                END,
                flows("s call z e"),
            )
        )
    )
    inner = inside or user("i")
    names = [task.split('"')[1] for task in inner.split("<userTask")[1:]]
    callee = process(
        f'<startEvent id="cs"/>{inner}<endEvent id="ce"/>{flows("cs " + " ".join(names) + " ce")}', called
    )
    calling.count += 1
    return load_definition(
        f"calling-{calling.count}", {"process.bpmn": document(main), "callee.bpmn": document(callee)}
    )


calling.count = 0


def test_a_token_inside_a_called_process_moves_and_refuses_another_one():
    case = At(calling())
    found = case.plan(calling("stranger"))
    assert ("call", False) in reasons(found)
    case.move(calling(inside=user("i") + user("k"))).complete("i")
    assert elements(case.step) == ["k"]


def test_a_loop_in_flight_is_kept_and_refuses_another_condition():
    def looped(condition):
        inside = f"<standardLoopCharacteristics><loopCondition>{condition}</loopCondition></standardLoopCharacteristics>"
        return line(user("m", inside=inside), user("z"), way="s m z e")

    case = At(looped("${m.more == true}")).complete("m", more=True)
    assert reasons(case.plan(looped("${m.again == true}")))[0] == ("m", False)
    case.move(looped("${m.more == true}")).complete("m", more=True).complete("m", more=False)
    assert elements(case.step) == ["z"]


# --- timers and other events ---------------------------------------------------------------------------------

LATE = user("x") + '<endEvent id="e2"/>' + flows("late x e2")


def timed(*extra):
    return define(START, user("a"), user("b"), END, flows("s a b e"), *extra)


def test_an_armed_timer_is_kept_with_its_number_and_fires_in_the_new_version():
    case = At(timed(boundary("late", "a", interrupting=False), LATE))
    before = case.step.waits
    case.move(timed(boundary("late", "a", interrupting=False, deadline="other"), LATE))
    assert [(w.number, w.element, w.task) for w in case.step.waits] == [
        (w.number, w.element, w.task) for w in before
    ]
    assert sorted(elements(case.fire("late").step)) == ["a", "x"]


def test_a_timer_that_is_new_on_an_open_task_begins_to_wait():
    case = At(timed())
    own = number(case.step, "a")
    case.move(timed(boundary("late", "a"), LATE))
    (wait,) = case.step.waits
    assert (wait.element, wait.task, wait.interrupting, wait.deadline) == ("late", own, True, "days")
    assert wait.number > own
    assert elements(case.fire("late").step) == ["x"]


def test_a_timer_that_is_gone_is_given_up():
    case = At(timed(boundary("late", "a"), LATE))
    case.move(timed())
    assert (case.step.waits, elements(case.step)) == ((), ["a"])
    assert elements(case.complete("a").step) == ["b"]


def test_a_timer_that_has_fired_is_not_armed_again():
    model = timed(boundary("late", "a", interrupting=False), LATE)
    case = At(model).fire("late").complete("x")
    again = timed(boundary("late", "a", interrupting=False), LATE)
    case.move(again)
    assert case.step.waits == ()


def test_a_timer_that_fired_in_an_earlier_version_is_not_armed_by_a_later_one():
    case = At(timed(boundary("late", "a", interrupting=False), LATE)).fire("late").complete("x")
    case.move(timed(), "late", "x", "e2")
    found = case.plan(timed(boundary("late", "a", interrupting=False), LATE))
    assert ("late", False) in reasons(found)
    assert "已经发生过" in told(found)


def test_a_timer_in_the_line_is_waited_for_and_refuses_to_become_a_task():
    case = At(line(user("a"), timer("t"), user("b"), way="s a t b e")).complete("a")
    assert reasons(case.plan(line(user("a"), user("t"), user("b"), way="s a t b e")))[0] == ("t", False)
    case.move(line(user("a"), timer("t", deadline="weeks"), user("b"), way="s a t b e"))
    assert elements(case.fire("t").step) == ["b"]


def message(name, identity="m"):
    return f'<intermediateCatchEvent id="{identity}"><messageEventDefinition messageRef="{name}"/></intermediateCatchEvent>'


def with_messages(*parts, way):

    with_messages.count += 1
    names = '<message id="one" name="one"/><message id="two" name="two"/>'
    body = document(process("".join((START, *parts, END, flows(way))))).replace(
        b"<process", names.encode() + b"<process", 1
    )
    return load_definition(f"messages-{with_messages.count}", {"process.bpmn": body})


with_messages.count = 0


def test_a_message_that_is_waited_for_must_stay_the_same():

    case = At(with_messages(message("one"), user("z"), way="s m z e"))
    found = case.plan(with_messages(message("two"), user("z"), way="s m z e"))
    assert reasons(found) == [("m", False)]
    case.move(with_messages(message("one"), user("z"), user("y"), way="s m z y e"))
    case(Receive(case.step.events[0].number))
    assert elements(case.step) == ["z"]


def race(*names):
    ways = "; ".join(f"g {name} z{name}" for name in names)
    parts = "".join(message(name, name) + user(f"z{name}") for name in names if name != "t")
    parts += timer("t") + user("zt") if "t" in names else ""
    ends = "; ".join(f"z{name} e" for name in names)
    return with_messages('<eventBasedGateway id="g"/>', parts, way=f"s g; {ways}; {ends}")


def test_events_that_race_must_be_the_same():
    case = At(race("one", "t"))
    found = case.plan(race("one", "two", "t"))
    assert ("g", False) in reasons(found)
    assert ("g", False) in reasons(case.plan(race("one")))
    case.move(race("one", "t")).fire("t")
    assert (elements(case.step), case.step.events) == (["zt"], ())


def listening(*extra):
    return define(START, user("a"), user("b"), END, flows("s a b e"), *extra)


AFTER = (
    '<subProcess id="esp" triggeredByEvent="true"><startEvent id="et" isInterrupting="false">{}'
    "<timerEventDefinition/></startEvent>"
    + user("x")
    + '<endEvent id="ee"/>'
    + flows("et x ee")
    + "</subProcess>"
)


def test_event_subprocesses_begin_to_listen_stop_and_keep_running():

    after = AFTER.format(properties(deadline="days"))
    case = At(listening())
    case.move(listening(after))
    assert [wait.element for wait in case.step.waits] == ["et"]
    case.move(listening()).move(listening(after)).fire("et")
    assert sorted(elements(case.step)) == ["a", "x"]
    assert ("esp", False) in reasons(case.plan(listening()))
    case.move(listening(after)).complete("x").complete("a")
    assert elements(case.step) == ["b"]


def test_the_same_inputs_give_the_same_bytes():
    case = At(timed())
    new = timed(boundary("late", "a"), LATE)
    assert case.plan(new).step.state == case.plan(new).step.state
    assert json.loads(case.plan(new).step.state)["v"] == new.version
