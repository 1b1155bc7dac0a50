"""What applicants are told: the words of each kind in both languages, and by which ways it goes out. Pure.

The words are data (data/messages.yaml). The county says by which ways a kind may go out (channels.py), the person by
which of these it does; the portal's own inbox is not the person's to switch off.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain.from_yaml import read_yaml

LANGUAGES = ("zh", "en")
PORTAL, SMS, EMAIL = "portal", "sms", "email"
WAYS = (PORTAL, SMS, EMAIL)
CHOSEN = (SMS, EMAIL)
"""Ways that a person chooses among."""


@dataclass(frozen=True)
class Message:
    title: dict[str, str]
    text: dict[str, str]
    sms: str  # without the sender's name


@cache
def templates() -> dict[str, dict[str, Any]]:
    text = (Path(__file__).parent / "data" / "messages.yaml").read_text("utf-8")
    return read_yaml(text)


def message(kind: str, facts: Mapping[str, Any]) -> Message:
    """An unknown kind is told in its own words. A fact is a text, or one in both languages {zh, en}; a place that
    no fact fills stays empty.
    """
    row = templates().get(kind) or templates()["other"]
    text = {lang: row["text"][lang] % _Facts(facts, lang) for lang in LANGUAGES}
    sms = (row.get("sms") or row["text"]["zh"]) % _Facts(facts, "zh")
    return Message(row["title"], text, sms)


class _Facts(dict[str, str]):
    def __init__(self, facts: Mapping[str, Any], lang: str):
        super().__init__({k: v.get(lang, "") if isinstance(v, dict) else str(v) for k, v in facts.items()})

    def __missing__(self, key: str) -> str:
        return ""


def chosen_of(ways: Collection[str], channels: Collection[str], email: str | None) -> list[str]:
    """Of the ways that lead outside, those that the person wants and can be reached by."""
    return [way for way in CHOSEN if way in ways and way in channels and (way != EMAIL or email)]
