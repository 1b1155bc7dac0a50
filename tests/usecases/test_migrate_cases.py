"""Open cases moved to the version in force: planned, rehearsed, moved, taken back; and the record rebuilds them."""

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from engine.domain import events
from engine.domain.chain import Broken, verify_case
from engine.domain.clock import VirtualClock
from engine.domain.errors import Conflict, NotAllowed, Refused
from engine.store import cases, history, versions
from engine.store.tables.cases import Deadline, Draft, Task
from engine.usecases.backtest import Backtest
from engine.usecases.migration import (
    MOVED,
    REFUSED,
    WENT_ON,
    Summary,
    migrate_cases,
    plan_migration,
    rehearse,
    target_of,
    undo_migrations,
)
from engine.usecases.migration.one import migrate_case, undo_migration
from engine.usecases.publish_process import publish_process
from engine.usecases.replay_case import replay_case
from engine.usecases.save_draft import save_draft
from tests.usecases.acting import COUNTY, FOLDER, played, waited_for
from tests.usecases.test_edit_process import admin

TYPE = "contract_signing"
FILES = versions.read_folder(FOLDER)
MODEL, PARAMETERS = "process.bpmn", "parameters.yaml"
PASS = {"data": {"decision": "pass", "opinion": "通过。"}}
_notes = count(1)

REMINDER = """
    <bpmn:boundaryEvent id="late_review" name="提醒" attachedToRef="township_review" cancelActivity="false">
      <bpmn:extensionElements><camunda:properties><camunda:property name="deadline" value="contract_publicity" /></camunda:properties></bpmn:extensionElements>
      <bpmn:outgoing>flow_late</bpmn:outgoing>
      <bpmn:timerEventDefinition id="late_timer" />
    </bpmn:boundaryEvent>
    <bpmn:endEvent id="end_late"><bpmn:incoming>flow_late</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="flow_late" sourceRef="late_review" targetRef="end_late" />
  </bpmn:process>"""
OTHER_GROUP = ('camunda:formKey="township_review" camunda:candidateGroups="township_reviewer"',
               'camunda:formKey="township_review" camunda:candidateGroups="county_handler"')  # fmt: skip
RENAMED = ('name="乡镇审核" camunda', 'name="乡镇复核" camunda')
LIMIT = """
          <camunda:property name="deadline" value="township_review" />"""


def changed(*pairs, file=MODEL):
    text = FILES[file].decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return {**FILES, file: text.encode()}


def publish(running, files=FILES):
    """In force from now on; published again under another note, so that it is a version of its own."""
    body = files[PARAMETERS] + f"\n# {next(_notes)}\n".encode()
    with running.sessions(COUNTY) as session:
        published = publish_process(session, running.clock, COUNTY, {**files, PARAMETERS: body}, "甲", "乙")
        session.commit()
    return published.version_id


@pytest.fixture
def old(running):
    """A version of its own for the test's cases."""
    return publish(running)


@pytest.fixture
def one(running):
    with running.sessions(COUNTY) as session:
        return admin(session)


def planned(running, play, harmless=()):
    return next(row for row in plan_migration(running, COUNTY, TYPE, harmless) if row.number == play.number)


def move(running, actor, play, harmless=()):
    """Only this case, as planned now."""
    with running.sessions(COUNTY) as session:
        version = versions.version_in_force(session, COUNTY, TYPE)
    return migrate_cases(running, actor, TYPE, version, [planned(running, play, harmless)], harmless)


def facts(running, play):
    """Everything stored about the case that a move may touch."""
    with running.sessions(COUNTY) as session:
        case = play.case(session)
        tasks = session.scalars(select(Task).where(Task.case_id == case.id).order_by(Task.number)).all()
        rows = session.scalars(select(Deadline).where(Deadline.case_id == case.id)).all()
        names = ("number", "element", "name", "form", "role", "office", "status", "assignee")
        return {
            "version": case.version_id,
            "state": cases.read_state(session, case)[0],
            "tasks": [{name: getattr(task, name) for name in names} for task in tasks],
            "deadlines": sorted((row.name, row.element or "", row.status, str(row.due_at)) for row in rows),
        }


def told(running, play, kind):
    with running.sessions(COUNTY) as session:
        return [body for link, body in history.read(session, COUNTY, play.case_id) if link.kind == kind]


