"""A case's records in words: who, when, what was entered and what it changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from engine.domain import events
from engine.queries.audit import Record
from engine.queries.timeline import Fact
from engine.usecases.procedures import Procedure
from web.i18n import N_, lang
from web.inbox.words import Teller, element_name, position_words

FAULTS = {"missing": N_("缺少前面的记录"), "event": N_("记录被改动"), "payload": N_("内容被改动")}


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
    def __init__(self, known: Procedure, named: dict[str, str]):
        self.known, self.named = known, named
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
            case events.CHANGESET_SET:
                return _("拟作的登记变更已确定")
            case events.PAPER_PRINTED:
                return _("文书已生成")
            case events.DEADLINE_STARTED:
                return _("期限开始计算")
        return self.teller.title(fact)

    def _entered(self, fact: Fact) -> list[Any]:
        """The answers of the form that this record carries."""
        data = fact.payload.get("data")
        if fact.kind == events.TASK_COMPLETED and fact.payload.get("form"):
            return self.known.form(fact.payload["form"]).summary(data, lang())
        if fact.kind == events.CASE_STARTED and data:
            start = self.known.start_form(fact.payload.get("origin", "self"))
            return start.summary(data.get(self.known.case_type.start_variable, {}), lang())
        return []

    def _facts(self, fact: Fact) -> list[tuple[str, str]]:
        """The rest of the payload, flat, without the engine's path."""
        if fact.kind in (events.TASK_COMPLETED, events.CASE_STARTED):
            return [(_("流程版本"), fact.payload["version"][:12])] if "version" in fact.payload else []
        told = fact.payload.get("result") if fact.kind == events.OPERATION_DONE else fact.payload
        return list(flat(told or {}))


def flat(told: Any, name: str = "", depth: int = 4):
    """(name, value) of every leaf: changes[0].term_end, 2056-12-31."""
    if isinstance(told, dict) and depth:
        for key, value in told.items():
            if key != "path":
                yield from flat(value, f"{name}.{key}" if name else key, depth - 1)
    elif isinstance(told, list) and depth:
        for place, value in enumerate(told):
            yield from flat(value, f"{name}[{place}]", depth - 1)
    elif told not in (None, ""):
        yield name, str(told)[:500]
