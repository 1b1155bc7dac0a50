"""What a surveyor draws: gestures, checks, and filing what was drawn, alone and against somebody faster."""

import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import shapely
from shapely import affinity
from sqlalchemy import text

from engine.bootstrap import App
from engine.domain.changes import (
    MoveBoundary,
    NewParcel,
    RemeasureParcel,
    Reshaped,
    SplitParcel,
    as_json,
    geometry,
)
from engine.domain.errors import DomainError, Refused
from engine.queries import case_file
from engine.queries.changed import before_and_after
from engine.queries.scenario_facts import read_holding
from engine.store import reservations
from engine.store.changes import make
from engine.store.register import Cause, neighbours, read_household
from engine.store.tables.cases import Changeset
from engine.usecases import draw_parcels
from engine.usecases.scenarios.story import words_of
from tests.usecases.acting import COUNTY, at_once, played, playing, step_that_does, waited_for


@pytest.fixture(scope="module")
def still(running):
    """A case whose survey is to be done, for tests that change nothing."""
    return played(running, until="survey", scenario="with_survey")


@pytest.fixture
def play(running):
    """A case whose survey is to be done, and this test does it."""
    return played(running, until="survey", scenario="with_survey")


@contextmanager
def opened(play):
    """(session, case, household) of the case."""
    with play.stage.sessions(COUNTY) as session:
        case = play.case(session)
        yield session, case, read_household(session, COUNTY, case.contractor_code)


def hand_in(play, changes, **more):
    step = dict(step_that_does(play, "survey"))
    data = {k: v for k, v in step["data"].items() if k != "parcels"}
    step["data"] = data | {"entered": "drawn", "drawing": as_json(changes)} | more
    play.act("surveyor", "survey", step)


def proposed(play):
    with play.stage.sessions(COUNTY) as session:
        return session.get_one(Changeset, (COUNTY, play.case_id))


def before_and_after_of(play):
    with opened(play) as (session, case, _household):
        change = case_file.proposed_change(session, case)
        return before_and_after(session, play.actor("handler"), case, change, play.stage.clock.now().date())


def carry_on(play, until="hand_out_certificate"):
    """The rest of the story, up to the filing."""
    resume = play.story.steps.index(step_that_does(play, "survey")) + 1
    for step in play.story.steps[resume:]:
        if step.get("does") == until:
            return
        if "does" in step:
            play.act(step["who"], step["does"], step)
        elif "waits" in step:
            play.wait(step["waits"])


def shape_of(parcel):
    return shapely.from_wkb(parcel.outline)


def middle_line(outline, beyond=2.0):
    """Across the middle, from outside to outside."""
    west, south, east, north = outline.bounds
    x = (west + east) / 2
    return [[round(x, 3), south - beyond], [round(x, 3), north + beyond]]


def test_a_line_parts_a_parcel_and_filing_writes_its_pieces(running, play):
    with opened(play) as (session, case, household):
        parcel = household.parcels[0]
        change = draw_parcels.split(
            session, running.clock, case, (), parcel.code, middle_line(shape_of(parcel))
        )
        assert isinstance(change, SplitParcel)
        assert sum((piece.contract_area for piece in change.pieces), Decimal(0)) == parcel.contract_area
        assert {piece.east for piece in change.pieces} | {piece.west for piece in change.pieces} >= {
            "本户地块"
        }
        checked = draw_parcels.check_drawing(session, running.clock, case, (change,), COUNTY)
        assert checked.findings == []
        assert {(area.code, area.before_m2 is None, area.after_m2 is None) for area in checked.areas} == {
            (parcel.code, False, True), *((piece.code, True, False) for piece in change.pieces)
        }  # fmt: skip
    hand_in(play, [change])
    proposed_rows = before_and_after_of(play).parcels
    carry_on(play)
    assert before_and_after_of(play).parcels == proposed_rows  # the history tells what was proposed
    with running.sessions(COUNTY) as session:
        now = read_household(session, COUNTY, play.code)
    codes = {row.code for row in now.parcels}
    assert parcel.code not in codes
    assert codes >= {piece.code for piece in change.pieces}
    pieces = [row for row in now.parcels if row.code in {piece.code for piece in change.pieces}]
    assert sum(piece.contract_area for piece in pieces) == parcel.contract_area
    assert (
        shapely.union_all([shape_of(piece) for piece in pieces]).symmetric_difference(shape_of(parcel)).area
        < 0.02
    )


