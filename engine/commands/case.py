"""`tianqi case …`: start one from a file, show it, rebuild it from its events."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from engine.bootstrap import App
from engine.commands.environment import application
from engine.commands.people import acting_as
from engine.domain.actor import Actor
from engine.domain.errors import DomainError, Invalid
from engine.domain.roles import may
from engine.queries.scoped import visible_case
from engine.store import cases, history
from engine.usecases.archive_case import archive_package
from engine.usecases.deliver_event import deliver_message
from engine.usecases.note_read import note_read
from engine.usecases.replay_case import replay_case
from engine.usecases.send_signal import send_signal
from engine.usecases.start_case import start_case


@click.group("case", help="办件 / Cases.")
def group() -> None:
    pass


@group.command("start", help="发起办件 / Start a case; FILE holds {by, contractor, origin, answers} as JSON.")
@click.argument("case_type")
@click.option("--data", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def start(case_type: str, data: Path) -> None:
    try:
        given = json.loads(data.read_text("utf-8"))
        by, contractor = given["by"], given["contractor"]
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"{data} 应是含 by、contractor、answers 的 JSON：{error}") from None
    with application() as running:
        with running.sessions() as session:
            actor = acting_as(session, by, running.clock.now())
        with running.sessions(actor.scope) as session:
            try:
                started = start_case(
                    session,
                    running.clock,
                    actor,
                    case_type,
                    contractor,
                    given.get("origin", "village"),
                    given.get("answers", {}),
                )
            except Invalid as error:
                for name, messages in error.fields.items():
                    click.echo(f"  {name}: {'；'.join(messages)}", err=True)
                raise click.ClickException(error.message) from None
            except DomainError as error:
                raise click.ClickException(str(error)) from None
            session.commit()
    click.echo(json.dumps({"case": started.number, "lookup_code": started.lookup_code}, ensure_ascii=False))


@group.command("show", help="查看办件 / Show a case and its events.")
@click.argument("number")
@click.option("--json", "as_json", is_flag=True)
def show(number: str, as_json: bool) -> None:
    county = number[:6]
    with application() as running, running.sessions(county) as session:
        with refused_in_words():
            case = cases.find_case(session, county, number)
        told = history.read(session, county, case.id)
        tasks = cases.open_tasks(session, case)
        shown: dict[str, Any] = {
            "case": case.number,
            "case_type": case.case_type,
            "version": case.version_id,
            "status": case.status,
            "outcome": case.outcome,
            "tasks": [
                {"number": t.number, "element": t.element, "role": t.role, "office": t.office} for t in tasks
            ],
            "events": [
                {
                    "seq": link.seq,
                    "at": link.at.isoformat(),
                    "actor": link.actor_name,
                    "position": link.position,
                    "kind": link.kind,
                    "element": link.element,
                }
                for link, _ in told
            ],
        }
    if as_json:
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(f"{shown['case']}  {shown['case_type']}  {shown['status']}  {shown['outcome'] or ''}")
    for task in shown["tasks"]:
        click.echo(f"  待办 open  {task['number']}  {task['element']}  {task['role']}@{task['office']}")
    for event in shown["events"]:
        where = event["element"] or ""
        click.echo(
            f"  {event['seq']:>4}  {event['at'][:19]}  {event['kind']:<20} {where:<24} {event['actor']}"
        )


@group.command("message", help="给办件送消息 / Give a case a message that it waits for.")
@click.argument("number")
@click.argument("name")
@click.option("--payload", default="null", help="消息内容，JSON / what it says, as JSON")
@click.option("--key", default=None, help="区分键 / where several places of the case wait for it")
@click.option(
    "--by", required=True, help="县级经办人或管理员的用户名 / user name of an officer or administrator"
)
def message(number: str, name: str, payload: str, key: str | None, by: str) -> None:
    with application() as running, refused_in_words(), sending(running, by) as (session, actor):
        case = visible_case(session, actor, number)
        deliver_message(session, running.clock, actor, name, read_payload(payload), to=case.number, key=key)
        session.commit()
        click.echo(f"{number} 收到消息“{name}” / took the message")


@group.command("signal", help="向全县办件发信号 / Tell every case of the county that waits for the signal.")
@click.argument("name")
@click.option("--payload", default="null", help="信号内容，JSON / what it says, as JSON")
@click.option(
    "--by", required=True, help="县级经办人或管理员的用户名 / user name of an officer or administrator"
)
def signal(name: str, payload: str, by: str) -> None:
    with application() as running, refused_in_words(), sending(running, by) as (session, actor):
        told = send_signal(session, running.clock, actor, name, read_payload(payload))
        session.commit()
    click.echo(f"{told} 件办件在等待信号“{name}” / cases wait for the signal")


@contextmanager
def sending(running: App, by: str) -> Iterator[tuple[Session, Actor]]:
    """A transaction of somebody who may send messages and signals."""
    with running.sessions() as session:
        actor = acting_as(session, by, running.clock.now())
    if not may(actor.role, "events"):
        raise click.UsageError(f"{by} 不能发消息 / may not send messages")
    with running.sessions(actor.scope) as session:
        yield session, actor


def read_payload(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"--payload 应为 JSON：{error}") from None


@group.command("replay", help="按记录重建办件并比对 / Rebuild a case from its events and compare.")
@click.argument("number")
@click.option("--step", type=int, default=None)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def replay(context: click.Context, number: str, step: int | None, as_json: bool) -> None:
    county = number[:6]
    with application() as running, running.sessions(county) as session, refused_in_words():
        found = replay_case(session, county, number, step)
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        for place, one in enumerate(found.steps, 1):
            now = "、".join(one.current) or "—"
            click.echo(
                f"{place:>3}  {one.at[:19]}  {one.kind:<16} {one.element or '':<24} {one.actor}  → {now}"
            )
        for difference in found.differences:
            click.echo(f"不一致 difference: {difference}")
        if not found.differences:
            click.echo("重建结果与记录一致 / the rebuilt case equals the recorded one")
    context.exit(1 if found.differences else 0)


class refused_in_words:
    """A domain error becomes a clear sentence and exit code 1."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, DomainError):
            raise click.ClickException(str(error)) from None


@group.command(
    "archive", help="导出办结办件的电子档案 / Write an ended case's archive: papers, events, signed manifest."
)
@click.argument("number")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="谁导出（用户名）/ who takes it out.")
def archive(number: str, path: Path, by: str) -> None:
    if path.exists():
        raise click.UsageError(f"{path} 已经存在 / is there already")
    with application() as running:
        with running.sessions() as session:
            actor = acting_as(session, by, running.clock.now())
        with running.sessions(actor.scope) as session:
            try:
                case = visible_case(session, actor, number)
                if not may(actor.role, "registrar"):
                    raise click.ClickException("您没有导出档案的权限 / this position may not")
                body = archive_package(running, session, actor, case)
                note_read(session, running.clock, actor, "download", f"archive:{case.number}", case.division)
                session.commit()
            except DomainError as error:
                raise click.ClickException(str(error)) from None
    path.write_bytes(body)
    click.echo(f"{path}  {len(body)}")
