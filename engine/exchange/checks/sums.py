"""R09 and R12: totals of contracts and of the summary tables."""

from collections.abc import Iterator

import numpy as np

from engine.domain.said import say
from engine.exchange import summaries
from engine.exchange.checks.settings import CheckSettings
from engine.exchange.findings import Finding, finding
from engine.exchange.package.columns import numbers, places, plain
from engine.exchange.package.model import SUMMARIES, PackageData, Sheet

_ROUNDING = 1e-6


def check_contract_sums(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R09: number and area of a contract's parcels."""
    contracts, held = package.tables.get("CBHT"), package.tables.get("CBDKXX")
    if contracts is None or held is None:
        return
    codes = plain(contracts.arrow("CBHTBM"))
    known = codes.unique()
    own, of_parcel = places(codes, known), places(held.arrow("CBHTBM"), known)
    there = of_parcel >= 0
    rows = np.bincount(of_parcel[there], minlength=len(known))[own]
    stated = contracts["CBDKZS"]
    for row in np.flatnonzero(numbers(contracts.arrow("CBDKZS")) != rows).tolist():
        if (count := stated[row]) is not None:
            message = say("承包地块总数为 %(count)s，承包地块信息有 %(rows)s 条", count=count, rows=rows[row])
            yield finding("R09", message, "CBHT", codes[row].as_py(), "CBDKZS")
    for field, summed, unit, tolerance in (
        ("HTZMJ", "HTMJ", say("平方米"), settings.area), ("HTZMJM", "HTMJM", say("亩"), settings.mu_per_parcel),
    ):  # fmt: skip
        areas = numbers(
            held.arrow(summed)
        )  # a parcel without one makes the sum NaN, which is compared with nothing
        totals = np.bincount(of_parcel[there], areas[there], len(known))[own]
        whole = numbers(contracts.arrow(field))
        wrong = (np.abs(whole - totals) > tolerance * rows + _ROUNDING) & (rows > 0)
        for row in np.flatnonzero(wrong).tolist():
            message = say(
                "合同总面积 %(whole)s %(unit)s，各地块合计 %(parts)s %(unit)s",
                whole=f"{whole[row]:.2f}",
                unit=unit,
                parts=f"{totals[row]:.2f}",
            )
            yield finding("R09", message, "CBHT", codes[row].as_py(), field)


def check_summaries(package: PackageData, settings: CheckSettings) -> Iterator[Finding]:
    """R12: every number of the six summary tables, recomputed.

    Areas may be summed from m2 or from the rounded mu fields; both are in use, so agreeing with one is enough.
    """
    if not any(name.startswith(SUMMARIES) for name in package.files) and not package.sheets:
        return  # F02 says so
    if not {"DK"} <= package.layers.keys() or not {"FBF", "CBF", "CBDKXX", "CBJYQZ"} <= package.tables.keys():
        return  # nothing to recompute from; F04-F06 say so
    bases = [
        summaries.summarise(package.layers, package.tables, package.units, stated=stated)
        for stated in (False, True)
    ]
    unreadable = {name for name in package.files for table in summaries.COLUMNS if table in name}
    for name, columns in summaries.COLUMNS.items():
        sheet = package.sheets.get(name)
        if sheet is not None:
            yield from _compare(package, settings, sheet, columns, [basis[name] for basis in bases])
        elif not any(name in path for path in unreadable):
            yield finding("R12", say("缺少%(name)s", name=name), name, SUMMARIES)


def _compare(
    package: PackageData, settings: CheckSettings, sheet: Sheet, columns, bases
) -> Iterator[Finding]:
    seen = set()
    for unit, _, *values in sheet.rows:
        seen.add(unit)
        if unit not in bases[0]:
            message = say("权属单位 %(unit)s 不在权属单位代码表内", unit=unit)
            yield finding("R12", message, sheet.name, sheet.path, "权属单位代码")
            continue
        for number, (column, counted) in enumerate(columns):
            stated = _number(values[number] if number < len(values) else None)
            expected = [basis[unit][number] for basis in bases]
            tolerance = 0.0 if counted else settings.summary_mu
            if stated is None or min(abs(stated - e) for e in expected) > tolerance + _ROUNDING:
                shown = "空" if stated is None else f"{stated:g}"
                message = say(
                    "%(unit)s 的%(column)s为 %(shown)s，重新统计为 %(counted)s",
                    unit=unit,
                    column=column,
                    shown=shown,
                    counted=f"{expected[0]:g}",
                )
                yield finding("R12", message, sheet.name, sheet.path, column)
    for unit in package.units:
        if unit not in seen and any(any(basis[unit]) for basis in bases):
            message = say("缺少权属单位 %(unit)s 的一行", unit=unit)
            yield finding("R12", message, sheet.name, sheet.path, "权属单位代码")


def _number(value: object) -> float | None:
    try:
        return float(value) if value is not None else 0.0  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
