"""text and textarea: what people write in their own words."""

import re

from forms.clean import plain, wrong
from forms.spec import Field

DEFAULT_LENGTHS = {"text": 200, "textarea": 2000}


def longest(asked: Field) -> int:
    return asked.max_length or DEFAULT_LENGTHS[asked.kind]


def textarea(value: object, asked: Field) -> str:
    written = plain(value, asked, longest(asked))
    if asked.min_length and len(written) < asked.min_length:
        raise wrong(asked, "too_short", min=asked.min_length)
    return written


def text(value: object, asked: Field) -> str:
    written = textarea(value, asked)
    if "\n" in written or "\t" in written:
        raise wrong(asked, "one_line")
    if asked.pattern and not re.fullmatch(asked.pattern, written):
        raise wrong(asked, "pattern")
    return written


def openapi(asked: Field) -> dict[str, object]:
    facts: dict[str, object] = {"type": "string", "maxLength": longest(asked)}
    if asked.min_length:
        facts["minLength"] = asked.min_length
    if asked.pattern:
        facts["pattern"] = f"^(?:{asked.pattern})$"
    return facts
