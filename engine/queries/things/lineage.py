"""What a parcel or a household came of and what came of it, through splits of splits, as a graph over time.

A code that comes back for the very same land (split and merged again) stands in the graph once for each time it was
borne, so that time only runs forward.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import null, or_, select
from sqlalchemy.orm import Session, aliased

from engine.domain.actor import Actor
from engine.queries.as_of import When
from engine.queries.scoped import within
from engine.queries.things.kinds import KINDS
from engine.store.register import version_of
from engine.store.tables import register as t

MOST = 400  # lines of descent in one answer


@dataclass(frozen=True)
class Node:
    """A thing while it bore its code. ``layer`` counts generations from the oldest; ``until``: the day it ended."""

    key: int
    code: str
    turn: int  # how often the code had been given before
    layer: int
    name: str
    area: Decimal | None  # m2, of a parcel
    since: date | None
    until: date | None


@dataclass(frozen=True)
class Edge:
    parent: int
    child: int
    day: date
    cause: str
    ref: str


@dataclass(frozen=True)
class Lineage:
    """``about`` is the code asked for. ``more``: there are further relatives, too many to draw."""

    kind: str
    about: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    more: bool = False

    def node(self, key: int) -> Node:
        return self.nodes[key]

    @property
    def acts(self) -> list[tuple[date, str, str, list[Node], list[Node]]]:
        """(day, cause, its number, before, after) of each split, merger or cut, oldest first."""
        found: dict[tuple[date, str, str], list[Edge]] = defaultdict(list)
        for edge in self.edges:
            found[edge.day, edge.cause, edge.ref].append(edge)
        return [
            (*act, self._some(e.parent for e in edges), self._some(e.child for e in edges))
            for act, edges in found.items()
        ]

    def _some(self, keys) -> list[Node]:
        return [self.nodes[key] for key in sorted(set(keys))]


def lineage(session: Session, actor: Actor, kind: str, code: str, when: When) -> Lineage:
    """Ancestors and descendants, and who else came or went with them. ``kind``: parcel, contractor."""
    rows = _descents(session, actor, kind, code, when)
    nodes, edges = _graph(rows[:MOST])
    facts = _facts(session, actor, kind, {node[0] for node in nodes}, when)
    layers = _layers(len(nodes), edges)
    shown = []
    for key, (name, turn) in enumerate(nodes):
        born = [edge.day for edge in edges if edge.child == key]
        died = [edge.day for edge in edges if edge.parent == key]
        called, area, ended = facts.get(name, ("", None, None))
        last = turn == max(t for n, t in nodes if n == name)
        until = max(died) if died else (ended if last else None)
        shown.append(Node(key, name, turn, layers[key], called, area, min(born) if born else None, until))
    return Lineage(kind, code, tuple(shown), tuple(edges), len(rows) > MOST)


def _descents(session: Session, actor: Actor, kind: str, code: str, when: When) -> list[t.Descent]:
    """Recursively up and down; a union forgets what it has met, so a code that comes back ends the search."""
    d = t.Descent
    known = (d.county == actor.county, d.kind == kind, d.day <= when.day, d.recorded_at <= when.known)
    up = select(d.parent.label("code")).where(*known, d.child == code).cte("up", recursive=True)
    above = aliased(d)
    up = up.union(
        select(above.parent).join(up, above.child == up.c.code).where(
            above.county == actor.county, above.kind == kind, above.day <= when.day, above.recorded_at <= when.known
        )
    )  # fmt: skip
    down = select(d.child.label("code")).where(*known, d.parent == code).cte("down", recursive=True)
    below = aliased(d)
    down = down.union(
        select(below.child).join(down, below.parent == down.c.code).where(
            below.county == actor.county, below.kind == kind, below.day <= when.day, below.recorded_at <= when.known
        )
    )  # fmt: skip
    relatives = select(up.c.code).union(select(down.c.code))
    near = {code, *session.scalars(relatives)}
    return list(
        session.scalars(
            select(d)
            .where(within(d, actor), *known, or_(d.parent.in_(near), d.child.in_(near)))
            .order_by(d.day, d.recorded_at, d.id)
            .limit(MOST + 1)
        )
    )


def _graph(rows: list[t.Descent]) -> tuple[list[tuple[str, int]], list[Edge]]:
    """Nodes as (code, turn) and the edges between their places, in the order that the acts happened."""
    nodes: list[tuple[str, int]] = []
    turns: dict[str, int] = {}
    ended: set[tuple[str, int]] = set()
    edges: list[Edge] = []
    acts: dict[tuple[date, datetime, str], list[t.Descent]] = defaultdict(list)
    for row in rows:
        acts[row.day, row.recorded_at, row.cause_ref].append(row)

    def place(code: str) -> int:
        node = (code, turns[code])
        if node not in nodes:
            nodes.append(node)
        return nodes.index(node)

    for lines in acts.values():
        before = {}
        for parent in dict.fromkeys(line.parent for line in lines):
            turns.setdefault(parent, 0)
            before[parent] = place(parent)
            ended.add((parent, turns[parent]))
        for child in dict.fromkeys(line.child for line in lines):
            turns.setdefault(child, 0)
            if (child, turns[child]) in ended:  # the code comes back for the very same land
                turns[child] += 1
        edges += [
            Edge(before[line.parent], place(line.child), line.day, line.cause, line.cause_ref)
            for line in lines
        ]
    return nodes, edges


def _layers(count: int, edges: list[Edge]) -> list[int]:
    """Generation of each node: one below its lowest parent. Edges are in the order of time, so one pass is enough."""
    layers = [0] * count
    for edge in edges:
        layers[edge.child] = max(layers[edge.child], layers[edge.parent] + 1)
    return layers


def _facts(
    session: Session, actor: Actor, kind: str, codes: set[str], when: When
) -> dict[str, tuple[str, Decimal | None, date | None]]:
    """code -> (name, area, day it ended) by the last version known."""
    one = KINDS[kind]
    v = one.version
    area = v.measured_area if kind == "parcel" else null()
    rows = session.execute(
        select(one.identity.code, v.name, area, v.valid_to)
        .join(v, version_of(one.identity, v, one.owner))
        .where(
            within(one.identity, actor),
            one.identity.code.in_(codes),
            v.recorded_at <= when.known,
            or_(v.superseded_at.is_(None), v.superseded_at > when.known),
            v.valid_from <= when.day,
        )
        .order_by(one.identity.code, v.valid_from, v.id)
    )
    return {
        code: (name, size, ended if ended is not None and ended <= when.day else None)
        for code, name, size, ended in rows
    }