def test_pieces_are_put_together_again_in_the_same_drawing(running, still):
    with opened(still) as (session, case, household):
        parcel = household.parcels[0]
        split = draw_parcels.split(
            session, running.clock, case, (), parcel.code, middle_line(shape_of(parcel))
        )
        codes = [piece.code for piece in split.pieces]
        merged = draw_parcels.put_together(session, running.clock, case, (split,), codes)
        assert merged.piece.code not in codes
        assert merged.piece.contract_area == parcel.contract_area
        checked = draw_parcels.check_drawing(session, running.clock, case, (split, merged), COUNTY)
        assert checked.findings == []
        assert {area.code for area in checked.areas} == {parcel.code, merged.piece.code}
        apart = [household.parcels[0].code, next(far_from(household))]
        with pytest.raises(Refused, match="不相连"):
            draw_parcels.put_together(session, running.clock, case, (), apart)


def far_from(household):
    first = shape_of(household.parcels[0])
    return (p.code for p in household.parcels[1:] if shape_of(p).distance(first) > 1)


def test_a_red_line_takes_its_part(running, still):
    with opened(still) as (session, case, household):
        parcel = household.parcels[0]
        west, south, east, north = shape_of(parcel).bounds
        red = shapely.box(west - 5, south - 5, round((west + east) / 2, 3), north + 5)
        change = draw_parcels.cut(session, running.clock, case, (), parcel.code, red.wkt, "省征〔2026〕1号")
        [kept] = change.kept
        assert kept.code == parcel.code
        assert 0 < kept.contract_area < parcel.contract_area
        assert draw_parcels.check_drawing(session, running.clock, case, (change,), COUNTY).findings == []
        for metres, told in ((400, "没有占用"), (5000, "500米以上")):
            far = affinity.translate(red, metres, 0)
            with pytest.raises(Refused, match=told):
                draw_parcels.cut(session, running.clock, case, (), parcel.code, far.wkt, "省征〔2026〕1号")


def beside(session, household, ours=None):
    """(own parcel, neighbour's code, neighbour's outline, two shared corners) of another household's land."""
    for parcel in household.parcels if ours is None else [ours]:
        mine = shape_of(parcel)
        corners = set(mine.exterior.coords)
        for code, _holder, wkb in neighbours(session, COUNTY, [parcel.code]):
            other = shapely.from_wkb(wkb)
            shared = [c for c in other.exterior.coords[:-1] if c in corners]
            held = read_holder(session, code)
            free = reservations.holder(session, COUNTY, "contractor", held or "") is None
            ways = (
                [one for by in (0.4, 3.0) for one in slid(mine, other, shared, by)]
                if len(shared) == 2
                else []
            )
            if not ways or not all(one.is_valid for one in ways):
                continue
            if free and held and held != household.code and code[:14] == parcel.code[:14]:
                return parcel, code, other, shared
    return None


def read_holder(session, code):
    return session.scalar(
        text("""
        select c.code from operational.parcels p
        join operational.contracted_parcels cp on cp.county = p.county and cp.parcel_id = p.id
        join operational.contract_versions v on v.county = cp.county and v.id = cp.contract_version_id
          and v.valid_to is null and v.superseded_at is null and v.state = 'in_force'
        join operational.contracts k on k.county = v.county and k.id = v.contract_id
        join operational.contractors c on c.county = k.county and c.id = k.contractor_id
        where p.county = :county and p.code = :code"""),
        {"county": COUNTY, "code": code},
    )


def along_its_sides(mine, shared, metres):
    """Each shared corner and where it comes when it is pulled along the parcel's own side by so many metres."""
    ring = list(mine.exterior.coords[:-1])
    to = {}
    for corner in shared:
        at = ring.index(corner)
        x, y = next(c for c in (ring[at - 1], ring[(at + 1) % len(ring)]) if c not in shared)
        share = metres / shapely.Point(corner).distance(shapely.Point(x, y))
        to[corner] = (
            round(corner[0] + (x - corner[0]) * share, 3),
            round(corner[1] + (y - corner[1]) * share, 3),
        )
    return to


