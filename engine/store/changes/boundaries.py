"""Boundary points and lines near the outlines that a changeset draws: loaded, and written as versions."""

from collections.abc import Iterable, Mapping
from typing import Any

import shapely
from geoalchemy2.shape import from_shape, to_shape
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine.domain.changes import register as domain
from engine.domain.changes.boundaries import Boundaries, Line, Place, Point, Side, follow, place_of
from engine.domain.changes.difference import Changed
from engine.domain.division import around
from engine.store.changes.locks import NEAR
from engine.store.register import Cause, close_row, current, version_of
from engine.store.tables import register as t
from engine.store.tables import standard as s

_PARTY_DIGITS = 14
_LONGEST = (
    24  # characters of a name: two and the stroke between fit into the 100 bytes of PLDWQLR and PLDWZJR
)


def redraw(
    session: Session,
    county: str,
    srid: int,
    changed: Iterable[Changed],
    after: domain.Register,
    cause: Cause,
) -> dict[str, str]:
    """Bring points and lines up to the outlines that have changed; gives KJZB of the parcels that have them."""
    drawn = {c.code: c for c in changed if c.kind == "parcels" and _redrawn(c)}
    if not drawn:
        return {}
    parties = {code[:_PARTY_DIGITS] for code in drawn}
    before = _near(session, county, srid, [o for c in drawn.values() for o in _outlines(c)])
    divisions = {around(point.parcels) for point in before.points} | {around([code]) for code in drawn}
    before.last_point = _last(session, county, s.BoundaryPoint, divisions)
    before.last_line = _last(session, county, s.BoundaryLine, divisions)
    collectives = _collectives(session, county, parties)
    sides = {code: _side(after, code, collectives) for code in drawn}
    now = follow(before, {code: c.after for code, c in drawn.items()}, sides, collectives)
    _write(session, county, s.BoundaryPoint, before.points, now.points, cause, lambda p: _point(p, srid))
    _write(session, county, s.BoundaryLine, before.lines, now.lines, cause, lambda line: _line(line, srid))
    session.flush()
    return now.corners


def _redrawn(change: Changed) -> bool:
    if change.before is None or change.after is None:
        return True
    return not change.before.outline.equals_exact(change.after.outline)


def _outlines(change: Changed) -> list[Any]:
    return [thing.outline for thing in (change.before, change.after) if thing is not None]


def _near(session: Session, county: str, srid: int, outlines: list[Any]) -> Boundaries:
    points: dict[int, Point] = {}
    lines: dict[int, Line] = {}
    for outline in outlines:
        for row in _in_box(session, county, srid, s.BoundaryPoint, outline):
            shape = to_shape(row.geom)
            points[row.id] = Point(
                row.number, tuple(row.parcels), place_of(shape.x, shape.y), row.kind, row.marker, row.id
            )
        for row in _in_box(session, county, srid, s.BoundaryLine, outline):
            places = tuple(place_of(x, y) for x, y, *_ in to_shape(row.geom).coords)
            lines[row.id] = Line(
                tuple(row.parcels), places, tuple(row.neighbours.split("/")), tuple(row.witnesses.split("/")),
                row.number, row.start, row.end, row.description, row.kind, row.nature, row.position, row.id,
            )  # fmt: skip
    return Boundaries([points[i] for i in sorted(points)], [lines[i] for i in sorted(lines)])


def _in_box(session: Session, county: str, srid: int, table: Any, outline: Any) -> Iterable[Any]:
    """A bare ``geom && box`` of plain values: row security uses the index for nothing else."""
    west, south, east, north = outline.bounds
    box = text("geom && st_makeenvelope(:west, :south, :east, :north, :srid)").bindparams(
        west=west - NEAR, south=south - NEAR, east=east + NEAR, north=north + NEAR, srid=srid
    )
    return session.scalars(select(table).where(table.county == county, box, *current(table)))


def _last(session: Session, county: str, table: Any, divisions: set[str]) -> int:
    """The highest number that was ever given there: none comes back for another place."""
    digits = func.substring(table.number, "([0-9]{1,7})$")
    query = select(func.max(digits.cast(t.Parcel.id.type))).where(
        table.county == county, table.division.in_(sorted(divisions))
    )
    return session.scalar(query) or 0


def _collectives(session: Session, county: str, parties: set[str]) -> dict[str, Side]:
    rows = session.execute(
        select(t.IssuingParty.code, t.IssuingPartyVersion.name, t.IssuingPartyVersion.head_name)
        .join(t.IssuingPartyVersion, version_of(t.IssuingParty, t.IssuingPartyVersion, "issuing_party_id"))
        .where(
            t.IssuingParty.county == county,
            t.IssuingParty.code.in_(sorted(parties)),
            *current(t.IssuingPartyVersion),
        )
    )
    return {code: Side(name[:_LONGEST], head[:_LONGEST]) for code, name, head in rows}


def _side(after: domain.Register, code: str, collectives: Mapping[str, Side]) -> Side:
    """The household that holds the parcel; its issuing party where none does, or several by shares."""
    collective = collectives.get(code[:_PARTY_DIGITS], Side("", ""))
    holders = after.holders(code)
    contractor = after.contractors.get(holders[0].contractor) if len(holders) == 1 else None
    parcel = after.parcels.get(code)
    witness = (parcel.witnesses if parcel else None) or collective.witness
    return Side((contractor.name if contractor else collective.holder)[:_LONGEST], witness[:_LONGEST])


def _write(
    session: Session, county: str, table: Any, before: list[Any], after: list[Any], cause: Cause, columns: Any
) -> None:
    standing = {thing.id: thing for thing in after if thing.id is not None}
    changed = [old for old in before if standing.get(old.id) != old]
    rows = {
        row.id: row
        for row in session.scalars(
            select(table).where(table.county == county, table.id.in_([old.id for old in changed]))
        )
    }
    for row in rows.values():
        close_row(session, row, cause)
    for thing in after:
        if thing.id is None or thing.id in rows:
            session.add(
                table(county=county, division=around(thing.parcels), **columns(thing), **cause.columns())
            )


def _point(point: Point, srid: int) -> dict[str, Any]:
    shape = shapely.Point(*_metres(point.place))
    return {
        "number": point.number,
        "kind": point.kind,
        "marker": point.marker,
        "parcels": list(point.parcels),
        "geom": from_shape(shape, srid=srid),
    }


def _line(line: Line, srid: int) -> dict[str, Any]:
    shape = shapely.LineString([_metres(place) for place in line.places])
    return {
        "nature": line.nature, "kind": line.kind, "position": line.position, "description": line.description,
        "neighbours": "/".join(line.neighbours), "witnesses": "/".join(line.witnesses), "number": line.number,
        "start": line.start, "end": line.end, "parcels": list(line.parcels), "geom": from_shape(shape, srid=srid),
    }  # fmt: skip


def _metres(place: Place) -> tuple[float, float]:
    return place[0] / 1000, place[1] / 1000
