"""Steps of single constructs: what is waited for, what was passed, what ends."""

import pytest

from engine.bpmn import (
    BadCommand,
    Complete,
    FireTimer,
    OperationDone,
    RunFailed,
    Start,
    StateMismatch,
    TaskNotOpen,
    Trace,
    advance,
)
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


def test_a_user_task_tells_form_groups_properties_and_lane():
    lane = '<laneSet id="l"><lane id="l1" name="村级"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    model = define(lane, START, user("a", inside=properties(deadline="days")), END, flows("s a e"))
    [task] = advance(model, None, Start({"origin": "self"})).tasks
    assert (task.number, task.element, task.form, task.groups) == (2, "a", "a", ("clerk",))
    assert (dict(task.properties), task.lane) == ({"deadline": "days"}, "村级")


def test_completing_puts_the_data_under_the_forms_name_and_replaces_earlier_ones():
    model = define(
        START,
        user("a"),
        '<exclusiveGateway id="g" default="g-e"/>',
        END,
        flows("s a g e"),
        flow("g", "a", "a.again"),
    )
    step = advance(model, None, Start({"application": {"name": "甲"}}))
    step = advance(model, step.state, complete(step, "a", again=True, note="x"))
    assert step.data == {"application": {"name": "甲"}, "a": {"again": True, "note": "x"}}
    assert step.flows == ("a-g", "g-a")
    step = advance(model, step.state, complete(step, "a", again=False))
    assert step.data["a"] == {"again": False}
    assert (step.finished, step.end, elements(step)) == (True, "e", [])


def test_an_operation_stops_the_runtime_and_its_result_goes_under_its_topic_or_the_named_result():
    model = define(
        START, service("o1", "check_changeset"), service("o2", "issue_document", properties(template="t", result="paper")),
        END, flows("s o1 o2 e"),
    )  # fmt: skip
    step = advance(model, None, Start({"x": 1}))
    [wanted] = step.operations
    assert (wanted.topic, dict(wanted.inputs), wanted.data) == ("check_changeset", {}, {"x": 1})
    step = advance(model, step.state, done(step, "o1", findings=0))
    assert step.operations[0].inputs == {"template": "t", "result": "paper"}
    step = advance(model, step.state, done(step, "o2", number="7"))
    assert step.data == {"x": 1, "check_changeset": {"findings": 0}, "paper": {"number": "7"}}
    assert step.finished


def test_a_timer_waits_for_its_command():
    model = define(START, timer("t", "publicity"), END, flows("s t e"))
    step = advance(model, None, Start())
    assert [(w.element, w.deadline, w.task) for w in step.waits] == [("t", "publicity", None)]
    assert advance(model, step.state, fire(step, "t")).finished


def test_an_interrupting_boundary_timer_withdraws_the_task():
    model = define(START, user("a"), boundary("b", "a"), END, '<endEvent id="late"/>', flows("s a e; b late"))
    step = advance(model, None, Start())
    [wait] = step.waits
    assert (wait.element, wait.task, wait.interrupting) == ("b", number(step, "a"), True)
    opened = number(step, "a")
    step = advance(model, step.state, fire(step, "b"))
    assert Trace("a", opened, "cancelled") in step.left
    assert (step.finished, step.end) == (True, "late")
    with pytest.raises(TaskNotOpen):
        advance(model, step.state, Complete(opened, {}))


def test_completing_the_task_disarms_its_boundary_timer_without_a_trace():
    model = define(START, user("a"), boundary("b", "a"), END, '<endEvent id="late"/>', flows("s a e; b late"))
    step = advance(model, None, Start())
    armed = number(step, "b")
    step = advance(model, step.state, complete(step, "a"))
    assert (step.finished, step.end) == (True, "e")
    assert "b" not in [trace.element for trace in (*step.entered, *step.left)]
    with pytest.raises(TaskNotOpen):
        advance(model, step.state, FireTimer(armed))


