"""T12: points of a layer in one place, and slivers of lines with a loose end."""

from collections.abc import Iterator

import numpy as np
import shapely

from engine.domain.said import say
from engine.exchange import standard
from engine.exchange.checks.records import record_of
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import line_ends
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


def _ends(table: Table) -> np.ndarray:
    """First and last place of each row; a chunk at a time, and only coordinates are held."""
    chunks = (np.arange(start, min(start + _CHUNK, len(table))) for start in range(0, len(table), _CHUNK))
    return np.concatenate([line_ends(table.geometry, rows) for rows in chunks])  # type: ignore[arg-type]


def _points(table: Table, settings: CheckSettings) -> Iterator[Finding]:
    """One finding for each point that lies where an earlier one does."""
    place = _ends(table)[:, 0]
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
    every = _ends(table)
    close = np.flatnonzero(
        np.abs(every[:, 0] - every[:, 1]) < settings.short_line
    )  # a line is no shorter than that
    length = shapely.length(table.geometry[close])  # type: ignore[index]
    small = (length < settings.short_line - _ROUNDING) & (length > 0)
    for row, metres in zip(close[small].tolist(), length[small].tolist(), strict=True):
        others = np.delete(every, row, axis=0).ravel()
        loose = [
            at for at in every[row] if not np.any(np.abs(others - at) <= settings.same_place + _ROUNDING)
        ]
        if loose:
            message = say("悬挂的碎线，长 %(length)s 米，请删去或接上", length=f"{metres:.4f}")
            yield finding(
                "T12", message, table.name, record_of(table, row), at=(loose[0].real, loose[0].imag)
            )
