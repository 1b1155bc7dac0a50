"""What happened in a case, in plain words of the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from engine.domain import events
from engine.domain.case_type import CaseType
from engine.domain.said import in_words_of
from engine.domain.signing import party_words
from engine.queries.timeline import Fact, Moment
from engine.usecases.procedures import Procedure
from web.i18n import FILTERS, lang
from web.inbox.words import Label, both, deadline_title, element_name, position_words
from web.moments import time_words


@dataclass(frozen=True)
class Told:
    """A moment as the timeline component draws it."""

    title: Markup | str
    when: datetime
    who: str
    body: Markup
    state: str


def written_words(told: Mapping[str, Any]) -> str:
    """What a case has written into the register, as far as its event counts it."""
    if told.get("contract_code"):
        return _("登记簿已更新，合同编码 %(code)s", code=told["contract_code"])
    counted = {
        "contracts": _("有变化的承包合同 %(n)s 份", n=len(told.get("contracts") or ())),
        "ended": _("终止的承包合同 %(n)s 份", n=len(told.get("ended") or ())),
        "parcels": _("有变化的地块 %(n)s 块", n=len(told.get("parcels") or ())),
        "number": _("备案编号 %(number)s", number=told.get("number", "")),
    }
    what = "，".join(words for name, words in counted.items() if told.get(name))
    return _("登记簿已更新：%(what)s", what=what) if what else _("登记簿已更新")


NOT_DONE = ("rejected", "withdrawn", "lapsed")


def case_link(number: str) -> Markup:
    address = url_for("inbox.case", number=number)
    return Markup('<a class="govuk-link" href="{}">{}</a>').format(address, number)


class Teller:
    """Tells a case's moments. ``papers``: paper id -> (title, address); ``places``: division -> name."""

    def __init__(self, known: Procedure, papers: dict[str, Label], places: dict[str, str]):
        self.known, self.papers, self.places = known, papers, places

    @property
    def case_type(self) -> CaseType:
        return self.known.case_type

    def told(self, moment: Moment) -> Told:
        lines = self._following(moment)
        body = Markup("").join(
            Markup("<p class='govuk-body-s govuk-!-margin-bottom-1'>{}</p>").format(x) for x in lines
        )
        who = moment.actor_name
        if moment.position and moment.actor != "system":
            who = _("%(name)s（%(position)s）", name=who, position=self._position(moment))
        return Told(self.title(moment.first), moment.at, who, body, self._state(moment))

    def _position(self, moment: Moment) -> str:
        """Parties of a deal sign by their link: who takes the land is no household of the case."""
        if moment.first.kind == events.SIGNATURE_MADE and "deal" in self.case_type.about:
            return _("凭短信链接")
        return position_words(moment.position, self.places)

    def _state(self, moment: Moment) -> str:
        facts = (moment.first, *moment.then)
        refused = any(f.kind == events.CASE_ENDED and f.payload.get("status") in NOT_DONE for f in facts)
        return "bad" if refused or moment.first.kind == events.DEADLINE_PASSED else "done"

    def _begun(self, origin: str) -> str:
        """By the household, for it, or in the way that the case type names."""
        if origin == "village":
            return _("发包方代农户提出申请")
        named = both((self.case_type.about["start"]["origins"].get(origin) or {}).get("title"))
        return named if origin != "self" and named else _("承包方提出申请")

    def title(self, fact: Fact) -> Markup | str:
        step = self._step(fact)
        match fact.kind:
            case events.CASE_STARTED:
                return self._begun(str(fact.payload.get("origin") or "self"))
            case events.TASK_COMPLETED:
                decided = self.decision(fact.payload)
                return (
                    _("办理“%(step)s”：%(decision)s", step=step, decision=decided)
                    if decided
                    else _("办理“%(step)s”", step=step)
                )
            case events.TIMER_FIRED if self._is_exact(fact):
                return _("到了“%(time)s”的时间", time=self._deadline(fact))
            case events.TIMER_FIRED:
                return _("%(period)s期满", period=self._deadline(fact))
            case events.EVENT_RECEIVED:
                return received_words(fact.payload, self.case_type.acts)
            case events.CASE_MIGRATED:
                return _("办件迁移到流程的新版本")
            case events.MIGRATION_UNDONE:
                return _("撤回流程版本的迁移")
            case events.TASK_CLAIMED:
                return _("签收“%(step)s”", step=step)
            case events.TASK_RELEASED:
                return _("放弃签收“%(step)s”", step=step)
            case events.TASK_REASSIGNED:
                return reassigned_words(step, fact.payload)
            case events.TASK_REMINDED:
                return _("催办“%(step)s”", step=step)
            case events.DEADLINE_PASSED:
                return _("“%(period)s”时限已过", period=self._deadline(fact))
        return self.line(fact) or fact.kind

    def decision(self, payload: dict[str, Any]) -> str:
        """The conclusion that was chosen, as the form words it."""
        data = payload.get("data") or {}
        if not payload.get("form") or not isinstance(data.get("decision"), str):
            return ""
        lines = self.known.form(payload["form"]).summary({"decision": data["decision"]}, lang())
        return lines[0].value if lines else ""

    def _following(self, moment: Moment) -> list[Markup | str]:
        """What followed, materials in one line and clocks told once."""
        lines: list[Markup | str] = []
        opinion = (moment.first.payload.get("data") or {}).get("opinion")
        if moment.first.kind == events.TASK_COMPLETED and isinstance(opinion, str) and opinion:
            lines.append(_("意见：%(text)s", text=opinion))
        if moment.first.kind == events.TASK_REASSIGNED:
            lines.append(_("原因：%(text)s", text=moment.first.payload.get("reason", "")))
        if moment.first.payload.get("same_person"):
            lines.append(_("本环节与本单位上一环节由同一人办理"))
        added = [f for f in moment.then if f.kind == events.MATERIAL_ADDED]
        if added:
            lines.append(Markup("{}{}").format(_("收到材料："), self._materials(added)))
        seen: set[str] = set()
        for fact in moment.then:
            once = fact.kind in (events.DEADLINE_STOPPED, events.DEADLINE_RESUMED)
            if fact.kind == events.MATERIAL_ADDED or (once and fact.kind in seen):
                continue
            seen.add(fact.kind)
            line = self.line(fact)
            if line:
                lines.append(line)
        return lines

    def line(self, fact: Fact) -> Markup | str | None:
        told = fact.payload
        match fact.kind:
            case events.TASK_OPENED:
                place = position_words(f"{told.get('role', '')}@{told.get('office', '')}", self.places)
                return _("转到“%(step)s”，由%(who)s办理", step=self._step(fact), who=place)
            case events.TASK_CANCELLED:
                return _("“%(step)s”随流程变化取消", step=self._step(fact))
            case events.PAPER_ISSUED:
                return Markup("{}{}").format(
                    _("出具"), self._paper(told.get("paper", ""), told.get("number", ""))
                )
            case events.ERROR_FOUND:
                return _("备案后发现错误：%(finding)s", finding=told.get("finding", ""))
            case events.ERROR_ANSWERED:
                return _("核对后不作更正：%(answer)s", answer=told.get("answer", ""))
            case events.CORRECTION_OPENED:
                return Markup("{} {}").format(_("由另一件更正："), case_link(told.get("case", "")))
            case events.CORRECTS:
                findings = "；".join(told.get("findings", []))
                what = (
                    _("更正备案的办件：%(findings)s", findings=findings)
                    if findings
                    else _("更正备案的办件：")
                )
                return Markup("{} {}").format(what, case_link(told.get("case", "")))
            case events.PAPERS_VOIDED:
                return _("文书作废：%(papers)s", papers="、".join(told.get("papers", [])))
            case events.PARTIES_INVITED:
                names = [row["name"] for row in told.get("parties", [])]
                return _("请各方在手机上签名：%(names)s", names="、".join(names))
            case events.PARTIES_REMINDED:
                return _("提醒还没有签名的：%(names)s", names="、".join(told.get("parties", [])))
            case events.SIGNATURE_MADE:
                party = in_words_of(party_words(told.get("party", "")), _)
                return _("%(party)s %(name)s 电子签名", party=party, name=told.get("signer", ""))
            case events.PAPER_SEALED:
                return Markup("{}{}").format(_("加盖电子签章："), self._paper(told.get("paper", ""), ""))
            case events.MATERIAL_ADDED:
                return Markup("{}{}").format(_("收到材料："), self._materials([fact]))
            case events.INCIDENT_RAISED:
                return _("有一项系统工作没有办成，已转系统管理人员处理")
            case events.INCIDENT_RETRIED:
                return _("没有办成的系统工作已重新办理")
            case events.OPERATION_FAILED:
                return failed_words(step=self._step(fact), told=told)
            case events.DEADLINE_STOPPED:
                if told.get("suspended"):
                    return _("办理中止，期限停止计算")
                return _("补正期间，办理时限暂停计算")
            case events.DEADLINE_RESUMED:
                return _("办理时限恢复计算")
            case events.CHANGESET_APPLIED:
                return written_words(told)
            case events.PUBLICITY_OPENED:
                start, end = (FILTERS["day"](told.get(which)) for which in ("starts_on", "ends_on"))
                return _("开始公示：%(start)s 至 %(end)s", start=start, end=end)
            case events.PUBLICITY_CLOSED:
                return _("公示结束：%(outcome)s", outcome=objection_outcome(str(told.get("outcome"))))
            case events.PUBLICITY_PROVED:
                return _("上传公示现场照片：%(place)s", place=told.get("place", ""))
            case events.OBJECTION_RAISED:
                return _("登记第%(number)s号异议", number=told.get("number", ""))
            case events.OBJECTION_SETTLED:
                outcome = objection_outcome(str(told.get("outcome")))
                return _("第%(number)s号异议：%(outcome)s", number=told.get("number", ""), outcome=outcome)
            case events.CASE_REMINDED:
                return _("承包方催办“%(step)s”", step=self._step(fact))
            case events.PARTY_SAID:
                title = FILTERS["both"](told.get("title") or {})
                return _("%(party)s在网上办理：%(title)s", party=told.get("party", ""), title=title)
            case events.HANDED_OVER:
                return _("移交登记机构，业务号 %(key)s", key=told.get("key", ""))
            case events.FEED_WRITTEN:
                return _(
                    "接入业务编码 %(code)s，业务流水号 %(serial)s",
                    code=told.get("code", ""),
                    serial=told.get("serial", ""),
                )
            case events.RECEIPT_RECORDED:
                return receipt_words(told)
            case events.MESSAGE_QUEUED:
                return _("短信通知承包方")
            case events.CASE_ENDED:
                return ending_words(str(told.get("status")))
            case events.TASK_COMPLETED | events.TASK_CLAIMED | events.TASK_RELEASED:
                return self.title(fact)
            case events.TASK_REASSIGNED | events.TASK_REMINDED:
                return self.title(fact)
            case events.CASE_MIGRATED | events.MIGRATION_UNDONE:
                return self.title(fact)
            case events.TIMER_FIRED | events.CASE_STARTED | events.DEADLINE_PASSED | events.EVENT_RECEIVED:
                return self.title(fact)
        return None

    def _materials(self, facts: list[Fact]) -> Markup:
        return Markup(_("、")).join(
            self._paper(f.payload.get("paper", ""), f.payload.get("name") or "") for f in facts
        )

    def _paper(self, paper_id: str, otherwise: str) -> Markup:
        title, href = self.papers.get(paper_id, (otherwise, ""))
        if not href:
            return Markup("{}").format(title)
        return Markup('<a class="govuk-link" href="{}">{}</a>').format(href, title)

    def _step(self, fact: Fact) -> str:
        form = fact.payload.get("form")
        if lang() == "en" and form:
            return self.known.form(form).title.for_lang("en")
        if lang() == "en" and fact.element in self.case_type.form_names:
            return self.known.form(fact.element or "").title.for_lang("en")
        return element_name(self.known, fact.element)

    def _is_exact(self, fact: Fact) -> bool:
        """A time that the model states itself: no row of the parameters is called so."""
        return fact.payload.get("name") not in self.case_type.deadlines

    def _deadline(self, fact: Fact) -> str:
        name = fact.payload.get("name", "")
        if name and self._is_exact(fact):
            return time_words(name)
        return deadline_title(self.case_type, name) or element_name(self.known, fact.element)


