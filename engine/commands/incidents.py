"""`tianqi incidents …`: what failed for good, why, and trying it again."""

import json
from dataclasses import asdict

import click

from engine.commands.environment import application
from engine.commands.people import acting_as
from engine.domain.errors import DomainError
from engine.domain.roles import may
from engine.queries.counties import county_codes
from engine.queries.incidents import open_incidents
from engine.usecases.incidents import retry_incident


@click.group("incidents", help="需要人处理的失败 / What failed for good and waits for a person.")
def group() -> None:
    pass


@group.command("list", help="列出 / List them, with cause and fix; exit code 1 if there are any.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    with application() as running:
        with running.sessions() as session:
            counties = county_codes(session)
        found = []
        for county in counties:
            with running.sessions(county) as session:
                found += open_incidents(session, county)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, default=str))
    else:
        for one in found:
            click.echo(f"{one.mark}  {one.case or ''}  {one.of}  {one.since:%Y-%m-%d %H:%M}  {one.error}")
            click.echo(f"    原因 cause: {one.explanation.cause}")
            click.echo(f"    办法 fix:   {one.explanation.fix}")
        if not found:
            click.echo("没有需要人处理的失败 / none")
    context.exit(1 if found else 0)


@group.command("retry", help="再试 / Try one again; MARK as listed.")
@click.argument("mark")
@click.option("--by", required=True, help="管理员的用户名 / the administrator's user name")
def retry(mark: str, by: str) -> None:
    with application() as running:
        with running.sessions() as session:
            actor = acting_as(session, by, running.clock.now())
        if not may(actor.role, "jobs"):
            raise click.UsageError(f"{by} 不是管理员 / is no administrator")
        with running.sessions(actor.scope) as session:
            try:
                retry_incident(session, running.clock, actor, mark)
            except DomainError as error:
                raise click.ClickException(str(error)) from None
            session.commit()
    click.echo("已安排再试 / it will be tried again")
