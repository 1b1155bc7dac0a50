"""Lineage laid out for a drawing: generations from left to right, relatives beside each other."""

from collections import defaultdict
from dataclasses import dataclass

from engine.queries.things.lineage import Edge, Lineage, Node

WIDE, HIGH = 176, 58  # of a box
ACROSS, DOWN = 250, 76  # from one box to the next
MARGIN = 6


@dataclass(frozen=True)
class Box:
    node: Node
    x: int
    y: int

    @property
    def tail(self) -> str:
        """The digits after the issuing party's, which relatives have in common."""
        return self.node.code[14:]


@dataclass(frozen=True)
class Drawing:
    """In pixels. ``lines``: (path, edge)."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[tuple[str, Edge], ...]


def drawn(lineage: Lineage) -> Drawing:
    rows = _rows(lineage)
    boxes = [
        Box(node, MARGIN + node.layer * ACROSS, MARGIN + rows[node.key] * DOWN) for node in lineage.nodes
    ]
    lines = tuple((_curve(boxes[edge.parent], boxes[edge.child]), edge) for edge in lineage.edges)
    right = max((box.x for box in boxes), default=0) + WIDE + MARGIN
    bottom = max((box.y for box in boxes), default=0) + HIGH + MARGIN
    return Drawing(right, bottom, tuple(boxes), lines)


def _rows(lineage: Lineage) -> dict[int, int]:
    """Row of each node in its generation: near its parents, in the order of the codes."""
    parents: dict[int, list[int]] = defaultdict(list)
    for edge in lineage.edges:
        parents[edge.child].append(edge.parent)
    layers: dict[int, list[Node]] = defaultdict(list)
    for node in lineage.nodes:
        layers[node.layer].append(node)
    rows: dict[int, int] = {}
    for layer in sorted(layers):

        def near(node: Node) -> tuple[float, str]:
            above = [rows[parent] for parent in parents[node.key]]
            return (sum(above) / len(above) if above else len(rows), node.code)

        for row, node in enumerate(sorted(layers[layer], key=near)):
            rows[node.key] = row
    return rows


def _curve(parent: Box, child: Box) -> str:
    start, end = parent.x + WIDE, child.x
    top, bottom = parent.y + HIGH // 2, child.y + HIGH // 2
    middle = (start + end) // 2
    return f"M{start} {top}C{middle} {top} {middle} {bottom} {end} {bottom}"