def reassigned_words(step: str, told: dict[str, Any]) -> str:
    """转办“乡镇审核”：由王某转给李某."""
    if told.get("from_name"):
        return _(
            "转办“%(step)s”：由%(giver)s转给%(taker)s",
            step=step, giver=told["from_name"], taker=told.get("to_name", ""),
        )  # fmt: skip
    return _("分派“%(step)s”给%(taker)s", step=step, taker=told.get("to_name", ""))


def ending_words(status: str) -> str:
    words = {
        "rejected": _("不予办理，办件结束"),
        "withdrawn": _("申请人撤回，办件结束"),
        "lapsed": _("逾期终止，办件结束"),
    }
    return words.get(status) or _("办件办结")


def objection_outcome(outcome: str) -> str:
    words = {
        "none": _("无异议"),
        "open": _("待处理"),
        "dismissed": _("异议不成立"),
        "upheld": _("异议成立"),
        "withdrawn": _("异议人撤回异议"),
        "repeated": _("改正后重新公示"),
    }
    return words.get(outcome, outcome)


def receipt_words(told: dict[str, Any]) -> str:
    if told.get("outcome") == "accepted":
        return _("登记机构准予登记，登记编号 %(number)s", number=told.get("number") or "")
    return _("登记机构退回：%(reason)s", reason=told.get("reason") or "")


def received_words(told: dict[str, Any], acts: Mapping[str, dict[str, Any]]) -> str:
    """An act has its title; what other offices and the system send is said in words, anything else by its name."""
    name = told.get("name", "")
    act = next((act for act in acts.values() if act["message"] == name), None)
    if act is not None:
        return both(act["title"])
    known = {
        "registry_receipt": _("收到登记机构的回执"),
        "contract_sealed": _("电子签章完成"),
        "survey_result": _("收到测绘结果"),
        "deal_signed": _("各方已签齐"),
        "withdrawal": _("申请人要求撤回"),
    }
    if name in known:
        return known[name]
    if told.get("kind") == "signal":
        return _("收到信号“%(name)s”", name=told.get("name", ""))
    return _("收到消息“%(name)s”", name=told.get("name", ""))


def failed_words(step: str, told: dict[str, Any]) -> str:
    """An operation that ended in an error of the business, which the model goes on from."""
    code, detail = told.get("code", ""), told.get("detail", "")
    if detail:
        return _("“%(step)s”没有办成（%(code)s）：%(detail)s", step=step, code=code, detail=detail)
    return _("“%(step)s”没有办成（%(code)s）", step=step, code=code)
