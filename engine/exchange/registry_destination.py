"""Where hand-overs go: the destination that the installation is set up with, never one that a model names.

A county's exchange platform (政务信息共享交换平台) collects files from a folder, which is the default; an interface to the
registry's own system would be another ``Destination``.
"""

import os
from pathlib import Path
from typing import Protocol


class Destination(Protocol):
    """``deliver`` may be called again with the same key and the same bytes: the receiver takes a key only once."""

    name: str

    def deliver(self, key: str, body: bytes) -> None: ...


class Folder:
    """A folder that the exchange platform empties; a file appears there whole or not at all."""

    name = "folder"

    def __init__(self, path: Path):
        self.path = path

    def deliver(self, key: str, body: bytes) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.path / f".{key}.part"
        part.write_bytes(body)
        os.replace(part, self.path / f"{key}.zip")


class ByHand:
    """Nothing is configured: the file waits on the page of hand-overs until an officer carries it over."""

    name = "by_hand"

    def deliver(self, key: str, body: bytes) -> None:
        return None


def destination(folder: Path | None) -> Destination:
    return Folder(folder) if folder else ByHand()
