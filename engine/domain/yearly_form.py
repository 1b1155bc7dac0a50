"""农村土地承包经营及管理情况统计表 as data: its indicators by edition, how values add up, and what must hold between them.

Pure. Areas are m2 here, as everywhere; a form shows and takes them in 亩.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from engine.domain.division import LEVELS
from engine.domain.from_yaml import read_yaml
from engine.domain.register import mu
from engine.domain.said import Said, said_in_both, say

UNITS: Mapping[str, Said] = {
    "mu": say("亩"),
    "households": say("户"),
    "contracts": say("份"),
    "certificates": say("份"),
    "pieces": say("个"),
    "persons": say("人"),
    "cases": say("件"),
}
ROUNDING = Decimal("0.05")  # 亩: what parts may be off their whole by, each rounded for itself
Values = Mapping[str, Decimal]


@dataclass(frozen=True)
class Indicator:
    id: str
    group: str
    name: Said
    unit: str
    computed: str | None  # name of a reckoning; None: entered by hand
    entered: tuple[str, ...]  # levels that enter it: village, township, county
    part_of: str | None
    source: str
    verify: bool

    @property
    def is_area(self) -> bool:
        return self.unit == "mu"


@dataclass(frozen=True)
class Check:
    """``left`` added up is equal to, or at most, ``right`` added up."""

    id: str
    left: tuple[str, ...]
    equal: bool
    right: tuple[str, ...]


@dataclass(frozen=True)
class YearlyForm:
    since: int  # first year it is filled in for
    source: str
    verify: bool
    groups: Mapping[str, Said]
    indicators: Mapping[str, Indicator]
    checks: tuple[Check, ...]
    share: Decimal  # of last year's value; a larger difference is flagged

    def of_group(self, group: str) -> list[Indicator]:
        return [one for one in self.indicators.values() if one.group == group]

    def entered_at(self, division: str) -> list[Indicator]:
        """What the office of a division enters for itself."""
        level = next((name for name, digits in LEVELS.items() if digits == len(division)), "")
        return [one for one in self.indicators.values() if level in one.entered]


@dataclass(frozen=True)
class Finding:
    """``severity``: error forbids to confirm, warning stands beside."""

    check: str
    severity: str
    message: Said
    indicators: tuple[str, ...]


def read_forms(table: Mapping[str, Any]) -> tuple[YearlyForm, ...]:
    """Editions, the latest first. Every fault is named at once (ValueError)."""
    faults: list[str] = []
    forms = [_form(edition, faults) for edition in table["editions"]]
    if faults:
        raise ValueError("统计表定义有误：" + "；".join(faults))
    return tuple(sorted(forms, key=lambda form: -form.since))


def _form(edition: Mapping[str, Any], faults: list[str]) -> YearlyForm:
    indicators: dict[str, Indicator] = {}
    for group in edition["groups"]:
        for row in group["indicators"]:
            if row["id"] in indicators:
                faults.append(f"{row['id']} 列了两次")
            if row["unit"] not in UNITS:
                faults.append(f"{row['id']} 的单位 {row['unit']} 没有定义")
            if bool(row.get("computed")) == bool(row.get("entered")):
                faults.append(f"{row['id']} 应写明 computed 或 entered 之一")
            unknown = set(row.get("entered", ())) - LEVELS.keys()
            if unknown:
                faults.append(f"{row['id']} 的填报级别 {'、'.join(sorted(unknown))} 没有定义")
            indicators[row["id"]] = _indicator(row, group["id"])
    checks = [
        Check(row["id"], tuple(row["left"]), row["is"] == "equal", tuple(row["right"]))
        for row in edition.get("checks", ())
    ]
    for whole in dict.fromkeys(one.part_of for one in indicators.values() if one.part_of):
        parts = tuple(one.id for one in indicators.values() if one.part_of == whole)
        checks.append(Check(f"parts_of_{whole}", parts, True, (whole,)))
    for check in checks:
        for name in (*check.left, *check.right):
            if name not in indicators:
                faults.append(f"核对关系 {check.id} 中的 {name} 没有定义")
    return YearlyForm(
        edition["from"],
        edition["source"],
        bool(edition.get("verify")),
        {group["id"]: _both(group["title"]) for group in edition["groups"]},
        indicators,
        tuple(checks),
        Decimal(str(edition["compare"]["share"])),
    )


def _indicator(row: Mapping[str, Any], group: str) -> Indicator:
    return Indicator(
        row["id"], group, _both(row["name"]), row["unit"], row.get("computed"), tuple(row.get("entered", ())),
        row.get("part_of"), str(row["source"]), bool(row.get("verify")),
    )  # fmt: skip


def _both(text: Mapping[str, str]) -> Said:
    return said_in_both(text["zh"], text["en"])


@cache
def shipped_forms() -> tuple[YearlyForm, ...]:
    """Those that come with the software."""
    text = files("engine.domain").joinpath("data/yearly_form.yaml").read_text(encoding="utf-8")
    return read_forms(read_yaml(text))


def form_for(forms: Iterable[YearlyForm], year: int) -> YearlyForm | None:
    """The edition in force in a year; None before the first."""
    return next((form for form in sorted(forms, key=lambda f: -f.since) if form.since <= year), None)


def added_up(
    live: Mapping[str, Values], frozen: Mapping[str, Values], division: str, own: bool = False
) -> dict[str, Decimal]:
    """Values of a division: what is confirmed below it counts as confirmed, the rest as it stands now.

    ``live`` is by the division that a value belongs to, ``frozen`` by the division that confirmed. With ``own`` a
    confirmation of the division itself is used, else only those below.
    """
    if own and division in frozen:
        return dict(frozen[division])
    below = [code for code in frozen if code.startswith(division) and code != division]
    topmost = [code for code in below if not any(code != up and code.startswith(up) for up in below)]
    found: dict[str, Decimal] = {}
    for code, values in live.items():
        if code.startswith(division) and not code.startswith(tuple(topmost) or ("x",)):
            _add(found, values)
    for code in topmost:
        _add(found, frozen[code])
    return found


def _add(found: dict[str, Decimal], values: Values) -> None:
    for name, value in values.items():
        found[name] = found.get(name, Decimal(0)) + value


def check_values(form: YearlyForm, values: Values, last_year: Values | None = None) -> list[Finding]:
    """Sums that do not hold (errors), and what differs much from last year (warnings)."""
    found = [_held(form, check, values) for check in form.checks]
    found += (
        [_compared(form, one, values, last_year) for one in form.indicators.values()] if last_year else []
    )
    return [one for one in found if one]


def _held(form: YearlyForm, check: Check, values: Values) -> Finding | None:
    if all(values.get(name) is None for name in (*check.left, *check.right)):
        return None
    area = form.indicators[check.right[0]].is_area
    left = sum((values.get(name) or Decimal(0) for name in check.left), Decimal(0))
    right = sum((values.get(name) or Decimal(0) for name in check.right), Decimal(0))
    if area:
        left, right = mu(left), mu(right)
    off = left - right
    if (abs(off) if check.equal else off) <= (ROUNDING if area else 0):
        return None
    facts = {
        "left": _sum_words(form, check.left),
        "right": _sum_words(form, check.right),
        "a": left,
        "b": right,
        "unit": UNITS[form.indicators[check.right[0]].unit],
    }
    template = (
        say("%(left)s 合计 %(a)s，应等于 %(right)s %(b)s %(unit)s", **facts)
        if check.equal
        else say("%(left)s %(a)s，不应大于 %(right)s %(b)s %(unit)s", **facts)
    )
    return Finding(check.id, "error", template, (*check.left, *check.right))


def _sum_words(form: YearlyForm, names: Iterable[str]) -> list[Said]:
    return [say("“%(name)s”", name=form.indicators[name].name) for name in names]


def _compared(form: YearlyForm, one: Indicator, values: Values, last_year: Values | None) -> Finding | None:
    now, then = values.get(one.id), (last_year or {}).get(one.id)
    if now is None or then is None or abs(now - then) <= form.share * abs(then):
        return None
    shown = (mu(now), mu(then)) if one.is_area else (now, then)
    message = say(
        "“%(name)s”今年 %(now)s %(unit)s，上年 %(then)s，相差较大，请核对",
        name=one.name,
        now=_plain(shown[0]),
        then=_plain(shown[1]),
        unit=UNITS[one.unit],
    )
    return Finding("last_year", "warning", message, (one.id,))


def _plain(value: Decimal) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