def is_whole(running, play):
    """The chain holds and the record rebuilds the case byte for byte."""
    with running.sessions(COUNTY) as session:
        assert not isinstance(verify_case(history.chained_rows(session, COUNTY, play.case_id)), Broken)
        return replay_case(session, COUNTY, play.number).differences == []


def finish_review(play):
    play.act("township", "township_review", PASS)
    return waited_for(play)


def test_a_case_goes_on_in_the_new_version_and_is_rebuilt_byte_for_byte(running, one, old):
    play = played(running, until="township_review")
    new = publish(running, changed(RENAMED))
    before = facts(running, play)
    assert planned(running, play).movable
    assert move(running, one, play).count(MOVED) == 1
    after = facts(running, play)
    assert (before["version"], after["version"]) == (old, new)
    assert [task["name"] for task in after["tasks"] if task["status"] == "open"] == ["乡镇复核"]
    assert after["deadlines"] == before["deadlines"]
    assert is_whole(running, play)
    assert finish_review(play) == ["county_check"]
    assert is_whole(running, play)
    (event,) = told(running, play, events.CASE_MIGRATED)
    assert (event["from"], event["to"], event["harmless"]) == (old, new, [])
    assert all(row.number != play.number for row in plan_migration(running, COUNTY, TYPE))


def test_what_people_have_typed_survives(running, one, old):
    play = played(running, until="township_review")
    actor = play.actor("township")
    (task,) = [task for task in facts(running, play)["tasks"] if task["status"] == "open"]
    with running.sessions(COUNTY) as session:
        save_draft(session, running.clock, actor, play.number, task["number"], {"opinion": "写了一半"})
        session.commit()
    publish(running, changed(RENAMED))
    move(running, one, play)
    with running.sessions(COUNTY) as session:
        draft = session.get(Draft, (COUNTY, play.case_id, task["number"], actor.person_id))
        assert draft.data == {"opinion": "写了一半"}


def test_a_form_opened_before_the_move_is_told_that_the_case_is_newer(running, one, old):
    from engine.usecases.claim_task import claim_task
    from engine.usecases.complete_task import complete_task

    play = played(running, until="township_review")
    actor = play.actor("township")
    (task,) = [task for task in facts(running, play)["tasks"] if task["status"] == "open"]
    with running.sessions(actor.scope) as session:
        claim_task(session, running.clock, actor, play.number, task["number"])
        opened = cases.find_case(session, COUNTY, play.number).revision
        session.commit()
    publish(running, changed(RENAMED))
    move(running, one, play)
    with running.sessions(actor.scope) as session, pytest.raises(Conflict):
        complete_task(
            session, running.clock, actor, play.number, task["number"], PASS["data"], revision=opened
        )


def test_a_task_of_another_position_now_goes_there_and_whoever_had_claimed_it_gives_it_back(
    running, one, old
):
    from engine.usecases.claim_task import claim_task

    play = played(running, until="township_review")
    actor = play.actor("township")
    (task,) = [task for task in facts(running, play)["tasks"] if task["status"] == "open"]
    with running.sessions(actor.scope) as session:
        claim_task(session, running.clock, actor, play.number, task["number"])
        session.commit()
    publish(running, changed(OTHER_GROUP))
    before = facts(running, play)
    move(running, one, play)
    (now,) = [task for task in facts(running, play)["tasks"] if task["status"] == "open"]
    assert (now["role"], now["office"], now["assignee"]) == ("county_handler", COUNTY, None)
    assert undo_migrations(running, one, TYPE).count(MOVED) == 1
    assert facts(running, play) == before, "undone, it is claimed again by whom it was"


def test_a_new_timer_begins_to_run_an_old_one_runs_on_and_one_that_is_gone_is_given_up(running, one, old):
    play = played(running, until="township_review")
    publish(running, changed(("\n  </bpmn:process>", REMINDER)))
    before = {row[0]: row[3] for row in facts(running, play)["deadlines"] if row[2] == "running"}
    running.clock.move_to(running.clock.now() + timedelta(days=1))
    move(running, one, play)
    rows = {row[0]: row for row in facts(running, play)["deadlines"] if row[2] == "running"}
    assert set(rows) == {"township_review", "case_handling", "contract_publicity"}
    assert rows["township_review"][3] == before["township_review"], "what runs goes on as it began"
    publish(running, changed((LIMIT, "")))
    move(running, one, play)
    left = [row[0] for row in facts(running, play)["deadlines"] if row[2] == "running"]
    assert left == ["case_handling"]
    assert is_whole(running, play)
    assert finish_review(play) == ["county_check"]
    assert is_whole(running, play)


