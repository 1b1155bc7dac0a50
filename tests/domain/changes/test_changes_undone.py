"""Over random land and families: what is applied and undone is as before, and areas are never made or lost."""

from decimal import Decimal

import shapely.ops
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString

from engine.domain.changes import (
    ExpropriateLand,
    MergeParcels,
    MoveBoundary,
    NewHousehold,
    Register,
    Relation,
    Reshaped,
    SplitHousehold,
    SplitParcel,
    SwapParcels,
    apply,
    as_json,
    check,
    from_json,
    geometry,
    inverse,
)
from engine.domain.changes.geometry import area, pieces_of, rounded, shares
from engine.domain.changes.register import Party

from .village import (
    A1,
    A2,
    B1,
    DAY,
    EAST,
    NORTH,
    PARTY,
    A,
    B,
    field,
    held,
    holdings,
    household,
    parcel,
    person,
    piece,
    village,
)

HERE = village()
QUICK = settings(max_examples=25, deadline=None)


@st.composite
def fields(draw):
    """A four-cornered field of 10 m to 120 m, skewed, on the millimetre grid."""
    x, y = draw(st.integers(0, 500_000)), draw(st.integers(0, 500_000))
    wide, high = draw(st.integers(20_000, 120_000)), draw(st.integers(20_000, 120_000))
    skew = [draw(st.integers(-8_000, 8_000)) for _ in range(8)]
    corners = [(0, 0), (0, high), (wide, high), (wide, 0)]
    return shapely.Polygon(
        [
            (EAST + (x + cx + skew[2 * i]) / 1000, NORTH + (y + cy + skew[2 * i + 1]) / 1000)
            for i, (cx, cy) in enumerate(corners)
        ]
    )


@st.composite
def halves(draw):
    """A field, and the two parts that a line across it leaves."""
    outline = draw(fields())
    west, south, east, north = outline.bounds
    share_low, share_high = draw(st.floats(0.3, 0.7)), draw(st.floats(0.3, 0.7))
    line = LineString(
        [
            (west + (east - west) * share_low, south - 20),
            (west + (east - west) * share_high, north + 20),
        ]
    )
    parts = shapely.ops.split(outline, line)
    return outline, [rounded(part) for part in pieces_of(parts)]


def on_it(outline):
    """A register with that one field, of household A."""
    one, people = parcel(A1, outline), village().contractors
    return Register("990101", DAY, {PARTY: Party(PARTY)}).put(one, people[A], held(A, one))


@QUICK
@given(halves())
def test_a_split_conserves_the_land_and_merges_back_to_the_same(cut):
    outline, parts = cut
    here = on_it(outline)
    areas = shares(here.contracts[A].total_area, [area(part) for part in parts])
    change = SplitParcel(
        A1,
        tuple(piece(here, field(101 + i), part, str(areas[i])) for i, part in enumerate(parts)),
    )
    assert [found.message for found in check([change], here)] == []
    after = apply([change], here)
    assert after.contracts[A].total_area == here.contracts[A].total_area
    back = inverse([change], here)
    assert check(back, after) == []
    assert holdings(apply(back, after)) == holdings(here)
    assert from_json(as_json([change])) == (change,)


@QUICK
@given(halves())
def test_a_merge_splits_back_to_the_same(cut):
    outline, parts = cut
    here = on_it(outline)
    west, east = (parcel(code, part) for code, part in zip((A1, A2), parts, strict=True))
    here = here.put(west, east, held(A, west, east))
    change = MergeParcels((A1, A2), piece(here, field(101), outline, str(here.contracts[A].total_area)))
    assert check([change], here) == []
    after = apply([change], here)
    back = inverse([change], here)
    assert check(back, after) == []
    assert holdings(apply(back, after)) == holdings(here)


