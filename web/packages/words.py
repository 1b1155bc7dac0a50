"""Packages in words: states, kinds of things, kinds of change, and why one was refused."""

import json

from flask_babel import gettext as _

from engine.exchange import standard
from engine.store.tables.packages import PackageIntake
from web.i18n import N_, lang

STATES = {
    "waiting": (N_("正在检查"), "water"),
    "staged": (N_("已检查，等待决定"), "water"),
    "asked": (N_("等待另一人确认"), "water"),
    "taking": (N_("正在导入"), "water"),
    "refused": (N_("未通过检查"), "red"),
    "dropped": (N_("已放弃"), "grey"),
    "taken": (N_("已导入"), "green"),
}
THINGS = {
    "issuing_party": (N_("发包方"), "FBF"),
    "contractor": (N_("承包方"), "CBF"),
    "parcel": (N_("地块"), "DK"),
    "contract": (N_("承包合同"), "CBHT"),
    "register_entry": (N_("登记簿"), "CBJYQZDJB"),
    "certificate": (N_("权证"), "CBJYQZ"),
}
CHANGES = {"added": N_("新增"), "changed": N_("变更"), "ended": N_("终止"), "same": N_("不变")}
FIELDS = {"outline": N_("图形"), "members": N_("家庭成员"), "parcels": N_("承包地块")}


def field_words(thing: str, field: str) -> str:
    """What the standard calls a field, or what else differs."""
    if field in FIELDS:
        return _(FIELDS[field])
    own = THINGS[thing][1]
    titles = {f.name: f.title for name in (own, "CBJYQZDJB") for f in standard.fields(name)}
    return titles.get(field, field) if lang() == "zh" else field


MUCH = 20  # percent of the register's households; what a year ends of them is far below one


def ends_much(intake: PackageIntake) -> tuple[int, int] | None:
    """(households that would end, their share of the register in percent), where it is more than can be right."""
    by = (intake.difference or {}).get("contractor", {})
    ended = by.get("ended", 0)
    stands = ended + by.get("changed", 0) + by.get("same", 0)
    share = 100 * ended // stands if stands else 0
    return (ended, share) if share >= MUCH else None


def note_words(intake: PackageIntake) -> str:
    """Why it was refused, in the reader's language."""
    if not intake.note:
        return ""
    try:
        note = json.loads(intake.note)
        text = note["message"]
        return _(text) % note["facts"] if note["facts"] else _(text)
    except (ValueError, KeyError, TypeError):
        return intake.note
