"""Answers become typed changes as a rules file says; what it cannot say is found before it runs."""

from datetime import date
from itertools import count
from pathlib import Path

import pytest

from engine.domain.changes import AddMember, ChangeMember, RemoveMember, SplitHousehold, SwapParcels, check
from engine.domain.changes.findings import errors, finding
from engine.domain.changes.households import deceased_by
from engine.domain.from_yaml import read_yaml
from engine.domain.masking import number
from engine.domain.proposing import CannotPropose, ChangeRules, Scope, holds, look, problems

from .village import A1, B1, A, B, village

SHIPPED = read_yaml((Path(__file__).parents[3] / "processes/contract_change/changes.yaml").read_text("utf-8"))
RULES = ChangeRules(SHIPPED)
HERE = village()
FAMILY = HERE.contractors[A].members


def scope(**application):
    facts = {"contractor": A, "today": "2026-03-02", "started_on": "2026-03-02"}
    codes = (f"{A[:14]}{n:04d}" for n in count(500))
    return Scope({"application": application, "case": facts}, HERE, (A, B), codes)


def named(member):
    return f"{member.name} {number(member.id_number)}"


def test_each_row_of_members_becomes_its_own_change():
    rows = [
        {"what": "birth", "name": "新苗", "id_number": "990101202603010010", "relation": "20"},
        {"what": "died", "who": named(FAMILY[-1])},
    ]
    added, died = RULES.changes(scope(kind="members", members=rows))
    assert isinstance(added, AddMember)
    assert (added.member.sex, added.member.relation) == ("1", "20")
    assert isinstance(died, ChangeMember)
    assert (died.member.note_code, died.member.name) == ("7", FAMILY[-1].name)
    assert died.id_number == FAMILY[-1].id_number  # the form named the person by a masked number


def test_who_married_out_is_struck_off_only_with_land_elsewhere():
    row = {"what": "left_married", "who": named(FAMILY[-1])}
    [change] = RULES.changes(scope(kind="members", members=[row]))
    assert isinstance(change, RemoveMember)
    assert finding("married_out_keeps_land", A, name=FAMILY[-1].name) in errors(check([change], HERE))
    [change] = RULES.changes(scope(kind="members", members=[row | {"land_elsewhere": B + "J"}]))
    assert errors(check([change], HERE)) == []


def test_a_stranger_is_no_member():
    with pytest.raises(CannotPropose) as fault:
        RULES.changes(scope(kind="members", members=[{"what": "died", "who": "路人 990***********1234"}]))
    assert fault.value.path == "application.members"


def test_a_split_takes_new_codes_for_households_that_have_members():
    members = [{"who": named(m), "to": "1" if n else "2", "relation": "02"} for n, m in enumerate(FAMILY)]
    [change] = RULES.changes(
        scope(kind="split", split_members=members, split_parcels=[{"code": A1, "to": "2"}])
    )
    assert isinstance(change, SplitHousehold)
    assert [part.code[-4:] for part in change.parts] == ["0500", "0501"]
    assert [part.parcels for part in change.parts] == [(), (A1,)]


def test_only_the_first_of_the_new_households_keeps_the_applicants_telephone():
    rows = [{"who": named(m), "to": str(n), "relation": "02"} for n, m in enumerate(FAMILY[:3], 1)]
    rows[2]["phone"] = "13900000003"
    [change] = RULES.changes(scope(kind="split", phone="13900000001", split_members=rows))
    assert [part.phone for part in change.parts] == ["13900000001", None, "13900000003"]


def test_a_household_is_extinct_only_once_each_member_is_accounted_for():
    """A daughter who married out and holds no land elsewhere keeps her right: nobody records her as dead by the way."""
    told = [{"who": named(m), "what": "died"} for m in FAMILY[:-1]]
    found = check(RULES.changes(scope(kind="extinction", grounds="全户死亡", gone=told)), HERE)
    assert finding("members_living", A, names=FAMILY[-1].name) in errors(found)
    told.append({"who": named(FAMILY[-1]), "what": "elsewhere", "land_elsewhere": B + "J"})
    changes = RULES.changes(scope(kind="extinction", grounds="全户死亡", gone=told))
    assert errors(check(changes, HERE)) == []
    assert deceased_by(changes) == {m.id_number for m in FAMILY[:-1]}


