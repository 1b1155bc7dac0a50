"""The hash chain: any change of what it covers shows, and erasing a payload by law does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from engine.domain.chain import GENESIS, Broken, Link, canonical, next_hash, payload_hash, root, verify_case

CASE = UUID("12345678-1234-5678-1234-567812345678")
AT = datetime(2026, 3, 2, 1, 0, 0, 123456, tzinfo=UTC)
SALT = b"s" * 16


def chain(count=4):
    """Rows as they lie in the database: (link, hash, salt, body)."""
    rows, previous = [], GENESIS
    for seq in range(1, count + 1):
        body = canonical({"n": seq, "字": "田"})
        link = Link(
            "990101", CASE, seq, AT, "p1", "王经办", "village_clerk@990101100201", "task_claimed", "village_check", 1,
            payload_hash(SALT, body),
        )  # fmt: skip
        previous = next_hash(previous, link)
        rows.append((link, previous, SALT, body))
    return rows


def changed(rows, place, **values):
    link, *rest = rows[place]
    return [*rows[:place], (replace(link, **values), *rest), *rows[place + 1 :]]


def test_a_whole_chain_ends_in_its_head():
    rows = chain()
    assert verify_case(rows) == (4, rows[-1][1])
    assert verify_case([]) == (0, GENESIS)


CHANGES = {
    "county": "990102",
    "case_id": UUID(int=1),
    "at": AT + timedelta(microseconds=1),
    "actor": "p2",
    "actor_name": "别人",
    "position": "village_clerk@990101100202",
    "kind": "task_released",
    "element": None,
    "task_number": 2,
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_fact_of_an_event_is_covered(name):
    found = verify_case(changed(chain(), 1, **{name: CHANGES[name]}))
    assert isinstance(found, Broken)
    assert (found.seq, found.reason) == (2, "event altered")


def test_facts_cannot_be_moved_from_one_field_to_the_next():
    link = chain(1)[0][0]
    moved = replace(link, actor=link.actor + link.actor_name, actor_name="")
    assert link.line() != moved.line()
    assert replace(link, element=None).line() != replace(link, element="null").line()
    assert replace(link, element=None).line() != replace(link, element="").line()


def test_one_instant_is_one_line_in_every_zone():
    link = chain(1)[0][0]
    assert replace(link, at=AT.astimezone(timezone(timedelta(hours=8)))).line() == link.line()


def test_a_payload_is_covered_with_its_salt():
    rows = chain()
    link, recorded, salt, body = rows[2]
    for broken in (
        (link, recorded, salt, body + " "),
        (link, recorded, b"t" * 16, body),
        (link, recorded, None, body),
        (link, recorded, salt, None),
    ):
        found = verify_case([*rows[:2], broken, rows[3]])
        assert (found.seq, found.reason) == (3, "payload altered")
    assert verify_case([*rows[:2], (link, recorded, None, None), rows[3]]) == (4, rows[-1][1])


def test_no_event_can_be_left_out_doubled_or_moved():
    rows = chain()
    assert verify_case([*rows[:1], *rows[2:]]).reason == "missing event"
    assert verify_case(rows[1:]).seq == 1
    assert verify_case([*rows[:2], rows[1], *rows[2:]]).reason == "missing event"
    assert verify_case([rows[1], rows[0], *rows[2:]]).reason == "missing event"


def test_a_root_covers_every_head_and_the_root_before():
    heads = {"a": (3, b"x" * 32), "b": (5, b"y" * 32)}
    known = root(heads, b"")
    assert root(dict(reversed(heads.items())), b"") == known
    for other in (
        root(heads, b"p"),
        root({"a": heads["a"]}, b""),
        root(heads | {"c": (1, b"z" * 32)}, b""),
        root(heads | {"b": (4, b"y" * 32)}, b""),
        root(heads | {"b": (5, b"z" * 32)}, b""),
        root({"a": heads["b"], "b": heads["a"]}, b""),
    ):
        assert other != known


def test_equal_payloads_have_one_text():
    assert canonical({"b": 1, "a": [True, None, "田"]}) == '{"a":[true,null,"田"],"b":1}'
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})
