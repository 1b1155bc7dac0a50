"""Identity numbers at rest: unreadable in the database, equal numbers findable, by whoever has the key alone."""

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, text

from engine.store import sealed
from engine.store.register import find_contractor
from engine.store.tables.register import ContractorVersion
from tests.usecases.acting import COUNTY


@pytest.fixture(autouse=True)
def _key_back():
    before = dict(sealed._keys)
    yield
    sealed._keys.update(before)


def first(session):
    return session.scalars(select(ContractorVersion).order_by(ContractorVersion.id)).first()


def test_no_copy_of_the_database_shows_a_number(running):
    with running.sessions(COUNTY) as session:
        number = first(session).id_number
        assert len(number) == 18
        raw = session.execute(text("select id_number, id_number_found from operational.contractor_versions"))
        for row in raw:
            for value in row:
                assert number.encode() not in bytes(value)
                assert number[-4:].encode() not in bytes(value)


def test_equal_numbers_look_different_and_are_found(running):
    a, b = (sealed.SealedText().process_bind_param("990101196001010015", None) for _ in range(2))
    assert a != b
    assert sealed.fingerprint(" 99010119600101001x") == sealed.fingerprint("99010119600101001X")
    assert sealed.fingerprint("1") != sealed.fingerprint("2")
    with running.sessions(COUNTY) as session:
        row = first(session)
        code = find_contractor(session, COUNTY, f" {row.name} ", row.id_number)
        assert code is not None
        assert find_contractor(session, COUNTY, "别的名字", row.id_number) is None


def test_another_installation_s_key_opens_nothing(running):
    with running.sessions(COUNTY) as session:
        known = sealed.fingerprint(first(session).id_number)
        session.expunge_all()
        sealed.use_key(b"\1" * 32)
        with pytest.raises(InvalidTag):
            first(session)
        assert sealed.fingerprint("990101196001010015") != known


def test_nothing_is_nothing():
    kind = sealed.SealedText()
    assert kind.process_bind_param(None, None) is None
    assert kind.process_result_value(None, None) is None
