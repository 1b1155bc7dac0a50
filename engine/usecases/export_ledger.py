"""Ledgers, summary tables and the yearly form as workbooks: at once when they are short, as long work when not.

``asked`` is JSON, so that a worker can do what a page asked for: which book, of which division, on which day, by whom.
What a book holds is masked as on the pages; who took it away is recorded when it is fetched.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine.documents.workbook import Heading, Sheet, write_workbook
from engine.domain.actor import Actor
from engine.domain.clock import SHANGHAI, local_date
from engine.domain.errors import NotFound
from engine.domain.register import mu
from engine.domain.said import Said, say
from engine.domain.yearly_form import UNITS
from engine.exchange.standard import label
from engine.exchange.summaries import COLUMNS
from engine.queries.as_of import When
from engine.queries.ledgers import LEDGERS, Asked, Column, Ledger, count, stream
from engine.queries.scoped import full_place
from engine.queries.statistics.summary_tables import summary_tables
from engine.queries.statistics.sums import View
from engine.queries.statistics.yearly import FilledForm, filled_form, years_before
from engine.store import long_works
from engine.store.register import county_of
from engine.store.scope import one_view
from engine.store.tables.work import LongWork
from engine.usecases.wiring import Wiring

KIND = "export_ledger"
AT_ONCE = 3000  # rows; more of them are long work
SUMMARIES, YEARLY = "summaries", "yearly"  # the two books that are no ledger
Tell = Callable[[int, int | None, str], None]
_TITLES = {SUMMARIES: say("汇总表"), YEARLY: say("农村土地承包经营及管理情况统计表")}
_FILTERS = ("year", "held", "category", "state", "kind")


def order(actor: Actor, book: str, division: str, day: date, **filters: Any) -> dict[str, Any]:
    """What is asked, as JSON. ``book`` is a ledger's name, or one of the two others."""
    kept = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in filters.items()
        if value not in (None, "")
    }
    return {
        "book": book, "division": division, "day": day.isoformat(), "filters": kept, "by": asdict(actor),
    }  # fmt: skip


def asked_of(ordered: dict[str, Any], known: datetime) -> Asked:
    filters: dict[str, Any] = dict(ordered["filters"])
    days: dict[str, Any] = {
        name: date.fromisoformat(filters[name]) for name in ("since", "until") if filters.get(name)
    }
    rest = {name: filters[name] for name in _FILTERS if name in filters}
    when = When(date.fromisoformat(ordered["day"]), known)
    return Asked(Actor(**ordered["by"]), when, ordered["division"], **days, **rest)


def is_long(session: Session, ordered: dict[str, Any], known: datetime) -> bool:
    """Whether it takes longer than a person should wait for a page."""
    ledger = LEDGERS.get(ordered["book"])
    return ledger is not None and count(session, ledger, asked_of(ordered, known)) > AT_ONCE


def write_book(
    session: Session, ordered: dict[str, Any], known: datetime, path: Path, tell: Tell | None = None
) -> int:
    """Write what was ordered; gives the number of rows. The session sees the scope of who ordered it."""
    asked = asked_of(ordered, known)
    decimals = int(county_of(session, asked.county).settings.get("mu_decimals", 2))
    book = ordered["book"]
    sheets: Iterable[Sheet]
    if book == SUMMARIES:
        sheets = _summaries(session, asked, decimals)
    elif book == YEARLY:
        sheets = [_yearly(session, asked, decimals, int(ordered["filters"]["year"]))]
    else:
        sheets = [_ledger(session, LEDGERS[book], asked, tell)]
    return write_workbook(path, sheets, decimals=decimals, made=known, by=asked.actor.name)


def file_name(session: Session, ordered: dict[str, Any]) -> str:
    """田溪县_承包合同台账_2026-03-02.xlsx"""
    place = full_place(session, ordered["division"]) or ordered["division"]
    title = title_of(ordered["book"])
    when = ordered["filters"]["year"] if ordered["book"] == YEARLY else ordered["day"]
    return f"{place}_{title}_{when}.xlsx"


def title_of(book: str) -> Said:
    return LEDGERS[book].title if book in LEDGERS else _TITLES[book]


def export_ledger(app: Wiring, county: str, ordered: dict[str, Any], tell: Tell) -> dict[str, Any]:
    """As long work: the book lies in the file store when it is done."""
    actor = Actor(**ordered["by"])
    known = app.clock.now()
    with tempfile.TemporaryDirectory(prefix="ledger-") as folder, app.sessions(actor.scope) as session:
        one_view(session)
        path = Path(folder) / "book.xlsx"
        rows = write_book(session, ordered, known, path, tell)
        name = file_name(session, ordered)
        tell(rows, rows, "keep")
        with path.open("rb") as file:
            sha256, size = app.files.keep(file)
        return {"sha256": sha256, "size": size, "rows": rows, "name": name}


def read_export(session: Session, actor: Actor, work_id: UUID) -> LongWork:
    """The work, or NotFound in the same words whether there is none or it is of another division."""
    work = long_works.find(session, actor.county, work_id)
    if work is None or work.kind != KIND or not actor.sees(work.asked["division"]):
        raise NotFound("long_work", "没有这项工作")
    return work


def recent_exports(session: Session, actor: Actor, most: int = 5) -> list[LongWork]:
    """The latest of the county's long works that are workbooks of the scope."""
    found = long_works.newest(session, actor.county, 50, KIND)
    return [one for one in found if actor.sees(one.asked["division"])][:most]


def _place_facts(session: Session, asked: Asked, day: str) -> list[str]:
    division = asked.division or asked.actor.division
    made = asked.when.known.astimezone(SHANGHAI)
    return [
        f"单位：{full_place(session, division)}",
        day,
        f"制表人：{asked.actor.name}",
        f"制表时间：{made:%Y年%-m月%-d日 %H:%M}",
    ]


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


