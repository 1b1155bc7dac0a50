"""卷内目录 and 备考表: a case's papers put in order for the archive. Pure.

档案法 art 37 asks of electronic records a reliable source, a proper procedure and complete elements: the package that is
made of an archive says all three (engine/usecases/archive_case.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain.from_yaml import read_yaml


@dataclass(frozen=True)
class Item:
    """One paper, as the archive sees it. ``pages`` None: not counted in sheets (data files)."""

    title: str
    number: str | None  # 文号
    author: str  # 责任者
    day: date
    pages: int | None
    media_type: str
    sha256: str | None
    size: int | None
    kind: str
    issued: bool
    verify_code: str | None = None


@dataclass(frozen=True)
class Entry:
    """A line of the list: ``order`` from 1; ``first`` and ``last`` are pages of the whole volume."""

    order: int
    item: Item
    first: int | None
    last: int | None

    @property
    def span(self) -> str:
        if self.first is None:
            return "—"
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    @property
    def remark(self) -> str:
        if self.item.sha256 is None:
            return "尚未生成"
        return "" if self.item.pages is not None else "电子数据"


def listed(items: Iterable[Item]) -> list[Entry]:
    """In the order of the work; pages run through the volume."""
    found, page = [], 1
    for order, item in enumerate(items, 1):
        if item.pages:
            found.append(Entry(order, item, page, page + item.pages - 1))
            page += item.pages
        else:
            found.append(Entry(order, item, None, None))
    return found


def total_pages(entries: Iterable[Entry]) -> int:
    return sum(entry.item.pages or 0 for entry in entries)


@cache
def _shipped() -> dict[str, Any]:
    return read_yaml((Path(__file__).parent / "data" / "archive.yaml").read_text("utf-8"))


def retentions() -> dict[str, dict[str, str]]:
    """Key -> {zh, en}, in the order in which they are offered."""
    return _shipped()["retention"]
