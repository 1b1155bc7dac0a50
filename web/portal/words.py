"""A published case in the reader's words."""

from typing import Any

from flask_babel import gettext as _

from engine.store.tables.portal import CaseView
from web.i18n import FILTERS

both, day = FILTERS["both"], FILTERS["day"]


def turn_of(view: CaseView) -> dict[str, Any]:
    """For ui.whose_turn: title, who, until, action, state."""
    turn = view.turn
    yours = bool(view.todo) or bool(turn.get("yours"))
    state = "done" if view.status != "open" else "you" if yours else "them"
    until = day(turn.get("due_on")) if turn.get("due_on") else None
    if until and turn.get("due_kind") == "period":
        until = _("公示到%(day)s", day=until)
    if view.status != "open":
        until = _("已经办结")
    return {
        "title": both(turn["text"]),
        "who": both(turn["office"]),
        "until": until,
        "action": both(turn["todo"]) if turn.get("todo") else None,
        "state": state,
    }


def steps_of(view: CaseView) -> list[dict[str, Any]]:
    """For ui.steps: name, office, when, state."""
    return [
        {
            "name": both(step["title"]),
            "office": both(step["office"]),
            "when": _when(step),
            "state": "done" if step["state"] == "ended" else step["state"],
        }
        for step in view.steps
    ]


def _when(step: dict[str, Any]) -> str:
    if step["state"] == "ended":
        return _("%(day)s办结", day=day(step["on"])) if step.get("on") else ""
    if step["state"] == "done":
        return _("%(day)s完成", day=day(step["on"])) if step.get("on") else _("已完成")
    return _("预计不晚于%(day)s", day=day(step["expected"])) if step.get("expected") else ""
