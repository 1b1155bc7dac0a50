"""T12: points of a layer in one place, and slivers of lines with a loose end."""

from collections.abc import Iterator

import numpy as np
import shapely

from engine.domain.said import say
from engine.exchange import standard
from engine.exchange.checks.records import record_of
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.model import PackageData, Table

_ROUNDING = 1e-6
_CHUNK = 50_000


def check_small(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    if not settings.on("T12"):
        return
    for name, table in package.layers.items():
        kind = standard.spec(name).geometry
        if table.geometry is None or not len(table):
            continue
        if kind == "Point":
            yield from _points(table, settings)
        elif kind == "LineString":
            yield from _lines(table, settings)


def _chunks(table: Table) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for start in range(0, len(table), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(table)))
        yield rows, table.geometry[rows]  # type: ignore[index]


def _points(table: Table, settings: CheckSettings) -> Iterator[Finding]:
    """One finding for each point that lies where an earlier one does. Only coordinates are held, not geometries."""
    place = np.full(len(table), np.nan + 0j)
    for rows, shapes in _chunks(table):
        one = shapely.get_type_id(shapes) == 0
        place[rows[one]] = shapely.get_x(shapes[one]) + 1j * shapely.get_y(shapes[one])
    rows = np.flatnonzero(np.isfinite(place))
    later, earlier = _same(place[rows], settings.same_place - _ROUNDING)
    for after, before in zip(rows[later].tolist(), rows[earlier].tolist(), strict=True):
        first = record_of(table, before)
        message = say("与 %(other)s 在同一位置，请合并为一点", other=first)
        at = (place[after].real, place[after].imag)
        yield finding("T12", message, table.name, record_of(table, after), other=first, at=at)


def _same(place: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (later, earlier) closer than ``reach``, by sorting along one axis: what is close is close there too."""
    order = np.argsort(place.real, kind="stable")
    sorted_ = place[order]
    found: list[tuple[np.ndarray, np.ndarray]] = []
    step, alive = 1, np.arange(len(order))
    while len(alive := alive[alive + step < len(order)]):
        alive = alive[sorted_.real[alive + step] - sorted_.real[alive] < reach]
        close = alive[np.abs(sorted_[alive + step] - sorted_[alive]) < reach]
        a, b = order[close], order[close + step]
        found.append((np.maximum(a, b), np.minimum(a, b)))
        step += 1
        if step > 1000:  # thousands of points on one meridian to the millimetre: no survey, a flood
            break
    later = np.concatenate([f[0] for f in found]) if found else np.zeros(0, int)
    earlier = np.concatenate([f[1] for f in found]) if found else np.zeros(0, int)
    chosen = np.unique(later, return_index=True)[1]
    return later[chosen], earlier[chosen]


def _lines(table: Table, settings: CheckSettings) -> Iterator[Finding]:
    """Lines shorter than the tolerance, of which an end meets no other line's end."""
    ends: list[np.ndarray] = []
    short: list[tuple[int, float]] = []
    for rows, shapes in _chunks(table):
        length = shapely.length(shapes)
        first, last = shapely.get_point(shapes, 0), shapely.get_point(shapes, -1)
        ends.append(np.stack([shapely.get_x(p) + 1j * shapely.get_y(p) for p in (first, last)], axis=1))
        small = (length < settings.short_line - _ROUNDING) & (length > 0)
        short += zip(rows[small].tolist(), length[small].tolist(), strict=True)
    if not short:
        return
    every = np.concatenate(ends)
    for row, metres in short:
        others = np.delete(every, row, axis=0).ravel()
        loose = [
            at for at in every[row] if not np.any(np.abs(others - at) <= settings.same_place + _ROUNDING)
        ]
        if loose:
            message = say("悬挂的碎线，长 %(length)s 米，请删去或接上", length=f"{metres:.4f}")
            yield finding(
                "T12", message, table.name, record_of(table, row), at=(loose[0].real, loose[0].imag)
            )
