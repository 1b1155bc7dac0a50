"""Before and after of every kind of change, in people's words."""

import pytest

from engine.domain.changes import (
    AddMember,
    AssignParcels,
    CancelCertificate,
    ChangeRepresentative,
    CorrectValue,
    NewCertificate,
    ReissueCertificate,
    Relation,
    SurrenderParcels,
    SwapParcels,
    apply,
    as_proposed,
)
from engine.domain.changes.drawn import merge, split_by_line
from engine.queries.case_file import ProposedChange
from engine.queries.changed import BeforeAndAfter
from tests.domain.changes.village import A1, A2, B1, DAY, EAST, NORTH, A, B, field, person, village
from tests.domain.test_changeset import HOUSEHOLD
from web.inbox.changed import things

HERE = village()
RELATIONS = tuple(
    Relation(member.id_number, relation)
    for member, relation in zip(HERE.contractors[A].members, ("10", "02", "20", "30"), strict=True)
)
PIECES = [field(n) for n in range(70, 74)]


def told(web, *changes, lang="zh"):
    both = BeforeAndAfter(HERE, apply(changes, HERE), A)
    with web.test_request_context(f"/?lang={lang}"):
        return both, things(both, ProposedChange(changes, (), None, HOUSEHOLD))


def text_of(found):
    return " ".join(f"{t['kind']} {t['code']} {t['state']} " + str(t["rows"]) for t in found)


def test_a_split_and_a_merge_are_rows_of_parcels(web):
    both, _ = told(web, split_by_line(HERE, A1, [(EAST + 30, NORTH - 5), (EAST + 30, NORTH + 70)], PIECES))
    assert {row.code: row.state for row in both.parcels} == {
        A1: "gone", A2: "same", PIECES[0]: "new", PIECES[1]: "new"
    }  # fmt: skip
    both, _ = told(web, merge(HERE, [A1, A2], PIECES[0]))
    assert {row.code: row.state for row in both.parcels} == {A1: "gone", A2: "gone", PIECES[0]: "new"}


def test_a_swap_tells_of_both_households_and_both_parcels(web):
    both, found = told(web, SwapParcels(A, (A2,), B, (B1,)))
    own, other = HERE.contractors[A].name, HERE.contractors[B].name
    assert {row.code: (row.own, row.state, row.holder_before, row.holder_after) for row in both.parcels} == {
        A1: (True, "same", own, own), A2: (True, "moved", own, other), B1: (True, "moved", other, own)
    }  # fmt: skip
    assert {(t["code"], t["name"]) for t in found if t["kind"] == "承包合同"} == {(A, own), (B, other)}


def test_an_assignment_is_seen_before_the_issuing_party_has_answered():
    """Members agree to what they see; a changeset that waited for the consent showed that nothing changes."""
    changes = (AssignParcels(A, B, (A2,), None),)
    both = BeforeAndAfter(HERE, as_proposed(changes, HERE), A)
    assert {row.code: row.state for row in both.parcels} == {A1: "same", A2: "moved"}


def test_members_are_told_with_masked_numbers_and_labels(web):
    baby = person(5, "20", "王小宝", note_code="6")
    _, found = told(web, AddMember(A, baby))
    words = text_of(found)
    assert "王小宝" in words
    assert "子" in words
    assert baby.id_number not in words


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "change",
    [
        SurrenderParcels(A, (A2,), DAY.replace(year=2026, month=1)),
        ChangeRepresentative(A, RELATIONS),
        CorrectValue("parcels", A1, "name", "塘边田", "塘下田", "笔误"),
        ReissueCertificate(A, "遗失", NewCertificate("第000002号", "某县自然资源局", DAY)),
        CancelCertificate(A, "全部交回"),
    ],
    ids=lambda change: change.type,
)  # fmt: skip
def test_every_kind_has_words_before_and_after(web, change, lang):
    both, found = told(web, change, lang=lang)
    assert found or both.parcels
    for thing in found:
        assert thing["rows"]
        for row in thing["rows"]:
            assert row["before"] != row["after"]
            assert row["label"]
            assert "_" not in row["label"]  # no name of a column


def test_a_parcel_that_will_be_divided_is_not_called_unchanged():
    """Before the survey no change of it can be proposed; the application says what is to come."""
    both = BeforeAndAfter(HERE, HERE, A, frozenset([A1]))
    assert {row.code: row.state for row in both.parcels} == {A1: "divides", A2: "same"}
