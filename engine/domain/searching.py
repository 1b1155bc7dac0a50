"""How the content of a case is found again in Chinese: overlapping pieces of its text, and those of what is sought. Pure.

Chinese has no spaces between words, and most words have two characters: pieces of three, as pg_trgm takes them, miss
them. So a run of Chinese is kept as its pairs, and a run of letters or digits as its fours, each with the shorter
pieces at its end: then whatever is sought is a conjunction of pieces, or the beginning of one.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

PAIR, FOUR = 2, 4
LONGEST = 20_000  # characters of a case that are kept
MOST_WORDS = 5
_RUN = re.compile(r"[0-9a-z]+|[\u3400-\u9fff\U00020000-\U0003ffff]+")
# What is about a person alone is not searched for: identity numbers (GB 11643) and telephones stay out.
_PRIVATE = re.compile(r"(?<![0-9])(?:[1-9]\d{5}(?:19|20)\d{9}[\dXx]|1\d{10}|0\d{2,3}-?\d{7,8})(?![0-9])")
_DRAWN = ("polygon", "multipolygon", "linestring")  # outlines as WKT
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def plain(text: str) -> str:
    """As it is compared: full width made half, letters small, blanks single."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def pieces(text: str) -> set[str]:
    """Everything that a text is found by."""
    found: set[str] = set()
    for run in _RUN.findall(plain(text)):
        size = _size(run)
        found.update(run[at : at + size] for at in range(len(run)))
    return found


def sought(word: str) -> str:
    """The word as a tsquery over ``pieces``; "" where it has neither letters, digits nor Chinese."""
    parts = []
    for run in _RUN.findall(plain(word)):
        size = _size(run)
        if len(run) < size:
            parts.append(f"'{run}':*")
        else:
            parts += [f"'{run[at : at + size]}'" for at in range(len(run) - size + 1)]
    return " & ".join(dict.fromkeys(parts))


def _size(run: str) -> int:
    return FOUR if run[0].isascii() else PAIR


def words(asked: str) -> list[str]:
    """What is sought, word by word; every one must be found."""
    return plain(asked).split()[:MOST_WORDS]


def lines_of(answers: Any) -> list[str]:
    """The words among a form's answers: what people wrote and the codes they chose, without what is private."""
    return list(dict.fromkeys(line for text in _texts(answers) if (line := told(text))))


def told(text: str) -> str:
    """One text as it is kept; "" for what nobody would look for."""
    line = _PRIVATE.sub(" ", plain(text)).strip()
    skipped = len(line) < PAIR or _UUID.fullmatch(line) or line.startswith(_DRAWN)
    return "" if skipped else line


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _texts(inner)
