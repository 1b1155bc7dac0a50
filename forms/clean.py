"""Typed text made safe to keep: no control characters, no endless values, one form of newline."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from forms.spec import Field
from forms.text import Text, say

LONGEST = 20_000  # characters; nothing a person types is longer, whatever a form allows
MISLEADING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff"


class Wrong(Exception):
    """A value that cannot be taken; `message` says why in both languages."""

    def __init__(self, message: Text):
        super().__init__(str(message))
        self.message = message


def wrong(asked: Field, key: str, **facts: object) -> Wrong:
    return Wrong(say(key, label=asked.label, **facts))


def plain(value: object, asked: Field, limit: int = LONGEST) -> str:
    """The typed text, trimmed. Numbers are taken as their digits; anything nested is refused."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise wrong(asked, "type")
    if isinstance(value, int) and abs(value) > 10**30:
        raise wrong(asked, "too_long", max=limit, count="> 30")
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > limit:
        raise wrong(asked, "too_long", max=limit, count=len(text))
    if any(hidden(c) for c in text):
        raise wrong(asked, "control")
    return text


def hidden(character: str) -> bool:
    """NUL and other controls, lone surrogates, and marks that reverse the direction of reading."""
    if character in "\n\t":
        return False
    return unicodedata.category(character) in {"Cc", "Cs"} or character in MISLEADING


def narrow(text: str) -> str:
    """Full-width digits and letters, as Chinese input methods type them, in their plain form."""
    return unicodedata.normalize("NFKC", text).strip()


def empty(value: Any) -> bool:
    """Nothing given: blank text, or rows and groups of nothing but that."""
    if isinstance(value, Mapping):
        return all(empty(v) for v in value.values())
    if isinstance(value, (list, tuple)):
        return all(empty(v) for v in value)
    return value is None or (isinstance(value, str) and not value.strip())
