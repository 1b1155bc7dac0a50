"""A case's records in words: who, when, what was entered and what it changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from engine.domain import events, masking
from engine.queries.audit import Record
from engine.queries.timeline import Fact
from engine.usecases.procedures import Procedure
from web.i18n import N_, lang
from web.inbox.history_words import Teller, failed_words
from web.inbox.words import element_name, position_words

FAULTS = {"missing": N_("缺少前面的记录"), "event": N_("记录被改动"), "payload": N_("内容被改动")}

SUBJECTS = {
    "case": N_("办件"),
    "audit": N_("办件的记录"),
    "contractor": N_("承包方"),
    "parcel": N_("地块"),
    "contract": N_("承包合同"),
    "entry": N_("登记簿"),
    "party": N_("发包方"),
    "paper": N_("文书或材料"),
    "map": N_("地图"),
    "ledger": N_("台账"),
    "search": N_("查找"),
    "quality": N_("质检结果"),
    "package": N_("成果包"),
    "archive": N_("案卷"),
    "hand_over": N_("登记移交"),
    "hand_overs": N_("登记移交清单"),
    "signing": N_("签名记录"),
    "destruction": N_("权证销毁清单"),
    "supervision": N_("流转监管清单"),
    "inbox": N_("待办清单"),
    "feed": N_("报送报文"),
}
KEYS = {  # what payloads call their parts
    "area": N_("面积（平方米）"),
    "error": N_("原文"),
    "of": N_("要办的事"),
    "from": N_("原版本"),
    "to": N_("新版本"),
    "harmless": N_("声明无妨的改动"),
    "tasks": N_("任务"),
    "given_up": N_("终止的期限"),
    "audience": N_("交给"),
    "changes": N_("变更"),
    "code": N_("编码"),
    "contract_code": N_("合同编码"),
    "contractor_code": N_("承包方编码"),
    "detail": N_("详情"),
    "due_at": N_("到期"),
    "ends_on": N_("结束日期"),
    "findings": N_("核查发现"),
    "form": N_("表单"),
    "publicity": N_("公示"),
    "objection": N_("异议"),
    "objections": N_("异议件数"),
    "category": N_("类别"),
    "channel": N_("提出方式"),
    "round": N_("第几次"),
    "place": N_("地点"),
    "suspended": N_("办理中止"),
    "kind": N_("种类"),
    "length": N_("时长"),
    "message": N_("说明"),
    "name": N_("名称"),
    "number": N_("文号"),
    "office": N_("办理单位"),
    "outcome": N_("结果"),
    "outline": N_("界线"),
    "paper": N_("文书"),
    "parcel_code": N_("地块编码"),
    "parcel_count": N_("地块数"),
    "parcels": N_("地块"),
    "payload": N_("消息内容"),
    "places": N_("张贴地点"),
    "previous_code": N_("原合同编码"),
    "record": N_("记录对象"),
    "register_entry": N_("登记簿代码"),
    "role": N_("角色"),
    "rule": N_("规则"),
    "serial": N_("权证编号"),
    "size": N_("字节数"),
    "starts_on": N_("开始日期"),
    "status": N_("状态"),
    "subject": N_("事由"),
    "template": N_("模板"),
    "term_end": N_("承包期止"),
    "term_start": N_("承包期起"),
    "told": N_("已告知"),
    "topic": N_("操作"),
    "total_area": N_("总面积（平方米）"),
    "total_mu": N_("总面积（亩）"),
    "type": N_("类型"),
    "unit": N_("单位"),
    "verify_code": N_("核验码"),
    "way": N_("承包方式"),
}


def subject_words(subject: str) -> str:
    """What somebody looked at: 办件 9901…; a search's words as they are."""
    kind, _colon, which = subject.partition(":")
    return f"{_(SUBJECTS[kind])} {which}".rstrip() if kind in SUBJECTS else subject


@dataclass(frozen=True)
class Row:
    seq: int
    at: datetime
    who: str
    title: str
    element: str
    entered: list[Any]  # answers of a form, as form.summary gives them
    facts: list[tuple[str, str]]  # what else the record says
    hash: str
    fault: str | None
    is_command: bool


class Recorded:
    """``named``: division -> place; ``files``: paper id -> file name."""

    def __init__(self, known: Procedure, named: dict[str, str], files: dict[str, str]):
        self.known, self.named = known, named
        self.context = {"files": {number: {"name": name} for number, name in files.items()}}
        self.teller = Teller(known, {}, named)

    def rows(self, records: list[Record]) -> list[Row]:
        return [self._row(record) for record in records]

    def _row(self, record: Record) -> Row:
        link, payload = record.link, record.payload or {}
        fact = Fact(link.kind, payload, link.element, link.task_number)
        who = link.actor_name
        if link.position and link.actor != "system":
            who = f"{who}（{position_words(link.position, self.named)}）"
        return Row(
            link.seq,
            link.at,
            who,
            self._title(fact) if record.payload is not None else _("内容已依法删除"),
            element_name(self.known, link.element) if link.element else "",
            self._entered(fact),
            self._facts(fact),
            record.hash,
            _(FAULTS[record.fault]) if record.fault else None,
            record.is_command,
        )

    def _title(self, fact: Fact) -> str:
        match fact.kind:
            case events.OPERATION_DONE:
                return _("系统完成“%(step)s”", step=element_name(self.known, fact.element))
            case events.OPERATION_FAILED:
                told = {"code": fact.payload.get("code", "")}
                return failed_words(element_name(self.known, fact.element), told)
            case events.CHANGESET_SET:
                return _("拟作的登记变更已确定")
            case events.PAPER_PRINTED:
                return _("文书已生成")
            case events.DEADLINE_STARTED:
                return _("期限开始计算")
            case events.INCIDENT_RAISED:
                return _("系统多次没有办成，转由管理员处理")
            case events.INCIDENT_RETRIED:
                return _("管理员安排再试")
        return self.teller.title(fact)

    def _entered(self, fact: Fact) -> list[Any]:
        """The answers of the form that this record carries."""
        data = masking.answers(fact.payload.get("data"))
        if fact.kind == events.TASK_COMPLETED and fact.payload.get("form"):
            return self.known.form(fact.payload["form"]).summary(data, lang(), self.context)
        if fact.kind == events.CASE_STARTED and data:
            start = self.known.start_form(fact.payload.get("origin", "self"))
            return start.summary(data.get(self.known.case_type.start_variable, {}), lang(), self.context)
        return []

    def _facts(self, fact: Fact) -> list[tuple[str, str]]:
        """The rest of the payload, flat, without the engine's path."""
        if fact.kind in (events.TASK_COMPLETED, events.CASE_STARTED):
            return [(_("流程版本"), fact.payload["version"][:12])] if "version" in fact.payload else []
        told = fact.payload.get("result") if fact.kind == events.OPERATION_DONE else fact.payload
        return list(flat(told or {}))


def flat(told: Any, name: str = "", depth: int = 6):
    """(name, value) of every leaf: 变更1 承包期止, 2056-12-31."""
    if isinstance(told, dict) and depth:
        for key, value in told.items():
            if key != "path":
                said = _(KEYS[key]) if key in KEYS else key
                yield from flat(value, f"{name} {said}".strip(), depth - 1)
    elif isinstance(told, list) and depth:
        for place, value in enumerate(told, 1):
            yield from flat(value, f"{name} {place}".strip(), depth - 1)
    elif told not in (None, ""):
        yield name, str(told)[:500]
