"""What is kept for lists and sums says what the register itself says, before and after changes."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select, text, update

from engine.domain.actor import Actor
from engine.queries import ledgers, register
from engine.queries.as_of import When
from engine.queries.ledgers.certificates import STATES
from engine.queries.pairs import contains, sought
from engine.queries.register import SORTS, Asked
from engine.queries.statistics import kept, sums
from engine.queries.statistics.parts import PARTS, Of, View, added_up
from engine.queries.statistics.totals import total_of
from engine.store.tables import register as t
from tests.conftest import START
from tests.usecases.acting import COUNTY

NOW = When.now(START)
OFFICER = Actor("1", "某人", "county_officer", COUNTY, COUNTY)


@pytest.fixture
def session(running):
    with running.sessions(COUNTY) as session:
        yield session


def view(session, when=NOW, **more):
    return View(session, OFFICER, when, COUNTY, **more)


def same(session, when=NOW):
    """Every sum as it is kept beside what the register says, division by division."""
    asked = view(session, when)
    for name in PARTS:
        ours = sorted(kept.part(asked, name), key=str)
        assert ours == sorted(added_up(Of(asked), name), key=str), name
        assert ours, name


@pytest.fixture
def looked_at(monkeypatch):
    """Which divisions were added up anew: None is all of them."""
    seen = []
    monkeypatch.setattr(kept, "added_up", lambda of, name: seen.append(of.only) or added_up(of, name))
    return seen


@pytest.mark.parametrize(
    ("name", "filters"),
    [("certificates", {}), *(("certificates", {"state": state}) for state in STATES), ("contracts", {}), ("members", {}),
     ("parcels", {"category": "10"}), ("contractors", {"kind": "1"}), ("ending", {"year": 2026})],
)  # fmt: skip
def test_a_ledger_s_number_of_rows_is_read_off_the_sums(session, name, filters):
    asked = ledgers.Asked(OFFICER, NOW, **filters)
    assert total_of(view(session), name, asked) == ledgers.count(session, ledgers.LEDGERS[name], asked)
    assert (
        total_of(view(session), "certificates", ledgers.Asked(OFFICER, NOW, since=date(2020, 1, 1))) is None
    )


def test_what_an_import_left_in_the_sums_is_a_count_over_the_tables(session, looked_at):
    """By plain SQL, and without anything being added up anew: the import sums it up."""
    kept.sum_up(session, COUNTY, START)
    looked_at.clear()
    standing = "v.county = '990101' and v.valid_to is null and v.superseded_at is null"
    counts = {
        ("parties", 1): f"count(*) from operational.issuing_party_versions v where {standing}",
        ("parcels", -2): f"count(*) from operational.parcel_versions v where {standing}",
        ("parcels", -1): f"sum(measured_area) from operational.parcel_versions v where {standing}",
        ("contractors", -1): f"count(*) from operational.contractor_versions v where {standing}",
        ("contracts", 2): f"count(*) from operational.contract_versions v where {standing} and state = 'in_force'",
        ("contracts", -1): f"sum(total_area) from operational.contract_versions v where {standing} and state = 'in_force'",
    }  # fmt: skip
    for (part, place), what in counts.items():
        found = sum(row[place] for row in kept.part(view(session), part))
        assert found == session.scalar(text(f"select {what}")) and found, (part, what)
    assert looked_at == []


def test_sums_are_kept_until_something_changes_there(session, looked_at):
    same(session)
    looked_at.clear()
    same(session)
    assert looked_at == []
    one = session.scalars(select(t.Contractor).order_by(t.Contractor.code)).first()
    session.execute(
        update(t.ContractorVersion).where(t.ContractorVersion.contractor_id == one.id).values(kind="2")
    )
    same(session)
    assert set(looked_at) == {frozenset((one.division,))}
    parcel = session.scalars(select(t.ParcelVersion).order_by(t.ParcelVersion.code)).first()
    looked_at.clear()
    parcel.category = "22"
    session.flush()
    same(session)
    assert set(looked_at) == {frozenset((parcel.division,))}


def test_another_day_is_right_and_spoils_nothing(session, looked_at):
    same(session)
    kind = session.scalars(select(t.ContractVersion).order_by(t.ContractVersion.id)).first()
    kind.valid_to = date(2027, 5, 1)  # as of then it ends
    session.flush()
    same(session)
    same(session, replace(NOW, day=date(2027, 4, 30)))
    looked_at.clear()
    same(session, replace(NOW, day=date(2027, 5, 1)))
    assert (
        len(set(looked_at)) == 1 and None not in looked_at
    )  # the one division where something ends on that day
    same(session, replace(NOW, day=date(2020, 1, 1)))
    looked_at.clear()
    same(session)
    assert {len(only) for only in looked_at} <= {1}, "a look at the past throws nothing away"


def test_sums_come_added_up_to_the_level_that_is_asked_for(session):
    fine, coarse = view(session), view(session, digits=9)
    kept.part(fine, "parcels")
    assert {len(row.division) for row in sums.parcels(coarse)} == {9}
    assert sum(row.area for row in sums.parcels(coarse)) == sum(row.area for row in sums.parcels(fine))


def lines(session, asked):
    return [
        (row.code, row.division, row.name, row.kind, row.member_count, row.contract, row.parcel_count, row.total_area, row.term_end)
        for row in session.execute(register.found(OFFICER, asked))
    ]  # fmt: skip


def agree(session):
    asked = [Asked(sort=sort, descending=down) for sort in SORTS for down in (False, True)]
    asked += [
        Asked(contract="with"),
        Asked(contract="without"),
        Asked(kind="1"),
        Asked(words="王"),
        Asked(ends=2028),
    ]
    for one in asked:
        then = replace(one, when=NOW)
        assert lines(session, one) == lines(session, then), one
        assert len(lines(session, one)) == len(session.execute(register.counted(OFFICER, one)).all())
    assert lines(session, Asked())


def test_todays_list_is_the_versions_list_whatever_was_written(session):
    agree(session)
    c, v = t.Contractor, t.ContractorVersion
    first, second, third = session.scalars(select(c).order_by(c.code).limit(3))
    session.execute(update(v).where(v.contractor_id == first.id).values(name="改名人", member_count=9))
    ended = (
        update(v)
        .where(v.contractor_id == second.id)
        .values(superseded_at=START, superseded_cause="case", superseded_ref="x")
    )
    session.execute(ended)
    own = select(t.Contract.id).where(t.Contract.contractor_id == third.id)
    session.execute(
        update(t.ContractVersion).where(t.ContractVersion.contract_id.in_(own)).values(state="ended")
    )
    agree(session)
    codes = {row[0] for row in lines(session, Asked())}
    assert first.code in codes and second.code not in codes
    assert ("改名人", 9) in {(row[2], row[4]) for row in lines(session, Asked(words="改名"))}


@pytest.mark.parametrize("word", ["门", "前", "门前", "前田", "门前田", "田", "'", "\\", "%", "1"])
def test_parts_of_names_are_found_by_their_pairs(session, word):
    v = t.ParcelVersion
    some = session.scalars(select(v).order_by(v.id).limit(4)).all()
    for version, name in zip(some, ("门前田", "门后大田1", "前门'\\", "100%门前"), strict=True):
        version.name = name
    session.flush()
    ours = set(session.scalars(select(v.id).where(contains(v, "name", word))))
    assert ours == set(session.scalars(select(v.id).where(v.name.contains(word, autoescape=True))))
    assert ours, sought(word)


def test_rows_outside_the_scope_are_not_seen(running, session):
    village = session.scalar(select(t.Contractor.division).order_by(t.Contractor.code))[:12]
    kept.part(view(session), "parcels")
    session.commit()
    with running.sessions(village) as narrow:
        for table in ("household_lines", "division_figures", "division_sums", "register_changes"):
            found = narrow.scalars(text(f"select distinct division from operational.{table}")).all()  # noqa: S608
            assert found and all(one.startswith(village) for one in found), table
