"""Every scenario, walked through the model alone: no database, operations answered with nothing.

Proves that the scenarios' answers fit the forms, that tasks, waits, deadlines and papers come as the scenarios
say, and that together they take every sequence flow. What the register and the messages do is proved where
the scenarios run against the whole system. The language is described in docs/scenarios.md.
"""

from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

import forms
from engine.bpmn import (
    Complete,
    FireTimer,
    OperationDone,
    Receive,
    Start,
    advance,
    load_definition,
)
from engine.domain import roles
from engine.domain.calendar import shipped_calendar
from engine.domain.case_type import CaseType
from engine.domain.clock import SHANGHAI, local_date
from engine.domain.deadline import Deadline
from engine.domain.from_yaml import read_yaml
from engine.usecases.scenarios.samples import SIGNATURE

# What contract_change asks its operations only the register knows: test_scenarios.py plays it
WALKED = ("certificate_change", "contract_signing")
FOLDERS = [Path(__file__).parents[2] / "processes" / name for name in WALKED]


class Shipped:
    """A case type as its folder has it."""

    def __init__(self, folder):
        self.folder = folder
        files = {
            p.relative_to(folder).as_posix(): p.read_bytes()
            for p in folder.rglob("*")
            if p.is_file() and p.suffix != ".html"
        }
        self.case_type = CaseType(files)
        self.definition = load_definition(f"static {folder.name}", self.case_type.model_files())
        self.scenarios = {
            p.stem: read_yaml(p.read_text("utf-8")) for p in sorted(folder.glob("scenarios/*.yaml"))
        }

    def form(self, name):
        return forms.load(self.case_type.form_source(name), self.case_type.lists)


SHIPPED = {folder.name: Shipped(folder) for folder in FOLDERS}
TOLD = [(name, story) for name, shipped in SHIPPED.items() for story in shipped.scenarios]
CALENDAR = shipped_calendar()
PARCELS = ["9901010010010000001", "9901010010010000002", "9901010010010000003"]
SQUARE = (
    "POLYGON ((37519000 3431000, 37519010 3431000, 37519010 3431010, 37519000 3431010, 37519000 3431000))"
)
NEW_LAND = {"type": "new_parcel", "code": PARCELS[0], "name": "新开上地", "outline": SQUARE}
FACTS = {
    "$all_parcels": PARCELS,
    "$parcel_1": PARCELS[0],
    "$free_parcel_1": PARCELS[0],
    "$free_parcel_2": PARCELS[1],
    "$held_parcel": "9901010010010000099",
    "$other_code": "990101001001000002",
    "$rival": "99010120260302000001",
    "$contractor_code": "990101001001000001",
    "$contractor_name": "田大禾",
    "$contractor_id_number": "990101196001010015",  # the fictional county's; the check digit is right
    "$phone": "13900000000",
    "$heir": "田小禾",
    "$kin": [{"name": "田二禾", "relation": "97"}],
    "$issuer_id_number": "990101196001010015",
    "$document": "0" * 64,
    "$code": "123456",
    "$wrong_code": "123456",
    "$late_code": "123456",
    "$signature": SIGNATURE,
    "$smaller_parcel_1": [],
    "$new_land": [NEW_LAND],
    "$new_elsewhere": [NEW_LAND],
    "$new_parcel_1": PARCELS[0],
    "$new_parcel_2": PARCELS[1],
    "$new_outline_1": SQUARE,
    "$new_outline_2": SQUARE,
    "$new_area_1": "100.00",
    "$new_area_2": "100.00",
}
FORM_CONTEXT = {"parcels": [{"code": code} for code in PARCELS]}
BESIDE = {
    "sign_otherwise": "sign_otherwise",  # an act
    "raise_objection": "objection_raised",
    "withdraw": "withdrawal",
    "report_death": "representative_died",
    "report_error": None,
    "correct": None,
    "name_deputy": None,
    "rival_applies": None,  # of another case
    "rival_withdraws": None,
    "remind": None,
}  # -> message that the model waits for
STEP_KEYS = {
    "step",
    "who",
    "does",
    "data",
    "papers",
    "scan",
    "waits",
    "receives",
    "refused",
    "then",
    "case",
    "brings",
}
ATTEMPT_KEYS = {"who", "does", "data", "papers", "scan", "error", "fields", "says", "hides"}
THEN_KEYS = {
    "status", "outcome", "tasks", "waiting", "deadlines", "documents", "messages", "register", "holds",
    "applicant_sees", "void", "recorded", "linked", "printed", "changes",
}  # fmt: skip
ERRORS = {"not_found", "not_allowed", "conflict", "invalid", "refused"}