SIGN = ["", "填表人：　　　　　　　　　审核人：　　　　　　　　　单位负责人：　　　　　　　　　（公章）"]


def _ledger(session: Session, ledger: Ledger, asked: Asked, tell: Tell | None) -> Sheet:
    total = count(session, ledger, asked) if tell else None
    facts = _place_facts(session, asked, _chosen(ledger, asked))
    headings = [
        Heading(str(column.title), _kind(column), column.width, column.total) for column in ledger.columns
    ]
    notes = [f"说明：{ledger.about}", *SIGN]
    return Sheet(
        str(ledger.title),
        f"{facts[0].removeprefix('单位：')}{ledger.title}",
        facts,
        headings,
        _rows(session, ledger, asked, tell, total),
        notes,
        frozen=3,
    )


def _kind(column: Column) -> Any:
    return column.kind if column.kind in ("count", "m2", "mu", "day") else "text"


def _chosen(ledger: Ledger, asked: Asked) -> str:
    """The day or period, and what else was chosen."""
    if "since" in ledger.filters and (asked.since or asked.until):
        until = asked.until or asked.when.day
        said = [f"{_day(asked.since) if asked.since else ''}至{_day(until)}"]
    else:
        said = [f"截至：{_day(asked.when.day)}"]
    if asked.year:
        said.append(f"{asked.year}年到期")
    said += [
        str(choices[value])
        for name, choices in ledger.choices.items()
        if (value := getattr(asked, name, "")) in choices
    ]
    return "，".join(said)


def _rows(
    session: Session, ledger: Ledger, asked: Asked, tell: Tell | None, total: int | None
) -> Iterator[list[Any]]:
    done = 0
    for batch in stream(session, ledger, asked):
        for row in batch:
            yield [shown(column, value) for column, value in zip(ledger.columns, row, strict=True)]
        done += len(batch)
        if tell:
            tell(done, total, "rows")


def shown(column: Column, value: Any) -> Any:
    """Codes as their Chinese names; numbers and days as they are."""
    if column.kind == "label":
        return label(column.codes, value)
    return value


def _summaries(session: Session, asked: Asked, decimals: int) -> Iterator[Sheet]:
    division = asked.division or asked.actor.division
    named, tables = summary_tables(View(session, asked.actor, asked.when, division, keep=False))
    facts = _place_facts(session, asked, f"截至：{_day(asked.when.day)}")
    place = facts[0].removeprefix("单位：")
    for name, rows in tables.items():
        headings = [Heading("权属单位代码", "text", 17), Heading("权属单位名称", "text", 30)]
        headings += [
            Heading(f"{column}{'' if counted else '（亩）'}", "count" if counted else "m2", 15)
            for column, counted in COLUMNS[name]
        ]
        found = sorted(rows.items())
        lines = [(f"{unit:0<14}", _indented(named, unit), *values) for unit, values in found]
        strong = frozenset(n for n, (unit, _) in enumerate(found) if len(unit) <= 9)
        yield Sheet(
            name, f"{place}{name}", facts, headings, lines, SIGN, numbered=False, total=False, strong=strong
        )


def _indented(named: dict[str, str], unit: str) -> str:
    return "　" * ((6, 9, 12, 14).index(len(unit)) if len(unit) >= 6 else 0) + named[unit]


def _yearly(session: Session, asked: Asked, decimals: int, year: int) -> Sheet:
    division = asked.division or asked.actor.division
    filled = filled_form(session, asked.actor, year, division, asked.when.known)
    earlier = years_before(session, asked.actor, division, year)
    facts = _place_facts(session, asked, f"{year}年度")
    if filled.confirmed:
        who, at = filled.confirmed.confirmed_name, local_date(filled.confirmed.confirmed_at)
        facts.append(f"确认：{who}，{_day(at)}")
    else:
        facts.append("未确认")
    headings = [
        Heading("指标", "text", 40),
        Heading("计量单位", "text", 9),
        Heading(f"{year}年", "m2", 16),
        *[Heading(f"{past}年", "m2", 14) for past in earlier],
        Heading("来源", "text", 26),
    ]
    notes = [*(f"核对：{one.message}" for one in filled.findings), f"依据：{filled.form.source}", *SIGN]
    lines, strong = _yearly_lines(filled, list(earlier.values()), decimals)
    return Sheet(
        f"{year}年统计表",
        f"{facts[0].removeprefix('单位：')}农村土地承包经营及管理情况统计表",
        facts,
        headings,
        lines,
        notes,
        frozen=1,
        total=False,
        numbered=False,
        strong=strong,
    )


def _yearly_lines(
    filled: FilledForm, earlier: list[dict[str, Decimal]], decimals: int
) -> tuple[list[list[Any]], frozenset[int]]:
    lines: list[list[Any]] = []
    strong = set()
    by_id = {line.indicator.id: line for line in filled.lines}
    for group, title in filled.form.groups.items():
        strong.add(len(lines))
        lines.append([str(title), None, None, *[None] * len(earlier), None])
        for one in filled.form.of_group(group):

            def as_shown(value: Decimal | None, area: bool = one.is_area) -> Decimal | None:
                return mu(value, decimals) if area and value is not None else value

            source = "登记簿计算" if one.computed else "填报"
            lines.append(
                [
                    f"　{one.name}", str(UNITS[one.unit]), as_shown(by_id[one.id].value),
                    *[as_shown(values.get(one.id)) for values in earlier], source,
                ]
            )  # fmt: skip
    return lines, frozenset(strong)
