"""What hand-overs and their states are called."""

from datetime import date
from typing import Any

from flask_babel import gettext as _

from engine.domain import masking
from engine.domain.errors import DomainError, Invalid
from engine.domain.registry import code_name
from engine.exchange.standard import label
from web.errors import message_of
from web.i18n import N_, in_words, lang

STATES = {
    "waiting": (N_("等待回执"), "earth"),
    "accepted": (N_("已登记"), "green"),
    "refused": (N_("被退回"), "red"),
    "repeated": (N_("退回后已再次移交"), "grey"),
}
TABS = {
    "waiting": N_("等待回执"),
    "refused": N_("被退回"),
    "repeated": N_("已再次移交"),
    "accepted": N_("已登记"),
    "all": N_("全部"),
}
KINDS = {
    "first": N_("首次登记"),
    "change": N_("变更登记"),
    "reissue": N_("权证补发"),
    "replace": N_("权证换发"),
    "cancel": N_("权证注销"),
}
REMARKS = {"尚未生成": N_("尚未生成"), "电子数据": N_("电子数据")}
SENT = {"folder": N_("已放入交换目录"), "by_hand": N_("待人工送交")}
# the registry's field names, as a person reads them; in the order of the page
FACTS = {
    "YWH": N_("业务号"), "BDCDYH": N_("不动产单元号"), "QLLX": N_("权利类型"), "DJLX": N_("登记类型"), "DJYY": N_("登记原因"),
    "ZL": N_("坐落"), "FBFDM": N_("发包方编码"), "FBFMC": N_("发包方名称"), "CBFDM": N_("承包方编码"),
    "CBHTDM": N_("承包合同编码"), "CBMJ": N_("承包面积（亩）"), "SCMJ": N_("实测面积（亩）"), "CBQSSJ": N_("承包起始时间"),
    "CBJSSJ": N_("承包结束时间"), "TDSYQXZ": N_("土地所有权性质"), "GYFS": N_("共有方式"), "YBDCQZH": N_("原不动产权证号"),
    "QXDM": N_("区县代码"), "QSZT": N_("权属状态"), "FJ": N_("附记"),
}  # fmt: skip
_CODES = {"QLLX": "right", "DJLX": "registration", "GYFS": "common", "QSZT": "state"}


def state_of(line: Any) -> tuple[str, str]:
    """(words, tone)."""
    words, tone = STATES["repeated" if line.row.state == "refused" and line.again else line.row.state]
    return _(words), tone


def kind(name: str) -> str:
    return _(KINDS.get(name, name))


def sent(line: Any) -> str:
    return _(SENT.get(line.row.sent_to, line.row.sent_to)) if line.row.sent_to else _("正在生成文件")


def facts(told: dict[str, Any]) -> list[tuple[str, str]]:
    """What the registry was told, without what only it knows; codes with their names."""
    found = []
    for name, title in FACTS.items():
        value = told.get(name)
        if value in (None, ""):
            continue
        if name in _CODES:
            value = f"{value} {code_name(_CODES[name], str(value))}"
        elif name == "TDSYQXZ":
            value = f"{value} {label('C.6', str(value), lang())}"
        found.append((f"{_(title)} {name}", str(value)))
    return found


def unit(row: Any, parcel: dict[str, Any]) -> str:
    """不动产单元号 of a parcel of the hand-over: as its receipt told it, else as it was known when handed over."""
    told = (row.receipt or {}).get("units") or {}
    return told.get(parcel["DKBM"]) or parcel.get("BDCDYH") or ""


def masked(number: str | None) -> str:
    return masking.number(number) if number else ""


def fault(error: DomainError) -> str:
    """What is wrong with a line of the registry's file, in one sentence."""
    if isinstance(error, Invalid):
        return "；".join(in_words(text) for texts in error.fields.values() for text in texts)
    return message_of(error)


def day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
