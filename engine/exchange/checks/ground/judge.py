"""One plot: every rule of where parcels lie, for the parcels that are judged, against all that are there."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import shapely

from engine.domain.said import say
from engine.exchange.checks.ground.boundary import check_boundary
from engine.exchange.checks.ground.edges import NONE, Edges, close_pairs, distance, edges_of
from engine.exchange.checks.ground.plots import Plot
from engine.exchange.checks.ground.within import check_within
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding

RULES = ("T03", "T05", "T06", "T07", "T08", "T09", "T10", "T11", "T14", "T15")
_ROUNDING = 1e-6  # metres: what adding and taking away coordinates may change
_OPPOSITE = -0.7  # cosine from which two edges run against each other


def judge(plot: Plot, settings: CheckSettings) -> list[Finding]:
    """Of the parcels ``plot.judged`` only. Invalid outlines (T01's) are compared as land but have no edges here."""
    with np.errstate(all="ignore"):
        return list(_judge(plot, settings))


def _judge(plot: Plot, settings: CheckSettings) -> Iterator[Finding]:
    land = _land(plot.shapes)
    if settings.on("T03"):
        yield from _overlaps(plot, land, settings)
    valid = land.copy()
    valid[~shapely.is_valid(plot.shapes)] = None
    edges = edges_of(valid)
    if len(edges.low):
        if settings.on("T05"):
            yield from _angles(plot, edges, settings)
        yield from _closeness(plot, edges, settings)
    yield from check_within(plot, land, settings)
    if settings.on("T11"):
        yield from check_boundary(plot, valid, settings)


def _land(shapes: np.ndarray) -> np.ndarray:
    """Polygons that can be compared: invalid ones mended (T01 has them)."""
    land = shapes.copy()
    bad = ~shapely.is_missing(land) & ~shapely.is_valid(land)
    land[bad] = shapely.make_valid(land[bad])
    return land


def _overlaps(plot: Plot, land: np.ndarray, settings: CheckSettings) -> Iterator[Finding]:
    """T03: each parcel, drawn in by the tolerance, against all others; one finding for each of the two."""
    drawn_in = shapely.buffer(land, -settings.same_place, join_style="mitre")
    first, second = shapely.STRtree(drawn_in).query(land, predicate="intersects")
    pairs = np.unique(np.sort(np.stack([first, second], axis=1)[first != second], axis=1), axis=0)
    pairs = pairs[plot.judged[pairs].any(axis=1)]
    common = shapely.intersection(land[pairs[:, 0]], land[pairs[:, 1]])
    areas, places = shapely.area(common), shapely.point_on_surface(common)
    for (a, b), area, place in zip(pairs.tolist(), areas.tolist(), places, strict=True):
        for own, other in ((a, b), (b, a)):
            if plot.judged[own]:
                message = say(
                    "与地块 %(other)s 重叠 %(area)s 平方米，请核对两地块的界址点",
                    other=plot.names[other], area=f"{area:.2f}",
                )  # fmt: skip
                yield _found("T03", plot, own, message, other, complex(place.x, place.y))


def _angles(plot: Plot, edges: Edges, settings: CheckSettings) -> Iterator[Finding]:
    """T05: the sharpest angle of each parcel, inwards or outwards."""
    place = edges.nodes[edges.vertex_node]
    out = place[edges.vertex_next] - place
    back = np.empty_like(out)
    back[edges.vertex_next] = -out
    angle = np.abs(np.degrees(np.angle(back / out)))  # between the edge that leaves and the one that came
    sharp = np.flatnonzero((angle < settings.angle - 1e-9) & plot.judged[edges.vertex_parcel])
    for parcel, vertices in _by(edges.vertex_parcel[sharp], sharp).items():
        worst = min(vertices, key=lambda v: angle[v])
        message = say(
            "有 %(count)s 处夹角小于 %(limit)s 度，最小 %(angle)s 度，请核对该处界址点",
            count=len(vertices), limit=f"{settings.angle:g}", angle=f"{angle[worst]:.2f}",
        )  # fmt: skip
        yield _found("T05", plot, parcel, message, None, place[worst])


def _closeness(plot: Plot, edges: Edges, settings: CheckSettings) -> Iterator[Finding]:
    """T06-T09 and T15, from one search of edges that lie close."""
    reach = max(
        settings.near * any(map(settings.on, ("T06", "T07", "T08"))),
        settings.self_distance * settings.on("T09"),
        settings.gap_width * settings.on("T15"),
    )
    if not reach:
        return
    first, second = close_pairs(edges, reach)
    near = _Near(edges, first, second, settings)
    if settings.on("T06"):
        yield from _repeats(plot, edges, near, settings)
    if settings.on("T07"):
        yield from _almost_same(plot, edges, near, settings)
    if settings.on("T08"):
        yield from _almost_on(plot, edges, near, settings)
    if settings.on("T09"):
        yield from _back_along(plot, edges, first, second, settings)
    if settings.on("T15"):
        yield from _gaps(plot, edges, first, second, settings)


class _Near:
    """Nodes closer than ``near`` to another node (``pairs``) or to an edge (``node``, ``edge``, ``apart``)."""

    def __init__(self, edges: Edges, first: np.ndarray, second: np.ndarray, settings: CheckSettings):
        node = np.concatenate([edges.low[first], edges.high[first], edges.low[second], edges.high[second]])
        edge = np.concatenate([second, second, first, first])
        foreign = (node != edges.low[edge]) & (node != edges.high[edge])
        node, edge = node[foreign], edge[foreign]
        place = edges.nodes[node]
        ends = np.stack([edges.low[edge], edges.high[edge]], axis=1)
        to_ends = np.abs(edges.nodes[ends] - place[:, None])
        limit = settings.near - _ROUNDING
        close = to_ends < limit
        short = np.abs(edges.end - edges.start) < limit
        pairs = np.concatenate(
            [
                np.stack([np.repeat(node[:, None], 2, axis=1)[close], ends[close]], axis=1),
                np.stack([edges.low[short], edges.high[short]], axis=1),
            ]
        )
        self.pairs = np.unique(np.sort(pairs, axis=1), axis=0)
        self.apart = np.abs(edges.nodes[self.pairs[:, 0]] - edges.nodes[self.pairs[:, 1]])
        to_edge = distance(place, edges.start[edge], edges.end[edge])
        beside = ~close.any(axis=1) & (to_edge < limit) & (to_edge >= settings.same_place + _ROUNDING)
        self.node, self.edge, self.to_edge = node[beside], edge[beside], to_edge[beside]
        nodes, parcels = edges.owners
        self._starts = np.searchsorted(nodes, np.arange(len(edges.nodes) + 1))
        self._parcels = parcels

    def parcels(self, node: int) -> set[int]:
        """The parcels that have a vertex there."""
        return set(self._parcels[self._starts[node] : self._starts[node + 1]].tolist())


def _repeats(plot: Plot, edges: Edges, near: _Near, settings: CheckSettings) -> Iterator[Finding]:
    """T06: vertices of one parcel too close to each other, or one after the other in the same place."""
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for parcel, node in edges.repeated.tolist():
        found[parcel].append((0.0, node))
    for (a, b), apart in zip(near.pairs.tolist(), near.apart.tolist(), strict=True):
        for parcel in near.parcels(a) & near.parcels(b):
            found[parcel].append((apart, a))
    for parcel, places in found.items():
        if plot.judged[parcel]:
            apart, node = min(places)
            message = say(
                "有 %(count)s 处节点相距不足 %(limit)s 米，最近 %(apart)s 米，请删去多余的节点",
                count=len(places), limit=f"{settings.near:g}", apart=f"{apart:.4f}",
            )  # fmt: skip
            yield _found("T06", plot, parcel, message, None, edges.nodes[node])


def _almost_same(plot: Plot, edges: Edges, near: _Near, settings: CheckSettings) -> Iterator[Finding]:
    """T07: a vertex of one and a vertex of the other almost in one place, of which neither has both."""
    found: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    for (a, b), apart in zip(near.pairs.tolist(), near.apart.tolist(), strict=True):
        if apart >= settings.same_place + _ROUNDING:
            of_a, of_b = near.parcels(a), near.parcels(b)
            for one in of_a - of_b:
                for other in of_b - of_a:
                    found[one, other].append((apart, a))
                    found[other, one].append((apart, b))
    for (parcel, other), places in found.items():
        if plot.judged[parcel]:
            apart, node = min(places)
            message = say(
                "与相邻地块 %(other)s 有 %(count)s 处节点相距不足 %(limit)s 米而不重合，最近 %(apart)s 米，请取同一节点",
                other=plot.names[other], count=len(places), limit=f"{settings.near:g}", apart=f"{apart:.4f}",
            )  # fmt: skip
            yield _found("T07", plot, parcel, message, other, edges.nodes[node])


def _almost_on(plot: Plot, edges: Edges, near: _Near, settings: CheckSettings) -> Iterator[Finding]:
    """T08: a vertex almost on a neighbour's edge, away from that neighbour's own vertices."""
    beside: dict[int, set[int]] = defaultdict(set)  # node -> parcels with a vertex close by, which is T07's
    for a, b in near.pairs.tolist():
        beside[a] |= near.parcels(b)
        beside[b] |= near.parcels(a)
    found: dict[tuple[int, int], list[tuple[float, int]]] = defaultdict(list)
    for node, edge, apart in zip(near.node.tolist(), near.edge.tolist(), near.to_edge.tolist(), strict=True):
        own = near.parcels(node)
        for other in set(edges.parcel[edge].tolist()) - {NONE} - own - beside[node]:
            for parcel in own:
                found[parcel, other].append((apart, node))
    for (parcel, other), places in found.items():
        if plot.judged[parcel]:
            apart, node = min(places)
            message = say(
                "有 %(count)s 个节点距相邻地块 %(other)s 的边不足 %(limit)s 米而不在边上，最近 %(apart)s 米，请移到边上",
                other=plot.names[other], count=len({n for _, n in places}),
                limit=f"{settings.near:g}", apart=f"{apart:.4f}",
            )  # fmt: skip
            yield _found("T08", plot, parcel, message, other, edges.nodes[node])


def _against(
    edges: Edges, first: np.ndarray, second: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """For each of the parcels along either edge: their numbers, and where they run against each other."""
    along = edges.end - edges.start
    unit = along / np.abs(along)
    cosine = (unit[first] * unit[second].conj()).real
    for a in (0, 1):
        for b in (0, 1):
            one, other = edges.parcel[first, a], edges.parcel[second, b]
            there = (one != NONE) & (other != NONE)
            facing = cosine * edges.sense[first, a] * edges.sense[second, b] < _OPPOSITE
            yield one, other, there & facing


def _back_along(
    plot: Plot, edges: Edges, first: np.ndarray, second: np.ndarray, settings: CheckSettings
) -> Iterator[Finding]:
    """T09: two stretches of one boundary that run back along each other. Edges that meet do so only where they lie in
    the same place: a sharp corner is T05's."""
    meet = _meet(edges, first, second)
    found: dict[int, list[tuple[float, complex]]] = defaultdict(list)
    for one, other, facing in _against(edges, first, second):
        pick = np.flatnonzero(facing & (one == other) & plot.judged[one])
        reach = np.where(meet[pick], settings.same_place, settings.self_distance)
        length, place = _stretch(edges, first[pick], second[pick], reach)
        long = np.flatnonzero(length > settings.self_length + _ROUNDING)
        for parcel, metres, at in zip(
            one[pick[long]].tolist(), length[long].tolist(), place[long].tolist(), strict=True
        ):
            found[parcel].append((metres, at))
    for parcel, places in found.items():
        metres, at = max(places, key=lambda entry: entry[0])
        message = say(
            "边界有 %(count)s 处折回，与自身相距不足 %(limit)s 米，最长 %(length)s 米，请核对界址点",
            count=len(places), limit=f"{settings.self_distance:g}", length=f"{metres:.2f}",
        )  # fmt: skip
        yield _found("T09", plot, parcel, message, None, at)


def _gaps(
    plot: Plot, edges: Edges, first: np.ndarray, second: np.ndarray, settings: CheckSettings
) -> Iterator[Finding]:
    """T15: edges of two parcels with nothing but a narrow strip between them."""
    outer = edges.parcel[:, 1] == NONE
    both = outer[first] & outer[second]
    first, second = first[both], second[both]
    found: dict[tuple[int, int], list[tuple[float, complex]]] = defaultdict(list)
    tree: shapely.STRtree | None = None
    for one, other, facing in _against(edges, first, second):
        pick = np.flatnonzero(facing & (one != other) & (plot.judged[one] | plot.judged[other]))
        if not len(pick):
            continue
        a, b = first[pick], second[pick]
        length, place = _stretch(edges, a, b, np.full(len(pick), settings.gap_width), settings.same_place)
        across = _opposite(edges, b, place)
        free = (
            (length > settings.gap_length + _ROUNDING)
            & _outside(edges, a, across)
            & _outside(edges, b, place)
        )
        chosen = np.flatnonzero(free)
        if not len(chosen):
            continue
        tree = tree or shapely.STRtree(plot.shapes)
        middle = (place[chosen] + across[chosen]) / 2
        taken = np.zeros(len(chosen), bool)
        taken[tree.query(shapely.points(middle.real, middle.imag), predicate="within")[0]] = True
        for row, at in zip(chosen[~taken].tolist(), middle[~taken].tolist(), strict=True):
            p, q = int(one[pick[row]]), int(other[pick[row]])
            found[p, q].append((float(length[row]), at))
            found[q, p].append((float(length[row]), at))
    for (parcel, neighbour), places in found.items():
        if plot.judged[parcel]:
            _, at = max(places, key=lambda entry: entry[0])
            message = say(
                "与相邻地块 %(other)s 之间有宽不足 %(width)s 米的细缝，长 %(length)s 米，请取同一界线",
                other=plot.names[neighbour], width=f"{settings.gap_width:g}",
                length=f"{sum(m for m, _ in places):.2f}",
            )  # fmt: skip
            yield _found("T15", plot, parcel, message, neighbour, at)


def _meet(edges: Edges, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    ends = (edges.low[first], edges.high[first])
    return np.any(
        [end == edges.low[second] for end in ends] + [end == edges.high[second] for end in ends], axis=0
    )


def _stretch(
    edges: Edges, a: np.ndarray, b: np.ndarray, reach: np.ndarray, beyond: float | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Metres of edge a within ``reach`` of edge b (and farther than ``beyond`` from it), and the middle of them."""
    if not len(a):
        return np.zeros(0), np.zeros(0, complex)
    lines = (_lines(edges, a), _lines(edges, b))
    part = shapely.intersection(lines[0], shapely.buffer(lines[1], reach, cap_style="flat"))
    if beyond is not None:
        part = shapely.difference(part, shapely.buffer(lines[1], beyond + _ROUNDING))
    length = shapely.length(part)
    middle = shapely.get_coordinates(shapely.centroid(part[length > 0])).view(complex).ravel()
    place = np.zeros(len(a), complex)
    place[length > 0] = middle
    return length, place


def _lines(edges: Edges, chosen: np.ndarray) -> np.ndarray:
    ends = np.stack([edges.start[chosen], edges.end[chosen]], axis=1)
    return shapely.linestrings(np.stack([ends.real, ends.imag], axis=2))


def _opposite(edges: Edges, edge: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The nearest place on the edge."""
    along = edges.end[edge] - edges.start[edge]
    share = np.clip(((place - edges.start[edge]) * along.conj()).real / np.abs(along) ** 2, 0, 1)
    return edges.start[edge] + share * along


def _outside(edges: Edges, edge: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Whether the place lies on the other side of the edge than its parcel's land."""
    along = (edges.end[edge] - edges.start[edge]) * edges.sense[edge, 0]
    return (along.conj() * (place - edges.start[edge])).imag < 0


def _by(keys: np.ndarray, values: np.ndarray) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for key, value in zip(keys.tolist(), values.tolist(), strict=True):
        found[key].append(value)
    return found


def _found(rule: str, plot: Plot, parcel: int, message: str, other: int | None, at: complex) -> Finding:
    east, north = plot.origin
    return finding(
        rule, message, "DK", plot.names[parcel],
        other=plot.names[other] if other is not None else None, at=(east + at.real, north + at.imag),
    )  # fmt: skip