def test_a_reminder_runs_beside_the_task_and_the_case_waits_for_both():
    model = define(
        START, user("a"), boundary("b", "a", interrupting=False), service("r", "remind"), END, '<endEvent id="reminded"/>',
        flows("s a e; b r reminded"),
    )  # fmt: skip
    step = advance(model, None, Start())
    step = advance(model, step.state, fire(step, "b"))
    assert sorted(elements(step)) == ["a", "r"]
    step = advance(model, step.state, complete(step, "a"))
    assert not step.finished
    assert advance(model, step.state, done(step, "r")).finished


def test_a_boundary_timer_on_a_subprocess_ends_everything_inside():
    inner = START.replace('"s"', '"s1"') + user("a") + '<endEvent id="e1"/>' + flows("s1 a e1")
    model = define(
        START,
        f'<subProcess id="sub">{inner}</subProcess>',
        boundary("b", "sub"),
        END,
        user("c"),
        flows("s sub e; b c e"),
    )
    step = advance(model, None, Start())
    opened = number(step, "a")
    step = advance(model, step.state, fire(step, "b"))
    assert elements(step) == ["c"]
    assert [t.outcome for t in step.left if t.element in ("a", "sub")] == ["cancelled", "cancelled"]
    with pytest.raises(TaskNotOpen):
        advance(model, step.state, Complete(opened, {}))
    assert advance(model, step.state, complete(step, "c")).finished


def test_a_terminating_end_withdraws_the_other_branches():
    model = define(
        START, '<parallelGateway id="g"/>', user("a"), user("b"), END,
        '<endEvent id="stop"><terminateEventDefinition/></endEvent>', flows("s g a e; g b stop"),
    )  # fmt: skip
    step = advance(model, None, Start())
    step = advance(model, step.state, complete(step, "b"))
    assert (step.finished, step.end, elements(step)) == (True, "stop", [])


def test_parallel_instances_have_their_item_and_gather_their_results_in_order():
    loop = '<multiInstanceLoopCharacteristics camunda:collection="${list.parcels}" camunda:elementVariable="parcel"/>'
    model = define(START, user("a", inside=loop), END, flows("s a e"))
    step = advance(model, None, Start({"list": {"parcels": ["x", "y", "z"]}}))
    assert [dict(task.variables) for task in step.tasks] == [
        {"loopCounter": 0, "parcel": "x"},
        {"loopCounter": 1, "parcel": "y"},
        {"loopCounter": 2, "parcel": "z"},
    ]
    for index in (2, 0, 1):
        task = next(task for task in step.tasks if task.variables["loopCounter"] == index)
        step = advance(model, step.state, Complete(task.number, {"index": index}))
    assert step.finished
    assert step.data == {
        "list": {"parcels": ["x", "y", "z"]},
        "a": [{"index": 0}, {"index": 1}, {"index": 2}],
    }


def test_sequential_instances_come_one_by_one_and_may_end_early():
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality>'
        "<completionCondition>${nrOfCompletedInstances == 2}</completionCondition></multiInstanceLoopCharacteristics>"
    )
    model = define(START, user("a", inside=loop), END, flows("s a e"))
    step = advance(model, None, Start())
    assert elements(step) == ["a"]
    step = advance(model, step.state, complete(step, "a", n=1))
    assert elements(step) == ["a"]
    step = advance(model, step.state, complete(step, "a", n=2))
    assert step.finished
    assert step.data["a"] == [{"n": 1}, {"n": 2}]


def test_parallel_instances_left_over_by_the_condition_are_withdrawn():
    loop = (
        "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
        "<completionCondition>${nrOfCompletedInstances == 1}</completionCondition></multiInstanceLoopCharacteristics>"
    )
    model = define(START, user("a", inside=loop), END, flows("s a e"))
    step = advance(model, None, Start())
    assert elements(step) == ["a", "a", "a"]
    step = advance(model, step.state, complete(step, "a", n=1))
    assert step.finished
    assert [trace.outcome for trace in step.left if trace.element == "a"].count("cancelled") == 2