def slid(mine, other, shared, metres):
    """Both outlines with the shared edge slid along the own parcel's sides; the neighbour keeps its old corners."""
    to = along_its_sides(mine, shared, metres)
    ring = list(other.exterior.coords[:-1])
    outline = []
    for at, corner in enumerate(ring):
        before, after = ring[at - 1], ring[(at + 1) % len(ring)]
        if corner not in shared:
            outline.append(corner)
        else:
            outline += (
                [corner, to[corner]]
                if after in shared
                else [to[corner], corner]
                if before in shared
                else [corner]
            )
    return pulled(mine, to), shapely.Polygon(outline)


def pulled(outline, to):
    return shapely.Polygon([to.get(corner, corner) for corner in outline.exterior.coords])


@pytest.fixture
def moved(running):
    """(play, MoveBoundary over a neighbour's shared edge, own parcel, neighbour's code)."""
    for _ in range(6):  # the neighbours of the first may all be held by cases of earlier tests
        play = played(running, until="survey", scenario="with_survey")
        with opened(play) as (session, _case, household):
            found = beside(session, household)
        if found:
            own, code, other, shared = found
            mine, theirs = slid(shape_of(own), other, shared, 0.4)
            return play, MoveBoundary((Reshaped(own.code, mine.wkt), Reshaped(code, theirs.wkt))), own, code
    raise AssertionError("no neighbour with a shared edge")


def agreed(play, code):
    own = {"name": "户主", "side": "own"}
    return {"witnesses": [own, {"name": "邻户", "side": "neighbour", "parcel": code}]}


def test_a_shared_boundary_moves_for_both_and_is_theirs_to_the_last_bit(running, moved):
    play, change, own, code = moved
    with pytest.raises(Refused, match="没有该地块承包方指界的记录"):
        hand_in(play, [change], witnesses=[{"name": "户主", "side": "own"}])
    hand_in(play, [change], **agreed(play, code))
    with running.sessions(COUNTY) as session:
        held = session.scalars(
            text("select code from operational.reservations where released_at is null and case_id = :id"),
            {"id": play.case_id},
        ).all()
        neighbour = read_holder(session, code)
    assert {code, neighbour, play.code} <= set(held)
    assert not {"T03", "C10", "C11"} & {row["rule"] for row in proposed(play).findings}
    carry_on(play)
    with running.sessions(COUNTY) as session:
        mine = shape_of(read_household(session, COUNTY, play.code).parcel(own.code))
        theirs = shape_of(read_household(session, COUNTY, neighbour).parcel(code))
    shared = set(mine.exterior.coords) & set(theirs.exterior.coords)
    assert len(shared) >= 2
    assert geometry.overlap(mine, theirs) == 0


def test_another_household_s_land_is_not_redrawn(running, moved):
    play, change, _own, code = moved
    other = RemeasureParcel(code, Decimal(1), change.parcels[1].outline, None)
    before = play.footprint()
    with pytest.raises(Refused, match="由另一户承包"):
        hand_in(play, [other], **agreed(play, code))
    assert play.footprint() == before


HOSTILE = {
    "crosses itself": "POLYGON (({x0} {y0}, {x1} {y1}, {x1} {y0}, {x0} {y1}, {x0} {y0}))",
    "degrees": "POLYGON ((110 28, 110.1 28, 110.1 28.1, 110 28))",
    "no number": "POLYGON ((nan {y0}, {x1} {y0}, {x1} {y1}, nan {y0}))",
    "endless": "POLYGON ((1e400 {y0}, {x1} {y0}, {x1} {y1}, 1e400 {y0}))",
    "a line": "LINESTRING ({x0} {y0}, {x1} {y1})",
    "no WKT": "'; drop table parcels; --",
    "a whole county": "POLYGON (({x0} {y0}, {x9} {y0}, {x9} {y9}, {x0} {y0}))",
    "north first": "POLYGON (({y0} {x0}, {y1} {x0}, {y1} {x1}, {y0} {x0}))",
}


