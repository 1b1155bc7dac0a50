"""Rules of mediation and arbitration that are the same everywhere: days counted backwards, panels, who somebody is.

农村土地承包经营纠纷调解仲裁法 (2009) and 仲裁规则 (2010). Numbers of days are the case type's parameters.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from engine.domain.calendar import WorkCalendar
from engine.domain.said import Said, say

THREE, SOLE = "three", "sole"
_DAY = timedelta(days=1)
WAYS = {"direct": "直接送达", "left": "留置送达", "post": "邮寄送达", "public": "公告送达"}


def last_day_before(calendar: WorkCalendar, event: date, working_days: int) -> date:
    """The last day on which something may be done so many working days before an event.

    The event's own day is not counted; between that last day and the event lie the working days in full, so
    a hearing on a Monday that is to be told five working days before is told on the Monday before at the latest.
    """
    day = event
    while working_days:
        day -= _DAY
        working_days -= calendar.is_working_day(day)
    return day


def panel_faults(kind: str, names: Sequence[str], agreed: bool) -> Said | None:
    """What is wrong with a panel: three different arbitrators; one only where both parties agree (art 27)."""
    if kind == SOLE and len(names) != 1:
        return say("独任仲裁只能有一名仲裁员")
    if kind == SOLE and not agreed:
        return say("当事人双方都同意的，才能由一名仲裁员仲裁")
    if kind == THREE and len(names) != 3:
        return say("仲裁庭由三名仲裁员组成")
    if len(set(names)) != len(names):
        return say("同一名仲裁员不能重复列入仲裁庭")
    return None


def panel_now(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The panel as it sits now: as it was formed, with whoever stepped in."""
    formed = (data.get("panel") or {}).get("members") or []
    for change in (data.get("replaced") or {}).get("rows") or []:
        formed = [change["by"] if one["id"] == change["id"] else one for one in formed]
    return list(formed)


def who_decides(seated: Collection[str], chairs: Collection[str]) -> str:
    """On a challenge decides the commission's chair; where the chair sits in the case, the commission (art 29)."""
    return "commission" if set(seated) & set(chairs) else "chair"


def composition_faults(sitting: Sequence[tuple[str, str]]) -> list[str]:
    """(post, trade) of each of the commission -> what art 13 asks for and is not so: one chair, one or two vice-chairs,
    at least half farmers' representatives and experts.
    """
    posts, trades = [post for post, _ in sitting], [trade for _, trade in sitting]
    found: list[str] = []
    if posts.count("chair") != 1:
        found.append(say("应有主任一人"))
    if not 1 <= posts.count("vice_chair") <= 2:
        found.append(say("应有副主任一至二人"))
    if 2 * sum(trade in ("farmer", "law", "economics") for trade in trades) < len(trades):
        found.append(say("农民代表和法律、经济等专业人员不得少于组成人员的二分之一"))
    return found


def too_late(known_on: date | None, applied_on: date, years: int) -> bool:
    """Whether the period of limitation (art 18) has passed; a warning, the commission decides."""
    if known_on is None:
        return False
    try:
        last = known_on.replace(year=known_on.year + years)
    except ValueError:  # 29 February
        last = date(known_on.year + years, 2, 28)
    return applied_on > last


def told_by_id(number: str | None, today: date) -> dict[str, Any]:
    """{sex, age} as an identity number of 18 characters tells them; nothing for anything else."""
    if not number or len(number) != 18 or not number[:17].isdecimal():
        return {}
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return {}
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return {"sex": "男" if int(number[16]) % 2 else "女", "age": age}


def received_last(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The day on which the last of the addressees had it; None while one has not."""
    days = [row.get("received_on") for row in rows]
    return max(day for day in days if day) if days and all(days) else None