def test_a_repeated_subprocess_keeps_the_variables_of_each_instance_apart():
    inner = '<startEvent id="s1"/>' + user("a") + user("b") + '<endEvent id="e1"/>' + flows("s1 a b e1")
    loop = '<multiInstanceLoopCharacteristics camunda:collection="${list}" camunda:elementVariable="who"/>'
    model = define(START, f'<subProcess id="sub">{loop}{inner}</subProcess>', END, flows("s sub e"))
    step = advance(model, None, Start({"list": ["甲", "乙"]}))
    first, second = step.tasks
    assert [dict(task.variables) for task in step.tasks] == [
        {"loopCounter": 0, "who": "甲"},
        {"loopCounter": 1, "who": "乙"},
    ]
    step = advance(model, step.state, Complete(second.number, {"by": "second"}))
    step = advance(model, step.state, Complete(first.number, {"by": "first"}))
    while step.tasks:
        step = advance(model, step.state, Complete(step.tasks[0].number, {}))
    assert step.finished
    assert step.data["sub"] == [{"a": {"by": "first"}, "b": {}}, {"a": {"by": "second"}, "b": {}}]


def test_no_instances_at_all_go_straight_on():
    loop = '<multiInstanceLoopCharacteristics camunda:collection="${list}"/>'
    model = define(START, user("a", inside=loop), END, flows("s a e"))
    assert advance(model, None, Start({"list": []})).finished


def test_a_called_process_works_on_the_cases_variables_and_has_its_own_lanes():
    lane = '<laneSet id="l"><lane id="l1" name="送达人"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    other = document(
        process(
            lane
            + START.replace('"s"', '"s1"')
            + user("a")
            + user("b")
            + '<endEvent id="e1"/>'
            + flows("s1 a b e1"),
            "called",
        )
    )
    outer_lane = '<laneSet id="lo"><lane id="lo1" name="县级"><flowNodeRef>c</flowNodeRef></lane></laneSet>'
    model = define(
        outer_lane,
        START,
        '<callActivity id="c" calledElement="called"/>',
        END,
        flows("s c e"),
        **{"other.bpmn": other},
    )
    step = advance(model, None, Start({"x": 1}))
    assert step.tasks[0].lane == "送达人"
    step = advance(model, step.state, complete(step, "a", y=2))
    assert step.tasks[0].lane == "县级"
    assert step.data == {"x": 1, "a": {"y": 2}}
    assert advance(model, step.state, complete(step, "b")).finished


def test_the_library_s_own_names_are_ordinary_ids():
    model = define(
        '<startEvent id="Start"/>',
        user("Root"),
        user("p.EndJoin"),
        '<endEvent id="End"/>',
        flows("Start Root p.EndJoin End"),
    )
    step = advance(model, None, Start())
    step = advance(model, step.state, complete(step, "Root"))
    assert elements(step) == ["p.EndJoin"]
    assert advance(model, step.state, complete(step, "p.EndJoin")).end == "End"


def test_flows_without_ids_run():
    bare = '<sequenceFlow sourceRef="s" targetRef="a"/><sequenceFlow sourceRef="a" targetRef="e"/>'
    model = define(START, user("a"), END, bare)
    step = advance(model, None, Start())
    assert step.flows == ("flow_s_a",)
    assert advance(model, step.state, complete(step, "a")).flows == ("flow_a_e",)


def test_conditions_are_tried_in_the_order_of_the_file():
    model = define(
        START, '<exclusiveGateway id="g" default="g-c"/>', user("a"), user("b"), user("c"), END,
        flow("s", "g"), flow("g", "b", "${x &gt; 1}"), flow("g", "a", "${x &gt; 2}"), flows("g c e; a e; b e"),
    )  # fmt: skip
    assert elements(advance(model, None, Start({"x": 3}))) == ["b"]
    assert elements(advance(model, None, Start({"x": 0}))) == ["c"]