def filled(value):
    """The scenario's value with its placeholders filled in and its dates as ISO text."""
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return FACTS[value] if isinstance(value, str) and value.startswith("$") else value


class Walk:
    def __init__(self, shipped, scenario):
        self.shipped, self.case_type = shipped, shipped.case_type
        self.scenario = scenario
        self.origin = scenario["origin"]
        self.now = datetime.fromisoformat(scenario["clock"]).replace(tzinfo=SHANGHAI).astimezone(UTC)
        self.step = None
        self.settings = scenario.get("parameters", {})
        self.publicities, self.issued = 0, set()
        self.flows, self.documents, self.done = set(), [], set()
        self.deadlines = {}  # task number (None: the whole case) -> (name, Deadline)

    def run(self):
        for step in self.scenario["steps"]:
            if "case" in step:
                continue  # about another case, of another type: for the whole system to play
            label = step["step"]["zh"]
            self.documents = []
            for attempt in step.get("refused", ()):
                self.check_refused(attempt, label)
            if "does" in step:
                self.act(step, label)
            elif "waits" in step:
                self.wait(step["waits"])
            elif "receives" in step:
                self.receive(step["receives"], label)
            self.check(step.get("then", {}), label)
        return self

    def answers(self, does, step):
        name = self.case_type.start_form(self.origin) if does == "apply" else does
        data = filled(step.get("data", {}))
        if step.get("papers"):
            data["papers"] = {kind: [f"sample-{kind}"] for kind in step["papers"]}
        if step.get("brings"):
            data["file"] = {"survey_return": ["sample-survey_return"]}
        return self.shipped.form(name).read(data, context=FORM_CONTEXT)

    def role(self, who):
        return self.scenario["actors"][who]["role"]

    def here(self, who):
        actor = self.scenario["actors"][who]
        return actor["of"] == "case" or "for" in actor  # a deputy: the days are for the whole system to count

    def open_task(self, element):
        return next((t for t in self.step.tasks if t.element == element), None) if self.step else None

    def may(self, who, does):
        if does in BESIDE:
            return True  # who may, the whole system says
        if does == "apply":
            return self.here(who) and self.role(who) == self.case_type.starter(self.origin)
        wanted = self.case_type.role_of(self.open_task(does).groups[0], self.origin).role
        return self.here(who) and roles.does(self.role(who), wanted)

    def check_refused(self, attempt, label):
        assert attempt.keys() <= ATTEMPT_KEYS and attempt["error"] in ERRORS, label
        who, does, error = attempt["who"], attempt["does"], attempt["error"]
        if does in BESIDE:
            return  # refused by the use case, which the whole system shows
        _, faults = self.answers(does, attempt)
        if (
            "scan" in attempt
            or attempt.get("fields") == ["entered"]
            or ("signature" in attempt.get("data", {}) and error == "invalid")
        ):
            assert not faults, label  # what is wrong is found by what acts on the form
        elif error == "invalid":
            assert self.may(who, does), label
            assert sorted(faults) == sorted(attempt["fields"]), label
        elif error == "not_found":
            assert not self.here(who) or "for" in self.scenario["actors"][who], label
        elif error == "not_allowed":
            assert "person" in self.scenario["actors"][who] or not self.may(who, does), label
        elif error == "conflict":
            assert (does in self.done or self.step.finished) and not self.open_task(does), label
        elif does != "apply":
            assert self.open_task(does) and not faults, label  # by a rule that an operation knows
        else:
            assert not faults and not (self.step and self.step.finished), label

    def act(self, step, label):
        if step["does"] in BESIDE and BESIDE[step["does"]] is None:
            return
        if step["does"] in BESIDE:
            [wait] = [event for event in self.step.events if event.name == BESIDE[step["does"]]]
            self.take(Receive(wait.number, filled(step.get("data"))))
            return
        data, faults = self.answers(step["does"], step)
        assert not faults, (label, faults)
        if step["does"] == "apply":
            assert self.may(step["who"], "apply"), label
            assert self.step is None or self.step.finished, label
            self.step, self.deadlines = None, {}
            self.take(Start({self.case_type.start_variable: data, "origin": self.origin}))
            return
        task = self.open_task(step["does"])
        assert task, f"{label}: {step['does']} is not open"
        assert self.may(step["who"], step["does"]), label
        self.done.add(step["does"])
        self.take(Complete(task.number, data))

    def wait(self, waits):
        if "until" in waits:
            then = datetime.fromisoformat(waits["until"]).replace(tzinfo=SHANGHAI)
        else:
            today = local_date(self.now)
            days = waits.get("working_days")
            day = CALENDAR.add_working_days(today, days) if days else today + timedelta(days=waits["days"])
            then = datetime.combine(day, time(9), SHANGHAI)
        assert then > self.now
        self.now = then.astimezone(UTC)
        while due := self.due_waits():
            self.take(FireTimer(min(due)[1]))

    def due_waits(self):
        running = [(self.deadlines[w.number][1].due(CALENDAR), w.number) for w in self.step.waits]
        return [(due, number) for due, number in running if due is not None and due <= self.now]

    def receive(self, told, label):
        [wait] = [event for event in self.step.events if event.name == told["message"]]
        self.take(Receive(wait.number, filled(told.get("payload"))))

    def take(self, command):
        self.step = advance(self.shipped.definition, self.step and self.step.state, command)
        self.flows |= set(self.step.flows)
        while self.step.operations:
            wanted = self.step.operations[0]
            if wanted.topic == "issue_document":
                self.documents.append(wanted.inputs["template"])
                self.issued.add(wanted.inputs["template"])
            result = self.result_of(wanted)
            self.step = advance(
                self.shipped.definition, self.step.state, OperationDone(wanted.number, result)
            )
            self.flows |= set(self.step.flows)
        self.keep_deadlines()
        sealed = next((wait for wait in self.step.events if wait.name == "contract_sealed"), None)
        if sealed:  # the system's own answer, which comes by itself
            self.take(Receive(sealed.number))

    def result_of(self, wanted):
        """What the operations answer that gateways ask: taken from the forms, as the real ones do."""
        data = self.step.data
        match wanted.topic:
            case "apply_changeset":
                return {"basic_farmland": self.scenario["household"].get("farmland", True)}
            case "accept_case":
                own = self.origin == "village" and not self.settings.get(
                    "village_check_of_own_application", 1
                )
                return {"first_check": "done" if own else "needed"}
            case "open_publicity":
                self.publicities += 1
                return {"publicity": self.publicities}
            case "answer_objection":
                return {
                    "outcome": data["settle_objection"]["outcome"],
                    "publicity": data["open_publicity"]["publicity"],
                }
            case "change_representative":
                return {"contract_out": "contract" in self.issued}
            case "record_publicity":
                return {"outcome": data[wanted.inputs["form"]]["outcome"]}
        return {}

    def keep_deadlines(self):
        [of_case] = self.case_type.case_limits()
        started = {} if self.step.finished else {None: of_case}
        started |= {t.number: t.properties["deadline"] for t in self.step.tasks if "deadline" in t.properties}
        started |= {
            wait.number: wait.deadline for wait in (*self.step.waits, *self.step.events) if wait.deadline
        }
        kept = {}
        for number, name in started.items():
            rule = self.case_type.deadline(name, local_date(self.now))
            new = (name, Deadline(rule.kind, rule.unit, rule.length, self.now))
            kept[number] = self.deadlines.get(number, new)
        theirs = {t.number for t in self.step.tasks if t.properties.get("suspends")}
        theirs = theirs or {t.number for t in self.step.tasks if self.case_type.is_household(t.groups[0])}
        theirs |= {wait.number for wait in self.step.waits if wait.task in theirs}
        for number, (name, deadline) in kept.items():
            if theirs and number not in theirs and not deadline.is_stopped:
                kept[number] = (name, deadline.stop(self.now))
            elif not theirs and deadline.is_stopped:
                kept[number] = (name, deadline.resume(self.now))
        self.deadlines = kept

    def check(self, then, label):
        assert then.keys() <= THEN_KEYS, label
        if "tasks" in then:
            found = {
                t.element: self.case_type.role_of(t.groups[0], self.origin).level for t in self.step.tasks
            }
            assert found == then["tasks"], label
        if "waiting" in then:
            told = [event for event in self.step.events if not event.listens]
            assert [w.element for w in (*self.step.waits, *told)] == then["waiting"], label
        if "documents" in then:
            assert self.documents == then["documents"], label
        if "status" in then:
            ended = self.case_type.status_at_end(self.step.end) if self.step.finished else "open"
            assert ended == then["status"], label
        if "outcome" in then:
            assert self.step.end == then["outcome"], label
        for name, wanted in then.get("deadlines", {}).items():
            assert self.told(name, wanted) == wanted, (label, name)

    def told(self, name, wanted):
        found = next(deadline for named, deadline in self.deadlines.values() if named == name)
        facts = {
            "last_day": found.last_day(CALENDAR),
            "stopped": found.is_stopped,
            "days_left": found.days_left(CALENDAR, self.now),
        }
        return {key: facts[key] for key in wanted}


