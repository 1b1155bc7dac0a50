"""Members, representatives, splits, merges and the end of households: what passes, and each rule's flaw."""

from dataclasses import replace
from datetime import date

import pytest

from engine.domain.changes import (
    AddMember,
    ChangeMember,
    ChangeRepresentative,
    EndHousehold,
    MergeHouseholds,
    NewHousehold,
    Relation,
    RemoveMember,
    RestoreMembers,
    SplitHousehold,
    apply,
    check,
    errors,
    inverse,
    preview,
)
from engine.domain.changes.findings import finding

from .village import A1, A2, B1, A, B, C, D, Z, holdings, household, person, rules, village

HERE = village()
N1, N2 = household(101), household(102)
BABY = person(5, "41", "王小宝", note_code="6")
HEAD, WIFE, SON, DAUGHTER = HERE.contractors[A].members


def relations(*pairs):
    return tuple(Relation(member.id_number, relation) for member, relation in pairs)


SPLIT = SplitHousehold(
    A,
    (
        NewHousehold(N1, relations((HEAD, "02"), (WIFE, "12"), (DAUGHTER, "30")), (A1,)),
        NewHousehold(N2, relations((SON, "02")), (A2,), phone="13800000000"),
    ),
)
MEMBERS_AB = (
    (HEAD, "02"), (WIFE, "12"), (SON, "20"), (DAUGHTER, "30"), *((m, "80") for m in HERE.contractors[B].members)
)  # fmt: skip
MERGE = MergeHouseholds((A, B), NewHousehold(N1, relations(*MEMBERS_AB)))
NEW_HEAD = ChangeRepresentative(A, relations((HEAD, "50"), (WIFE, "56"), (SON, "02"), (DAUGHTER, "75")))
MARRIES = RemoveMember(A, DAUGHTER.id_number, "married_out", land_elsewhere="990101100201020007J")
GOOD = {
    "birth": AddMember(A, BABY),
    "marriage": MARRIES,
    "death": RemoveMember(A, WIFE.id_number, "died"),
    "other relation": ChangeMember(A, SON.id_number, replace(SON, relation="22")),
    "restored": RestoreMembers(A, (HEAD, WIFE)),
    "new head": NEW_HEAD,
    "split": SPLIT,
    "merge": MERGE,
}


@pytest.mark.parametrize("name", GOOD)
def test_a_change_that_fits_has_no_findings_and_a_way_back(name):
    change = GOOD[name]
    assert check([change], HERE) == []
    after = apply([change], HERE)
    back = inverse([change], HERE)
    assert errors(check(back, after)) == []
    assert holdings(apply(back, after)) == holdings(HERE) != holdings(after)


def test_a_new_head_gives_the_household_its_name():
    after = apply([NEW_HEAD], HERE).contractors[A]
    assert (after.name, after.id_number) == (SON.name, SON.id_number)
    assert [member.is_head for member in after.members] == [False, False, True, False]
    renamed = apply([ChangeMember(A, HEAD.id_number, replace(HEAD, name="王德舜"))], HERE)
    assert renamed.contractors[A].name == "王德舜"


def test_a_split_shares_out_people_and_land_for_the_rest_of_the_term():
    after = apply([SPLIT], HERE)
    assert A not in after.contractors
    assert after.retired[A] == (N1, N2)
    assert [m.name for m in after.contractors[N1].members] == ["王德顺", "李秀英", "王芳"]
    assert (after.contractors[N2].name, after.contractors[N2].phone) == ("王建国", "13800000000")
    assert (after.contracts[N1].codes, after.contracts[N2].codes) == ((A1,), (A2,))
    assert after.contracts[N2].term_end == date(2027, 12, 31)
    assert after.contracts[N2].code == N2 + "J"
    assert not after.valid_certificates(A)
    assert {change.kind for change in preview([SPLIT], HERE)} == {"contractors", "contracts", "certificates"}


def test_who_is_left_out_or_named_twice_is_told_by_name():
    rows = MERGE.household.members
    wrong = replace(MERGE, household=replace(MERGE.household, members=(*rows[:2], *rows[3:], rows[0])))
    assert check([wrong], HERE)[-1] == finding("members_not_once", A, names=f"{HEAD.name}、{SON.name}")


def test_a_merge_holds_all_the_land_until_the_earliest_end():
    sooner = HERE.put(replace(HERE.contracts[B], term_end=date(2027, 6, 30)))
    after = apply([MERGE], sooner)
    assert after.contracts[N1].codes == (A1, A2, B1)
    assert after.contracts[N1].term_end == date(2027, 6, 30)
    assert A not in after.contracts
    assert B not in after.contractors


def test_a_household_without_land_can_merge():
    joined = MergeHouseholds(
        (C, D),
        NewHousehold(
            N1, relations((HERE.contractors[C].members[0], "02"), (HERE.contractors[D].members[0], "80"))
        ),
    )
    assert check([joined], HERE) == []
    assert apply([joined], HERE).contracts[N1].codes == HERE.contracts[C].codes


