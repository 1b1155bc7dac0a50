"""The rules on a case's changes: what they draw against what lies beside it, and what they write."""

import itertools
from datetime import date
from decimal import Decimal

import pytest
import shapely

from engine.commands.trial import COUNTY
from engine.domain.changes import RemeasureParcel, named
from engine.exchange.check_changes import check_changes
from engine.store.changes.load import load

DAY = date(2026, 3, 2)


@pytest.fixture
def session(running):
    with running.sessions(COUNTY) as found:
        yield found


def a_parcel(session):
    """With a side of its own to draw on: the first whose outline has a long edge that no other touches."""
    from sqlalchemy import text

    rows = session.execute(
        text("""
        select p.code, st_asbinary(v.geom) from operational.parcel_versions v
        join operational.parcels p on p.county = v.county and p.id = v.parcel_id
        where v.county = :county and v.valid_to is null and v.superseded_at is null order by p.code"""),
        {"county": COUNTY},
    ).all()
    shapes = [shapely.from_wkb(bytes(wkb)) for _, wkb in rows]
    tree = shapely.STRtree(shapes)
    for (code, _), shape in zip(rows, shapes, strict=True):
        ring = list(shape.exterior.coords)
        for n, (a, b) in enumerate(itertools.pairwise(ring)):
            middle = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)
            near = tree.query(shapely.Point(middle), predicate="dwithin", distance=0.3)
            if len(near) == 1 and shapely.Point(a).distance(shapely.Point(b)) > 5:
                return code, shape, n, middle
    raise AssertionError("no parcel beside a road")


def drawn(code, shape):
    return (RemeasureParcel(code, Decimal(str(round(shape.area, 2))), shape.wkt, None),)


def with_vertices(shape, after, *places):
    ring = list(shape.exterior.coords)
    return shapely.Polygon([*ring[: after + 1], *places, *ring[after + 1 :]])


def found(session, changes):
    register = load(session, COUNTY, DAY, named(changes))
    return check_changes(session, COUNTY, changes, register)


def test_two_vertices_too_close_are_found_and_named(session):
    code, shape, n, (x, y) = a_parcel(session)
    (one,) = found(session, drawn(code, with_vertices(shape, n, (x, y), (x + 0.02, y))))
    assert (one["rule"], one["record"], one["severity"]) == ("T06", code, "error")
    assert one["text"] % one["facts"] == one["message"]


def test_two_vertices_far_enough_are_not(session):
    code, shape, n, (x, y) = a_parcel(session)
    assert found(session, drawn(code, with_vertices(shape, n, (x, y)))) == []


def test_the_register_s_old_flaw_is_not_the_change_s(session):
    code, shape, n, (x, y) = a_parcel(session)
    flawed = with_vertices(shape, n, (x, y), (x + 0.02, y))
    changes = drawn(code, flawed)
    register = load(session, COUNTY, DAY, named(changes))
    register = register.put(changes[0].apply(register).parcels[code])
    again = drawn(code, with_vertices(flawed, 0, shape.exterior.interpolate(1.0).coords[0]))
    assert check_changes(session, COUNTY, again, register) == []


def test_a_steward_s_tolerance_counts_here_too(session):
    from engine.store.tables.reference import County

    code, shape, n, (x, y) = a_parcel(session)
    county = session.get_one(County, COUNTY)
    county.settings = county.settings | {"quality": {"tolerances": {"near": 0.01}}}
    session.flush()
    assert found(session, drawn(code, with_vertices(shape, n, (x, y), (x + 0.02, y)))) == []
    session.rollback()
