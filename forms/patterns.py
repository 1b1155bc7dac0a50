"""Whether a pattern can be matched in bounded time, whatever somebody types against it.

Python tries every way to divide a text among repeats and branches. So a repeat of what itself repeats or branches
is refused (its time doubles with every character), as are references back, and the ways that are left are counted.
A text has at most some thousand characters: with these rules a match takes milliseconds.
"""

import re
from collections.abc import Iterator
from math import prod
from re import _constants as code  # type: ignore[attr-defined]  # the library's own parser: it changes seldom
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from forms.problem_texts import problem
from forms.text import Text

LONGEST = 200
MANY = 1000  # an unlimited repeat counts as so many ways
MOST_WAYS = 1_000_000  # two unlimited repeats
REPEATS = (code.MAX_REPEAT, code.MIN_REPEAT, code.POSSESSIVE_REPEAT)
SINGLE = (code.LITERAL, code.NOT_LITERAL, code.IN, code.ANY)


def faults(pattern: str) -> Iterator[Text]:
    """For whoever writes the form."""
    if len(pattern) > LONGEST:
        yield problem("pattern_long", most=LONGEST)
        return
    try:
        parsed = parser.parse(pattern)
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        yield problem("pattern_invalid", error=error)
        return
    nodes = list(_walk(parsed))
    if any(kind in (code.GROUPREF, code.GROUPREF_EXISTS, code.ASSERT, code.ASSERT_NOT) for kind, _ in nodes):
        yield problem("pattern_looks")
    repeats = [given for kind, given in nodes if kind in REPEATS]
    if any(most > 1 and not _plain(inside) for _least, most, inside in repeats):
        yield problem("pattern_nested")
    elif prod(_ways(kind, given) for kind, given in nodes) > MOST_WAYS:
        yield problem("pattern_many")


def _plain(inside: Any) -> bool:
    """Of fixed length, with one way to match: single characters, and repeats of a fixed number of them."""
    return all(
        kind in (*SINGLE, code.SUBPATTERN, code.AT) or (kind in REPEATS and given[0] == given[1])
        for kind, given in _walk(inside)
    )


def _ways(kind: Any, given: Any) -> int:
    """In how many lengths or branches this part may match."""
    if kind in REPEATS:
        return min(int(given[1]) - int(given[0]) + 1, MANY)
    return len(given[1]) if kind == code.BRANCH else 1


def _walk(parsed: Any) -> Iterator[tuple[Any, Any]]:
    for kind, given in parsed:
        yield kind, given
        for inner in _inner(kind, given):
            yield from _walk(inner)


def _inner(kind: Any, given: Any) -> list[Any]:
    if kind in REPEATS:
        return [given[2]]
    if kind == code.SUBPATTERN:
        return [given[3]]
    if kind == code.BRANCH:
        return list(given[1])
    if kind in (code.ASSERT, code.ASSERT_NOT):
        return [given[1]]
    if kind == code.ATOMIC_GROUP:
        return [given]
    return []
