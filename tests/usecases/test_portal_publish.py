"""What the portal is told about a case: plain words, the right days, and no more than its household may know."""

from datetime import date

import pytest
from sqlalchemy import inspect, literal, select, text
from sqlalchemy.exc import ProgrammingError

from engine.queries import portal_pages
from engine.store.base import Base
from engine.store.tables.portal import CaseView, PublishedForm, PublishedPaper
from engine.usecases.publish_case import publish_case
from engine.usecases.publish_forms import publish_forms
from tests.portal_steps import (
    COUNTY,
    MISSING,
    PASSED,
    applied,
    household,
    inside,
    last_message,
    office_does,
    signed_in,
)


@pytest.fixture
def portal(running):
    with running.portal_sessions() as session:
        yield session


def published(portal, number):
    return portal.get(CaseView, number, populate_existing=True)


def states(view):
    return [step["state"] for step in view.steps]


def publish(running, portal, number):
    with running.sessions(COUNTY) as session:
        publish_case(session, portal, running.clock, running.files, COUNTY, number)
    portal.commit()


def test_case_in_plain_words_from_village_to_publicity(running, portal):
    home = household(running, 30)
    number, _ = applied(running, portal, signed_in(running, portal, home))
    view = published(portal, number)
    assert view.turn["office"]["zh"] == "村委会"
    assert (view.turn["due_on"], view.turn["due_kind"]) == (
        "2026-03-09",
        "task",
    )  # 5 working days from 2 March
    assert view.turn["phone"] == "0900-1200001"
    assert states(view) == ["done", "now", *["next"] * 7]
    expected = [step["expected"] for step in view.steps[1:]]
    assert expected == sorted(expected)
    assert expected[0] == "2026-03-09"

    assert office_does(running, number, PASSED) == "village_check"
    assert office_does(running, number, {"decision": "pass", "opinion": "同意"}) == "township_review"
    proposal = {"checked": ["papers", "register", "free"], "proposal": "approve", "opinion": "拟同意"}
    assert office_does(running, number, proposal) == "county_check"
    assert office_does(running, number, {"decision": "approve", "opinion": "同意"}) == "county_decision"
    view = published(portal, number)
    assert states(view) == ["done"] * 4 + ["now"] + ["next"] * 4
    assert (view.turn["due_on"], view.turn["due_kind"]) == ("2026-03-16", "period")  # 10 full working days
    assert "公示" in view.turn["text"]["zh"]
    assert view.turn["todo"]


def test_clock_stands_still_while_the_applicant_must_act(running, portal):
    home = household(running, 31)
    number, _ = applied(running, portal, signed_in(running, portal, home))
    office_does(running, number, MISSING)
    view = published(portal, number)
    assert states(view)[:3] == ["done", "now", "next"]  # a supplement is no step of its own
    assert view.turn["office"]["zh"] == "您本人"
    assert view.turn["due_on"] == view.todo["due_on"] == "2026-03-23"  # 15 working days
    assert view.todo["asked_by"]["zh"] == "村委会"
    assert portal.get(PublishedForm, (view.todo["version"], "supply_papers"))


def test_rejection_ends_the_steps(running, portal):
    home = household(running, 32)
    number, _ = applied(running, portal, signed_in(running, portal, home))
    office_does(running, number, {"decision": "reject", "reasons": ["V03"], "opinion": "界址有争议"})
    view = published(portal, number)
    assert (view.status, states(view)) == ("rejected", ["done", "ended"])
    assert view.turn["due_on"] is None
    titles = [paper.title for paper in portal_pages.papers_of(portal, number)]
    assert "不予办理通知书" in titles
    assert "不予办理" in last_message(running, home.phone)


def test_publishing_again_changes_nothing(running, portal):
    home = household(running, 33)
    number, _ = applied(running, portal, signed_in(running, portal, home))
    before = {c.key: getattr(published(portal, number), c.key) for c in inspect(CaseView).columns}
    papers = portal.query(PublishedPaper).filter_by(case_number=number).count()
    publish(running, portal, number)
    after = {c.key: getattr(published(portal, number), c.key) for c in inspect(CaseView).columns}
    assert before == after
    assert papers == portal.query(PublishedPaper).filter_by(case_number=number).count() == 1
    with running.sessions(COUNTY) as session:
        assert publish_forms(session, portal, COUNTY, date(2026, 3, 2)) is False


def test_papers_of_others_are_confirmed_but_not_given(running, portal):
    home = household(running, 34)
    number, _ = applied(running, portal, signed_in(running, portal, home))
    paper = portal_pages.papers_of(portal, number)[0]
    with running.sessions(COUNTY) as session:
        session.execute(
            text("update operational.papers set audience = '[\"village\"]' where verify_code = :code"),
            {"code": paper.verify_code},
        )
        portal.execute(
            text("delete from portal.papers where verify_code = :code"), {"code": paper.verify_code}
        )
        portal.commit()
        portal.expunge_all()
        publish_case(session, portal, running.clock, running.files, COUNTY, number)
        portal.commit()
        session.rollback()
    assert portal_pages.papers_of(portal, number) == []
    assert portal_pages.paper_file(portal, number, paper.verify_code) is None
    assert portal_pages.paper_by_code(portal, paper.verify_code).number == paper.number


def test_view_holds_no_names(running, portal):
    home = household(running, 35)
    number, _ = applied(running, portal, signed_in(running, portal, home))
    view = published(portal, number)
    told = str([view.title, view.turn, view.steps, view.todo])
    assert not any(member.name in told for member in home.members)


def test_case_started_by_the_village_is_seen_by_its_household(running, portal):
    from tests.usecases.opening import open_case

    number = open_case(running, household=5)
    inside(running)
    view = published(portal, number)
    assert view.applicant_id is None
    home = next(h for h in (household(running, n) for n in range(40)) if h.code == view.contractor_code)
    person = signed_in(running, portal, home)
    assert [found.number for found in portal_pages.cases_of(portal, person)] == [number]


def test_portals_role_reads_nothing_but_its_schema(running):
    tables = Base.metadata.sorted_tables
    assert {table.schema for table in tables} == {"portal", "operational", "reference", "vault", "query"}
    for table in tables:
        with running.portal_sessions() as session:
            looking = select(literal(1)).select_from(table).limit(1)
            if table.schema == "portal":
                session.execute(looking)
                continue
            with pytest.raises(ProgrammingError, match="permission denied"):
                session.execute(looking)


def test_insides_role_does_not_reach_the_portal_by_its_own_session(running):
    with running.sessions(COUNTY) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(select(CaseView.number))
