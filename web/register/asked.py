"""What an address asks of the register: a day, what was known on one, and what a list is narrowed to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.queries.as_of import When, end_of
from engine.queries.register import KINDS, SORTS, Asked
from web.inbox.shell import same_list, searched

EARLIEST, LATEST = 1949, 2200  # years that a day may be asked of


@dataclass(frozen=True)
class Asking:
    """``?day=&known=``: ``day`` and ``known`` as typed, for the form; a fault leaves the page at today."""

    when: When
    day: str
    known: str
    faults: dict[str, list[str]]

    @property
    def past(self) -> bool:
        """Whether another day than today, or earlier knowledge than today's, was asked for."""
        return not self.faults and bool(self.day or self.known)

    @property
    def status(self) -> int:
        return 422 if self.faults else 200

    @property
    def kept(self) -> dict[str, str]:
        """What links to other things carry on: one looks at a whole past, not at one page of it."""
        return {k: v for k, v in (("day", self.day), ("known", self.known)) if v} if self.past else {}

    @property
    def known_on(self) -> date:
        return local_date(self.when.known)


def asking(now: datetime) -> Asking:
    today = local_date(now)
    typed = {name: request.args.get(name, "").strip()[:20] for name in ("day", "known")}
    read: dict[str, date | None] = {}
    faults: dict[str, list[str]] = {}
    for name, text in typed.items():
        try:
            read[name] = _day(text) if text else None
        except ValueError:
            faults[name] = [_("日期应写成 2026-03-15 这样")]
    known = read.get("known")
    if known is not None and known > today:
        faults["known"] = [_("这一天还没有到，不会有当时所知的情况")]
    if faults:
        return Asking(When.now(now), typed["day"], typed["known"], faults)
    when = When(read["day"] or (known or today), min(end_of(known), now) if known else now)
    return Asking(when, typed["day"], typed["known"], {})


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if not EARLIEST <= day.year <= LATEST:
        raise ValueError(text)
    return day


def listed(asked: Asking) -> Asked:
    """The list's state is its address; what is not sensible is as if it were not there."""
    args = request.args
    ends = args.get("ends", "")
    year = int(ends) if ends.isascii() and ends.isdigit() and len(ends) == 4 else None
    sort = args.get("sort", "code").removeprefix("-")
    return Asked(
        words=searched(),
        division=_digits(args.get("division", "")),
        party=_digits(args.get("party", "")),
        kind=args.get("kind", "") if args.get("kind") in KINDS else "",
        contract=args.get("contract", "") if args.get("contract") in ("with", "without") else "",
        open_case=args.get("open") == "1",
        ends=year if year and EARLIEST <= year <= LATEST else None,
        sort=sort if sort in SORTS else "code",
        descending=args.get("sort", "").startswith("-"),
        when=asked.when if asked.past else None,
    )


def _digits(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) <= 14 else ""


def sort_link(asked: Asked, column: str) -> dict[str, Any]:
    """Where the head of a column leads, and how the list is sorted by it now (aria-sort)."""
    current = asked.sort == column
    turned = f"-{column}" if current and not asked.descending else column
    return {
        "href": same_list(sort=None if turned == "code" else turned, page=None),
        "sorted": ("descending" if asked.descending else "ascending") if current else None,
    }


def is_narrowed(asked: Asked) -> bool:
    """Whether anything but the order was asked for."""
    return bool(
        asked.words
        or asked.division
        or asked.kind
        or asked.contract
        or asked.open_case
        or asked.ends
        or asked.when
    )


def years(asked: Asking) -> range:
    """Those in which contracts may end: the last one's and a generation's to come."""
    return range(asked.when.day.year - 1, asked.when.day.year + 32)
