"""A published case in the reader's words."""

from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from engine.store.tables.portal import CaseView
from engine.store.tables.portal_public import PartyView
from web.i18n import FILTERS

both, day = FILTERS["both"], FILTERS["day"]


def turn_of(view: CaseView | PartyView) -> dict[str, Any]:
    """For ui.whose_turn: title, who, until, action, state."""
    if isinstance(view, PartyView):
        turn = view.told["turn"]
        yours = bool(view.told["acts"] and turn.get("todo"))
    else:
        turn = view.turn
        yours = bool(view.todo) or bool(turn.get("yours"))
    state = "done" if view.status != "open" else "you" if yours else "them"
    until = day(turn.get("due_on")) if turn.get("due_on") else None
    if until and turn.get("until"):
        until = both(turn["until"]) % {"day": until}
    elif until and turn.get("due_kind") == "period":
        until = _("公示到%(day)s", day=until)
    elif until and turn.get("due_kind") == "moment":
        until = _("等到%(day)s", day=until)
    if view.status != "open":
        until = _("已经办结")
    action = both(turn["todo"]) if turn.get("todo") else None
    if action is None and view.status != "open":
        action = _("不用，已经办完")
    return {
        "title": both(turn["text"]),
        "who": both(turn["office"]),
        "until": until,
        "action": action,
        "state": state,
    }


def steps_of(view: CaseView | PartyView) -> list[dict[str, Any]]:
    """For ui.steps: name, office, when, state."""
    rows = view.told["steps"] if isinstance(view, PartyView) else view.steps
    return [
        {
            "name": both(step["title"]),
            "office": both(step["office"]),
            "when": _when(step),
            "state": _appearance(step),
        }
        for step in rows
    ]


def _appearance(step: dict[str, Any]) -> str:
    """One that a case ended in is done, unless it came to nothing there."""
    if step["state"] != "ended":
        return str(step["state"])
    return "stopped" if step.get("said") else "done"


def _when(step: dict[str, Any]) -> str:
    """The day it was done, or is expected at the latest; a day is not broken."""
    if step.get("said"):
        said = both(step["said"])
        return Markup("{}，{}").format(said, _unbroken("%(day)s", step["on"])) if step.get("on") else said
    if step["state"] in ("done", "ended"):
        words = _("%(day)s办结") if step["state"] == "ended" else _("%(day)s完成")
        return _unbroken(words, step["on"]) if step.get("on") else _("已完成")
    return _unbroken(_("预计不晚于%(day)s"), step["expected"]) if step.get("expected") else ""


def _unbroken(words: str, iso_day: str) -> Markup:
    return escape(words) % {"day": Markup('<span class="tq-nowrap">{}</span>').format(day(iso_day))}
