"""Changesets in the database: what is loaded, what is written with which times and cause, and who wins a race."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

import pytest
import shapely
from shapely import affinity
from sqlalchemy import select, text

from engine.domain.changes import (
    AssignParcels,
    CorrectValue,
    EndHousehold,
    MoveBoundary,
    NewCertificate,
    NewHousehold,
    ReissueCertificate,
    Relation,
    RemeasureParcel,
    Reshaped,
    SplitHousehold,
    SplitParcel,
    SwapParcels,
    geometry,
    inverse,
    named,
    parcels,
)
from engine.domain.changes.findings import limit
from engine.domain.changes.parcels import as_piece
from engine.domain.errors import Refused
from engine.store import cases, reservations
from engine.store.changes import hold, make, register_for
from engine.store.register import Cause, read_household
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Changeset
from tests.conftest import START
from tests.usecases.acting import COUNTY, at_once, played

DAY = date(2026, 11, 23)
LATER = date(2027, 1, 4)
_numbers = count(1)


def cause(on=DAY):
    at = datetime(on.year, on.month, on.day, 2, next(_numbers) % 60, tzinfo=UTC)
    return Cause("case", f"990101{on:%Y%m%d}{next(_numbers):06d}", on, at)


def do(running, *changes, on=DAY):
    with running.sessions(COUNTY) as session:
        made = make(session, COUNTY, changes, cause(on))
        session.commit()
        return made


def seen(running, *changes, day=DAY):
    with running.sessions(COUNTY) as session:
        return register_for(session, COUNTY, changes, day)


@pytest.fixture
def two(running):
    """Codes of two households of one issuing party with contract and land, touched by no test before."""
    return fresh(running, 2)


def fresh(running, how_many, least=2):
    with running.sessions(COUNTY) as session:
        rows = session.execute(
            text("""
            select substr(c.code, 1, 14) as party, c.code from operational.contractors c
            join operational.contractor_versions cv on cv.county = c.county and cv.contractor_id = c.id
              and cv.valid_to is null and cv.superseded_at is null and cv.kind = '1'
            join operational.contracts k on k.county = c.county and k.contractor_id = c.id
            join operational.contract_versions v on v.county = k.county and v.contract_id = k.id
              and v.valid_to is null and v.superseded_at is null and v.state = 'in_force' and v.parcel_count >= :least
            order by c.code"""),
            {"least": least},
        ).all()
    taken = vars(running).setdefault(
        "taken_households", set()
    )  # with the county, which is a new one for each module
    by_party: dict[str, list[str]] = {}
    for party, code in rows:
        if code not in taken:
            by_party.setdefault(party, []).append(code)
    codes = next(codes[:how_many] for codes in by_party.values() if len(codes) >= how_many)
    taken.update(codes)
    return codes


def nothing_about(code):
    """A change that only names the household, to see what the register has of it."""
    return EndHousehold(code, "")


def parcels_of(running, code):
    return seen(running, nothing_about(code)).contracts[code].codes


def halved(register, code, numbers=(90001, 90002)):
    """The parcel cut in two across its middle."""
    outline = register.parcels[code].outline
    west, south, east, north = outline.bounds
    left = shapely.box(west - 1, south - 1, (west + east) / 2, north + 1)
    inside, outside = geometry.cut(outline, left)
    parts = [*inside, *outside]
    total = register.holder(code).row(code).area
    areas = geometry.shares(total, [geometry.area(part) for part in parts])
    like = as_piece(register, code)
    return SplitParcel(
        code,
        tuple(
            replace(like, code=f"{code[:14]}{numbers[0] + i}", outline=part.wkt, contract_area=areas[i])
            for i, part in enumerate(parts)
        ),
    )


def versions(running, table, owner, code, identity):
    with running.sessions(COUNTY) as session:
        owner_id = session.scalar(select(identity.id).where(identity.county == COUNTY, identity.code == code))
        return list(
            session.scalars(select(table).where(getattr(table, owner) == owner_id).order_by(table.id))
        )


def test_a_split_is_written_with_descent_and_reads_back_as_it_was_applied(running, two):
    [code, *_] = parcels_of(running, two[0])
    before = seen(running, nothing_about(two[0]))
    change = halved(before, code)
    made = do(running, change)
    after = seen(running, nothing_about(two[0]))
    expected = change.apply(before)
    assert after.contracts[two[0]].parcels == expected.contracts[two[0]].parcels
    assert {c: after.parcels[c] for c in after.contracts[two[0]].codes} == {
        c: expected.parcels[c] for c in expected.contracts[two[0]].codes
    }
    assert [one.kind for one in made] == ["parcels"] * (1 + len(change.pieces)) + ["contracts"]
    with running.sessions(COUNTY) as session:
        rows = session.scalars(
            select(t.Descent).where(t.Descent.parent == code).order_by(t.Descent.child)
        ).all()
        assert [row.child for row in rows] == [piece.code for piece in change.pieces]
        assert {(row.kind, row.day, row.cause) for row in rows} == {("parcel", DAY, "case")}
    [known, ended] = versions(running, t.ParcelVersion, "parcel_id", code, t.Parcel)
    assert (known.valid_to, known.superseded_at is None) == (None, False)
    assert (ended.valid_to, ended.superseded_at, ended.restates) == (DAY, None, known.id)
    with pytest.raises(Refused) as refused:
        do(running, change)
    assert rows[0].cause_ref in str(refused.value)  # which case ended it
    back = inverse([change], before)
    do(running, *back, on=LATER)
    again = seen(running, nothing_about(two[0]))
    assert again.contracts[two[0]].parcels == before.contracts[two[0]].parcels
    assert again.parcels[code] == before.parcels[code]


def test_a_swap_amends_both_contracts_and_their_register_entries(running, two):
    first, second = two
    own, other = parcels_of(running, first)[0], parcels_of(running, second)[0]
    before = seen(running, nothing_about(first))
    do(running, SwapParcels(first, (own,), second, (other,)))
    with running.sessions(COUNTY) as session:
        household = read_household(session, COUNTY, first)
        assert other in {parcel.code for parcel in household.parcels}
        assert own not in {parcel.code for parcel in household.parcels}
        contract = before.contracts[first]
        assert household.contract.id == contract.id  # the same contract, amended
        entries = session.execute(
            select(t.RegisterEntryVersion)
            .join(t.RegisterEntry, t.RegisterEntry.id == t.RegisterEntryVersion.register_entry_id)
            .where(t.RegisterEntry.contract_id == contract.id)
            .order_by(t.RegisterEntryVersion.id)
        ).scalars().all()  # fmt: skip
        assert [(row.valid_to, row.superseded_at is None) for row in entries] == [
            (None, False), (DAY, True), (None, True)
        ]  # fmt: skip
        assert entries[-1].registered_on == DAY
        row = session.scalars(
            select(t.ContractedParcel)
            .join(t.ContractVersion, t.ContractVersion.id == t.ContractedParcel.contract_version_id)
            .join(t.Parcel, t.Parcel.id == t.ContractedParcel.parcel_id)
            .where(
                t.ContractVersion.contract_id == contract.id,
                t.ContractVersion.superseded_at.is_(None),
                t.ContractVersion.valid_to.is_(None),
                t.Parcel.code == other,
            )
        ).one()
        assert row.acquired_by == "300"
        assert row.previous_area == row.contract_area


def test_a_whole_assignment_ends_one_contract_and_amends_the_other(running, two):
    giver, recipient = two
    given, had = parcels_of(running, giver), parcels_of(running, recipient)
    do(running, AssignParcels(giver, recipient, given, consented_on=DAY))
    now = seen(running, nothing_about(giver), nothing_about(recipient))
    assert giver not in now.contracts
    assert giver in now.contractors
    assert set(now.contracts[recipient].codes) == {*given, *had}
    assert now.valid_certificates(giver) == ()
    with running.sessions(COUNTY) as session:
        assert read_household(session, COUNTY, giver).contract is None


def test_a_household_splits_into_two_with_their_own_contracts_and_entries(running):
    [code] = fresh(running, 1)
    before = seen(running, nothing_about(code))
    family, contract = before.contractors[code], before.contracts[code]
    if len(family.members) < 2:
        pytest.skip("a household of one")
    new = [f"{code[:14]}{number}" for number in ("7901", "7902")]
    shares = (family.members[:1], family.members[1:])
    lands = (contract.codes[:1], contract.codes[1:])
    parts = tuple(
        NewHousehold(
            new[i],
            tuple(Relation(m.id_number, "02" if place == 0 else "80") for place, m in enumerate(shares[i])),
            lands[i],
        )
        for i in (0, 1)
    )
    do(running, SplitHousehold(code, parts))
    with running.sessions(COUNTY) as session:
        assert read_household(session, COUNTY, code) is None
        one, two = (read_household(session, COUNTY, c) for c in new)
        assert [parcel.code for parcel in one.parcels] == list(lands[0])
        assert [parcel.code for parcel in two.parcels] == list(lands[1])
        assert two.name == family.members[1].name
        assert one.contract.term_end == contract.term_end
        version = session.scalars(
            select(t.ContractVersion).where(t.ContractVersion.contract_id == one.contract.id)
        ).one()
        assert version.previous_code == contract.code
        assert version.previous_area == contract.total_area
        assert (
            session.scalar(select(t.RegisterEntry.code).where(t.RegisterEntry.contract_id == one.contract.id))
            == new[0] + "J"
        )
    states = [
        v.state
        for c in before.valid_certificates(code)
        for v in certificate_rows(running, c.id)
        if v.superseded_at is None and v.valid_to is None
    ]
    assert states == ["cancelled"] * len(before.valid_certificates(code))


def certificate_rows(running, certificate):
    with running.sessions(COUNTY) as session:
        return list(
            session.scalars(
                select(t.CertificateVersion).where(t.CertificateVersion.certificate_id == certificate)
            )
        )


def test_a_certificate_is_reissued_and_the_lost_one_says_why(running, two):
    before = seen(running, nothing_about(two[0]))
    [old] = before.valid_certificates(two[0])
    do(running, ReissueCertificate(two[0], "遗失", NewCertificate("补0001", "某县自然资源局", DAY)))
    [new] = seen(running, nothing_about(two[0])).valid_certificates(two[0])
    assert new.serial == "补0001"
    current = [v for v in certificate_rows(running, old.id) if v.superseded_at is None and v.valid_to is None]
    assert [(v.state, v.reason) for v in current] == [("void", "遗失")]


def test_what_blocks_a_thing_is_loaded_while_it_lasts(running, two):
    parcel = parcels_of(running, two[0])[0]
    change = CorrectValue("parcels", parcel, "note", None, "已核对", "补记")
    with running.sessions(COUNTY) as session:
        block = t.Block(
            county=COUNTY, kind="mortgage", on="parcel", code=parcel, ref="抵2026-1", starts_on=DAY,
            ends_on=LATER, recorded_at=datetime(2026, 11, 23, tzinfo=UTC), recorded_by="某银行", division=parcel[:12],
        )  # fmt: skip
        session.add(block)
        session.commit()
        was = register_for(session, COUNTY, [change], DAY).parcels[parcel].note
    change = replace(change, was=was)
    with pytest.raises(Refused, match="抵2026-1"):
        do(running, change)
    do(running, change, on=date(2027, 1, 5))


def test_two_neighbours_that_grow_at_once_cannot_overlap(running, monkeypatch):
    """Each fits beside the register as it is; together they would cover the same ground."""
    monkeypatch.setattr(parcels, "limit", lambda name: 1e6 if name == "far" else limit(name))
    with running.sessions(COUNTY) as session:
        rows = session.execute(
            text("""
            select a.code as a, b.code as b from operational.parcels a
            join operational.parcel_versions va on va.county = a.county and va.parcel_id = a.id and va.valid_to is null
            join operational.parcel_versions vb on vb.county = va.county and vb.parcel_id <> va.parcel_id
              and vb.valid_to is null and va.superseded_at is null and vb.superseded_at is null
            join operational.parcels b on b.county = vb.county and b.id = vb.parcel_id
            where a.code < b.code and not exists (select from operational.blocks x where x.code in (a.code, b.code))
            order by a.code, b.code desc limit 1""")
        ).one()
    first, second = rows.a, rows.b
    # both move to the same free place, 50 km away from every field
    free = affinity.translate(
        seen(running, RemeasureParcel(first, Decimal(1), None, None)).parcels[first].outline, 0, 50_000
    )

    def move(code, by):
        outline = affinity.translate(free, by, 0)
        return lambda: do(running, RemeasureParcel(code, geometry.area(outline), outline.wkt, None))

    results = at_once(move(first, 0), move(second, 0.5))
    lost = [one for one in results if isinstance(one, Refused)]
    assert len(lost) == 1
    assert (first if results.index(lost[0]) else second) in str(lost[0])
    with running.sessions(COUNTY) as session:
        overlaps = session.scalar(
            text("""
            select count(*) from operational.parcel_versions a join operational.parcel_versions b
              on b.county = a.county and a.parcel_id < b.parcel_id and a.geom && b.geom
             and st_area(st_intersection(a.geom, b.geom)) > 0.01
            where a.valid_to is null and a.superseded_at is null and b.valid_to is null and b.superseded_at is null
              and st_ymin(a.geom) > :north"""),
            {"north": free.bounds[1] - 1},
        )
    assert overlaps == 0


def neighbours(running):
    """Two households of one party whose parcels share an edge, and those parcels."""
    with running.sessions(COUNTY) as session:
        rows = session.execute(
            text("""
            select pa.code as a, pb.code as b
            from operational.parcel_versions a
            join operational.parcel_versions b on b.county = a.county and a.parcel_id < b.parcel_id
             and a.geom && b.geom and st_length(st_intersection(st_boundary(a.geom), st_boundary(b.geom))) > 5
            join operational.parcels pa on pa.county = a.county and pa.id = a.parcel_id
            join operational.parcels pb on pb.county = b.county and pb.id = b.parcel_id
            where a.valid_to is null and a.superseded_at is null and b.valid_to is null and b.superseded_at is null
            order by pa.code, pb.code""")
        ).all()
    taken = vars(running).setdefault(
        "taken_households", set()
    )  # with the county, which is a new one for each module
    for row in rows:
        names = named([RemeasureParcel(code, Decimal(1), None, None) for code in row])
        changes = [RemeasureParcel(code, Decimal(1), None, None) for code in names.parcels]
        register = seen(running, *changes)
        holders = [register.holder(code) for code in row]
        if all(holders) and holders[0] != holders[1] and not taken & {h.contractor for h in holders}:
            return register, row.a, row.b
    raise AssertionError("no neighbours")


def test_one_boundary_moved_twice_at_once_is_moved_once(running):
    """The second's line was drawn against land that is no longer so: nobody's land is lost or held twice."""
    register, a, b = neighbours(running)
    one, two = register.parcels[a].outline, register.parcels[b].outline

    def moved(share):
        """A slice of b, next to a, goes to a."""
        slice_ = two.intersection(one.buffer(share, join_style="mitre"))
        new_b = geometry.pieces_of(geometry.rounded(two.difference(slice_)))[0]
        new_a = geometry.pieces_of(geometry.rounded(one.union(slice_).buffer(0)))[0]
        return MoveBoundary((Reshaped(a, new_a.wkt), Reshaped(b, new_b.wkt)))

    results = at_once(lambda: do(running, moved(0.4)), lambda: do(running, moved(0.8)))
    after = seen(running, *(RemeasureParcel(code, Decimal(1), None, None) for code in (a, b)))
    whole = one.area + two.area
    assert abs(sum(after.parcels[code].outline.area for code in (a, b)) - whole) < 0.5
    assert geometry.overlap(after.parcels[a].outline, after.parcels[b].outline) == 0
    assert any(not isinstance(result, Exception) for result in results), results


def test_two_splits_of_one_parcel_one_wins_and_the_other_is_told_who(running, two):
    code = parcels_of(running, two[0])[0]
    register = seen(running, nothing_about(two[0]))
    rivals = [halved(register, code, numbers) for numbers in ((91001, 91002), (92001, 92002))]
    results = at_once(*(lambda change=change: do(running, change) for change in rivals))
    [lost] = [one for one in results if isinstance(one, Exception)]
    assert isinstance(lost, Refused)
    won = rivals[1 - results.index(lost)]
    assert all(piece.code in str(lost) for piece in won.pieces)
    assert set(parcels_of(running, two[0])) >= {piece.code for piece in won.pieces}


def test_two_cases_about_one_parcel_one_holds_it_and_the_other_is_told_which(running, two):
    plays = [played(running, until="contract_publicity") for _ in range(2)]
    code = parcels_of(running, two[0])[0]
    change = halved(seen(running, nothing_about(two[0])), code, (93001, 93002))

    def reserve(play):
        def act():
            with running.sessions(COUNTY) as session:
                hold(session, play.case(session), [change], DAY, START)
                session.commit()

        return act

    results = at_once(*(reserve(play) for play in plays))
    [lost] = [one for one in results if isinstance(one, Exception)]
    holder = plays[1 - results.index(lost)]
    assert isinstance(lost, Refused)
    assert holder.number in str(lost)
    with pytest.raises(Refused, match=holder.number):  # and nobody else's change passes either
        do(running, change)


def test_of_two_surveys_that_move_one_boundary_the_earlier_case_s_goes_first(running):
    """Each holds what the other needs: both were refused, each told the other's number, and nobody could go on."""
    register, a, b = neighbours(running)
    one, two = register.parcels[a].outline, register.parcels[b].outline
    slice_ = two.intersection(one.buffer(0.4, join_style="mitre"))
    new_b = geometry.pieces_of(geometry.rounded(two.difference(slice_)))[0]
    new_a = geometry.pieces_of(geometry.rounded(one.union(slice_).buffer(0)))[0]
    moved = MoveBoundary((Reshaped(a, new_a.wkt), Reshaped(b, new_b.wkt)))
    holders = [register.holder(code).contractor for code in (a, b)]
    first, second = (survey_of(running, holder, minutes) for minutes, holder in enumerate(holders))

    def hand_in(number, done=lambda *_: None):
        def act():
            with running.sessions(COUNTY) as session:
                case = cases.find_case(session, COUNTY, number, lock=True)
                hold(session, case, [moved], DAY, START)
                done(session, case)
                session.commit()

        return act

    results = at_once(hand_in(second), hand_in(first))
    assert results[1] is None and isinstance(results[0], Refused), results
    assert first in str(results[0])
    held = {("contractor", code): first for code in holders} | {("parcel", a): first, ("parcel", b): first}
    assert {key: holding(running, *key) for key in held} == held
    with pytest.raises(Refused, match=first):
        hand_in(second)()
    hand_in(first, lambda session, case: reservations.release(session, case, START))()  # filed, or withdrawn
    assert [holding(running, "contractor", code) for code in holders] == [None, second]
    assert hand_in(second)() is None
    hand_in(second, lambda session, case: session.add(changeset(case)))()
    with pytest.raises(Refused, match=second):  # who has handed in does not give way any more
        hand_in(first)()