@pytest.mark.parametrize("how", HOSTILE)
def test_what_is_no_parcel_is_refused_in_words_and_changes_nothing(running, still, how):
    with opened(still) as (_session, _case, household):
        own = household.parcels[0]
        x, y, *_ = shape_of(own).bounds
    places = {"x0": x, "x1": x + 20, "x9": x + 90_000, "y0": y, "y1": y + 20, "y9": y + 90_000}
    row = {
        "type": "remeasure_parcel",
        "parcel_code": own.code,
        "area": "400",
        "outline": HOSTILE[how].format(**places),
    }
    refused_quickly(still, row)


def refused_quickly(play, row):
    before = play.footprint()
    step = dict(step_that_does(play, "survey"))
    data = {k: v for k, v in step["data"].items() if k != "parcels"}
    began = time.perf_counter()
    with pytest.raises(DomainError) as refused:
        play.act("surveyor", "survey", step | {"data": data | {"entered": "drawn", "drawing": [row]}})
    assert time.perf_counter() - began < 20  # seconds; a hang is a fault, a busy machine is not
    assert any("\u4e00" <= char <= "\u9fff" for char in str(refused.value))
    assert play.footprint() == before
    assert waited_for(play) == ["survey"]


def test_land_elsewhere_is_refused_in_words(running, still):
    with opened(still) as (session, case, household):
        own = household.parcels[0]
        far = affinity.translate(shape_of(own), 100_000, 0)
        change = RemeasureParcel(own.code, Decimal(1), far.wkt, None)
        with pytest.raises(Refused):
            draw_parcels.check_drawing(session, running.clock, case, (change,), COUNTY)
        change = replace(change, outline=shape_of(own).wkt)
        for code in ("1101051002010100001", f"{COUNTY}10020199900001"[:19].ljust(19, "1")):
            checked = draw_parcels.check_drawing(
                session, running.clock, case, (replace(change, parcel_code=code),), COUNTY
            )
            assert [one.rule for one in checked.findings] == ["C40"]
            assert checked.features["features"] == []
            with pytest.raises(Refused):
                draw_parcels.split(session, running.clock, case, (), code, middle_line(shape_of(own)))
    before = still.footprint()
    with pytest.raises(Refused, match="另一发包方"):
        hand_in(still, [replace(change, parcel_code="1101051002010100001")])
    assert still.footprint() == before


def test_nothing_is_told_of_land_outside_the_persons_division(running, still):
    with opened(still) as (session, case, household):
        own, neighbour, outline, _shared = beside(session, household)
        both = shapely.union_all([shape_of(own), outline]).convex_hull
        change = RemeasureParcel(own.code, Decimal(1), both.wkt, None)
        seen = draw_parcels.check_drawing(session, running.clock, case, (change,), COUNTY)
        hidden = draw_parcels.check_drawing(session, running.clock, case, (change,), "990202999999")
    assert neighbour in repr(seen)
    assert neighbour not in repr(hidden)
    assert len(hidden.findings) == len(seen.findings)  # the fault itself is still told
    assert all("other" not in one.facts or not one.facts["other"] for one in hidden.findings)


def test_eight_thousand_corners_are_checked_in_a_moment(running, still):
    with opened(still) as (session, case, household):
        own = shape_of(household.parcels[0])
        ring = shapely.segmentize(own, own.length / 7500)
        change = RemeasureParcel(household.parcels[0].code, Decimal(1), ring.wkt, None)
        began = time.perf_counter()
        checked = draw_parcels.check_drawing(session, running.clock, case, (change,), COUNTY)
        assert time.perf_counter() - began < 20
        assert len(checked.areas) <= 1
        assert not [one for one in checked.findings if one.rule == "T01"]


