"""What the checks ask of a graph, in time proportional to its size: drawings have up to 20,000 parts."""

from collections.abc import Iterable, Mapping

Steps = Mapping[str, Iterable[str]]
"""From each node to those that follow it."""


def reach(steps: Steps, start: Iterable[str]) -> set[str]:
    """The nodes of `start` and all that can be reached from them."""
    found = set(start)
    todo = list(found)
    while todo:
        for following in steps.get(todo.pop(), ()):
            if following not in found:
                found.add(following)
                todo.append(following)
    return found


def on_cycles(steps: Steps) -> dict[str, int]:
    """The nodes that can be reached from themselves; those that reach each other have the same number.

    Strongly connected parts after Tarjan (1972), without recursion.
    """
    found: dict[str, int] = {}
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    waiting: set[str] = set()
    for root in steps:
        if root in index:
            continue
        path = [(root, iter(steps.get(root, ())))]
        while path:
            node, following = path[-1]
            if node not in index:
                index[node] = low[node] = len(index)
                stack.append(node)
                waiting.add(node)
            for other in following:
                if other not in index:
                    path.append((other, iter(steps.get(other, ()))))
                    break
                if other in waiting:
                    low[node] = min(low[node], index[other])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == index[node]:
                    part = _popped(stack, node)
                    waiting.difference_update(part)
                    if len(part) > 1 or node in steps.get(node, ()):
                        found.update(dict.fromkeys(part, index[node]))
    return found


def _popped(stack: list[str], last: str) -> list[str]:
    part = [stack.pop()]
    while part[-1] != last:
        part.append(stack.pop())
    return part
