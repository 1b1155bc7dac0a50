"""What was done to an account, in words."""

from flask_babel import gettext as _

from engine.domain.roles import TITLES
from engine.store.tables.reference import AccountEvent
from web.i18n import N_, lang

EVENTS = {
    "created": N_("建立账号"),
    "divisions_made": N_("从表格建立区划、更新电话"),
    "position_asked": N_("申请岗位"),
    "position_granted": N_("授予岗位"),
    "position_refused": N_("不授予岗位"),
    "position_ended": N_("岗位已结束"),
    "deputy_named": N_("请人代理"),
    "deputy_ended": N_("提前结束代理"),
    "activated": N_("本人激活账号"),
    "new_code": N_("重新发放激活码"),
    "password_changed": N_("本人更改密码"),
    "second_factor_set": N_("本人设置动态码"),
    "second_factor_removed": N_("动态码已取消"),
    "session_ended": N_("本人退出一处登录"),
    "recovery_codes_made": N_("本人生成恢复码"),
    "recovery_used": N_("本人用恢复码登录"),
    "identity_set": N_("统一身份的关联已更改"),
    "identity_removed": N_("统一身份的关联已取消"),
    "sessions_ended": N_("所有登录已退出"),
    "locked": N_("账号已锁定"),
    "unlocked": N_("账号已解锁"),
}


def event_words(event: AccountEvent) -> str:
    """授予岗位：村级经办人 990101100201"""
    what, facts = _(EVENTS.get(event.kind, event.kind)), event.facts
    if "role" not in facts:
        return what
    if "deputy" in facts:
        return _(
            "%(what)s：%(deputy)s，%(since)s至%(until)s，%(reason)s",
            what=what, deputy=facts["deputy"], since=facts["since"], until=facts["until"], reason=facts["reason"],
        )  # fmt: skip
    said = f"{what}{_('：')}{TITLES.get(facts['role'], {}).get(lang(), facts['role'])} {facts['division']}"
    return f"{said} {_('依据：%(basis)s', basis=facts['basis'])}" if facts.get("basis") else said
