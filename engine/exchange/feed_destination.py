"""Where messages to the upper platform go: to its interface, into a folder that a front-end machine empties, or by hand.

The installation is set up with one; a model names none.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.domain.feed import Answer
from engine.exchange.feed_file import path_of, read_reply
from engine.outgoing import checked, post

SECONDS, LONGEST_ANSWER = 15, 64 << 10


class Destination(Protocol):
    """``deliver`` may be called again with the same serial and bytes. Gives the answer where one comes at once."""

    @property
    def name(self) -> str: ...

    def deliver(self, county: str, serial: str, key: str, body: bytes) -> Answer | None: ...


@dataclass(frozen=True)
class Online:
    """POST of the XML; the answer's HEAD says whether it was taken. No answer raises, and it is tried again."""

    url: str
    name: str = "online"

    def deliver(self, county: str, serial: str, key: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/xml; charset=utf-8", "Idempotency-Key": key}
        return read_reply(post(self.url, body, headers, SECONDS, LONGEST_ANSWER))


@dataclass(frozen=True)
class Folder:
    """The front-end machine's (前置机): a file appears whole or not at all; the answer is entered later."""

    path: Path
    name: str = "folder"

    def deliver(self, county: str, serial: str, key: str, body: bytes) -> None:
        place = self.path / path_of(county, serial)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = place.with_name(f".{place.name}.part")
        part.write_bytes(body)
        os.replace(part, place)


@dataclass(frozen=True)
class ByHand:
    """Nothing is configured: the message waits on its page to be carried over."""

    name: str = "by_hand"

    def deliver(self, county: str, serial: str, key: str, body: bytes) -> None:
        return None


def destination(url: str | None, folder: Path | None) -> Destination:
    """ValueError for an address that would carry identity numbers in the clear."""
    if address := checked("TIANQI_FEED_URL", url):
        return Online(address)
    return Folder(folder) if folder else ByHand()
