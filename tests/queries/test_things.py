"""The register's things on any day: sheets, history, lineage, lists and search, on changes that were really made."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from engine.domain.changes import (
    AddMember,
    CorrectValue,
    LoseParcel,
    MergeParcels,
    ReissueCertificate,
    SplitHousehold,
    SwapParcels,
    geometry,
)
from engine.domain.changes.parcels import as_piece
from engine.domain.errors import NotFound
from engine.queries import register
from engine.queries.as_of import When, household_as_of
from engine.queries.register import Asked
from engine.queries.register_search import hits
from engine.queries.things import past, sheets, under
from engine.queries.things.around import blocks
from engine.queries.things.lineage import lineage
from engine.store.changes import make
from engine.store.people import by_username, positions_on
from engine.store.register import Cause
from engine.store.tables import register as t
from engine.usecases.sign_in import actor_for
from tests.store.test_changes_stored import halved, nothing_about, seen
from tests.store.test_every_change_stored import Case, certificate, split_household
from tests.usecases.acting import COUNTY

LATER = datetime(2027, 1, 1, tzinfo=UTC)
ENDLESS = When(date(2027, 1, 1), LATER)


def at(day, hour=2):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def do(running, *changes, on, recorded=None, ref=None):
    """Made with effect on a day, recorded on it or on another."""
    recorded = recorded or on
    with running.sessions(COUNTY) as session:
        make(
            session, COUNTY, changes, Cause("case", ref or f"990101{recorded:%Y%m%d}000001", on, at(recorded))
        )
        session.commit()


@pytest.fixture(scope="module")
def actor(running):
    with running.sessions(COUNTY) as session:
        person = by_username(session, "county")
        return actor_for(person, positions_on(session, person.id, date(2026, 3, 2))[0])


@pytest.fixture
def session(running):
    with running.sessions(COUNTY) as session:
        yield session


MARCH, MAY, JUNE, JULY, AUGUST = (date(2026, month, 5) for month in (4, 5, 6, 7, 8))


@pytest.fixture(scope="module")
def story(running):
    """A parcel split, a half split again, two of the pieces merged; then a swap, a birth and a new certificate."""
    case = Case(running, 60)
    land = case.lands[0]
    first = halved(case.now, land, (96001, 96002))
    do(running, first, on=MARCH)
    now = seen(running, nothing_about(case.first), day=MAY)
    second = halved(now, first.pieces[0].code, (96003, 96004))
    do(running, second, on=MAY)
    now = seen(running, nothing_about(case.first), day=JUNE)
    pieces = [first.pieces[1].code, *(piece.code for piece in second.pieces)]
    touching = next(
        (a, b)
        for a in pieces
        for b in pieces
        if a < b and now.parcels[a].outline.union(now.parcels[b].outline).geom_type == "Polygon"
    )
    whole = geometry.rounded(now.parcels[touching[0]].outline.union(now.parcels[touching[1]].outline))
    area = sum((now.contracts[case.first].row(code).area for code in touching), Decimal(0))
    merged = replace(
        as_piece(now, touching[0]), code=case.party + "96009", outline=whole.wkt, contract_area=area
    )
    do(running, MergeParcels(touching, merged), on=JUNE)
    now = seen(running, nothing_about(case.first), nothing_about(case.second), day=JULY)
    given, taken = now.contracts[case.first].codes[-1], now.contracts[case.second].codes[-1]
    do(running, SwapParcels(case.first, (given,), case.second, (taken,)), on=JULY)
    do(running, AddMember(case.first, case.baby()), on=JULY, recorded=JULY + timedelta(days=1))
    do(running, ReissueCertificate(case.first, "遗失", certificate(case)), on=AUGUST)
    return {
        "case": case, "land": land, "first": first, "second": second, "touching": touching,
        "merged": merged.code, "given": given, "taken": taken,
    }  # fmt: skip


def test_a_split_of_a_split_and_a_merger_are_one_lineage(session, actor, story):
    for asked in (story["merged"], story["land"]):
        found = lineage(session, actor, "parcel", asked, ENDLESS)
        codes = {node.code for node in found.nodes}
        assert {story["land"], story["merged"], *(p.code for p in story["second"].pieces)} <= codes, asked
    layers = {node.code: node.layer for node in found.nodes}
    assert layers[story["land"]] == 0 < layers[story["first"].pieces[0].code] < layers[story["merged"]]
    ended = {node.code: node.until for node in found.nodes}
    assert ended[story["land"]] == MARCH
    assert ended[story["merged"]] is None
    assert [act[0] for act in found.acts] == [MARCH, MAY, JUNE]


def test_lineage_shows_what_had_happened_by_the_day_and_was_known(session, actor, story):
    then = lineage(session, actor, "parcel", story["land"], When(MARCH, LATER))
    assert {e.day for e in then.edges} == {MARCH}
    assert lineage(session, actor, "parcel", story["land"], When(MAY, at(MARCH, 1))).edges == ()
    elsewhere = replace(actor, division="99010199")
    assert lineage(session, elsewhere, "parcel", story["land"], ENDLESS).edges == ()


def test_a_code_that_comes_back_stands_twice_and_time_runs_forward(running, session, actor):
    case = Case(running, 61)
    land = case.lands[0]
    split = halved(case.now, land, (96011, 96012))
    do(running, split, on=MARCH)
    whole = as_piece(case.now, land)
    do(running, MergeParcels(tuple(piece.code for piece in split.pieces), whole), on=MAY)
    found = lineage(session, actor, "parcel", land, ENDLESS)
    assert [(n.code, n.turn) for n in found.nodes if n.code == land] == [(land, 0), (land, 1)]
    assert all(found.node(e.parent).layer < found.node(e.child).layer for e in found.edges)


@pytest.mark.parametrize(
    ("day", "known", "there"),
    [
        (MARCH - timedelta(days=1), LATER, True),
        (MARCH, LATER, False),
        (AUGUST, at(MARCH, 1), True),  # the split was not recorded yet
        (AUGUST, at(MARCH), False),
    ],
)
def test_a_parcel_that_ended_is_shown_as_it_was_before(session, actor, story, day, known, there):
    sheet = sheets.parcel_sheet(session, actor, story["land"], When(day, known), False)
    assert sheet.found.stands is there
    assert [holding.holder.code for holding in sheet.holdings] == [story["case"].first]
    assert sheet.found.version.valid_to == (MARCH if known != at(MARCH, 1) else None)


def test_before_it_began_there_is_nothing_but_its_history(session, actor, story):
    sheet = sheets.parcel_sheet(session, actor, story["merged"], When(MAY, LATER), False)
    assert (sheet.found.stands, sheet.found.version, sheet.holdings) == (False, None, ())
    assert past.parcel_past(session, actor, sheet.found)


def test_the_household_sheet_holds_everything_of_the_day(session, actor, story):
    case = story["case"]
    before = sheets.household_sheet(session, actor, case.first, When(MARCH - timedelta(days=1), LATER))
    after = sheets.household_sheet(session, actor, case.first, ENDLESS)
    assert [held.code for held in before.parcels] == list(case.lands)
    assert story["taken"] in [held.code for held in after.parcels]
    assert len(after.members) == len(before.members) + 1
    assert [c.version.state for c in after.entries[0].certificates] == ["valid", "void"]
    assert [c.version.state for c in before.entries[0].certificates] == ["valid"]
    known = household_as_of(session, actor, case.first, ENDLESS)
    assert known.contract.codes == tuple(held.code for held in after.parcels)


def test_contract_entry_and_party_on_a_day(session, actor, story):
    code = story["case"].first + "J"
    old = sheets.contract_sheet(session, actor, code, When(MARCH - timedelta(days=1), LATER))
    new = sheets.contract_sheet(session, actor, str(old.found.id), ENDLESS)
    assert old.found.id == new.found.id
    assert old.found.version.parcel_count != new.found.version.parcel_count
    entry = sheets.entry_sheet(session, actor, code, ENDLESS)
    assert (entry.contract.id, entry.holder.code) == (old.found.id, story["case"].first)
    party = sheets.party_sheet(session, actor, story["case"].party, ENDLESS)
    earlier = sheets.party_sheet(
        session, actor, story["case"].party, When(MARCH - timedelta(days=1), at(MARCH, 1))
    )
    assert party.households == earlier.households
    pieces = [len(story[split].pieces) - 1 for split in ("first", "second")]
    assert party.parcels == earlier.parcels + sum(pieces) - 1  # and two of them were merged


def test_history_tells_every_act_field_by_field_with_its_cause(session, actor, story):
    found = sheets.household_sheet(session, actor, story["case"].first, ENDLESS).found
    moments = past.household_past(session, actor, found)
    imported = moments[6:]
    assert [m.cause for m in moments] == ["case"] * 6 + ["import"] * len(imported)
    assert len({m.recorded_at for m in imported}) == 1  # one act,
    assert len({m.day for m in imported}) == len(imported)  # told by the days it tells of
    assert all(c.day == m.day for m in moments for c in m.changes)
    newest, birth, swap = moments[:3]
    assert {(c.kind, c.act) for c in newest.changes} == {("certificate", "changed"), ("certificate", "began")}
    changed = next(c for c in newest.changes if c.act == "changed")
    assert ("state", "valid", "void") in [(d.field, d.before, d.after) for d in changed.fields]
    [household] = birth.changes
    assert [(d.field, d.after - d.before) for d in household.fields] == [("member_count", 1)]
    assert [(r.act, r.name) for r in household.rows] == [("came", "新生儿")]
    assert (birth.day, birth.recorded_at) == (JULY, at(JULY + timedelta(days=1)))
    rows = {(r.act, r.code) for c in swap.changes for r in c.rows}
    assert {("went", story["given"]), ("came", story["taken"])} <= rows
    parcel = sheets.parcel_sheet(session, actor, story["taken"], ENDLESS, False).found
    told = past.parcel_past(session, actor, parcel)[0]
    assert {(c.kind, r.act) for c in told.changes for r in c.rows} == {
        ("contract", "came"),
        ("contract", "went"),
    }


def test_an_end_names_its_cause_though_no_version_follows(running, session, actor):
    case = Case(running, 62)
    do(running, LoseParcel(case.lands[0], "水毁"), on=MAY, ref="99010120260505000077")
    found = sheets.parcel_sheet(session, actor, case.lands[0], ENDLESS, False).found
    moment = past.parcel_past(session, actor, found)[0]
    assert (moment.cause, moment.ref) == ("case", "99010120260505000077")
    assert ("parcel", "ended", MAY) in [(c.kind, c.act, c.day) for c in moment.changes]


def test_what_takes_effect_earlier_than_the_last_change_leaves_one_version_a_day(running, session, actor):
    case = Case(running, 63)
    was = case.family.address
    do(running, CorrectValue("contractors", case.first, "address", was, "甲", "误"), on=JULY)
    do(
        running, CorrectValue("contractors", case.first, "address", "甲", "乙", "误"),
        on=MAY, recorded=AUGUST,
    )  # fmt: skip
    for day, known, address in [
        (MAY, LATER, "乙"), (JULY, LATER, "乙"), (MAY, at(JULY), was), (JULY, at(JULY), "甲"),
        (MARCH, LATER, was),
    ]:  # fmt: skip
        sheet = sheets.household_sheet(session, actor, case.first, When(day, known))
        assert sheet.found.version.address == address, (day, known)
    v = t.ContractorVersion
    holding = select(v.id).where(v.contractor_id == sheet.found.id, When(JULY, LATER).holds(v))
    assert len(session.scalars(holding).all()) == 1


def test_a_household_that_was_split_leads_to_its_parts(running, session, actor):
    case = Case(running, 64)
    changes = split_household(case)
    assert any(isinstance(change, SplitHousehold) for change in changes)
    do(running, *changes, on=MAY)
    sheet = sheets.household_sheet(session, actor, case.first, ENDLESS)
    assert not sheet.found.stands
    assert sheet.parcels, "as it was on its last day"
    found = lineage(session, actor, "contractor", case.first, ENDLESS)
    assert len(found.edges) == 2
    assert found.nodes[0].until == MAY
    kin = [kin for moment in past.household_past(session, actor, sheet.found) for kin in moment.kin]
    assert {one.parent for one in kin} == {case.first}


@pytest.mark.parametrize("kind", ["household", "parcel", "contract", "entry", "party"])
def test_out_of_scope_reads_as_missing(session, actor, story, kind):
    code = {
        "household": story["case"].first, "parcel": story["taken"], "party": story["case"].party,
        "contract": story["case"].first + "J", "entry": story["case"].first + "J",
    }[kind]  # fmt: skip
    read = getattr(sheets, f"{kind}_sheet")
    more = (False,) if kind == "parcel" else ()
    words = set()
    for who, asked in [(replace(actor, division="99010199"), code), (actor, "9" * len(code))]:
        with pytest.raises(NotFound) as refused:
            read(session, who, asked, ENDLESS, *more)
        words.add(refused.value.message)
    assert len(words) == 1


def test_the_list_is_narrowed_ordered_and_of_any_day(session, actor, story):
    case = story["case"]
    before = When(MARCH - timedelta(days=1), at(MARCH, 1))
    now, then = (
        register.households(session, actor, Asked(words=case.first, when=when), 1).rows[0]
        for when in (None, before)
    )
    assert (now.members, then.members) == (len(case.family.members) + 1, len(case.family.members))
    by_area = register.households(session, actor, Asked(sort="area", descending=True), 1).rows
    assert [row.area for row in by_area] == sorted((row.area for row in by_area), reverse=True)
    ends = register.households(session, actor, Asked(ends=now.ends.year, party=case.party), 1)
    assert now.code in [row.code for row in ends.rows]
    assert register.households(session, actor, Asked(ends=now.ends.year + 9, words=now.code), 1).total == 0
    whole = register.households(session, actor, Asked(), 1).total
    parts = [
        register.households(session, actor, Asked(contract=which), 1).total for which in ("with", "without")
    ]
    assert sum(parts) == whole
    assert register.households(session, actor, Asked(open_case=True), 1).total == 0


def test_one_box_finds_each_kind(session, actor, story):
    case = story["case"]

    def households(words):
        return [row.code for row in register.households(session, actor, Asked(words=words), 1).rows]

    member, phone = case.family.members[-1], case.family.phone
    for words in (case.family.name, member.name, case.first, member.id_number, phone):
        assert case.first in households(words), words
    assert households(phone[:-1]) == []
    assert [hit.key for hit in hits(session, actor, story["taken"]).parcels] == [story["taken"]]
    serial = hits(session, actor, "新证60").certificates[0]
    assert (serial.name, serial.who_code) == ("新证60", case.first)
    contract = hits(session, actor, case.first + "j").contracts[0]
    assert (contract.code, contract.who_code) == (case.first + "J", case.first)
    assert case.party in [hit.key for hit in hits(session, actor, case.party).parties]
    name = case.now.parcels[case.lands[-1]].name
    found = hits(session, actor, name, case.party)
    assert found.parcels and all(name in hit.name for hit in found.parcels)
    assert not hits(session, replace(actor, division="99010199"), story["taken"])
    for odd in ("%", "_", "\\", "'", " ", "9" * 100, "J"):
        hits(session, actor, odd)
        register.households(session, actor, Asked(words=odd), 1)


def test_lists_under_a_party_go_on_after_a_place(session, actor, story):
    party = story["case"].party
    every = under.parcels(session, actor, party, ENDLESS, 500)
    parts = under.parcels(session, actor, party, ENDLESS, 10)
    parts += under.parcels(session, actor, party, ENDLESS, 500, after=parts[-1].code)
    assert [row.code for row in parts] == [row.code for row in every]
    held = {row.code: row.holder.code for row in every if row.holder}
    assert held[story["taken"]] == story["case"].first
    contracts = under.contracts(session, actor, party, ENDLESS, 500)
    ids = sorted(row.id for row in contracts)
    assert [row.id for row in under.contracts(session, actor, party, ENDLESS, 500, after=0)] == ids


def test_blocks_of_the_day_first(session, actor, story):
    code = story["taken"]
    for ref, start, end in (("押1", MARCH, None), ("封2", MARCH, MAY)):
        session.add(
            t.Block(
                county=COUNTY, kind="mortgage", on="parcel", code=code, ref=ref, starts_on=start, ends_on=end,
                recorded_at=at(MARCH), recorded_by="县", division=code[:12],
            )
        )  # fmt: skip
    session.flush()
    assert [(one.block.ref, one.now) for one in blocks(session, actor, [code], ENDLESS)] == [
        ("押1", True),
        ("封2", False),
    ]
    assert blocks(session, actor, [code], When(MARCH - timedelta(days=1), LATER)) == []
