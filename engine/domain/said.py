"""Sentences for people that can be said in another language: the Chinese text knows its template and its facts.

`say("%(element)s没有表单。", element=...)` is the Chinese sentence, a `str` like any other; who shows it to a reader
of another language translates the template (the key of the catalogue) and fills the facts in again. Facts may be
sentences themselves, or lists, which are joined.
"""

from collections.abc import Callable, Iterable
from typing import Any

JOINT = "、"


class Said(str):
    """Compared, hashed and written down as its Chinese text."""

    template: str
    facts: dict[str, Any]

    def __new__(cls, text: str, template: str = "", facts: dict[str, Any] | None = None) -> "Said":
        said = super().__new__(cls, text)
        said.template, said.facts = template or text, facts or {}
        return said

    def in_words_of(self, translate: Callable[[str], str], joint: str = ", ") -> str:
        """With every template through `translate`; a list's parts are put together by `joint`."""
        return _filled(
            translate(self.template), self.facts, lambda part: part.in_words_of(translate, joint), joint
        )


class Several(Said):
    """Sentences one after the other, each said in the reader's language."""

    parts: tuple[Said, ...]

    def in_words_of(self, translate: Callable[[str], str], joint: str = ", ") -> str:
        return "; ".join(part.in_words_of(translate, joint) for part in self.parts)


def several(parts: Iterable[Said]) -> Said:
    listed = tuple(parts)
    said = Several("；".join(listed))
    said.parts = listed
    return said


def say(template: str, /, **facts: Any) -> Said:
    """`template` is Chinese, with `%(name)s` where the facts go; without facts, it is the text as it stands."""
    return Said(_filled(template, facts, str, JOINT), template, facts)


class InBoth(Said):
    """A sentence that brings its English with it."""

    english: str

    def in_words_of(self, translate: Callable[[str], str], joint: str = ", ") -> str:
        return self.english


def said_in_both(chinese: str, english: str) -> InBoth:
    said = InBoth(chinese)
    said.english = english
    return said


def in_words_of(text: str, translate: Callable[[str], str]) -> str:
    """What was said, in another language; plain text as it is."""
    return text.in_words_of(translate) if isinstance(text, Said) else text


def said_of(error: Exception) -> str:
    """What was said in raising it, still with its template; any other error as text."""
    said = error.args[0] if len(error.args) == 1 else None
    return said if isinstance(said, Said) else str(error)


def written(text: str) -> dict[str, Any] | None:
    """Template and facts as JSON, a sentence among the facts with its own; None of plain text."""
    if not isinstance(text, Said):
        return None
    if isinstance(text, InBoth):
        return {"text": str(text), "english": text.english}
    return {
        "text": text.template,
        "facts": {name: written(fact) or str(fact) for name, fact in text.facts.items()},
    }


def read_again(said: dict[str, Any]) -> Said:
    """What ``written`` has written."""
    if "english" in said:
        return said_in_both(said["text"], said["english"])
    facts = {
        name: read_again(fact) if isinstance(fact, dict) else fact for name, fact in said["facts"].items()
    }
    return say(said["text"], **facts)


class _Words:
    """Facts as text, when a template asks for them."""

    def __init__(self, facts: dict[str, Any], word: Callable[[Said], str], joint: str):
        self.facts, self.word, self.joint = facts, word, joint

    def __getitem__(self, name: str) -> str:
        return self.plain(self.facts[name])

    def plain(self, fact: Any) -> str:
        if isinstance(fact, list | tuple):
            return self.joint.join(self.plain(part) for part in fact)
        return self.word(fact) if isinstance(fact, Said) else str(fact)


def _filled(template: str, facts: dict[str, Any], word: Callable[[Said], str], joint: str) -> str:
    return template % _Words(facts, word, joint) if facts else template