def test_undone_while_untouched_everything_is_as_before(running, one, old):
    play = played(running, until="township_review")
    publish(running, changed(("\n  </bpmn:process>", REMINDER), (LIMIT, ""), RENAMED))
    before = facts(running, play)
    move(running, one, play)
    assert facts(running, play) != before
    assert undo_migrations(running, one, TYPE).count(MOVED) == 1
    assert facts(running, play) == before
    assert is_whole(running, play)
    assert planned(running, play).movable, "it may be moved again"
    move(running, one, play)
    assert is_whole(running, play)
    assert finish_review(play) == ["county_check"]
    assert is_whole(running, play)


def test_after_an_act_the_move_cannot_be_undone(running, one, old):
    play = played(running, until="township_review")
    publish(running, changed(RENAMED))
    move(running, one, play)
    finish_review(play)
    before = facts(running, play)
    assert undo_migrations(running, one, TYPE).count(WENT_ON) == 1
    assert facts(running, play) == before
    with running.sessions(COUNTY) as session:
        case = cases.find_case(session, COUNTY, play.number, lock=True)
        with pytest.raises(Refused) as refused:
            undo_migration(session, running.clock.now(), one, case)
        assert refused.value.code == "touched"


def test_a_case_that_was_never_moved_cannot_be_undone(running, one, old):
    play = played(running, until="township_review")
    with running.sessions(COUNTY) as session:
        case = cases.find_case(session, COUNTY, play.number, lock=True)
        with pytest.raises(Refused) as refused:
            undo_migration(session, running.clock.now(), one, case)
        assert refused.value.code == "not_migrated"


def test_what_cannot_move_says_why_and_stays(running, one, old):
    play = played(running, until="township_review")
    publish(running, changed(('id="township_review"', 'id="review2"'), ('Ref="township_review"', 'Ref="review2"'),
                             (">township_review<", ">review2<")))  # fmt: skip
    before = facts(running, play)
    found = planned(running, play)
    assert [reason.element for reason in found.reasons if not reason.over] == ["township_review"]
    summary = move(running, one, play)
    assert summary.count(REFUSED) == 1
    assert facts(running, play) == before
    with running.sessions(COUNTY) as session:
        case = cases.find_case(session, COUNTY, play.number, lock=True)
        with pytest.raises(Refused) as refused:
            migrate_case(session, running.clock.now(), one, case, target_of(session, COUNTY, TYPE))
        assert refused.value.facts["reasons"]


def test_what_is_over_moves_once_it_is_declared_harmless_and_that_is_recorded(running, one, old):
    play = played(running, until="township_review")
    publish(running, changed(('value="acceptance_notice"', 'value="publicity_sheet"')))
    (reason,) = planned(running, play).reasons
    assert (reason.element, reason.over) == ("issue_acceptance_notice", True)
    harmless = ("issue_acceptance_notice",)
    assert move(running, one, play, harmless).count(MOVED) == 1
    (event,) = told(running, play, events.CASE_MIGRATED)
    assert event["harmless"] == ["issue_acceptance_notice"]
    assert is_whole(running, play)


def test_a_rehearsal_tells_what_would_change_and_changes_nothing(running, one, old):
    play = played(running, until="township_review")
    version = publish(running, changed(("\n  </bpmn:process>", REMINDER), (LIMIT, ""), OTHER_GROUP))
    before = facts(running, play)
    seen = []
    summary = rehearse(running, one, TYPE, version, [planned(running, play)], each=seen.append)
    assert facts(running, play) == before
    assert summary.count(MOVED) == 1
    (moved,) = seen
    assert [task["changes"]["role"] for task in moved.tasks] == ["county_handler"]
    assert [row["name"] for row in moved.begun] == ["contract_publicity"]
    assert moved.given_up == 1
    assert isinstance(summary, Summary)


def test_a_case_that_went_on_since_the_plan_waits_for_the_next_one(running, one, old):
    play = played(running, until="township_review")
    version = publish(running, changed(RENAMED))
    row = planned(running, play)
    finish_review(play)
    before = facts(running, play)
    assert migrate_cases(running, one, TYPE, version, [row]).count(WENT_ON) == 1
    assert facts(running, play) == before


