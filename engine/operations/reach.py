"""Whether what is drawn lies where the case's issuing party has its land: asked before anything is loaded for it."""

from collections.abc import Sequence

import shapely
from sqlalchemy.orm import Session

from engine.domain.changes import Change, named
from engine.domain.errors import Refused
from engine.store.party_ground import extent_of_party
from engine.store.tables.cases import Case

REACH = 500  # metres beyond the issuing party's land that may be drawn over


def refuse_far(
    session: Session, case: Case, changes: Sequence[Change], path: Sequence[tuple[float, float]] = ()
) -> None:
    """Raises Refused: a wrong digit, or another zone's coordinates, would have the whole county loaded."""
    outlines = [shape for shape in named(changes).outlines if not shape.is_empty]
    drawn = shapely.union_all([shapely.box(*shape.bounds) for shape in outlines])
    if path:
        drawn = drawn.union(shapely.box(*shapely.MultiPoint(path).bounds))
    if drawn.is_empty:
        return
    party = extent_of_party(session, case.county, case.issuing_party_code)
    if party is None or not shapely.box(*party).buffer(REACH).contains(shapely.box(*drawn.bounds)):
        raise Refused("drawn_far", "画的范围超出发包方的土地%(metres)s米以上，请检查坐标", metres=REACH)
