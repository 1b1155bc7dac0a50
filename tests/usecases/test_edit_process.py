"""A draft from the first change to the next case: who may do what, and what every stale click is told."""

import pytest
from sqlalchemy import select

from engine.domain.actor import Actor
from engine.domain.errors import Conflict, DomainError, Invalid, NotFound, Refused
from engine.queries.studio import overview
from engine.store.people import by_username
from engine.store.tables.cases import Case, Task
from engine.store.tables.reference import ProcessDraft
from engine.usecases import edit_process as edit
from engine.usecases.replay_case import replay_case
from tests.usecases.opening import open_case

COUNTY, TYPE = "990101", "contract_signing"
MODEL, PARAMETERS, ABOUT = "process.bpmn", "parameters.yaml", "case_type.yaml"


@pytest.fixture
def session(running):
    with running.sessions(COUNTY) as session:
        yield session
        session.rollback()


def admin(session, username="admin") -> Actor:
    person = by_username(session, username)
    return Actor(str(person.id), person.name, "process_admin", COUNTY, COUNTY)


def save(session, clock, actor, path, text):
    tag = edit.read_draft(session, COUNTY, TYPE).tag
    return edit.save_file(session, clock, actor, TYPE, path, text, tag)


def text_of(session, path):
    return edit.read_draft(session, COUNTY, TYPE).text(path)


def renamed(session, old="乡镇审核", new="乡镇复核"):
    text = text_of(session, MODEL)
    assert f'name="{old}"' in text
    return text.replace(f'name="{old}"', f'name="{new}"')


def tag_of(session):
    return edit.read_draft(session, COUNTY, TYPE).tag


def test_the_next_case_runs_on_the_new_version_and_open_cases_stay(running, clock):
    """The whole promise of publishing, on the real database, each step in its own transaction."""
    before = open_case(running, household=0)
    with running.sessions(COUNTY) as session:
        one, two = admin(session), admin(session, "admin2")
        old = overview(session, COUNTY, TYPE).in_force
        save(session, clock, one, MODEL, renamed(session, "村级初审", "村级初步审查"))
        edit.submit_draft(session, clock, one, TYPE, "改得更明白", tag_of(session))
        session.commit()
    with running.sessions(COUNTY) as session:
        published = edit.approve_draft(session, clock, two, TYPE, tag_of(session))
        session.commit()
    after = open_case(running, household=1)

    with running.sessions(COUNTY) as session:
        names = {
            number: session.scalar(select(Task.name).join(Case, (Case.county == Task.county) & (Case.id == Task.case_id))
                                   .where(Case.number == number, Task.element == "village_check"))
            for number in (before, after)
        }  # fmt: skip
        assert names == {before: "村级初审", after: "村级初步审查"}
        found = {row.id: row for row in overview(session, COUNTY, TYPE).versions}
        assert found[old.id].open_cases == found[published.version_id].open_cases == 1
        assert found[published.version_id].in_force
        assert not found[old.id].in_force
        row = found[published.version_id]
        assert (row.published_by, row.approved_by, row.note) == (one.name, two.name, "改得更明白")
        for number in (before, after):
            assert replay_case(session, COUNTY, number).differences == []


def test_only_what_differs_is_kept(session, clock):
    one, before = admin(session), text_of(session, PARAMETERS)
    draft = save(session, clock, one, PARAMETERS, before + "\n# 备注\n")
    assert draft.changed == [PARAMETERS]
    assert save(session, clock, one, PARAMETERS, before).changed == []


def test_a_new_form_can_be_added_and_taken_back(session, clock):
    one = admin(session)
    draft = save(session, clock, one, "forms/extra_check.yaml", "form: extra_check\n")
    assert draft.changed == ["forms/extra_check.yaml"]
    assert any(p.file == "forms/extra_check.yaml" for p in edit.problems_of(draft))
    draft = edit.restore_file(session, clock, one, TYPE, "forms/extra_check.yaml", draft.tag)
    assert "forms/extra_check.yaml" not in draft.files


