"""What applicants may ask for between the steps of a procedure, and how often. Numbers in data/portal.yaml."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from engine.domain.calendar import WorkCalendar
from engine.domain.deadline import Deadline, Kind, Unit
from engine.domain.from_yaml import read_yaml

CATEGORIES = ("head", "members", "parcels", "other")
"""户主, 成员, 地块, 其他: what of the known facts can be wrong (domain.md 4.8, 9)."""

NOON = time(4, 0, tzinfo=UTC)  # 12:00 in China: an instant that lies safely within its day
SHOWN = ("known", "members", "parcels")


@cache
def rules() -> dict[str, dict[str, Any]]:
    text = (Path(__file__).parent / "data" / "portal.yaml").read_text("utf-8")
    return {
        part: {name: row["value"] for name, row in rows.items()} for part, rows in read_yaml(text).items()
    }


def facts_mark(facts: Mapping[str, Any]) -> str:
    """A digest of what the household was shown: what it said of these facts it need not say again."""
    shown = json.dumps({name: facts.get(name) for name in SHOWN}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(shown.encode()).hexdigest()[:32]


def reminder_from(opened_on: date, reminded_on: date | None, calendar: WorkCalendar) -> date:
    """First day on which the office may be reminded: some working days after the task came, or after the last time."""
    since = max(opened_on, reminded_on or opened_on)
    length = rules()["reminder"]["every_working_days"]
    wait = Deadline(Kind.WAIT, Unit.WORKING_DAYS, length, datetime.combine(since, NOON))
    return wait.last_day(calendar) or since
