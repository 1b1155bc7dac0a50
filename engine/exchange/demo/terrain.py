"""From the drawing board to the ground: a straight plan bent along gentle slopes, in millimetres.

Everything is laid out in a straight plane (u to the right, v upwards, metres) and mapped point by point, so
that lines that meet on the plan meet on the ground in exactly the same point.
"""

import math
from dataclasses import dataclass
from random import Random

from engine.exchange.demo.settings import ORIGIN

Point = tuple[int, int]  # easting, northing in millimetres: neighbours compare equal, never almost equal


@dataclass(frozen=True)
class Terrain:
    """A rotation and a few long waves; `waves` are (amplitude m, wave number u, wave number v, phase)."""

    angle: float
    waves_u: tuple[tuple[float, float, float, float], ...]
    waves_v: tuple[tuple[float, float, float, float], ...]

    def point(self, u: float, v: float) -> Point:
        """The place on the ground of a point of the plan."""
        bent_u = u + sum(a * math.sin(p * u + q * v + c) for a, p, q, c in self.waves_u)
        bent_v = v + sum(a * math.sin(p * u + q * v + c) for a, p, q, c in self.waves_v)
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        east = ORIGIN[0] + cos * bent_u - sin * bent_v
        north = ORIGIN[1] + sin * bent_u + cos * bent_v
        return round(east * 1000), round(north * 1000)


def make_terrain(random: Random) -> Terrain:
    """Slopes of a few hundred to two thousand metres, and the lie of the land turned a little."""

    def wave(amplitude: float, length: float) -> tuple[float, float, float, float]:
        turn = random.uniform(0, math.tau)
        number = math.tau / length
        return amplitude, number * math.cos(turn), number * math.sin(turn), random.uniform(0, math.tau)

    def waves() -> tuple[tuple[float, float, float, float], ...]:
        return wave(55, 2100), wave(24, 900), wave(6, 330)

    return Terrain(math.radians(random.uniform(6, 18)), waves(), waves())


def metres(point: Point) -> tuple[float, float]:
    """Easting and northing in metres."""
    return point[0] / 1000, point[1] / 1000
