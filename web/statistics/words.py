"""Figures and ledger cells as a person reads them."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from engine.domain.division import LEVELS
from engine.domain.register import mu
from engine.domain.yearly_form import Indicator
from engine.exchange.standard import label
from engine.queries.ledgers import Column
from engine.queries.statistics.overview import Notice
from engine.queries.statistics.yearly import Line
from web.i18n import N_, in_words, lang


def number(value: Any) -> str:
    """With commas between thousands."""
    return "—" if value is None else f"{value:,}"


def area(m2: Decimal | None, decimals: int = 2) -> str:
    """亩 with commas; no decimals from ten thousand on, where nobody reads them."""
    if m2 is None:
        return "—"
    shown = mu(Decimal(m2), decimals)
    return f"{mu(Decimal(m2), 0):,}" if shown >= 10_000 else f"{shown:,}"


def exact_area(m2: Decimal | None, decimals: int = 2) -> str:
    return "—" if m2 is None else f"{mu(Decimal(m2), decimals):,}"


def percent(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:f}%".replace(".0%", "%")


def cell(column: Column, value: Any, decimals: int = 2) -> str:
    """One cell of a ledger, plain text in the reader's language."""
    if value is None or value == "":
        return "—"
    match column.kind:
        case "label":
            return label(column.codes, value, lang())
        case "mu":
            return f"{mu(Decimal(value), decimals):,}"
        case "m2":
            return f"{Decimal(value):,.2f}"
        case "count":
            return f"{int(value):,}"
        case "day":
            return value.isoformat() if isinstance(value, date) else str(value)
    return in_words(value)


def notice(one: Notice) -> str:
    """What wants attention, in a sentence."""
    match one.kind:
        case "late" if one.name:
            return _("%(n)s项任务超过办理期限，最多的是%(place)s", n=number(one.number), place=one.name)
        case "late":
            return _("%(n)s项任务超过办理期限", n=number(one.number))
        case "slowest":
            return _(
                "延包最慢的是%(place)s：已备案%(share)s，还有%(n)s份没有开始",
                place=one.name, share=percent(one.share or Decimal(0)), n=number(one.number),
            )  # fmt: skip
    return _("%(n)s份生效合同没有有效权证", n=number(one.number))


def month(text: str) -> str:
    """2026-09 as an axis shows it."""
    return text[2:].replace("-", "/")


def coded(codes: str, areas: dict[str, Decimal]) -> list[tuple[str, Decimal]]:
    """(label, m2) of each code, the largest first."""
    rows = sorted(areas.items(), key=lambda one: -one[1])
    return [(label(codes, code, lang()), area) for code, area in rows]


SUMMARY_WORDS = {
    "按地块汇总表": N_("按地块汇总表"),
    "按承包地土地用途汇总表": N_("按承包地土地用途汇总表"),
    "按非承包地地块类别汇总表": N_("按非承包地地块类别汇总表"),
    "按承包地是否基本农田汇总表": N_("按承包地是否基本农田汇总表"),
    "按权证信息汇总表": N_("按权证信息汇总表"),
    "按承包方汇总表": N_("按承包方汇总表"),
    "发包方数量": N_("发包方数量"),
    "承包地块总数": N_("承包地块总数"),
    "承包地块总面积": N_("承包地块总面积"),
    "非承包地块总数": N_("非承包地块总数"),
    "非承包地块总面积": N_("非承包地块总面积"),
    "颁发权证数量": N_("颁发权证数量"),
    "农业用途合计": N_("农业用途合计"),
    "种植业": N_("种植业"),
    "林业": N_("林业"),
    "畜牧业": N_("畜牧业"),
    "渔业": N_("渔业"),
    "非农用途": N_("非农用途"),
    "合计": N_("合计"),
    "自留地": N_("自留地"),
    "机动地": N_("机动地"),
    "开荒地": N_("开荒地"),
    "其他集体土地": N_("其他集体土地"),
    "基本农田": N_("基本农田"),
    "非基本农田": N_("非基本农田"),
    "颁发权证数量合计": N_("颁发权证数量合计"),
    "家庭承包": N_("家庭承包"),
    "其它方式承包": N_("其它方式承包"),
    "颁发权证面积": N_("颁发权证面积"),
    "承包方总数": N_("承包方总数"),
    "承包农户数量": N_("承包农户数量"),
    "家庭成员数量": N_("家庭成员数量"),
    "其他方式承包合计": N_("其他方式承包合计"),
    "单位数量": N_("单位数量"),
    "个人数量": N_("个人数量"),
}


def summary_title(name: str) -> str:
    return _(SUMMARY_WORDS[name])


def summary_column(name: str, counted: bool) -> str:
    words = _(SUMMARY_WORDS[name])
    return words if counted else _("%(name)s（亩）", name=words)


def entered(line: Line) -> str:
    """What the office typed: 亩 with as many decimals as it needs."""
    if line.own is None or line.own.value is None:
        return ""
    value = mu(line.own.value, 4) if line.indicator.is_area else line.own.value
    return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"


def is_entered_above(one: Indicator, division: str) -> bool:
    """Whether only offices above the division enter it."""
    return bool(one.entered) and all(LEVELS[level] < len(division) for level in one.entered)