def deceased(code):
    one = HERE.contractors[code]
    return HERE.put(replace(one, members=tuple(replace(m, note_code="7") for m in one.members)))


def test_a_household_ends_when_nobody_of_it_lives():
    ends = EndHousehold(B, "全户消亡")
    after = apply([ends], deceased(B))
    assert check([ends], deceased(B)) == []
    assert (B in after.contractors, B in after.contracts) == (False, False)
    assert (after.holder(B1), after.parcels[B1].category) == (None, "22")
    assert inverse([ends], deceased(B)) is None
    assert rules(check([ends], HERE)) == {"C21"}
    assert "赵长河、孙桂兰" in check([ends], HERE)[0].message
    assert rules(check([replace(ends, reason="")], deceased(B))) == {"C23"}


def part(index, **changed):
    parts = list(SPLIT.parts)
    parts[index] = replace(parts[index], **changed)
    return SplitHousehold(A, tuple(parts))


FLAWS = {
    "already there": (AddMember(A, SON), "A10"),
    "two heads": (AddMember(A, replace(BABY, relation="02")), "R04"),
    "nobody of that number": (RemoveMember(A, BABY.id_number, "died"), "C17"),
    "the head leaves": (RemoveMember(A, HEAD.id_number, "died"), "C17"),
    "the last leaves": (RemoveMember(D, HERE.contractors[D].members[0].id_number, "moved"), "C17"),
    "married out without land": (replace(MARRIES, land_elsewhere=None), "C18"),
    "married out with a blank": (replace(MARRIES, land_elsewhere=" "), "C18"),
    "no reason": (RemoveMember(A, SON.id_number, "other"), "C23"),
    "change of a stranger": (ChangeMember(A, BABY.id_number, BABY), "C17"),
    "two of one number": (ChangeMember(A, SON.id_number, replace(SON, id_number=WIFE.id_number)), "A10"),
    "no head left": (ChangeMember(A, HEAD.id_number, replace(HEAD, relation="50")), "R04"),
    "nobody left": (RestoreMembers(A, ()), "R02"),
    "a member forgotten": (replace(NEW_HEAD, relations=NEW_HEAD.relations[:3]), "C19"),
    "two new heads": (replace(NEW_HEAD, relations=relations((HEAD, "02"), (WIFE, "56"), (SON, "02"), (DAUGHTER, "75"))), "R04"),
    "no new head": (replace(NEW_HEAD, relations=relations((HEAD, "50"), (WIFE, "56"), (SON, "71"), (DAUGHTER, "75"))), "R04"),
    "split into one": (replace(SPLIT, parts=SPLIT.parts[:1]), "C20"),
    "split without a head": (part(1, members=relations((SON, "20"))), "R04"),
    "somebody in two households": (part(1, members=relations((SON, "02"), (WIFE, "12"))), "C20"),
    "a parcel for two": (part(1, parcels=(A1, A2)), "C20"),
    "a parcel for nobody": (part(1, parcels=()), "C20"),
    "a firm's number": (part(1, code=household(9001)), "A05"),
    "a number in use": (part(1, code=B), "U01"),
    "merge of one": (replace(MERGE, contractor_codes=(A,)), "C20"),
    "merge across collectives": (replace(MERGE, contractor_codes=(A, Z)), "C07"),
    "merge forgets somebody": (replace(MERGE, household=replace(MERGE.household, members=MERGE.household.members[:-1])), "C20"),
    "unknown household": (AddMember(household(77), BABY), "R06"),
}  # fmt: skip


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_flaw_is_found_by_its_rule(flaw):
    change, rule = FLAWS[flaw]
    findings = check([change], HERE)
    assert rule in rules(findings)
    assert all(found.message and "%(" not in found.message for found in findings)


def test_a_dead_member_is_no_head_and_a_firm_has_no_members():
    assert rules(check([NEW_HEAD], HERE.put(replace(
        HERE.contractors[A], members=(HEAD, WIFE, replace(SON, note_code="7"), DAUGHTER)
    )))) == {"C17"}  # fmt: skip
    firm = HERE.put(replace(HERE.contractors[D], kind="3", members=()))
    assert rules(check([AddMember(D, BABY)], firm)) == {"C16"}


def test_who_married_out_stays_while_she_holds_land_nowhere_else():
    noted = HERE.put(
        replace(HERE.contractors[A], members=(HEAD, WIFE, SON, replace(DAUGHTER, note_code="1")))
    )
    assert rules(check([replace(MARRIES, reason="moved", land_elsewhere=None)], noted)) == {"C18"}
    assert check([replace(MARRIES, reason="died", land_elsewhere=None)], noted) == []
    assert check([MARRIES], noted) == []


def test_a_person_of_another_household_is_a_warning():
    [found] = check([AddMember(A, replace(HERE.contractors[B].members[1], relation="38"))], HERE)
    assert (found.rule, found.severity) == ("A10", "warning")
    assert B in found.message
    assert errors([found]) == []


def test_households_of_different_ways_do_not_merge():
    other_way = HERE.put(replace(HERE.contracts[B], way="120"))
    assert rules(check([MERGE], other_way)) == {"C20"}
