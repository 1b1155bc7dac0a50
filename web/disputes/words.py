"""Words for what the pages of disputes show."""

from flask_babel import gettext as _

from web.i18n import N_

KINDS = {"mediation": N_("调解"), "arbitration": N_("仲裁")}
STATES = {"open": N_("在办"), "closed": N_("已结"), "all": N_("全部")}
OUTCOMES = {
    "agreed": N_("达成调解协议"),
    "failed": N_("调解不成"),
    "award": N_("裁决生效"),
    "mediated": N_("调解书生效"),
    "sued": N_("已起诉"),
    "withdrawn": N_("撤回"),
    "deemed_withdrawn": N_("按撤回处理"),
    "terminated": N_("终止"),
}
HEARINGS = {
    "called": N_("已通知"),
    "held": N_("已开庭"),
    "postponed": N_("已延期"),
    "cancelled": N_("已取消"),
}
POSTS = {"chair": N_("主任"), "vice_chair": N_("副主任"), "member": N_("委员"), "none": N_("不是组成人员")}
GROUNDS = {
    "administration": N_("从事承包管理满五年"),
    "law": N_("从事法律工作满五年"),
    "mediation": N_("从事人民调解满五年"),
    "respected": N_("在当地有威信，熟悉法律政策的居民"),
}
TRADES = {
    "farmer": N_("农民代表"),
    "law": N_("法律"),
    "economics": N_("经济"),
    "office": N_("政府部门"),
    "other": N_("其他"),
}


def said(words: dict[str, str], key: str | None) -> str:
    return _(words[key]) if key in words else (key or "")
