"""Drafts against real recorded cases: the same way, another way, other deadlines, failures; and nothing written."""

import json

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from engine.domain.calendar import shipped_calendar
from engine.domain.clock import local_date
from engine.domain.errors import Refused
from engine.queries import recorded_cases
from engine.store import cases, history, versions
from engine.store.scope import read_only, session_for
from engine.store.tables.cases import Case, CaseState, Deadline, Paper, Task
from engine.store.tables.history import Event
from engine.store.tables.work import OutboxRow
from engine.usecases.backtest import Backtest
from engine.usecases.backtest.deadlines import Period
from tests.usecases.acting import COUNTY, FOLDER, played

FILES = versions.read_folder(FOLDER)
MODEL, PARAMETERS = "process.bpmn", "parameters.yaml"


@pytest.fixture(scope="module")
def plays(running):
    """A case in its publicity, one that is asked for papers, one at the township."""
    return [
        played(running, "contract_publicity"),
        played(running, "supply_papers", scenario="supplement"),
        played(running, "township_review", scenario="with_survey"),
    ]


def changed(file, old, new, of=None):
    """``of``: in the element of that id alone."""
    body = FILES[file].decode()
    before, mark, after = body.partition(f'id="{of}"') if of else ("", "", body)
    assert old in after
    return {**FILES, file: (before + mark + after.replace(old, new, 1 if of else -1)).encode()}


def backtested(running, files, **options):
    test = Backtest(files)
    rows = []
    with running.sessions(COUNTY) as session:
        test.county(session, COUNTY, each=rows.append, **options)
    return test.report, rows


def footprint(running):
    """How many rows of each kind there are."""
    with running.sessions(COUNTY) as session:
        kinds = (Case, CaseState, Task, Deadline, Event, OutboxRow, Paper)
        return [session.scalar(select(func.count()).select_from(kind)) for kind in kinds]


def test_the_version_in_force_goes_the_same_way(running, plays):
    before = footprint(running)
    report, rows = backtested(running, FILES)
    assert report.verdicts == {"same": 3, "route": 0, "failed": 0, "not_compared": 0}
    assert report.deadline_cases == 0
    assert {row.number for row in rows} == {play.number for play in plays}
    assert footprint(running) == before


def test_other_names_are_no_difference(running, plays):
    report, _ = backtested(running, changed(MODEL, 'name="乡镇审核"', 'name="乡镇复核"'))
    assert report.verdicts["same"] == 3


def test_a_longer_publicity_is_told_with_the_cases_and_moves_their_due_dates(running, plays):
    longer = changed(PARAMETERS, "values: [{from: 2023-06-25, value: 10}]\n    at_least: 10",
                     "values: [{from: 2023-06-25, value: 15}]\n    at_least: 10")  # fmt: skip
    report, rows = backtested(running, longer)
    assert report.verdicts["same"] == 3
    ((what, element, before, after), group), *others = report.found("deadlines")
    assert (what, element, others) == ("changed", "contract_publicity", [])
    assert before == Period("contract_publicity", "wait", "working_days", 10)
    assert after.length == 15
    assert (group.cases, group.later, group.earlier) == (1, 1, 0)
    assert group.examples == [plays[0].number]
    (change,) = next(row for row in rows if row.number == plays[0].number).deadlines
    with running.sessions(COUNTY) as session:
        stored = {row.element: row.due_at for row in cases.active_deadlines(session, plays[0].case(session))}
    assert change.due_before == stored["contract_publicity"]
    days = (local_date(due) for due in (change.due_before, change.due_after))
    assert shipped_calendar().working_days_between(*days) == 5, "over the holiday of October"


def test_a_limit_taken_away_and_one_on_another_unit(running, plays):
    limit = '<camunda:property name="deadline" value="village_check" />'
    without = changed(MODEL, limit, "", "village_check")
    report, _ = backtested(running, without)
    assert [(key[0], key[1], group.cases) for key, group in report.found("deadlines")] == [
        ("removed", "village_check", 3)
    ]


