"""Which rules are run, how severe they are and what they measure with: the defaults, and what a county sets instead.

Defaults are dated data (``rules.yaml``, ``tolerances.yaml``). A county's own settings are the same words as plain
values: ``{"rules": {"T05": {"on": false, "severity": "warning"}}, "tolerances": {"angle": 4}, "fields": {"A01":
["CBF.CBFDZ"]}}``, where ``fields`` lists the fields that a rule leaves alone.
"""

import functools
import math
import pathlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.domain.errors import Invalid
from engine.domain.from_yaml import read_yaml
from engine.domain.said import say
from engine.exchange import standard
from engine.exchange.findings import ERROR, WARNING, Finding, rules
from engine.exchange.package.opening import Limits

FIELD_RULES = "A"  # rules of this letter may leave single fields alone


@functools.cache
def tolerances() -> Mapping[str, dict[str, Any]]:
    """name -> value, low, high, unit, rules, zh, en, source, verify; in the order they are listed."""
    return read_yaml((pathlib.Path(__file__).parent / "tolerances.yaml").read_text("utf-8"))


def _default(name: str) -> Any:
    return field(default_factory=lambda: tolerances()[name]["value"])


@dataclass(frozen=True)
class CheckSettings:
    """Units and meanings of the tolerances are in ``tolerances.yaml``."""

    encoding: str = "gb18030"  # of dbf text without a .cpg that says UTF-8
    limits: Limits = field(default_factory=Limits)
    same_place: float = _default("same_place")
    sliver: float = _default("sliver")
    angle: float = _default("angle")
    near: float = _default("near")
    self_distance: float = _default("self_distance")
    self_length: float = _default("self_length")
    short_line: float = _default("short_line")
    area: float = _default("area")
    zone_share: float = _default("zone_share")
    gap_width: float = _default("gap_width")
    gap_length: float = _default("gap_length")
    mu: float = _default("mu")
    mu_per_parcel: float = _default("mu_per_parcel")
    summary_mu: float = _default("summary_mu")
    years_arable: int = _default("years_arable")
    years_grass: int = _default("years_grass")
    years_forest: int = _default("years_forest")
    off: frozenset[str] = frozenset()  # rules that are not run
    severities: Mapping[str, str] = field(default_factory=dict)  # rule -> severity other than the default
    left_alone: frozenset[tuple[str, str]] = frozenset()  # (rule, TABLE.FIELD)
    processes: int | None = None  # for the topology rules; as many as the machine has where it is not said

    def on(self, rule: str) -> bool:
        return rule not in self.off

    def judged(self, found: Iterable[Finding]) -> list[Finding]:
        """The findings that count, as severe as the county has it. A rule's lesser breaches stay warnings."""
        kept = []
        for one in found:
            if one.rule in self.off or (one.rule, f"{one.table}.{one.field}") in self.left_alone:
                continue
            chosen = self.severities.get(one.rule)
            usual = rules()[one.rule]["severity"]
            if chosen and (chosen == WARNING or one.severity == usual):
                one = replace(one, severity=chosen)
            kept.append(one)
        return kept


def settings_of(own: Mapping[str, Any] | None, base: CheckSettings | None = None) -> CheckSettings:
    """The defaults (or ``base``) with a county's own settings. Raises Invalid that names each bad value."""
    base = base or CheckSettings()
    if not own:
        return base
    checked = checked_settings(own)
    values = {name: type(tolerances()[name]["value"])(v) for name, v in checked["tolerances"].items()}
    return replace(
        base,
        **values,
        off=frozenset(rule for rule, entry in checked["rules"].items() if entry.get("on") is False),
        severities={r: e["severity"] for r, e in checked["rules"].items() if "severity" in e},
        left_alone=frozenset((rule, name) for rule, names in checked["fields"].items() for name in names),
    )


