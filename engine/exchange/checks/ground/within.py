"""T10 for parcels, and T14: which division and which farmland zone a parcel lies in."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import shapely

from engine.domain.said import say
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding

if TYPE_CHECKING:
    from engine.exchange.checks.ground.plots import Plot

BASIC, NOT_BASIC = "1", "2"  # code list of SFJBNT


def check_within(plot: "Plot", land: np.ndarray, settings: CheckSettings) -> Iterator[Finding]:
    if settings.on("T10"):
        yield from _outside(plot, land, settings)
    if settings.on("T14") and plot.zones is not None:
        yield from _basic_farmland(plot, land, settings)


def _outside(plot: "Plot", land: np.ndarray, settings: CheckSettings) -> Iterator[Finding]:
    """T10: a parcel reaches out of the division that its code names."""
    for number, area in enumerate(plot.areas):
        shapely.prepare(area)
        rows = np.flatnonzero((plot.area == number) & ~shapely.is_missing(land))
        rows = rows[~shapely.covers(area, land[rows])]
        drawn_in = shapely.buffer(land[rows], -settings.same_place, join_style="mitre")
        rows = rows[~shapely.covers(area, drawn_in) & ~shapely.is_empty(drawn_in)]
        beyond = shapely.difference(land[rows], area)
        for row, part in zip(rows.tolist(), beyond, strict=True):
            if part.area > settings.area:
                place = part.point_on_surface()
                message = say(
                    "地块有 %(area)s 平方米在所属区域 %(division)s 之外，请核对地块编码和界址点",
                    area=f"{part.area:.2f}", division=plot.area_names[number],
                )  # fmt: skip
                yield _found("T10", plot, row, message, (place.x, place.y))


def _basic_farmland(plot: "Plot", land: np.ndarray, settings: CheckSettings) -> Iterator[Finding]:
    """T14: SFJBNT says yes where more than the share of the parcel lies in a zone, and only there."""
    assert plot.zones is not None
    covered = np.zeros(len(land))
    if len(plot.zones):
        tree = shapely.STRtree(plot.zones)
        own = land.copy()
        own[~plot.judged] = None
        inside = tree.query(own, predicate="covered_by")
        covered[inside[0]] = 1.0
        partly = own.copy()
        partly[covered == 1.0] = None
        touching = tree.query(partly, predicate="intersects")
        parts = shapely.area(shapely.intersection(own[touching[0]], plot.zones[touching[1]]))
        np.add.at(covered, touching[0], parts / shapely.area(own[touching[0]]))
    for row in np.flatnonzero(plot.judged & ~shapely.is_missing(land)).tolist():
        mark, share = plot.basic[row], min(float(covered[row]), 1.0)
        if mark in (BASIC, NOT_BASIC) and (mark == BASIC) != (share > settings.zone_share):
            message = (
                say(
                    "标为基本农田，但只有 %(share)s%% 的面积在基本农田保护区内，请核对",
                    share=f"{share * 100:.0f}",
                )
                if mark == BASIC
                else say(
                    "标为非基本农田，但 %(share)s%% 的面积在基本农田保护区内，请核对",
                    share=f"{share * 100:.0f}",
                )
            )
            place = land[row].point_on_surface()
            yield _found("T14", plot, row, message, (place.x, place.y), "SFJBNT")


def _found(
    rule: str, plot: "Plot", row: int, message: str, at: tuple[float, float], field: str | None = None
) -> Finding:
    return finding(
        rule, message, "DK", plot.names[row], field, at=(plot.origin[0] + at[0], plot.origin[1] + at[1])
    )