def test_another_condition_parts_the_routes_where_it_stands(running, plays):
    report, _ = backtested(
        running,
        changed(MODEL, "${village_check.decision == 'pass'}", "${village_check.decision == 'reject'}"),
    )
    assert report.verdicts["route"] >= 2
    parting, group = report.found("partings")[0]
    element, recorded_flow, draft_flow, recorded, draft = parting
    assert (element, recorded_flow[0], draft_flow[0]) == ("village_check", "gw_village", "gw_village")
    assert (recorded, draft) == (("township_review",), ("supply_papers", "supply_papers_closing"))
    assert group.examples == sorted(group.examples)


def test_a_condition_that_old_answers_do_not_fit_is_a_failure(running, plays):
    report, rows = backtested(
        running,
        changed(MODEL, "${village_check.decision == 'pass'}", "${accept_case.level &gt; 3}"),
    )
    assert report.verdicts["failed"] >= 2
    (element, message), _ = report.found("failures")[0]
    assert element == "gw_village"
    assert "初审结果" in message
    json.dumps([row.as_dict() for row in rows] + [report.as_dict()])


def test_a_draft_with_errors_is_refused_with_its_problems():
    with pytest.raises(Refused) as refused:
        Backtest(changed(MODEL, 'camunda:formKey="village_check"', ""))
    assert refused.value.facts["problems"]


def test_the_newest_only_and_progress(running, plays):
    seen = []
    report, rows = backtested(
        running, FILES, newest=2, progress=lambda done, total: seen.append((done, total))
    )
    newest = sorted(play.number for play in plays)[-2:]
    assert [row.number for row in rows] == newest
    assert seen == [(1, 2), (2, 2)]
    assert report.cases == 2


def test_twice_gives_the_same_report(running, plays):
    files = changed(MODEL, "${village_check.decision == 'pass'}", "${village_check.decision == 'reject'}")
    assert backtested(running, files)[0].as_dict() == backtested(running, files)[0].as_dict()


def test_cases_are_forgotten_page_by_page(running, plays, monkeypatch):
    """However many there are, no more than one page of them is held."""
    whole = backtested(running, FILES)[0].as_dict()
    monkeypatch.setattr(recorded_cases, "PAGE", 1)
    held = []
    with running.sessions(COUNTY) as session:
        test = Backtest(FILES)
        test.county(session, COUNTY, each=lambda row: held.append(len(cases_in(session))))
    assert held == [1, 1, 1]
    assert test.report.as_dict() == whole


def cases_in(session):
    return [row for row in session.identity_map.values() if isinstance(row, Case)]


def test_the_session_cannot_write(running, plays):
    with running.sessions(COUNTY) as session:
        read_only(session)
        session.rollback()
        with pytest.raises(DBAPIError, match="read-only"):
            session.execute(text("update operational.cases set revision = revision"))


def test_an_erased_payload_cannot_be_compared_and_that_is_said(running, plays):
    with running.sessions(COUNTY) as session:
        seq = next(
            link.seq
            for link, _ in history.read(session, COUNTY, plays[0].case_id)
            if link.kind == "task_completed"
        )
    erase = (
        "update operational.event_payloads set body = null, salt = null where case_id = :id and seq = :seq"
    )
    owner = create_engine(running.settings.owner_database_url)
    with session_for(owner, COUNTY) as session:
        assert session.execute(text(erase), {"id": plays[0].case_id, "seq": seq}).rowcount == 1
        session.commit()
    owner.dispose()
    report, rows = backtested(running, FILES)
    assert report.verdicts == {"same": 2, "route": 0, "failed": 0, "not_compared": 1}
    ((why,), group), *_ = report.found("not_compared")
    assert "依法删除" in why
    assert [row.why_at for row in rows if row.why] == [seq]
    assert group.examples == [plays[0].number]
