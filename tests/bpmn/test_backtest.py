"""A draft led through what was recorded: what stays the same, where routes part, and what it would fail at."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn import Complete, FireTimer, OperationDone, Start, advance
from engine.bpmn.backtest import Result, Turn, follow, turn_of
from engine.bpmn.trace import waiting
from tests.bpmn.support import END, START, boundary, define, flow, flows, service, timer, user

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
DAY = timedelta(days=1)


class Recorded:
    """Works on a case as the use cases do, a day between two acts, and keeps the turns."""

    def __init__(self, definition, **data):
        self.definition, self.turns, self.step = definition, [], None
        self._take(Start(data), {})

    def done(self, element: str, place: int = 0, results=None, **data):
        task = [task for task in self.step.tasks if task.element == element][place]
        return self._take(Complete(task.number, data), results or {})

    def fired(self, element: str):
        wait = next(wait for wait in self.step.waits if wait.element == element)
        return self._take(FireTimer(wait.number), {})

    def _take(self, command, results):
        before = waiting(self.step) if self.step else ()
        step = advance(self.definition, self.step.state if self.step else None, command)
        steps, brought = [step], []
        while step.operations:
            wanted = step.operations[0]
            result = results.get(wanted.element, {})
            brought.append(Result(wanted.element, wanted.topic, result))
            step = advance(self.definition, step.state, OperationDone(wanted.number, result))
            steps.append(step)
        self.step = step
        at = NOON + len(self.turns) * DAY
        self.turns.append(turn_of(len(self.turns) + 1, at, command, steps, brought, before, self.definition))
        return self


def due_after(days):
    return lambda wait, started: started + days * DAY


def follow_(draft, recorded: Recorded, days=0.5):
    return follow(draft, recorded.turns, due_after(days))


LINE = START, user("a"), service("op"), user("b"), END, flows("s a op b e")


@pytest.fixture
def line():
    return Recorded(define(*LINE)).done("a", results={"op": {"n": 1}}).done("b")


def test_the_same_model_goes_the_same_way(line):
    found = follow_(define(*LINE), line)
    assert found.same
    assert found.end == "e"


def test_names_of_flows_are_no_difference(line):
    renamed = "".join(LINE).replace('id="a-op"', 'id="another"').replace('name="a"', 'name="A"')
    assert follow_(define(renamed), line).same


def test_a_new_task_is_asked_for_and_what_comes_after_is_not_reached(line):
    draft = define(START, user("a"), service("op"), user("x"), user("b"), END, flows("s a op x b e"))
    found = follow_(draft, line)
    assert (found.asked, found.unreached, found.superfluous) == (("x",), ("b",), ())
    assert found.parting.element == "a"
    assert (found.parting.recorded_flow, found.parting.draft_flow) == (("op", "b"), ("op", "x"))
    assert (found.parting.recorded, found.parting.draft) == (("b",), ("x",))
    assert found.end is None


def test_a_removed_task_is_superfluous_and_the_rest_is_followed(line):
    draft = define(START, service("op"), user("b"), END, flows("s op b e"))
    found = follow_(draft, line)
    assert (found.superfluous, found.unreached, found.asked) == (("a",), (), ())
    assert found.end == "e"


def test_results_go_to_the_operation_of_that_element_and_of_that_topic_when_it_is_gone():
    model = (START, user("a"), service("op", topic="reckon"), user("b"), user("c"))
    way = flow("s", "a") + flow("a", "op") + flow("c", "e")
    gate = '<exclusiveGateway id="g" default="g-c"/>' + flow("g", "b", "${reckon.n == 7}") + flow("g", "c")
    old = define(*model, gate, END, way, flows("op g; b e"))
    recorded = Recorded(old).done("a", results={"op": {"n": 7}}).done("b")
    moved = define(*model, gate, END, way, flows("op g; b e"))
    assert follow_(moved, recorded).same
    other = define(
        "".join((*model, gate, END, way, flows("op g; b e")))
        .replace('"op"', '"op2"')
        .replace('"a-op', '"a-op2')
    )
    found = follow_(other, recorded)
    assert (found.added, found.dropped, found.end) == ((), (), "e")


def test_a_result_is_found_where_the_operation_was_moved_to(line):
    draft = define(START, user("a"), user("b"), service("op"), END, flows("s a b op e"))
    found = follow_(draft, line)
    assert (found.added, found.dropped, found.asked, found.end) == ((), (), (), "e")
    early = define(START, service("op"), user("a"), user("b"), END, flows("s op a b e"))
    assert follow_(early, line).added == ()


def test_a_new_operation_is_taken_to_bring_nothing_and_said(line):
    draft = define(
        START, user("a"), service("op"), service("paper"), user("b"), END, flows("s a op paper b e")
    )
    found = follow_(draft, line)
    assert (found.added, found.dropped, found.asked, found.end) == (("paper",), (), (), "e")
    assert not found.same
    assert follow_(define(START, user("a"), user("b"), END, flows("s a b e")), line).dropped == ("op",)


def test_a_condition_that_fails_on_recorded_data_is_a_failure_with_its_element(line):
    gate = (
        '<exclusiveGateway id="g" name="看看" default="g-e"/>'
        + flow("g", "b", "${a.size > 3}")
        + flow("g", "e")
    )
    draft = define(START, user("a"), service("op"), user("b"), gate, END, flows("s a op g; b e"))
    recorded = Recorded(define(*LINE)).done("a", size="大").done("b")
    found = follow_(draft, recorded)
    assert found.failure.element == "g"
    assert found.failure.seq == 2
    assert "看看" in found.failure.message


def test_another_way_at_a_gateway_parts_the_routes_there():
    def model(condition):
        gate = '<exclusiveGateway id="g" default="g-c"/>' + flow("g", "b", condition) + flow("g", "c")
        return define(START, user("a"), user("b"), user("c"), gate, END, flows("s a g; b c e"))

    recorded = Recorded(model("${a.n > 1}")).done("a", n=5).done("b").done("c")
    found = follow_(model("${a.n > 10}"), recorded)
    assert (found.parting.recorded_flow, found.parting.draft_flow) == (("g", "b"), ("g", "c"))
    assert (found.superfluous, found.unreached, found.asked) == (("b",), (), ())
    assert found.end == "e"


def repeated(sequential=False):
    inside = (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}" camunda:collection="${{list}}"'
        ' camunda:elementVariable="one"/>'
    )
    return define(START, user("m", inside=inside), user("z"), END, flows("s m z e"))


def test_instances_of_a_repeat_get_their_own_answers_whatever_their_order():
    recorded = Recorded(repeated(), list=["x", "y", "z"])
    recorded.done("m", place=2, n=3).done("m", place=0, n=1).done("m", n=2).done("z")
    assert follow_(repeated(), recorded).same
    found = follow_(repeated(sequential=True), recorded)
    assert (found.unreached, found.superfluous, found.asked, found.end) == ((), (), (), "e")


def test_an_act_that_came_before_the_draft_asks_for_it_is_kept_for_then(line):
    found = follow_(define(START, user("a"), service("op"), user("b"), END, flows("s b a op e")), line)
    assert (found.unreached, found.superfluous, found.asked, found.end) == ((), (), (), "e")
    assert found.parting.seq == 1


WITH_TIMER = START, user("a"), timer("t"), user("b"), END, flows("s a t b e")


def test_a_recorded_timer_fires_where_it_did_whatever_its_length():
    recorded = Recorded(define(*WITH_TIMER)).done("a").fired("t").done("b")
    assert follow_(define(*WITH_TIMER), recorded, days=100).same
    assert follow_(define(*WITH_TIMER), recorded, days=0).same


def test_a_removed_timer_is_superfluous():
    recorded = Recorded(define(*WITH_TIMER)).done("a").fired("t").done("b")
    found = follow_(define(START, user("a"), user("b"), END, flows("s a b e")), recorded)
    assert (found.superfluous, found.asked, found.end) == (("t",), (), "e")


def test_a_new_timer_in_the_way_is_waited_for_and_then_the_case_goes_on():
    recorded = Recorded(define(START, user("a"), user("b"), END, flows("s a b e"))).done("a").done("b")
    found = follow_(define(*WITH_TIMER), recorded, days=30)
    assert (found.asked, found.unreached, found.end) == (("t",), (), "e")


def test_a_new_reminder_fires_only_if_it_would_have_come_before_the_act():
    plain = START, user("a"), user("b"), END, flows("s a b e")
    recorded = Recorded(define(*plain)).done("a").done("b")
    late = boundary("late", "b"), user("x"), '<endEvent id="e2"/>', flows("late x e2")
    in_time = follow_(define(*plain, *late), recorded, days=2)
    assert (in_time.asked, in_time.end, in_time.superfluous) == (("late",), "e", ())
    too_late = follow_(define(*plain, *late), recorded, days=0.5)
    assert (too_late.asked, too_late.unreached) == (("late", "x"), ("b",))


def test_a_case_under_way_is_compared_as_far_as_it_is(line):
    draft = define(*LINE)
    assert follow(draft, line.turns[:2], due_after(1)).same
    assert follow(draft, line.turns[:2], due_after(1)).end is None


def test_the_same_inputs_give_the_same_answer(line):
    draft = define(START, user("a"), user("x"), user("b"), END, flows("s a x b e"))
    assert follow_(draft, line) == follow_(draft, line)


def test_turns_know_what_they_answered(line):
    assert [turn.element for turn in line.turns] == [None, "a", "b"]
    assert all(isinstance(turn, Turn) for turn in line.turns)
