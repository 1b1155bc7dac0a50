"""What the inside makes of submissions: once each, with an answer that says what to do."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from engine.domain.errors import Conflict, NotFound
from engine.queries import portal_pages
from engine.store.cases import find_case
from engine.store.sealed import fingerprint
from engine.store.tables.cases import Case, Paper
from engine.store.tables.portal import Applicant, CaseView, PortalDraft, PortalUpload, Submission
from engine.usecases import take_in_submissions as taking
from engine.usecases.hand_in import hand_in
from engine.usecases.portal_drafts import save_answers, start_supplement, submit_draft
from engine.usecases.take_in_submissions import take_in_submissions
from tests.portal_steps import (
    COUNTY,
    MISSING,
    answers,
    applied,
    household,
    inside,
    last_message,
    office_does,
    signed_in,
    submitted,
)


@pytest.fixture
def portal(running):
    with running.portal_sessions() as session:
        yield session


def cases_of(running, home):
    with running.sessions(COUNTY) as session:
        return session.scalars(select(Case).where(Case.contractor_code == home.code)).all()


def test_application_becomes_a_case_with_its_papers(running, portal):
    home = household(running, 10)
    person = signed_in(running, portal, home)
    number, code = applied(running, portal, person)
    with running.sessions(COUNTY) as session:
        case = find_case(session, COUNTY, number)
        material = session.scalars(
            select(Paper).where(Paper.case_id == case.id, Paper.source == "material")
        ).one()
    assert (case.origin, case.applicant, case.contractor_code) == ("self", person.id, home.code)
    assert case.lookup_found == fingerprint(code)
    assert (material.kind, material.file_name) == ("id_card", "身份证.jpg")
    assert running.files.get(material.sha256)
    left = portal.scalars(select(PortalUpload.body).where(PortalUpload.applicant_id == person.id)).all()
    assert left == [None]
    assert number in last_message(running, home.phone)
    assert code in last_message(running, home.phone)


def test_job_that_dies_between_the_commits_makes_no_second_case(running, portal):
    home = household(running, 11)
    person = signed_in(running, portal, home)
    submission = submitted(running, portal, person, answers(running, portal, person))
    row = portal.get(Submission, submission)
    with running.sessions(COUNTY) as session:
        lost = hand_in(session, portal, running.clock, running.files, person, row)
        session.commit()  # and the portal never hears of it
    portal.rollback()
    inside(running)
    portal.refresh(row)
    assert row.answer["case"] == lost["case"]
    assert len(cases_of(running, home)) == 1
    # the first code was never told; the one that is told works
    assert portal_pages.look_up(portal, lost["case"], row.answer["lookup_code"])
    assert take_in_submissions(running) == 0


def test_second_application_is_refused_with_the_first_ones_number(running, portal):
    home = household(running, 12)
    person = signed_in(running, portal, home)
    number, _ = applied(running, portal, person)
    data = answers(running, portal, person)
    row = portal.get(Submission, submitted(running, portal, person, data))
    inside(running)
    portal.refresh(row)
    assert (row.status, row.answer["code"]) == ("refused", "reserved")
    assert row.answer["facts"]["number"] == number
    draft = portal.get(PortalDraft, row.draft_id, populate_existing=True)
    assert (draft.submitted, draft.data["kind"]) == (False, "renew")
    assert len(cases_of(running, home)) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "take_all"}, "kind"),
        ({"parcels": ["9901011002010199999"]}, "parcels"),
        ({"papers": {}}, "papers-id_card"),
        ({"papers": {"id_card": [str(uuid4())]}}, "papers"),
        ({"papers": {"id_card": ["no-such-file"]}}, "papers"),
    ],
)
def test_bad_answers_come_back_by_field(running, portal, change, field):
    home = household(running, 13)
    person = signed_in_once(running, portal, home)
    row = portal.get(
        Submission, submitted(running, portal, person, answers(running, portal, person) | change)
    )
    inside(running)
    portal.refresh(row)
    assert (row.status, row.answer["kind"]) == ("refused", "invalid")
    assert field in row.answer["errors"]
    assert portal.get(PortalDraft, row.draft_id, populate_existing=True).submitted is False
    assert cases_of(running, home) == []


def signed_in_once(running, portal, home):
    """Signing in again and again would meet the limit of codes."""
    known = portal.scalar(select(Applicant).where(Applicant.contractor_code == home.code))
    return known if known and known.phone else signed_in(running, portal, home)


def test_strangers_upload_is_not_taken(running, portal):
    mine, theirs = household(running, 14), household(running, 15)
    person, stranger = signed_in(running, portal, mine), signed_in(running, portal, theirs)
    data = answers(running, portal, person) | {"papers": answers(running, portal, stranger)["papers"]}
    row = portal.get(Submission, submitted(running, portal, person, data))
    inside(running)
    portal.refresh(row)
    assert row.status == "refused"
    assert (
        portal.scalar(select(PortalUpload.body).where(PortalUpload.applicant_id == stranger.id)) is not None
    )


def test_draft_is_submitted_once(running, portal):
    person = signed_in(running, portal, household(running, 16))
    data = answers(running, portal, person)
    row = portal.get(Submission, submitted(running, portal, person, data))
    with pytest.raises(Conflict):
        submit_draft(portal, running.clock, person, row.draft_id, data)
    assert portal.scalar(select(func.count()).where(Submission.draft_id == row.draft_id)) == 1


def test_supplement_completes_the_households_task(running, portal):
    home = household(running, 17)
    person = signed_in(running, portal, home)
    number, _ = applied(running, portal, person)
    office_does(running, number, MISSING)
    view = portal.get(CaseView, number, populate_existing=True)
    assert view.todo["items"] == MISSING["supplement_items"]
    assert view.turn["yours"] is True
    told = last_message(running, person.phone)
    assert number in told
    assert "轮到您办理“补正材料”" in told
    draft = start_supplement(portal, running.clock, person, view)
    card = answers(running, portal, person)["papers"]
    row = portal.get(
        Submission,
        submit_draft(portal, running.clock, person, draft.id, {"answer": "已重拍", "papers": card}),
    )
    inside(running)
    portal.refresh(row)
    assert (row.status, row.answer) == ("taken", {"case": number})
    view = portal.get(CaseView, number, populate_existing=True)
    assert (view.todo, view.turn["yours"]) == (None, False)
    with pytest.raises(NotFound):
        start_supplement(portal, running.clock, person, view)


def test_family_follows_the_case_but_only_the_applicant_acts(running, portal):
    home = household(running, 18)
    person = signed_in(running, portal, home)
    number, _ = applied(running, portal, person)
    office_does(running, number, MISSING)
    other = Applicant(
        id=uuid4(), county=COUNTY, name="家人", id_number_found=b"1", phone="", contractor_code=home.code,
        facts={}, updated_at=running.clock.now(),
    )  # fmt: skip
    view = portal_pages.case_of(portal, other, number)
    assert view is not None
    with pytest.raises(NotFound):
        start_supplement(portal, running.clock, other, view)


def test_supplement_to_a_strangers_case_is_refused_inside(running, portal):
    mine, theirs = household(running, 19), household(running, 20)
    person, stranger = signed_in(running, portal, mine), signed_in(running, portal, theirs)
    number, _ = applied(running, portal, person)
    office_does(running, number, MISSING)
    todo = portal.get(CaseView, number, populate_existing=True).todo
    forged = Submission(
        id=uuid4(), applicant_id=stranger.id, kind="supply", case_type="contract_signing", case_number=number,
        task_number=todo["task"], data={"answer": "我来补"}, submitted_at=running.clock.now(), status="waiting",
    )  # fmt: skip
    portal.add(forged)
    portal.commit()
    inside(running)
    portal.refresh(forged)
    assert (forged.status, forged.answer["code"]) == ("refused", "not_your_case")


def test_submission_that_cannot_be_taken_does_not_hold_up_others(running, portal, clock, monkeypatch):
    bad, good = (signed_in(running, portal, household(running, n)) for n in (21, 22))
    poison = portal.get(Submission, submitted(running, portal, bad, answers(running, portal, bad)))
    other = portal.get(Submission, submitted(running, portal, good, answers(running, portal, good)))

    def fails(session, portal_, clock_, files, person, row):
        if row.id == poison.id:
            raise RuntimeError("the disk is full")
        return hand_in(session, portal_, clock_, files, person, row)

    monkeypatch.setattr(taking, "hand_in", fails)
    inside(running)
    portal.refresh(other)
    portal.refresh(poison)
    assert (other.status, poison.status, poison.answer["tries"]) == ("taken", "waiting", 1)
    inside(running)
    portal.refresh(poison)
    assert poison.answer["tries"] == 1  # not before its time
    for _ in range(taking.TRIES):
        clock.move_to(clock.now() + timedelta(minutes=10))
        inside(running)
    portal.refresh(poison)
    assert (poison.status, poison.answer["code"]) == ("refused", "failed")


def test_save_answers_keeps_what_other_pages_said(running, portal):
    person = signed_in(running, portal, household(running, 23))
    draft = PortalDraft(
        id=uuid4(), applicant_id=person.id, case_type="contract_signing", form="application",
        data={"kind": "new"}, saved_at=running.clock.now(), submitted=False,
    )  # fmt: skip
    portal.add(draft)
    portal.commit()
    save_answers(portal, running.clock, person, draft.id, {}, {"papers": {"id_card": ["a"]}})
    save_answers(portal, running.clock, person, draft.id, {}, {"papers": {"other": ["b"]}})
    assert draft.data == {"kind": "new", "papers": {"id_card": ["a"], "other": ["b"]}}
