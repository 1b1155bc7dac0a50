"""Findings in words: rules in the reader's language, records without identity numbers."""

import re

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.domain.said import read_again
from engine.exchange import standard
from engine.exchange.checks.identity import identity_problem
from engine.exchange.findings import rules
from engine.queries.quality import visible_finding
from engine.store.tables.quality import QualityFinding
from web.i18n import N_, in_words, lang

STATES = {
    "open": (N_("待处理"), "earth"),
    "fixed": (N_("已更正"), "green"),
    "no_fault": (N_("不是问题"), "grey"),
}
SEVERITIES = {"error": (N_("错误"), "red"), "warning": (N_("警告"), "earth")}
SOURCES = {"register": N_("登记簿"), "package": N_("成果包")}
_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")


def rule_title(rule: str) -> str:
    known = rules().get(rule)
    return known[lang()] if known else rule


def message_of(found: QualityFinding) -> str:
    """In the reader's language where it was said so that it can be; identity numbers masked."""
    said = found.said
    text = in_words(read_again(said)) if said else found.message
    return without_numbers(text)


def record_of(found: QualityFinding) -> str:
    return without_numbers(found.record) or "—"


def without_numbers(text: str) -> str:
    """Contractor codes have 18 digits as well, but no birth date and check digit that fit."""
    return _NUMBER.sub(lambda m: m[0] if identity_problem(m[0]) else masking.number(m[0]), text)


def table_title(name: str | None) -> str:
    if name in standard.layers() or name in standard.tables():
        return standard.spec(str(name)).title[lang()]
    return name or "—"


def field_title(table: str | None, field: str | None) -> str:
    """As the standard calls it, in Chinese; the code beside it."""
    if not field:
        return ""
    try:
        return f"{standard.spec(str(table)).field(field).title} {field}" if lang() == "zh" else field
    except KeyError:
        return field


def asked_finding(session: Session, actor: Actor) -> dict[str, str] | None:
    """The finding that the address of a new case names, as rule and message; None where it names none of the scope."""
    asked = request.args.get("finding", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        return None
    try:
        found = visible_finding(session, actor, int(asked))
    except NotFound:
        return None
    return {"rule": found.rule, "message": f"{record_of(found)} {message_of(found)}"}


def state_words(state: str) -> str:
    return _(STATES[state][0])