def test_a_condition_that_does_not_fit_its_data_is_an_incident_naming_the_gateway():
    model = define(
        START, '<exclusiveGateway id="g" name="金额" default="g-e"/>', user("a"), END,
        flow("s", "g"), flow("g", "a", "${x &gt; 1}"), flows("g e; a e"),
    )  # fmt: skip
    with pytest.raises(RunFailed, match="金额") as failure:
        advance(model, None, Start({"x": "many"}))
    assert failure.value.facts["element"] == "g"


def test_a_loop_that_never_waits_is_stopped():
    model = define(
        START, '<exclusiveGateway id="g" default="g-h"/>', '<exclusiveGateway id="h"/>', user("a"), END,
        flows("s g h g; a e"), flow("g", "a", "x"),
    )  # fmt: skip
    with pytest.raises(RunFailed, match="循环"):
        advance(model, None, Start())


def test_a_case_that_waits_for_nothing_is_an_incident():
    model = define(
        START, '<exclusiveGateway id="g" default="g-a"/>', user("a"), user("b"), '<parallelGateway id="j"/>', END,
        flow("s", "g"), flow("g", "b", "x"), flows("g a j e; b j"),
    )  # fmt: skip
    step = advance(model, None, Start())
    with pytest.raises(RunFailed, match="停住") as failure:
        advance(model, step.state, complete(step, "a"))
    assert failure.value.facts["element"] == "j"


def test_a_case_may_loop_for_years_and_stays_as_small_as_it_was():
    model = define(
        START,
        user("a"),
        '<exclusiveGateway id="g" default="g-e"/>',
        END,
        flows("s a g e"),
        flow("g", "a", "a.again"),
    )
    step = first = advance(model, None, Start({"a": {"again": True}}))
    for _ in range(2000):
        step = advance(model, step.state, complete(step, "a", again=True))
        assert elements(step) == ["a"]
    assert len(step.state) <= len(first.state) + 12  # its serials have more digits
    assert advance(model, step.state, complete(step, "a", again=False)).finished


def test_commands_that_do_not_fit_are_refused():
    model = define(START, user("a"), service("o"), END, flows("s a o e"))
    step = advance(model, None, Start())
    for command in (Complete(99, {}), OperationDone(number(step, "a"), {}), FireTimer(number(step, "a"))):
        with pytest.raises(TaskNotOpen):
            advance(model, step.state, command)
    with pytest.raises(BadCommand):
        advance(model, step.state, Start())
    with pytest.raises(BadCommand):
        advance(model, None, complete(step, "a"))
    after = advance(model, step.state, complete(step, "a"))
    with pytest.raises(TaskNotOpen):
        advance(model, after.state, complete(step, "a"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), b"x", {1: 2}, 2**64, {"s"}])
def test_only_plain_json_becomes_a_variable(value):
    model = define(START, user("a"), END, flows("s a e"))
    step = advance(model, None, Start())
    with pytest.raises(BadCommand):
        advance(model, step.state, complete(step, "a", value=value))


def test_the_callers_data_is_not_shared_with_the_step():
    given = {"list": [1]}
    model = define(START, user("a"), END, flows("s a e"))
    step = advance(model, None, Start({"x": given}))
    given["list"].append(2)
    assert step.data == {"x": {"list": [1]}}


def test_a_state_belongs_to_its_version():
    body = (START, user("a"), END, flows("s a e"))
    one, other = define(*body), define(*body)
    step = advance(one, None, Start())
    with pytest.raises(StateMismatch):
        advance(other, step.state, complete(step, "a"))
    with pytest.raises(StateMismatch):
        advance(one, "nonsense", complete(step, "a"))
