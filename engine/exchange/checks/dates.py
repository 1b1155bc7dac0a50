"""A07, A08 and R11: dates, their order, and how long contracts run."""

import datetime as dt
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from engine.domain.said import say
from engine.exchange import standard
from engine.exchange.checks.records import records
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.checks.structure import all_tables
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import distinct, plain, rows_where
from engine.exchange.package.model import PackageData
from engine.exchange.package.values import parse_date

FOR_EVER = "99990101"  # 长久不变, allowed as the register's end
_TERMS = {"CBHT": ("CBQXQ", "CBQXZ"), "CBJYQZDJB": ("CBQXQ", "CBQXZ"), "LZHT": ("LZQXKSRQ", "LZQXJSRQ")}
_FOREST_USES, _GRASS_USES = ("031", "032", "033"), ("041", "042", "043")


def check_dates(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A07: every date is one; terms start before they end; survey <= publicity review < signing (warning)."""
    for table in all_tables(package):
        names = records(table)
        for field in standard.spec(table.name).fields:
            if field.kind == "date":
                column, values = distinct(table.arrow(field.name)), table[field.name]
                for row in rows_where(column, _no_dates):
                    message = say("日期无效：%(value)s（应为 YYYYMMDD）", value=values[row])
                    yield finding("A07", message, table.name, names[row], field.name)
        if table.name in _TERMS:
            start_field, end_field = _TERMS[table.name]
            for row, (start, end) in enumerate(table.rows(start_field, end_field)):
                first, last = parse_date(start), parse_date(end)
                if first and last and first >= last:
                    message = say("期限止 %(end)s 应晚于期限起 %(start)s", end=end, start=start)
                    yield finding("A07", message, table.name, names[row], end_field)
    yield from _order(package)


def _no_dates(values: pa.Array) -> pa.Array:
    return pa.array([parse_date(value) is None for value in values.to_pylist()], pa.bool_())


def _order(package: PackageData) -> Iterator[Finding]:
    contractors, contracts = package.tables.get("CBF"), package.tables.get("CBHT")
    reviewed: dict[str, str] = {}
    if contractors is not None:
        for code, surveyed, reviewed_on in contractors.rows("CBFBM", "CBFDCRQ", "GSSHRQ"):
            first, second = parse_date(surveyed), parse_date(reviewed_on)
            if second and code:
                reviewed[code] = reviewed_on
            if first and second and first > second:
                message = say(
                    "公示审核日期 %(reviewed_on)s 早于调查日期 %(surveyed)s",
                    reviewed_on=reviewed_on,
                    surveyed=surveyed,
                )
                yield finding("A07", message, "CBF", code, "GSSHRQ", "warning")
    for code, holder, signed in contracts.rows("CBHTBM", "CBFBM", "QDSJ") if contracts is not None else ():
        before = reviewed.get(holder)
        if before and parse_date(signed) and signed <= before:
            message = say("签订时间 %(signed)s 应晚于公示审核日期 %(before)s", signed=signed, before=before)
            yield finding("A07", message, "CBHT", code, "QDSJ", "warning")


def check_register_terms(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """A08: the register's term is the contract's; its end may be 9999-01-01."""
    contracts, entries = package.tables.get("CBHT"), package.tables.get("CBJYQZDJB")
    if contracts is None or entries is None:
        return
    terms = {code: (start, end) for code, start, end in contracts.rows("CBHTBM", "CBQXQ", "CBQXZ")}
    for code, start, end in entries.rows("CBJYQZBM", "CBQXQ", "CBQXZ"):
        if code not in terms:
            continue
        own_start, own_end = terms[code]
        if start and own_start and start != own_start:
            message = say(
                "登记簿承包期限起 %(start)s，合同为 %(own_start)s", start=start, own_start=own_start
            )
            yield finding("A08", message, "CBJYQZDJB", code, "CBQXQ")
        if end and own_end and end not in (own_end, FOR_EVER):
            yield finding(
                "A08",
                say("登记簿承包期限止 %(end)s，合同为 %(own_end)s", end=end, own_end=own_end),
                "CBJYQZDJB",
                code,
                "CBQXZ",
            )


def check_terms(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R11: 30 years for arable land, 50 for grass, 70 for forest (农村土地承包法 art. 21)."""
    years = _years(package, settings)
    for name, key in (("CBHT", "CBHTBM"), ("CBJYQZDJB", "CBJYQZBM")):
        table = package.tables.get(name)
        for code, start, end in table.rows(key, "CBQXQ", "CBQXZ") if table is not None else ():
            first, last = parse_date(start), parse_date(end)
            if not first or not last or (name == "CBJYQZDJB" and end == FOR_EVER):
                continue
            allowed = years.get(code, settings.years_arable)
            if last < first:
                yield finding(
                    "R11",
                    say("承包期限止 %(end)s 早于起 %(start)s", end=end, start=start),
                    name,
                    code,
                    "CBQXZ",
                )
            elif last > _later(first, allowed):
                yield finding(
                    "R11",
                    say(
                        "承包期限 %(start)s 至 %(end)s 超过 %(allowed)s 年",
                        start=start,
                        end=end,
                        allowed=allowed,
                    ),
                    name,
                    code,
                    "CBQXZ",
                )


def _years(package: PackageData, settings: CheckSettings) -> dict[str, int]:
    """Years allowed for a contract: the longest that any of its parcels allows."""
    held, parcels = package.tables.get("CBDKXX"), package.layers.get("DK")
    if held is None or parcels is None:
        return {}
    years: dict[str, int] = {}
    for uses, allowed in ((_GRASS_USES, settings.years_grass), (_FOREST_USES, settings.years_forest)):
        chosen = plain(parcels.arrow("DKBM")).filter(pc.is_in(plain(parcels.arrow("TDLYLX")), pa.array(uses)))
        on_it = pc.is_in(plain(held.arrow("DKBM")), chosen)
        for contract in plain(held.arrow("CBHTBM")).filter(on_it).unique().to_pylist():
            years[contract] = max(years.get(contract, 0), allowed)
    return years


def _later(day: dt.date, years: int) -> dt.date:
    """The same day so many years on; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return dt.date(min(day.year + years, 9999), 3, 1)
