"""Vertices and edges of many parcels as numbered arrays, and which of them lie close to each other.

Coordinates are metres from the plot's own corner: at 4e7 m, where national eastings lie, a millimetre is near the
end of what GEOS can tell apart.
"""

from dataclasses import dataclass

import numpy as np
import shapely

NONE = -1


@dataclass(frozen=True)
class Edges:
    """``nodes``: places as complex numbers, each once. A vertex of a parcel is a (node, parcel); an edge is two nodes,
    the lower number first, each edge once, with up to two parcels along it (``parcel``) and in which direction each
    runs along it (``sense`` 1 or -1; its land lies to the left)."""

    nodes: np.ndarray
    vertex_node: np.ndarray  # of each vertex, ring by ring
    vertex_parcel: np.ndarray
    vertex_next: np.ndarray  # number of the vertex that follows in the ring
    low: np.ndarray  # of each edge
    high: np.ndarray
    parcel: np.ndarray  # shape (edges, 2); NONE where there is no second
    sense: np.ndarray
    repeated: np.ndarray  # parcels and nodes (shape (n, 2)) of vertices that repeat the one before

    @property
    def start(self) -> np.ndarray:
        return self.nodes[self.low]

    @property
    def end(self) -> np.ndarray:
        return self.nodes[self.high]

    @property
    def owners(self) -> tuple[np.ndarray, np.ndarray]:
        """Nodes and their parcels, each pair once, by node."""
        parcels = int(self.vertex_parcel.max(initial=0)) + 1
        pairs = np.unique(self.vertex_node * parcels + self.vertex_parcel)
        return pairs // parcels, pairs % parcels


def edges_of(shapes: np.ndarray) -> Edges:
    """Of polygons; what is missing or no polygon has none."""
    parts, part_shape = shapely.get_parts(shapes, return_index=True)
    polygon = shapely.get_type_id(parts) == 3
    parts, part_shape = parts[polygon], part_shape[polygon]
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    hole = np.zeros(len(rings), bool)
    hole[1:] = ring_part[1:] == ring_part[:-1]
    xy, of_ring = shapely.get_coordinates(rings, return_index=True)
    ring_shape = part_shape[ring_part]
    places = xy[:, 0] + 1j * xy[:, 1]
    first = np.flatnonzero(np.diff(of_ring, prepend=-1))
    closing = np.append(first[1:], len(places)) - 1 if len(first) else first
    open_ = np.ones(len(places), bool)
    open_[closing] = False
    places, of_ring = places[open_], of_ring[open_]
    following = _following(of_ring)
    same = places == places[following]
    repeats = np.stack([ring_shape[of_ring[same]], np.flatnonzero(same)], axis=1)
    repeat_places = places[same]
    places, of_ring = places[~same], of_ring[~same]
    following = _following(of_ring)
    nodes, node = np.unique(places, return_inverse=True)
    if len(repeats):
        repeats[:, 1] = np.minimum(np.searchsorted(nodes, repeat_places), max(len(nodes) - 1, 0))
    left = _land_left(places, following, of_ring, len(rings)) != hole
    parcel = ring_shape[of_ring]
    low, high, of_edge, along = _numbered(node, node[following], len(nodes))
    sense = np.where(left[of_ring], along, -along)
    parcels, senses = _sides(len(low), of_edge, parcel, sense)
    return Edges(nodes, node, parcel, following, low, high, parcels, senses, repeats)


def _following(of_ring: np.ndarray) -> np.ndarray:
    """Of each vertex the number of the next in its ring; rings are closed."""
    following = np.arange(1, len(of_ring) + 1)
    if len(of_ring):
        first = np.flatnonzero(np.diff(of_ring, prepend=-1))
        following[np.append(first[1:], len(of_ring)) - 1] = first
    return following


def _land_left(places: np.ndarray, following: np.ndarray, of_ring: np.ndarray, rings: int) -> np.ndarray:
    """Of each ring whether it runs counter-clockwise."""
    after = places[following]
    twice = places.real * after.imag - after.real * places.imag
    return np.bincount(of_ring, twice, minlength=rings) > 0


def _numbered(a: np.ndarray, b: np.ndarray, count: int):
    """Edges once each, which edge each vertex begins, and 1 where it runs from the lower node."""
    key = np.minimum(a, b) * np.int64(count + 1) + np.maximum(a, b)
    unique, of_edge = np.unique(key, return_inverse=True)
    return unique // (count + 1), unique % (count + 1), of_edge, np.where(a < b, 1, -1)


def _sides(
    count: int, of_edge: np.ndarray, parcel: np.ndarray, sense: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The first two parcels along each edge; more lie one over the other, which is T03's."""
    order = np.argsort(of_edge, kind="stable")
    edge = of_edge[order]
    first = np.diff(edge, prepend=-1) != 0
    second = np.zeros(len(edge), bool)
    second[1:] = first[:-1] & ~first[1:]
    parcels, senses = np.full((count, 2), NONE), np.zeros((count, 2), int)
    for column, mask in enumerate((first, second)):
        parcels[edge[mask], column] = parcel[order[mask]]
        senses[edge[mask], column] = sense[order[mask]]
    return parcels, senses


def close_pairs(edges: Edges, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of different edges closer than ``reach``, those that meet included; each pair once."""
    ends = np.stack([edges.start, edges.end], axis=1)
    lines = shapely.linestrings(np.stack([ends.real, ends.imag], axis=2))
    first, second = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=reach)
    once = first < second
    return first[once], second[once]


def distance(place: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Of places to edges, metres; complex numbers, one each."""
    along = end - start
    share = np.clip(((place - start) * along.conj()).real / np.maximum(np.abs(along) ** 2, 1e-300), 0, 1)
    return np.abs(place - (start + share * along))
