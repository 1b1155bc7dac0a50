"""Words for what the pages of rented land show."""

from flask_babel import gettext as _

from web.i18n import N_

STATES = {
    "all": N_("全部"),
    "overdue": N_("租金逾期"),
    "soon": N_("快到期"),
    "findings": N_("有问题未处理"),
    "no_terms": N_("没有登记租金"),
}
PAYING = {
    "overdue": N_("租金逾期"),
    "soon": N_("快到期"),
    "later": N_("正常"),
    "paid": N_("已付清"),
    "no_terms": N_("没有登记租金"),
}
TONES = {"overdue": "red", "soon": "amber", "later": "water", "paid": "water", "no_terms": "earth"}
FINDINGS = {
    "fine": N_("没有问题"),
    "changed_use": N_("改变用途"),
    "abandoned": N_("弃耕抛荒"),
    "area": N_("面积不符"),
    "damage": N_("损害土地"),
    "other": N_("其他问题"),
}
EVENTS = {
    "terms": N_("登记租金约定"),
    "paid": N_("登记付款"),
    "reminded": N_("提醒付款"),
    "inspected": N_("实地检查"),
    "followed_up": N_("跟进处理"),
    "settled": N_("处理完毕"),
}
REVIEWS = {
    "reviewing": N_("审查中"),
    "passed": N_("通过"),
    "failed": N_("未通过"),
    "exempt": N_("不需审查"),
    "above": N_("应由上级审查"),
    "withdrawn": N_("撤回"),
    "lapsed": N_("失效"),
}
DEPOSITS = {
    "none": N_("不缴"),
    "due": N_("待缴"),
    "paid": N_("已缴"),
    "used": N_("已用完"),
    "returned": N_("已退还"),
}


MOVES = {
    "paid": N_("缴存"),
    "used": N_("用于支付农户租金"),
    "returned": N_("退还受让方"),
}


def said(words: dict[str, str], key: str) -> str:
    return _(words[key]) if key in words else key


def line_of(kind: str, facts: dict) -> str:
    """What an event says besides its kind."""
    if kind == "terms":
        told = _("每年%(yuan)s元，每%(months)s个月付一次，首次%(day)s", yuan=facts["yearly_yuan"], months=facts["every_months"], day=facts["first_due"])  # fmt: skip
        if facts.get("raise_years"):
            told += _(
                "，每%(years)s年递增%(percent)s%%", years=facts["raise_years"], percent=facts["raise_percent"]
            )
        return told
    if kind == "paid":
        return _("应于%(due)s支付的%(yuan)s元，%(day)s已付", due=facts["due_on"], yuan=facts["yuan"], day=facts["paid_on"])  # fmt: skip
    if kind == "reminded":
        return _("应于%(due)s支付的%(yuan)s元", due=facts["due_on"], yuan=facts["yuan"])
    if kind == "inspected":
        return _("第%(n)s次，%(place)s：%(finding)s，%(words)s", n=facts["number"], place=facts["place"], finding=said(FINDINGS, facts["finding"]), words=facts["words"])  # fmt: skip
    return _("第%(n)s次检查：%(words)s", n=facts["number"], words=facts["words"])