def checked_settings(own: Any) -> dict[str, Any]:
    """The settings without what only repeats the defaults. Raises Invalid that names each bad value."""
    problems: dict[str, list[str]] = {}
    if not isinstance(own, Mapping) or not all(
        isinstance(own.get(part) or {}, Mapping) for part in ("rules", "tolerances", "fields")
    ):
        raise Invalid({"settings": [say("质检设置应有 rules、tolerances、fields 三部分")]})
    for part in own:
        if part not in ("rules", "tolerances", "fields"):
            problems[str(part)] = [say("没有这一部分；应为 rules、tolerances、fields")]
    chosen = _tolerances(own.get("tolerances") or {}, problems)
    found = {
        "rules": _rules(own.get("rules") or {}, problems),
        "tolerances": chosen,
        "fields": _fields(own.get("fields") or {}, problems),
    }
    near, same = (chosen.get(n, tolerances()[n]["value"]) for n in ("near", "same_place"))
    if not problems and near <= same:
        problems["near"] = [say("过近的距离应大于视为同一位置的距离")]
    if problems:
        raise Invalid(problems)
    return found


def _rules(given: Mapping[Any, Any], problems: dict[str, list[str]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, entry in given.items():
        known = rules().get(name)
        if known is None:
            problems[str(name)] = [say("没有这条规则")]
            continue
        if not isinstance(entry, Mapping) or set(entry) - {"on", "severity"}:
            problems[name] = [say("规则的设置应为 on（是否启用）和 severity（error 或 warning）")]
            continue
        on, severity = entry.get("on", True), entry.get("severity", known["severity"])
        if not isinstance(on, bool):
            problems[name] = [say("是否启用应为 true 或 false")]
        elif severity not in (ERROR, WARNING):
            problems[name] = [say("严重程度应为 error（错误）或 warning（警告）")]
        elif known.get("firm") and (not on or severity != known["severity"]):
            problems[name] = [say("登记簿存不下违反这条规则的数据，不能停用，也不能降为警告")]
        own = ({} if on is not False else {"on": False}) | (
            {} if severity == known["severity"] else {"severity": severity}
        )
        if own:
            found[name] = own
    return found


def _tolerances(given: Mapping[Any, Any], problems: dict[str, list[str]]) -> dict[str, float | int]:
    found: dict[str, float | int] = {}
    for name, value in given.items():
        known = tolerances().get(name)
        if known is None:
            problems[str(name)] = [say("没有这项阈值")]
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            problems[name] = [say("应为数字")]
        elif not known["low"] <= value <= known["high"]:
            problems[name] = [
                say("应在 %(low)s 至 %(high)s 之间", low=f"{known['low']:g}", high=f"{known['high']:g}")
            ]
        elif isinstance(known["value"], int) and value != int(value):
            problems[name] = [say("应为整数")]
        elif value != known["value"]:
            found[name] = value
    return found


def _fields(given: Mapping[Any, Any], problems: dict[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for rule, names in given.items():
        if rule not in rules() or not str(rule).startswith(FIELD_RULES) or not isinstance(names, list):
            problems[str(rule)] = [say("只有 A 类规则可以选择不检查的字段，写成“表.字段”的列表")]
        elif rules()[rule].get("firm") and names and rule != "A01":
            problems[rule] = [say("这条规则的字段都要检查")]
        else:
            wrong = [str(name) for name in names if not _may_be_left(rule, name)]
            if wrong:
                problems[rule] = [
                    say("没有这个字段，或登记簿必须有它：%(names)s", names="、".join(wrong)[:200])
                ]
            elif names:
                found[rule] = sorted(set(names))
    return found


def _may_be_left(rule: str, name: Any) -> bool:
    """Whether a field exists, and the register can do without it where A01 is to leave it alone."""
    table, _, field_name = str(name).partition(".")
    if table not in standard.layers() and table not in standard.tables():
        return False
    return field_name in standard.spec(table).names and not (rule == "A01" and field_name in _needed())


@functools.cache
def _needed() -> frozenset[str]:
    """Fields that a column of the register must have, by the standard's names.

    The tables are loaded here: processes that only judge begin a second sooner without them.
    """
    from engine.store import tables

    columns = (column for table in tables.register.Base.metadata.tables.values() for column in table.columns)
    return frozenset(c.info["code"] for c in columns if "code" in c.info and not c.nullable)
