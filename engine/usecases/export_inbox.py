"""The inbox's list as a workbook: the rows that are asked for, how many there are, and whether that is all of them."""

from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from engine.documents.workbook import Heading, Sheet, write_workbook
from engine.domain.actor import Actor
from engine.domain.calendar import WorkCalendar
from engine.domain.clock import SHANGHAI
from engine.queries import inbox
from engine.queries.inbox import Row
from engine.queries.inbox_asked import Asked
from engine.queries.periods import Period
from engine.queries.scoped import full_place
from engine.store.register import county_of

MOST_ROWS = 5000
HEADINGS = (
    Heading("办件编号", "text", 24), Heading("业务类型", "text", 14), Heading("承包方", "text", 14),
    Heading("承包方编码", "text", 22), Heading("村组", "text", 26), Heading("状态", "text", 10),
    Heading("环节", "text", 16), Heading("最后一天", "day", 12), Heading("期限", "text", 16),
    Heading("经办人", "text", 14), Heading("最近变动", "text", 18),
)  # fmt: skip
STATES = {"open": "在办", "completed": "已办结", "rejected": "不予办理"}
TABS = {"mine": "我的待办", "claim": "待认领", "done": "已办结", "recent": "最近更新", "all": "全部"}


def write_list(
    session: Session,
    actor: Actor,
    tab: str,
    asked: Asked,
    picked: Collection[str],
    calendar: WorkCalendar,
    now: datetime,
    path: Path,
    *,
    title: Callable[[str], str],
    step: Callable[..., str],
) -> int:
    """Gives the number of rows. ``title`` and ``step`` name a version's business and a step in words."""
    rows, more = inbox.everything(session, actor, tab, asked, calendar, now, MOST_ROWS)
    chosen = [row for row in rows if not picked or row.number in picked]
    lines = [_line(row, title, step) for row in chosen]
    facts = [
        f"单位：{full_place(session, actor.division)}",
        f"清单：{TABS[tab]}{'（已筛选）' if asked.filtered else ''}{'，选中的' if picked else ''}",
        f"制表人：{actor.name}",
        f"制表时间：{now.astimezone(SHANGHAI):%Y年%-m月%-d日 %H:%M}",
    ]
    notes = [f"共{len(lines)}件。"]
    if more:
        notes.append(
            f"符合条件的多于{MOST_ROWS}件，本表只有前{MOST_ROWS}件；请用村组、环节或期限缩小范围后分次导出。"
        )
    missing = len(set(picked)) - len({row.number for row in chosen})
    if missing > 0:
        notes.append(f"选中的办件有{missing}件已不在这个清单中，没有导出。")
    sheet = Sheet("办件清单", "办件清单", facts, HEADINGS, lines, notes, total=False)
    decimals = int(county_of(session, actor.county).settings.get("mu_decimals", 2))
    write_workbook(path, [sheet], decimals=decimals, made=now, by=actor.name)
    return len(lines)


def _line(row: Row, title: Callable[[str], str], step: Callable[..., str]) -> list[object]:
    return [
        row.number,
        title(row.version_id),
        row.contractor,
        row.contractor_code,
        row.place,
        STATES.get(row.status, row.status),
        step(row.version_id, row.element, row.form, row.step),
        row.period.last_day if row.period else None,
        _left(row.period),
        row.assignee or "",
        f"{row.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    ]


def _left(period: Period | None) -> str:
    if period is None:
        return "无期限"
    if period.state == "stopped":
        return "暂停计时"
    if period.state == "over":
        return f"已超期{max(period.days, 1)}天"
    if period.state in ("met", "cancelled"):
        return "已结束"
    return f"剩余{max(period.days, 0)}{'个工作日' if period.unit == 'working_days' else '天'}"
