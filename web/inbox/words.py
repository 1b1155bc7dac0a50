"""Plain words for case types, steps, deadlines and positions, in the reader's language."""

from flask_babel import gettext as _
from flask_babel import ngettext

from engine.domain.case_type import CaseType
from engine.domain.moments import EXACT
from engine.domain.roles import TITLES
from engine.queries.case_file import Awaited
from engine.queries.periods import Period
from engine.store.versions import case_type_of
from engine.usecases.procedures import Procedure, procedure
from web.db import office_session
from web.i18n import N_, lang
from web.moments import time_words

Label = tuple[str, str]  # text, tone of the tag


def both(text: dict[str, str] | None, otherwise: str = "") -> str:
    """A ``{zh, en}`` text in the reader's language."""
    return (text or {}).get(lang()) or (text or {}).get("zh") or otherwise


def case_title(version_id: str) -> str:
    """Name of the business that a version describes."""
    case_type = case_type_of(office_session(), version_id)
    return both(case_type.about.get("short_title"), both(case_type.title))


def step_name(version_id: str, element: str | None, form: str | None, name: str = "") -> str:
    """A task's name. In English as the model gives it, or where it does not, the title of its form."""
    if not element or not form:
        return name
    known = procedure(office_session(), version_id)
    if lang() == "en":
        return english_name(known, element) or known.form(form).title.for_lang("en")
    return name or element_name(known, element)


def english_name(known: Procedure, element: str) -> str:
    found = known.definition.elements.get(element)
    return found.name_en if found else ""


def element_name(known: Procedure, element: str | None) -> str:
    """As the model names it; where it says no English name, by the form or the period of that name, if there is one."""
    if lang() == "en" and element and (english := english_name(known, element)):
        return english
    if lang() == "en" and element in known.case_type.form_names:
        return known.form(element).title.for_lang("en")
    if lang() == "en" and element in known.case_type.deadlines:
        return both(known.case_type.deadlines[element].get("title"), element)
    found = known.definition.elements.get(element or "")
    return (found.name if found else None) or element or ""


def period_title(version_id: str, period: Period) -> str:
    """What a deadline is for: its title in the parameters; of a time of the model's own, the event and the time."""
    known = procedure(office_session(), version_id)
    if period.unit != EXACT:
        return deadline_title(known.case_type, period.name) or period.name
    named = known.definition.elements.get(period.element or "")
    time = time_words(period.name)
    if not named or not named.name:
        return time
    return _("%(event)s（%(time)s）", event=element_name(known, named.id), time=time)


def deadline_title(case_type: CaseType, deadline: str) -> str:
    return both((case_type.deadlines.get(deadline) or {}).get("title"))


AWAITED = {
    "deal_signed": N_("等待各方在手机上签完"),
    "contract_sealed": N_("等待合同盖章，一般几秒钟"),
    "registry_receipt": N_("等待不动产登记机构的回执"),
    "survey_result": N_("等待测绘结果"),
    "suit_filed": N_("等待当事人是否起诉"),
}


def awaited_words(awaited: Awaited) -> str:
    """等待消息“补充意见”; in people's words where the models that ship wait."""
    if awaited.kind != "signal" and awaited.name in AWAITED:
        return _(AWAITED[awaited.name])
    if awaited.kind == "signal":
        return _("等待信号“%(name)s”", name=awaited.name)
    if awaited.key:
        return _("等待消息“%(name)s”（区分键 %(key)s）", name=awaited.name, key=awaited.key)
    return _("等待消息“%(name)s”", name=awaited.name)


def period_label(period: Period | None) -> Label:
    """剩余3个工作日, 已超期2天, 今天到期 ..."""
    if period is None:
        return _("无期限"), "grey"
    if period.state == "stopped":
        return _("暂停计时，剩余%(left)s", left=_days(period)), "water"
    if period.state == "over":
        return _("已超期%(days)s天", days=max(period.days, 1)), "solid-red"
    if period.state in ("met", "cancelled"):
        return (_("已完成"), "grey") if period.state == "met" else (_("已取消"), "grey")
    if period.days == 0:
        return _("今天到期"), "red"
    return _("剩余%(left)s", left=_days(period)), "earth" if period.days <= 3 else "green"


def _days(period: Period) -> str:
    days = max(period.days, 0)
    if period.unit == "working_days":
        return ngettext("%(days)s个工作日", "%(days)s个工作日", days, days=days)
    return ngettext("%(days)s天", "%(days)s天", days, days=days)


def position_words(position: str, places: dict[str, str]) -> str:
    """role@division as people say it: 青石镇柳沟村 村级经办人."""
    role, _at, division = position.partition("@")
    if role == "applicant":
        return _("承包方本人")
    title = TITLES.get(role, {}).get(lang(), "")
    return f"{places.get(division, division)} {title}".strip()
