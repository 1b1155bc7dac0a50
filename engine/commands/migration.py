"""`tianqi process migrate`: open cases to the version in force. Without a flag it only plans."""

import json
from collections.abc import Callable
from typing import Any

import click

from engine.bootstrap import App
from engine.bpmn.migration import Reason
from engine.commands.environment import application
from engine.commands.people import acting_as
from engine.domain.actor import Actor
from engine.domain.errors import DomainError
from engine.store import versions
from engine.usecases.migration import (
    MOVED,
    Group,
    Moved,
    Planned,
    Summary,
    migrate_cases,
    plan_migration,
    rehearse,
    undo_migrations,
)

PLAN, REHEARSE, APPLY, UNDO = "plan", "rehearse", "apply", "undo"
CAME = {
    "movable": "可以迁移 can move",
    "not_movable": "不能迁移 cannot",
    "moved": "已迁移 moved",
    "refused": "不能迁移 refused",
    "went_on": "此间又办理过 went on since",
    "failed": "失败 failed",
}


@click.command(
    "migrate",
    help="把办理中的办件迁到启用的版本 / Move open cases to the version in force.\n\n"
    "不带参数只列计划；--rehearse 逐件试做并全部退回；--apply 迁移；--undo 撤回迁移后没有再办理的。",
)
@click.argument("case_type")
@click.option("--by", required=True, help="流程管理员的账号 / Account of a procedure administrator.")
@click.option("--plan", "does", flag_value=PLAN, default=True)
@click.option("--rehearse", "does", flag_value=REHEARSE)
@click.option("--apply", "does", flag_value=APPLY)
@click.option("--undo", "does", flag_value=UNDO)
@click.option(
    "--harmless", multiple=True, metavar="ELEMENT", help="声明这个已办过的元素的改动无妨 / Declared harmless."
)
@click.option("--most", type=click.IntRange(1), default=None, help="最多多少件 / At most so many cases.")
@click.option(
    "--json", "as_json", is_flag=True, help="每件一行 JSON，最后一行为汇总 / One JSON line per case."
)
@click.pass_context
def migrate(
    context: click.Context,
    case_type: str,
    by: str,
    does: str,
    harmless: tuple[str, ...],
    most: int | None,
    as_json: bool,
) -> None:
    with application() as running:
        try:
            with running.sessions() as session:
                actor = acting_as(session, by, running.clock.now())
            summary = done(running, actor, case_type, does, harmless, most, as_json)
        except DomainError as fault:
            raise click.ClickException(str(fault)) from None
    if as_json:
        click.echo(json.dumps({"summary": summary.as_dict()}, ensure_ascii=False))
    else:
        for line in told(summary):
            click.echo(line)
    context.exit(1 if summary.count("failed") else 0)


def done(
    running: App,
    actor: Actor,
    case_type: str,
    does: str,
    harmless: tuple[str, ...],
    most: int | None,
    as_json: bool,
) -> Summary:
    each: Callable[[Moved], None] = tell_json if as_json else tell
    if does == UNDO:
        return undo_migrations(running, actor, case_type, each, most)
    with running.sessions(actor.county) as session:
        version = versions.version_in_force(session, actor.county, case_type)
    summary, planned = Summary(), list[Planned]()
    for one in plan_migration(running, actor.county, case_type, harmless, most):
        if one.movable:
            planned.append(one)
        summary.add(one.number, "movable" if one.movable else "not_movable", one.reasons)
        if as_json and does == PLAN:
            click.echo(json.dumps(one.as_dict(), ensure_ascii=False))
    if does == PLAN:
        return summary
    act = migrate_cases if does == APPLY else rehearse
    came = act(running, actor, case_type, version, planned, harmless, each)
    came.reasons |= summary.reasons
    came.came["not_movable"] = summary.came.get("not_movable", Group())
    return came


def tell_json(moved: Moved) -> None:
    click.echo(json.dumps(moved.as_dict(), ensure_ascii=False))


def tell(moved: Moved) -> None:
    changes: list[Any] = [f"任务 task {row['element']}: {row['changes']}" for row in moved.tasks]
    changes += [f"开始期限 begins {row['name']} {row['due_at']}" for row in moved.begun]
    changes += [f"终止期限 ends {moved.given_up}"] if moved.given_up else []
    more = "；".join(changes) if moved.came == MOVED else moved.message
    click.echo(f"{moved.number}  {CAME[moved.came]}  {more}".rstrip())


def told(summary: Summary) -> list[str]:
    counts = "  ".join(f"{CAME[came]} {group.count}" for came, group in summary.came.items() if group.count)
    lines = [counts or "没有要迁移的办件 / no open case runs on another version"]
    lines += [reason_line(reason, group) for reason, group in summary.by_reason()]
    return lines


def reason_line(reason: Reason, group: Group) -> str:
    more = "…" if group.count > len(group.examples) else ""
    over = f"  (--harmless {reason.element})" if reason.over else ""
    return (
        f"  ×{group.count}  [{reason.element or ''}] {reason.message} → {reason.fix}{over}"
        f"  ({', '.join(group.examples)}{more})"
    )