def test_a_plan_for_a_version_that_is_no_longer_in_force_is_refused(running, one, old):
    play = played(running, until="township_review")
    version = publish(running, changed(RENAMED))
    row = planned(running, play)
    publish(running, changed(("乡镇审核", "再改名")))
    with pytest.raises(Conflict):
        migrate_cases(running, one, TYPE, version, [row])


def test_only_administrators_of_procedures_move_cases(running, one, old):
    play = played(running, until="township_review")
    version = publish(running, changed(RENAMED))
    row = planned(running, play)
    for act in (
        lambda actor: migrate_cases(running, actor, TYPE, version, [row]),
        lambda actor: rehearse(running, actor, TYPE, version, [row]),
        lambda actor: undo_migrations(running, actor, TYPE),
    ):
        with pytest.raises(NotAllowed):
            act(play.actor("handler"))


class Killed(BaseException):
    """As if the power went off."""


def test_killed_between_two_cases_each_is_either_moved_or_not_and_the_next_go_does_the_rest(
    running, one, old
):
    plays = [played(running, until="township_review"), played(running, until="contract_publicity")]
    version = publish(running, changed(RENAMED))
    rows = [planned(running, play) for play in plays]

    def die(moved):
        raise Killed

    with pytest.raises(Killed):
        migrate_cases(running, one, TYPE, version, rows, each=die)
    assert [facts(running, play)["version"] for play in plays] == [version, old]
    assert all(is_whole(running, play) for play in plays)
    left = [
        row for row in plan_migration(running, COUNTY, TYPE) if row.number in {play.number for play in plays}
    ]
    assert [row.number for row in left] == [plays[1].number]
    assert migrate_cases(running, one, TYPE, version, left).count(MOVED) == 1
    assert [facts(running, play)["version"] for play in plays] == [version, version]
    assert all(is_whole(running, play) for play in plays)


def test_a_move_that_fails_half_way_leaves_nothing(running, one, old, monkeypatch):
    from engine import projections

    play = played(running, until="township_review")
    version = publish(running, changed(("\n  </bpmn:process>", REMINDER), RENAMED))
    row, before = planned(running, play), facts(running, play)

    def fail(work):
        raise Killed

    monkeypatch.setattr(projections, "run", fail)
    with pytest.raises(Killed):
        migrate_cases(running, one, TYPE, version, [row])
    monkeypatch.undo()
    assert facts(running, play) == before
    assert is_whole(running, play)


def test_a_case_in_its_publicity_keeps_the_period_it_began(running, one, old):
    play = played(running, until="contract_publicity")
    longer = changed(("values: [{from: 2023-06-25, value: 10}]\n    at_least: 10",
                      "values: [{from: 2023-06-25, value: 15}]\n    at_least: 10"), file=PARAMETERS)  # fmt: skip
    before = facts(running, play)["deadlines"]
    publish(running, longer)
    assert move(running, one, play).count(MOVED) == 1
    assert facts(running, play)["deadlines"] == before
    play.stage.clock = VirtualClock(play.stage.clock.now())
    play.wait({"working_days": 11})
    assert waited_for(play) == ["close_publicity"]
    assert is_whole(running, play)


def test_the_backtest_follows_a_case_that_was_moved(running, one, old):
    play = played(running, until="township_review")
    files = changed(("\n  </bpmn:process>", REMINDER))
    publish(running, files)
    move(running, one, play)
    finish_review(play)
    test = Backtest(files)
    rows = []
    with running.sessions(COUNTY) as session:
        test.county(session, COUNTY, each=rows.append)
    (row,) = [row for row in rows if row.number == play.number]
    assert row.why is None
    assert row.followed.asked == ("late_review",), "the draft waits for it from the start on"
    assert row.followed.failure is None


def test_answers_whose_form_is_gone_keep_a_case_where_it_is(running, one, old):
    """The step is over and its change declared harmless; but what was filled in could not be read any more."""
    play = played(running, until="township_review")
    renamed = changed(
        ("village_check.decision", "first_check.decision"),
        ('formKey="village_check"', 'formKey="first_check"'),
    )
    form = (
        renamed.pop("forms/village_check.yaml").decode().replace("form: village_check", "form: first_check")
    )
    publish(running, {**renamed, "forms/first_check.yaml": form.encode()})
    found = planned(running, play, ("village_check", "gw_village", "gw_supplied"))
    assert "读不出来" in found.reasons[0].message
    assert (found.reasons[0].element, found.reasons[0].over) == ("village_check", False)