def test_what_waits_for_the_survey_is_not_held_against_the_application():
    asked = scope(kind="swap", other_household=B, own_parcels=[A1], other_parcels=[B1], divided=[A1])
    [change] = RULES.changes(asked)
    assert isinstance(change, SwapParcels)
    assert change.first_parcels == ()
    found = errors(check([change], HERE))
    assert found
    assert RULES.standing(found, asked.data) == []
    here = {"village_check": {"survey_way": "here"}, "survey": {"allotment": []}}
    assert RULES.standing(found, asked.data | here) == found
    assert RULES.standing(found, asked.data | {"allot_pieces": {"allotment": []}}) == found
    assert RULES.feed_code(asked.data) == "1042"
    assert RULES.papers(asked.data) == []  # the agreement is printed first and comes back signed
    assert RULES.papers(asked.data, "collect_consent") == ["agreement_signed"]
    assert RULES.households(asked.data) == [("application.other_household", B)]


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        ({"a.b": 1}, True),
        ({"a.b": [2, 3]}, False),
        ({"a.c": None}, True),
        ({"a.b": "any"}, True),
        ({"a.c": "any"}, False),
        ({"a.empty": None}, True),
        ({"a.rows.to": "divide"}, True),
        ({"a.rows.to": "2"}, False),
    ],
)
def test_conditions(conditions, wanted):
    assert holds(conditions, {"a": {"b": 1, "empty": [], "rows": [{"to": "1"}, {"to": "divide"}]}}) is wanted


def test_a_path_goes_through_lists():
    assert look({"a": [{"b": 1}, {}, {"b": 2}]}, "a.b") == [1, 2]


def test_the_shipped_rules_are_sound():
    known = {"application", "village_check", "survey", "survey_result", "allot_pieces", "red_line"}
    known |= {"issuer_answer", "answer_for_issuer"}
    assert list(problems(SHIPPED, known)) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ([{"type": "drop_table"}], "没有变更类型"),
        ([{"type": "lose_parcel", "parcel_code": "=case.contractor"}], "缺少 reason"),
        ([{"type": "lose_parcel", "parcel_code": "1", "reason": "r", "extra": 1}], "没有 extra"),
        (["=elsewhere.drawing"], "没有的变量"),
        (["=application.a|python"], "不认识"),
        ([{"for": "=application.a", "giv": 1}], "不认识的 giv"),
        ("all", "没有写 changes"),
    ],
)
def test_faults_of_a_rules_file_are_named(changes, fault):
    source = {"kind": "application.kind", "kinds": {"k": {"changes": changes}}}
    assert any(fault in text for text in problems(source, {"application"}))


def test_periods_in_months_end_on_the_same_day():
    from datetime import UTC, datetime

    from engine.domain.calendar import shipped_calendar
    from engine.domain.deadline import Deadline, Kind, Unit

    begun = Deadline(Kind.WAIT, Unit.MONTHS, 6, datetime(2026, 3, 31, 1, tzinfo=UTC))
    assert begun.last_day(shipped_calendar()) == date(2026, 9, 30)
    stopped = begun.stop(datetime(2026, 4, 1, 1, tzinfo=UTC)).resume(datetime(2026, 4, 11, 1, tzinfo=UTC))
    assert stopped.last_day(shipped_calendar()) == date(2026, 10, 10)


def test_land_that_is_added_goes_in_with_its_measured_area():
    """The clerk picks it; the area is the register's."""
    [change] = RULES.changes(scope(kind="grant", land="listed", granted=[B1], grounds="会议决定"))
    assert [(one.parcel_code, one.area) for one in change.parcels] == [(B1, HERE.parcels[B1].measured_area)]


def test_a_corrected_postcode_and_telephone_come_from_questions_of_their_own():
    """Each is checked as what it is; a line of text took anything."""
    rows = [{"thing": "household", "household_field": "postcode", "postcode": "541800", "reason": "邮编变更"},
            {"thing": "household", "household_field": "phone", "phone": "13900000001", "reason": "换号"}]  # fmt: skip
    changes = RULES.changes(scope(kind="correction", corrections=rows))
    assert [(one.field, one.value) for one in changes] == [("postcode", "541800"), ("phone", "13900000001")]
