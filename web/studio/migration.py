"""Open cases of older versions: which can move to the version in force, why others cannot, and moving them."""

from dataclasses import dataclass
from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from engine.domain.errors import Conflict, DomainError
from engine.usecases.migration import (
    FAILED,
    MOVED,
    REFUSED,
    WENT_ON,
    Moved,
    Planned,
    Summary,
    migrate_cases,
    plan_migration,
    rehearse,
    undo_migrations,
)
from web.auth import needs
from web.db import running
from web.errors import message_of, status_of
from web.i18n import N_
from web.studio.blueprint import Desk, blueprint, desk, page

MOST = 100
"""Cases in one go: a page answers in seconds, and what is left is done in the next go."""
MOST_DECLARED = 100
LONGEST_ID = 200

CAME = {
    MOVED: N_("可以迁移"),
    REFUSED: N_("不能迁移"),
    WENT_ON: N_("此间又办理过"),
    FAILED: N_("失败"),
}


@dataclass(frozen=True)
class PlanView:
    """``more``: there are cases that were not looked at. ``harmless``: what is declared so."""

    planned: list[Planned]
    summary: Summary
    harmless: list[str]
    more: bool

    @property
    def movable(self) -> list[Planned]:
        return [one for one in self.planned if one.movable]


@blueprint.get("/studio/<case_type>/migration")
@needs("studio")
def migration(case_type: str):
    found = desk(case_type)
    return _page(found, plan_of(found, request.args.getlist("harmless")))


@blueprint.post("/studio/<case_type>/migration/<any(rehearse, apply, undo):act>")
@needs("studio")
def migrate(case_type: str, act: str):
    """Plans anew and goes by that; the version must be the one that was looked at."""
    found = desk(case_type)
    plan = plan_of(found, request.form.getlist("harmless"))
    try:
        if act != "undo" and request.form.get("version") != found.state.in_force.id:
            raise Conflict("base_changed", "此间又启用了新的版本，请重新计划")
        if act == "rehearse":
            seen: list[Moved] = []
            rehearse(
                running(),
                g.actor,
                case_type,
                found.state.in_force.id,
                plan.movable,
                plan.harmless,
                seen.append,
            )
            return _page(found, plan, rehearsed=seen)
        summary = _undo(case_type) if act == "undo" else _apply(found, plan)
    except DomainError as fault:
        return _page(found, plan, trouble=message_of(fault)), status_of(fault)
    flash(_told(act, summary), "success")
    return redirect(url_for("studio.migration", case_type=case_type), 303)


def _apply(found: Desk, plan: PlanView) -> Summary:
    return migrate_cases(running(), g.actor, found.name, found.state.in_force.id, plan.movable, plan.harmless)


def _undo(case_type: str) -> Summary:
    return undo_migrations(running(), g.actor, case_type, most=MOST)


def _told(act: str, summary: Summary) -> str:
    done, other = summary.count(MOVED), summary.total - summary.count(MOVED)
    if act == "undo":
        told = ngettext("已撤回 %(n)s 件", "已撤回 %(n)s 件", done, n=done)
    else:
        told = ngettext("已迁移 %(n)s 件", "已迁移 %(n)s 件", done, n=done)
    return told + (_("，另有 %(n)s 件没有动", n=other) if other else "")


def plan_of(found: Desk, harmless: list[str]) -> PlanView:
    harmless = [element[:LONGEST_ID] for element in harmless[:MOST_DECLARED]]
    summary, planned = Summary(), []
    for one in plan_migration(running(), g.actor.county, found.name, harmless, MOST):
        summary.add(one.number, MOVED if one.movable else REFUSED, one.reasons)
        planned.append(one)
    return PlanView(planned, summary, harmless, len(planned) == MOST)


def _page(found: Desk, plan: PlanView, **more: Any) -> str:
    numbers = {row.id: row.number for row in found.state.versions}
    return page("migration.html", found, "versions", plan=plan, numbers=numbers, came=CAME, most=MOST, **more)
