"""The county's rules and tolerances: what is in force, set by the data steward, with who changed it and why."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from engine.domain.errors import Invalid
from engine.exchange import standard
from engine.exchange.check_register import own_settings
from engine.exchange.checks.settings import settings_of, tolerances
from engine.exchange.findings import rules
from engine.queries import quality as queries
from engine.usecases.settle_finding import set_quality_settings
from web.auth import needs
from web.db import office_session, running
from web.errors import faults_of
from web.i18n import lang
from web.inbox.shell import printable
from web.quality.blueprint import blueprint
from web.quality.words import rule_title

FIELD_RULES = ("A01", "A02", "A03", "A07", "A09", "A10", "A12")  # whose fields can be left alone


@blueprint.get("/quality/settings")
@needs("packages")
def settings():
    own = own_settings(office_session(), g.actor.county)
    return _page(own, {}, "")


@blueprint.post("/quality/settings")
@needs("packages")
def set_settings():
    """Nothing changes when one value is bad; what was typed is kept."""
    session, asked = office_session(), typed()
    reason = printable(request.form.get("reason", ""))
    try:
        set_quality_settings(session, running().clock, g.actor, asked, reason)
        session.commit()
    except Invalid as error:
        session.rollback()
        errors = faults_of(error)
        return _page(asked, errors, reason), 422
    flash(_("质检设置已保存，下次质检起使用"), "success")
    return redirect(url_for("quality.settings"), 303)


def typed() -> dict[str, Any]:
    """The form as settings. A number that is none stays the text that it is, to be refused by name."""
    form = request.form
    found: dict[str, Any] = {"rules": {}, "tolerances": {}, "fields": {}}
    for rule, entry in rules().items():
        if not entry.get("firm"):
            on = form.get(f"on-{rule}") == "1"
            found["rules"][rule] = {"on": on, "severity": form.get(f"severity-{rule}", entry["severity"])}
    for name in tolerances():
        text = form.get(f"tolerance-{name}", "").strip()
        if text:
            found["tolerances"][name] = _number(text)
    for rule in FIELD_RULES:
        names = form.get(f"fields-{rule}", "").replace("，", " ").replace(",", " ").replace("、", " ").split()
        if names:
            found["fields"][rule] = [name.upper() for name in names]
    return found


def _number(text: str) -> float | int | str:
    try:
        value = float(text)
    except ValueError:
        return text[:40]
    return int(value) if abs(value) < 1e9 and value == int(value) else value


def _page(own: dict[str, Any], errors: dict[str, list[str]], reason: str) -> str:
    session = office_session()
    defaults = settings_of(None)
    return render_template(
        "quality/settings.html",
        rules=rules(),
        rule_title=rule_title,
        tolerances=tolerances(),
        defaults=defaults,
        own={"rules": {}, "tolerances": {}, "fields": {}} | own,
        field_rules=FIELD_RULES,
        errors=errors,
        reason=reason,
        changes=queries.settings_changes(session, g.actor),
        described=described,
        lang_name=lang(),
    )


def described(settings: dict[str, Any]) -> list[str]:
    """Own settings in words, for the record of changes."""
    lines = []
    for rule, entry in (settings.get("rules") or {}).items():
        if entry.get("on") is False:
            lines.append(_("%(rule)s 停用", rule=rule))
        if "severity" in entry:
            severity = _("警告") if entry["severity"] == "warning" else _("错误")
            lines.append(_("%(rule)s 为%(severity)s", rule=rule, severity=severity))
    for name, value in (settings.get("tolerances") or {}).items():
        if name in tolerances():
            lines.append(f"{tolerances()[name][lang()]} {value:g} {_unit(name)}")
    for rule, names in (settings.get("fields") or {}).items():
        titles = [f"{name}（{_field(name)}）" for name in names]
        lines.append(_("%(rule)s 不检查 %(names)s", rule=rule, names="、".join(titles)))
    return lines


def _unit(name: str) -> str:
    units = {"m": _("米"), "m2": _("平方米"), "mu": _("亩"), "years": _("年")}
    return units.get(tolerances()[name]["unit"], tolerances()[name]["unit"])


def _field(name: str) -> str:
    table, _dot, field = name.partition(".")
    return standard.spec(table).field(field).title