@QUICK
@given(halves(), st.floats(0.3, 0.7))
def test_a_boundary_moves_and_moves_back(cut, share):
    outline, parts = cut
    west, east = (parcel(code, part) for code, part in zip((A1, A2), parts, strict=True))
    here = on_it(outline).put(west, east)
    left, low, right, high = outline.bounds
    middle = left + (right - left) * share
    new = [
        rounded(p)
        for p in pieces_of(shapely.ops.split(outline, LineString([(middle, low - 1), (middle, high + 1)])))
    ]
    if len(new) != 2:
        return
    change = MoveBoundary(tuple(Reshaped(code, part.wkt) for code, part in zip((A1, A2), new, strict=True)))
    assert [found.message for found in check([change], here)] == []
    after = apply([change], here)
    before_m2 = sum(p.outline.area for p in (west, east))
    assert abs(sum(after.parcels[c].outline.area for c in (A1, A2)) - before_m2) < 0.5  # grid times boundary
    back = inverse([change], here)
    assert check(back, after) == []
    assert holdings(apply(back, after)) == holdings(here)


@QUICK
@given(fields(), st.floats(0.1, 0.5), st.floats(0.1, 0.4))
def test_what_a_red_line_takes_and_leaves_is_the_whole(outline, start, width):
    west, south, east, north = outline.bounds
    middle = west + (east - west) * start
    line = shapely.box(middle, south - 5, middle + (east - west) * width, north + 5)
    taken, kept = geometry.cut(outline, line)
    assert abs(sum(part.area for part in taken + kept) - outline.area) < 0.5
    here = on_it(outline)
    total = here.contracts[A].total_area
    left = shares(total, [area(part) for part in [*kept, *taken]])[: len(kept)]
    change = ExpropriateLand(
        A1, line.wkt, "某政地〔2026〕1号",
        tuple(piece(here, field(101 + i), part, str(left[i])) for i, part in enumerate(kept)),
    )  # fmt: skip
    assert [found.message for found in check([change], here)] == []
    after = apply([change], here)
    assert after.contracts[A].total_area == sum(left) < total if kept else A not in after.contracts


@QUICK
@given(st.data())
def test_any_split_of_a_household_merges_back(data):
    size = data.draw(st.integers(2, 7))
    members = [person(1, "02", "王一")] + [person(n, "20", f"王{n}") for n in range(2, size + 1)]
    lands = [
        parcel(field(n), shapely.box(EAST + n * 50, NORTH, EAST + n * 50 + 40, NORTH + 30))
        for n in range(1, size + 1)
    ]
    here = HERE.without("parcels", [A1, A2, B1, field(4), field(5)]).without(
        "contracts", [A, B, household(3)]
    )
    one = here.contractors[A].__class__(A, A[:14], "1", "王一", members[0].id_number, members=tuple(members))
    here = here.put(one, *lands, held(A, *lands))
    turn = data.draw(st.permutations(range(size)))
    at = data.draw(st.integers(1, size - 1))
    parts = []
    for number, share in enumerate((turn[:at], turn[at:])):
        people = tuple(
            Relation(members[i].id_number, "02" if place == 0 else "80") for place, i in enumerate(share)
        )
        parts.append(
            NewHousehold(household(101 + number), people, tuple(sorted(lands[i].code for i in share)))
        )
    change = SplitHousehold(A, tuple(parts))
    assert check([change], here) == []
    after = apply([change], here)
    split_total = sum(after.contracts[part.code].total_area for part in parts)
    assert split_total == here.contracts[A].total_area
    back = inverse([change], here)
    assert check(back, after) == []
    assert holdings(apply(back, after)) == holdings(here)


@QUICK
@given(st.sets(st.sampled_from([A1, A2]), min_size=1), st.just({B1}))
def test_any_swap_swaps_back_and_makes_no_land(given_away, received):
    change = SwapParcels(A, tuple(sorted(given_away)), B, tuple(sorted(received)))
    after = apply([change], HERE)
    assert check([change], HERE) == []
    assert sum(c.total_area for c in after.contracts.values()) == sum(
        c.total_area for c in HERE.contracts.values()
    )
    assert holdings(apply(inverse([change], HERE), after)) == holdings(HERE)


@settings(deadline=None)
@given(
    st.decimals(Decimal("0.10"), 99999, places=2),
    st.lists(st.decimals(Decimal("0.01"), 999, places=2), min_size=1, max_size=9),
)
def test_shares_add_up_exactly(total, weights):
    found = shares(total, weights)
    assert sum(found) == total
    whole = sum(weights)
    assert all(
        abs(share - total * weight / whole) < Decimal("0.01")
        for share, weight in zip(found, weights, strict=True)
    )