@pytest.mark.parametrize(
    "path", ["../etc/passwd", "forms/../x.yaml", "forms/Größe.yaml", "scenarios/x.yaml", "x.py", ""]
)
def test_no_file_of_another_kind_can_be_added(session, clock, path):
    with pytest.raises(NotFound):
        save(session, clock, admin(session), path, "x")


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "字" * 2_000_001])
def test_text_the_database_cannot_hold_is_refused(session, clock, text):
    with pytest.raises(Refused):
        save(session, clock, admin(session), PARAMETERS, text)


def test_a_stale_saving_is_refused_and_says_who_saved(session, clock):
    one, two = admin(session), admin(session, "admin2")
    opened = tag_of(session)
    edit.save_file(session, clock, two, TYPE, MODEL, renamed(session), opened)
    with pytest.raises(Conflict, match=two.name):
        edit.save_file(session, clock, one, TYPE, PARAMETERS, "deadlines: {}", opened)


def test_a_page_opened_before_a_publication_cannot_bring_the_old_files_back(session, clock):
    """Both times there is no draft; only the base tells them apart."""
    one, two = admin(session), admin(session, "admin2")
    opened, old = tag_of(session), text_of(session, PARAMETERS)
    save(session, clock, one, PARAMETERS, old + "\n# 第一次\n")
    edit.submit_draft(session, clock, one, TYPE, "备注", tag_of(session))
    edit.approve_draft(session, clock, two, TYPE, tag_of(session))
    with pytest.raises(Conflict):
        edit.save_file(session, clock, one, TYPE, PARAMETERS, old, opened)


def test_two_who_start_at_once_do_not_lose_each_other(running, clock):
    """Neither sees the other's draft yet; the second is told, and the first one's text stays."""
    with running.sessions(COUNTY) as first:
        one = admin(first)
        opened = tag_of(first)
        row = edit._new_draft(first, clock, one, edit.read_draft(first, COUNTY, TYPE))
        first.commit()
    with running.sessions(COUNTY) as second:
        draft = edit.read_draft(second, COUNTY, TYPE)
        blind = edit.Draft(TYPE, draft.base_version, draft.base_files, draft.files, None)
        with pytest.raises(Conflict):
            edit._new_draft(second, clock, admin(second, "admin2"), blind)
        assert second.get(ProcessDraft, row.id).edited_by == one.person_id, "the transaction is still usable"
        with pytest.raises(Conflict):
            edit.save_file(second, clock, one, TYPE, MODEL, "x", opened)
        edit.discard_draft(second, clock, one, TYPE, tag_of(second))
        second.commit()


def test_errors_keep_a_draft_from_being_submitted(session, clock):
    one = admin(session)
    save(session, clock, one, MODEL, text_of(session, MODEL).replace('camunda:formKey="village_check"', ""))
    with pytest.raises(Refused) as told:
        edit.submit_draft(session, clock, one, TYPE, "改", tag_of(session))
    assert {p.element for p in told.value.facts["problems"]} == {"village_check"}


def test_nothing_changed_and_nothing_said_are_refused(session, clock):
    one = admin(session)
    with pytest.raises(Refused, match="没有修改"):
        edit.submit_draft(session, clock, one, TYPE, "改", tag_of(session))
    save(session, clock, one, MODEL, renamed(session))
    with pytest.raises(Invalid):
        edit.submit_draft(session, clock, one, TYPE, " \n", tag_of(session))


def submitted(session, clock):
    one, two = admin(session), admin(session, "admin2")
    save(session, clock, one, MODEL, renamed(session))
    edit.submit_draft(session, clock, one, TYPE, "改名", tag_of(session))
    return one, two


def test_the_submitter_cannot_approve_or_return_and_nothing_is_published(session, clock):
    one, _ = submitted(session, clock)
    before = overview(session, COUNTY, TYPE).in_force.id
    for act in (
        lambda: edit.approve_draft(session, clock, one, TYPE, tag_of(session)),
        lambda: edit.return_draft(session, clock, one, TYPE, "再想想", tag_of(session)),
    ):
        with pytest.raises(Refused) as told:
            act()
        assert told.value.code == "second_person"
    assert overview(session, COUNTY, TYPE).in_force.id == before


