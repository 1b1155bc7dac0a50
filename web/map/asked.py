"""What the map's addresses ask for: a division, a day, as known on a day, a day to compare with, a box."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite
from zoneinfo import ZoneInfo

from flask import g, request
from flask_babel import gettext as _

from engine.domain.clock import local_date
from engine.domain.errors import Refused
from engine.queries.as_of import When
from engine.queries.map import Box
from web.db import running
from web.i18n import in_words

_CHINA = ZoneInfo("Asia/Shanghai")
EARLIEST = date(1900, 1, 1)
LATEST = date(2200, 1, 1)
FARTHEST = 2e8  # metres: eastings with a zone's number before them are less


def asked_division() -> str:
    """The division asked for, if it lies in the scope; else the whole scope."""
    asked, own = request.args.get("division", ""), g.actor.division
    return (
        asked if asked.isascii() and asked.isdigit() and len(asked) <= 14 and asked.startswith(own) else own
    )


def asked_day(name: str) -> date | None:
    """``?day=2026-03-15``. Refused where it is no day."""
    asked = request.args.get(name, "").strip()
    if not asked:
        return None
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise Refused(name, _("日期应写成 2026-03-15 这样"))
    return day


def asked_when() -> When | None:
    """As it stood on ?day=, as known at the end of ?known=. None for as it stands now."""
    return _when(asked_day("day"), asked_day("known"))


def _when(day: date | None, known: date | None) -> When | None:
    now = running().clock.now()
    today = local_date(now)
    if day in (None, today) and (known is None or known >= today):
        return None
    return When(day or today, now if known is None or known >= today else _end_of(known))


@dataclass(frozen=True)
class Days:
    """``?day=&known=&since=`` of the page: each as ``typed``, for its form; with a fault it stays at today."""

    when: When | None
    since: date | None
    typed: dict[str, str]
    faults: dict[str, list[str]]

    @property
    def status(self) -> int:
        return 422 if self.faults else 200


def asked_days() -> Days:
    """The page's days; what is wrong with one is said beside it."""
    typed = {name: request.args.get(name, "").strip()[:20] for name in ("day", "known", "since")}
    read: dict[str, date | None] = {}
    faults: dict[str, list[str]] = {}
    for name in typed:
        try:
            read[name] = asked_day(name)
        except Refused as error:
            faults[name] = [in_words(error.said)]
    since, until = read.get("since"), read.get("day") or local_date(running().clock.now())
    if since and since > until:
        faults["since"] = [_("比较的起始日应早于所看的日期")]
    if faults:
        return Days(None, None, typed, faults)
    return Days(_when(read["day"], read["known"]), since, typed, {})


def then(when: When | None) -> When:
    """That time, or now."""
    now = running().clock.now()
    return when or When(local_date(now), now)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), _CHINA) - timedelta(microseconds=1)


def asked_box() -> Box | None:
    asked = request.args.get("bbox")
    if not asked:
        return None
    try:
        west, south, east, north = (float(part) for part in asked.split(","))
    except ValueError:
        raise Refused("bbox", _("范围应为四个数：西,南,东,北")) from None
    there = all(isfinite(side) and abs(side) <= FARTHEST for side in (west, south, east, north))
    if not there or west >= east or south >= north:
        raise Refused("bbox", _("范围应为四个数：西,南,东,北"))
    return west, south, east, north
