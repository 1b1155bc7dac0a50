"""Geometry of charts, drawn by the server as SVG: they need no script, obey the content security policy, and print.

Every chart stands beside its table (templates/statistics/_charts.html). Sizes are in the units of the viewBox.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 30, 24, 34  # above the highest bar stands its number
MOST_SERIES = 8

Number = int | float | Decimal


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    middle: float
    value: str


@dataclass(frozen=True)
class Line:
    name: str
    points: str
    ends: tuple[float, float]


@dataclass(frozen=True)
class Chart:
    ticks: tuple[tuple[float, str], ...]  # y, label
    bars: tuple[Bar, ...] = ()
    lines: tuple[Line, ...] = ()
    labels: tuple[tuple[float, str], ...] = ()  # x, label
    left_out: int = 0  # series that the table alone has


def bar_chart(points: Sequence[tuple[str, Number]]) -> Chart:
    """A bar for each (label, value), from 0."""
    top, ticks = _scale(max((float(value) for _, value in points), default=0))
    room = (WIDTH - LEFT - RIGHT) / max(1, len(points))
    width = min(room * 0.64, 56)
    bars = []
    for place, (label, value) in enumerate(points):
        middle = LEFT + room * (place + 0.5)
        y = _y(float(value), top)
        bars.append(
            Bar(
                _r(middle - width / 2), y, _r(width), _r(HEIGHT - BOTTOM - y), label, _r(middle), f"{value:,}"
            )
        )
    return Chart(ticks, bars=tuple(bars))


def line_chart(labels: Sequence[str], series: Mapping[str, Sequence[Number]]) -> Chart:
    """A line for each name; of many, those that end highest."""
    chosen = sorted(series, key=lambda name: -float(series[name][-1]))[:MOST_SERIES]
    top, ticks = _scale(max((float(value) for name in chosen for value in series[name]), default=0))
    room = (WIDTH - LEFT - RIGHT) / max(1, len(labels) - 1)
    at = [_r(LEFT + room * place) for place in range(len(labels))]
    lines = []
    for name in series:
        if name in chosen:
            places = [(x, _y(float(value), top)) for x, value in zip(at, series[name], strict=True)]
            lines.append(Line(name, " ".join(f"{x},{y}" for x, y in places), places[-1]))
    return Chart(
        ticks,
        lines=tuple(lines),
        labels=tuple(zip(at, labels, strict=True)),
        left_out=len(series) - len(chosen),
    )


def parts(values: Sequence[Number]) -> list[tuple[float, float]]:
    """(start, width) in percent of a bar made of these parts."""
    total = sum(float(value) for value in values)
    found, start = [], 0.0
    for value in values:
        width = 100 * float(value) / total if total else 0.0
        found.append((_r(start), _r(width)))
        start += width
    return found


def share(value: Number, most: Number) -> float:
    """Percent of the largest."""
    return _r(100 * float(value) / float(most)) if most else 0.0


def _y(value: float, top: float) -> float:
    return _r(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top)


def _scale(most: float) -> tuple[float, tuple[tuple[float, str], ...]]:
    """A round top of at least ``most`` and four steps to it."""
    step = 1.0
    while step * 4 < most:
        head = step / 10 ** (len(f"{step:.0f}") - 1)
        step *= 2.5 if head == 2 else 2
    top = step * 4
    return top, tuple((_y(step * n, top), f"{step * n:,.0f}") for n in range(5))


def _r(value: float) -> float:
    return round(value, 2)
