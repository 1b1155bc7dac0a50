"""What stands against a change. Text, rule id, severity and source are data (``data/changes.yaml``)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from engine.domain.from_yaml import read_yaml
from engine.domain.said import Said, say, several

ERROR, WARNING = "error", "warning"
BLOCKS = tuple(f"blocked_{kind}" for kind in ("dispute", "mortgage", "seizure", "transfer", "case"))


@dataclass(frozen=True)
class Finding:
    """Which rule, on which record (its code), and what to do: ``text`` with its ``facts`` is ``message``."""

    rule: str
    record: str
    text: str  # Chinese, with %(name)s places; the key of its translation
    facts: dict[str, Any]
    severity: str = ERROR

    @property
    def message(self) -> str:
        return self.text % self.facts if self.facts else self.text

    @property
    def said(self) -> Said:
        return say(self.text, **self.facts)

    def as_json(self) -> dict[str, Any]:
        facts = {name: str(value) for name, value in self.facts.items()}
        return {
            "rule": self.rule,
            "record": self.record,
            "message": self.message,
            "text": self.text,
            "facts": facts,
            "severity": self.severity,
        }


@dataclass(frozen=True)
class Rule:
    id: str
    severity: str
    message: str
    source: str
    verify: bool


def finding(name: str, record: str, /, **facts: Any) -> Finding:
    """``name``: of the rule in the data file."""
    rule = rules()[name]
    return Finding(rule.id, record, rule.message, facts, rule.severity)


def errors(findings: list[Finding]) -> list[Finding]:
    """Those that forbid the change; warnings stand beside the decision."""
    return [found for found in findings if found.severity == ERROR]


def told(findings: Iterable[Finding], most: int = 5, unnamed: str = "") -> Said:
    """The first of them, each with the record that it is about, for a sentence that refuses.

    ``unnamed``: a number that means nothing yet to whom it is told, of the case that is being begun.
    """
    return several(
        one.said if one.record == unnamed else say("%(record)s %(why)s", record=one.record, why=one.said)
        for one in list(findings)[:most]
    )


def by_any(found: Finding, names: Iterable[str]) -> bool:
    """Whether one of these rules of the data file found it: several of them share an id, none a text."""
    return found.text in {rules()[name].message for name in names}


@cache
def settings() -> dict[str, Any]:
    data: dict[str, Any] = read_yaml(files("engine.domain").joinpath("data/changes.yaml").read_text("utf-8"))
    return data


@cache
def rules() -> dict[str, Rule]:
    return {
        name: Rule(
            row["id"], row.get("severity", ERROR), row["message"], row["source"], bool(row.get("verify"))
        )
        for name, row in settings()["rules"].items()
    }


def limit(name: str) -> Any:
    """A tolerance or legal number of the data file, in the unit that is named there."""
    return settings()["limits"][name]["value"]
