"""What messages to the upper platform, their states and parts are called."""

from typing import Any

from flask_babel import gettext as _

from engine.domain.feed import answer_name, code_name
from web.i18n import N_, lang

STATES = {
    "waiting": (N_("待送出"), "earth"),
    "sent": (N_("已送出，等应答"), "earth"),
    "accepted": (N_("上级平台已接收"), "green"),
    "refused": (N_("被退回"), "red"),
    "repeated": (N_("退回后已再次报送"), "grey"),
}
TABS = {
    "all": N_("全部"),
    "waiting": N_("待送出"),
    "sent": N_("等应答"),
    "refused": N_("被退回"),
    "repeated": N_("已再次报送"),
    "accepted": N_("已接收"),
}
SENT = {"online": N_("已送到平台接口"), "folder": N_("已放入前置机目录"), "by_hand": N_("待人工送交")}
OPERATIONS = {"01": N_("无变化"), "02": N_("增加"), "03": N_("修改"), "04": N_("删除")}  # CZFS
TABLES = {
    "FBF": N_("发包方"), "CBF": N_("承包方"), "JTCY": N_("家庭成员"), "CBHT": N_("承包合同"), "CBJYQZDJB": N_("登记簿"),
    "CBJYQZ": N_("权证"), "CBDK": N_("地块"), "CBDKXX": N_("承包地块信息"), "DKJZD": N_("界址点"), "DKJZX": N_("界址线"),
}  # fmt: skip


def state_of(line: Any) -> tuple[str, str]:
    """(words, tone)."""
    words, tone = STATES["repeated" if line.row.state == "refused" and line.again else line.row.state]
    return _(words), tone


def sent(row: Any) -> str:
    return _(SENT.get(row.sent_to, row.sent_to)) if row.sent_to else _("还没有送出")


def code(name: str) -> str:
    return f"{name} {code_name(name, lang())}"


def answer(told: dict[str, Any] | str) -> str:
    """An answer in words, or one of its codes."""
    if isinstance(told, str):
        return f"{told} {answer_name(told, lang())}"
    text = f"{told['code']} {answer_name(told['code'], lang())}"
    return f"{text}：{told['text']}" if told.get("text") else text


def business(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """The business part, field by field; what has parts of its own is told in one line."""
    return [(name, _flat(value)) for name, value in facts["BUSINESS_DATA"].items()]


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name} {_flat(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "；".join(_flat(one) for one in value)
    return str(value or "—")


def operations(facts: dict[str, Any]) -> list[tuple[str, dict[str, int]]]:
    """Table -> how many rows by what is done with them."""
    found = []
    for name, title in TABLES.items():
        rows = facts["CHANGE_DATA"].get(name)
        if not rows:
            continue
        how = {code: sum(row["CZFS"] == code for row in rows) for code in OPERATIONS}
        found.append((f"{_(title)} {name}", how))
    return found