def test_a_submitted_draft_is_not_edited_and_only_its_submitter_withdraws_it(session, clock):
    one, two = submitted(session, clock)
    with pytest.raises(Conflict, match="撤回后才能再改"):
        save(session, clock, one, MODEL, "x")
    with pytest.raises(Refused):
        edit.withdraw_draft(session, clock, two, TYPE)
    edit.withdraw_draft(session, clock, one, TYPE)
    assert not edit.read_draft(session, COUNTY, TYPE).submitted


def test_what_was_changed_after_it_was_looked_at_is_not_approved(session, clock):
    one, two = submitted(session, clock)
    looked_at = tag_of(session)
    edit.withdraw_draft(session, clock, one, TYPE)
    save(session, clock, one, PARAMETERS, text_of(session, PARAMETERS) + "\n# 后加的\n")
    edit.submit_draft(session, clock, one, TYPE, "改名和备注", tag_of(session))
    with pytest.raises(Conflict):
        edit.approve_draft(session, clock, two, TYPE, looked_at)


def test_a_returned_draft_says_why_until_it_is_submitted_again(session, clock):
    one, two = submitted(session, clock)
    edit.return_draft(session, clock, two, TYPE, "名称请与方案一致", tag_of(session))
    told = overview(session, COUNTY, TYPE).draft
    assert (told.row.status, told.returned.who, told.returned.note) == (
        "editing",
        two.name,
        "名称请与方案一致",
    )
    edit.submit_draft(session, clock, one, TYPE, "已改", tag_of(session))
    assert overview(session, COUNTY, TYPE).draft.returned is None


def test_a_discarded_draft_leaves_the_version_in_force(session, clock):
    one = admin(session)
    save(session, clock, one, MODEL, renamed(session))
    edit.discard_draft(session, clock, one, TYPE, tag_of(session))
    assert edit.read_draft(session, COUNTY, TYPE).row is None
    assert 'name="乡镇审核"' in text_of(session, MODEL)


BROKEN = {
    ABOUT: [
        "",
        "[]",
        "null",
        "case_type: x",
        "a: [",
        "case_type: 3\ngroups: 3",
        "when: 2026-02-30",
        "groups: {a: 1}\n",
    ],
    PARAMETERS: ["[]", "null", "deadlines: 3", "deadlines: {a: 1}", "deadlines: {a: {kind: [1]}}"],
    "forms/village_check.yaml": [
        "",
        "[]",
        "form: x",
        "fields: 3",
        "? [a]\n: b",
        "fields: [&a {name: x, kind: group, fields: [*a]}]",
    ],
    MODEL: ["", "<x/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "not xml"],
    "documents/contract.html": ["{% if %}", "{{ a"],
}


@pytest.mark.parametrize(("path", "text"), [(path, text) for path, texts in BROKEN.items() for text in texts])
def test_whatever_is_typed_the_check_answers_with_a_problem_of_that_file(session, path, text):
    found = edit.problems_of(edit.read_draft(session, COUNTY, TYPE), {path: text})
    assert [p for p in found if p.severity == "error" and (p.file == path or p.rule == "check-failed")], found


def test_the_case_type_cannot_be_renamed(session):
    draft = edit.read_draft(session, COUNTY, TYPE)
    about = draft.text(ABOUT).replace("case_type: contract_signing", "case_type: other_type")
    assert [p.rule for p in edit.problems_of(draft, {ABOUT: about})] == ["case-type-name"]


def test_a_paper_that_is_not_there_is_found_at_its_element(session):
    draft = edit.read_draft(session, COUNTY, TYPE)
    model = draft.text(MODEL).replace('name="template" value="contract"', 'name="template" value="contrakt"')
    assert [(p.element, p.rule) for p in edit.problems_of(draft, {MODEL: model})] == [
        ("issue_contract", "document-unknown"),
        ("issue_contract_again", "document-unknown"),
    ]


def test_another_countys_case_type_is_not_found(session, clock):
    with pytest.raises(DomainError):
        edit.read_draft(session, "990102", TYPE)