@pytest.mark.parametrize(("case_type", "name"), TOLD)
def test_a_scenario_goes_as_it_says(case_type, name):
    shipped = SHIPPED[case_type]
    assert shipped.scenarios[name]["scenario"] == name
    Walk(shipped, shipped.scenarios[name]).run()


@pytest.mark.parametrize(("case_type", "name"), TOLD)
def test_a_scenario_is_written_in_the_language(case_type, name):
    shipped = SHIPPED[case_type]
    scenario = shipped.scenarios[name]
    assert scenario.keys() - {"parameters"} == {
        "scenario",
        "title",
        "clock",
        "household",
        "origin",
        "actors",
        "steps",
    }
    known_steps = {step["name"] for step in shipped.case_type.steps}
    for step in scenario["steps"]:
        assert step.keys() <= STEP_KEYS and set(step["step"]) == {"zh", "en"}
        assert ("who" in step) == ("does" in step) and not ("does" in step and "waits" in step)
        assert {step.get("who", "village"), *(a["who"] for a in step.get("refused", ()))} <= {
            *scenario["actors"], "village",
        }  # fmt: skip
        sees = step.get("then", {}).get("applicant_sees")
        assert sees is None or sees["step"] in known_steps


@pytest.mark.parametrize("case_type", SHIPPED)
def test_the_scenarios_take_every_flow(case_type):
    shipped = SHIPPED[case_type]
    taken = set().union(*(Walk(shipped, scenario).run().flows for scenario in shipped.scenarios.values()))
    assert set(shipped.definition.flows) - taken == set()


def test_a_broken_expectation_is_noticed():
    """The walk itself can fail: a scenario that claims the wrong day, task or paper does not pass."""
    signing = SHIPPED["contract_signing"]
    for key, claim in [
        ("tasks", {"township_review": "township"}),
        ("documents", []),
        ("deadlines", {"village_check": {"last_day": date(2026, 9, 21)}}),
        ("status", "completed"),
    ]:
        scenario = deepcopy(signing.scenarios["straight"])
        scenario["steps"][0]["then"][key] = claim
        with pytest.raises(AssertionError):
            Walk(signing, scenario).run()