def holding(running, kind, code):
    with running.sessions(COUNTY) as session:
        return reservations.holder(session, COUNTY, kind, code)


def changeset(case):
    return Changeset(county=COUNTY, case_id=case.id, changes=[], findings=[], division=case.division)


def survey_of(running, contractor, minutes):
    """Number of a new case that surveys the household's land, and holds it."""
    with running.sessions(COUNTY) as session:
        household = read_household(session, COUNTY, contractor)
        number, at = f"9901012026030200{next(_numbers):04d}", START + timedelta(minutes=minutes)
        case = Case(
            county=COUNTY, id=uuid4(), number=number, case_type="survey_request", version_id="x",
            division=household.division, issuing_party_code=contractor[:14], contractor_code=contractor,
            contractor_name=household.name, origin="village", status="open", started_at=at, changed_at=at, revision=0,
        )  # fmt: skip
        session.add(case)
        session.flush()
        for kind, code in [("contractor", contractor), *(("parcel", one.code) for one in household.parcels)]:
            assert reservations.reserve(session, case, kind, code) is None
        session.commit()
        return number


def test_a_village_clerk_s_change_meets_the_neighbours_it_cannot_see(running):
    """The rules look at the whole county, and the session sees no more afterwards than before."""
    with running.sessions("99010199") as session:
        some = session.scalar(text("select count(*) from operational.parcels"))
        assert some == 0
        [code] = fresh_parcel(running)
        register = register_for(session, COUNTY, [RemeasureParcel(code, Decimal(1), None, None)], DAY)
        assert code in register.parcels
        with pytest.raises(Refused):
            make(session, COUNTY, [RemeasureParcel(code, Decimal(0), None, None)], cause())
        assert session.scalar(text("select count(*) from operational.parcels")) == 0


def fresh_parcel(running):
    with running.sessions(COUNTY) as session:
        return [session.scalar(text("select code from operational.parcels order by code desc limit 1"))]