def test_new_land_that_another_open_case_brings_in_is_told_as_soon_as_it_is_drawn(still, play):
    """By the code that it is to get; of a stranger's division without it. Who files first has the land."""
    with opened(still) as (session, case, household):
        other = f"{case.issuing_party_code}98001"
        land = affinity.translate(shapely.from_wkb(household.parcels[0].outline), 7, 0)
        row = session.get_one(Changeset, (COUNTY, still.case_id))
        row.changes = [*row.changes, *as_json([NewParcel(other, "岭上", land.wkt)])]
        session.commit()
    with opened(play) as (session, case, _household):
        drawn = [NewParcel(f"{case.issuing_party_code}98002", "坡下", land.wkt)]
        inside, stranger = (
            draw_parcels.check_drawing(session, play.stage.clock, case, drawn, scope)
            for scope in (COUNTY, "990101199")
        )
    [told] = [one for one in inside.findings if one.facts.get("other") == other]
    assert (told.rule, told.severity) == ("T03", "warning") and other in told.message
    shown = [one["properties"] for one in inside.features["features"]]
    assert {"layer": "overlap", "code": drawn[0].code, "other": other} in shown
    assert other not in str(stranger.findings) + str(stranger.features)
    with opened(still) as (session, _case, _household):
        row = session.get_one(Changeset, (COUNTY, still.case_id))
        row.changes = row.changes[:-1]
        session.commit()


def test_two_cases_that_draw_neighbouring_land_cannot_both_be_filed_overlapping(running):
    """Each grows its own parcel over the same strip; the county files both at the same moment."""
    first, second = two_neighbours(running)
    for play, change in (first, second):
        hand_in(play, [change])
        carry_on(play, until="file_contract")
        assert waited_for(play) == ["file_contract"]
    acts = [filing(play) for play, _ in (first, second)]
    outcomes = at_once(*acts)
    lost = [one for one in outcomes if isinstance(one, Exception)]
    assert len(lost) == 1
    assert isinstance(lost[0], Refused)
    assert "重叠" in str(lost[0])
    loser = next(
        pair for pair, one in zip((first, second), outcomes, strict=True) if isinstance(one, Exception)
    )
    drawn = [row for row in proposed(loser[0]).changes if row["type"] == "remeasure_parcel"]
    assert [row["parcel_code"] for row in drawn] == [loser[1].parcel_code]  # what was drawn is still there
    assert waited_for(loser[0]) == ["file_contract"]
    with running.sessions(COUNTY) as session:
        shapes = [
            shape_of(read_household(session, COUNTY, play.code).parcel(change.parcel_code))
            for play, change in (first, second)
        ]
        waiting = session.scalar(
            text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        )
    assert geometry.overlap(*shapes) == 0
    assert waiting == 0
    again = at_once(filing(loser[0]))
    assert isinstance(again[0], Refused)  # refused at once, not waiting for anybody's lock


def filing(play):
    step = step_that_does(play, "file_contract")
    return lambda: play.act(step["who"], "file_contract", step)


def two_neighbours(running):
    """Two cases up to their surveys, whose parcels lie along a strip that neither has, and what each draws over it."""
    found = None
    while found is None:
        first = played(running, until="survey", scenario="with_survey")
        with opened(first) as (session, _case, household):
            found = beside(session, household)
    own, code, other, shared = found
    with opened(first) as (session, case, _household):
        holder = read_holder(session, code)
        whole = shape_of(own)
        back = pulled(whole, along_its_sides(whole, shared, 3.0))
        less = RemeasureParcel(own.code, geometry.area(back), back.wkt, None)
        make(
            session,
            COUNTY,
            (less,),
            Cause("correction", "strip", running.clock.now().date(), datetime.now(UTC)),
            case,
        )
        session.commit()
    second = playing(App(running.settings), "with_survey")  # on a clock of its own
    with running.sessions(COUNTY) as session:
        second.code, second.words = holder, words_of(read_household(session, COUNTY, holder))
        second.before = read_holding(session, COUNTY, holder)
    carried(second, "survey")
    grown = pulled(other, along_its_sides(whole, shared, 2.0))
    return (
        (first, RemeasureParcel(own.code, geometry.area(whole), whole.wkt, None)),
        (second, RemeasureParcel(code, geometry.area(grown), grown.wkt, None)),
    )


def carried(play, until):
    for step in play.story.steps:
        if "does" in step:
            play.act(step["who"], step["does"], step)
        elif "waits" in step:
            play.wait(step["waits"])
        if until in waited_for(play):
            return
