"""Signing in: the register decides, a code proves the telephone, and nobody learns who is registered."""

from datetime import timedelta

import pytest

from engine.domain.errors import NotAllowed, Refused
from engine.store.tables.portal import SignIn
from engine.usecases.portal_sign_in import ask_sign_in, enter_code, sign_in_state
from tests.portal_steps import code_sent, household, inside, last_message, signed_in


@pytest.fixture
def portal(running):
    with running.portal_sessions() as session:
        yield session


def ask(running, portal, home, **changes):
    who = {
        "name": home.members[0].name,
        "id_number": home.members[0].id_number,
        "phone": home.phone,
    } | changes
    asked = ask_sign_in(portal, running.clock, **who)
    inside(running)
    row = portal.get(SignIn, asked, populate_existing=True)
    return row


def test_right_person_gets_a_code_and_the_own_household(running, portal):
    home = household(running, 0)
    row = ask(running, portal, home)
    assert (row.status, row.id_number) == ("sent", None)
    person = enter_code(portal, running.clock, row.id, code_sent(running, home.phone))
    assert person.contractor_code == home.code
    own = [p.code for p in home.parcels]
    assert [parcel["code"] for parcel in person.facts["parcels"]] == own
    near = person.facts["adjoining"]
    assert near and not {row["code"] for row in near} & set(own)
    assert {name for row in near for name in row["beside"]} <= {p.name for p in home.parcels}
    numbers = [member["id_number"] for member in person.facts["members"]]
    assert all("*" in number for number in numbers)
    assert not any(member.id_number in str(person.facts) for member in home.members)
    assert portal.get(SignIn, row.id, populate_existing=True).code_hash is None


def test_every_member_may_sign_in_with_the_registered_telephone(running, portal):
    home = household(running, 1)
    who = home.members[-1]
    row = ask(running, portal, home, name=who.name, id_number=who.id_number)
    assert row.status == "sent"


@pytest.mark.parametrize(
    "wrong",
    [{"name": "张冠李"}, {"phone": "13900000000"}, {"id_number": "11010119900307257X"}],
    ids=["name", "telephone", "number"],
)
def test_wrong_person_is_refused_and_told_nothing(running, portal, wrong):
    home = household(running, 2)
    row = ask(running, portal, home, **wrong)
    assert (row.status, row.applicant_id, row.id_number) == ("refused", None, None)
    assert last_message(running, wrong.get("phone", home.phone)) == ""


def test_five_wrong_codes_end_the_attempt(running, portal):
    home = household(running, 3)
    row = ask(running, portal, home)
    right = code_sent(running, home.phone)
    wrong = "000000" if right != "000000" else "111111"
    for left in (4, 3, 2, 1):
        with pytest.raises(NotAllowed, match=str(left)) as refused:
            enter_code(portal, running.clock, row.id, wrong)
        assert refused.value.code == "wrong"
    with pytest.raises(NotAllowed) as refused:
        enter_code(portal, running.clock, row.id, wrong)
    assert refused.value.code == "over"
    with pytest.raises(NotAllowed):
        enter_code(portal, running.clock, row.id, right)


def test_code_expires_and_is_good_once(running, portal, clock):
    home = household(running, 4)
    row = ask(running, portal, home)
    right = code_sent(running, home.phone)
    assert enter_code(portal, running.clock, row.id, right)
    with pytest.raises(NotAllowed):
        enter_code(portal, running.clock, row.id, right)
    again = ask(running, portal, home)
    clock.move_to(clock.now() + timedelta(minutes=11))
    assert sign_in_state(portal, running.clock, again.id) == "expired"
    with pytest.raises(NotAllowed):
        enter_code(portal, running.clock, again.id, code_sent(running, home.phone))


def test_one_telephone_gets_five_codes_an_hour(running, portal):
    home = household(running, 5)
    for _ in range(5):
        ask(running, portal, home)
    with pytest.raises(Refused):
        ask(running, portal, home)


def test_telephone_is_known_once_it_is_proved(running, portal):
    home = household(running, 6)
    assert signed_in(running, portal, home).phone == home.phone


def test_a_telephone_is_sent_five_codes_an_hour(running, portal, clock):
    home = household(running, 12)
    for _ in range(5):
        assert ask(running, portal, home).status == "sent"
    with pytest.raises(Refused) as refused:
        ask(running, portal, home)
    assert refused.value.code == "too_often"
    clock.move_to(clock.now() + timedelta(hours=1, seconds=1))
    assert ask(running, portal, home).status == "sent"


def test_who_knows_the_telephone_alone_cannot_keep_its_owner_out(running, portal):
    home = household(running, 13)
    for _ in range(8):
        assert ask(running, portal, home, name="别人").status == "refused"
    assert ask(running, portal, home).status == "sent"
