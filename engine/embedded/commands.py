"""`tianqi services start|stop|status`."""

import json

import click

from engine.embedded import services
from engine.embedded.errors import EmbeddedError


@click.group("services", help="内置数据库与 Redis / The embedded PostGIS and Redis.")
def group() -> None:
    pass


@group.command("start", help="启动（已运行则不变）/ Start what does not run yet.")
def start() -> None:
    try:
        services.start(keep=True)
    except EmbeddedError as error:
        raise click.ClickException(str(error)) from None
    _show(services.status())


@group.command("stop", help="停止 / Stop both.")
def stop() -> None:
    try:
        stopped = services.stop()
    except EmbeddedError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"已停止 stopped: {', '.join(stopped)}" if stopped else "没有运行中的服务 nothing was running")


@group.command("status", help="状态 / How they are; exit code 1 when one does not run.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    try:
        found = services.status()
    except EmbeddedError as error:
        raise click.ClickException(str(error)) from None
    _show(found, as_json)
    context.exit(0 if all(service.running for service in found) else 1)


def _show(found: list[services.ServiceStatus], as_json: bool = False) -> None:
    rows = [_row(service) for service in found]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = (
            f"运行中 running  127.0.0.1:{row['port']}  pid {row['pid']}"
            if row["running"]
            else "未运行 not running"
        )
        click.echo(f"{row['name']:9} {state}  {row['data']}")


def _row(service: services.ServiceStatus) -> dict[str, str | int | bool | None]:
    port = service.port if service.running else None
    return {
        "name": service.name,
        "running": service.running,
        "pid": service.pid,
        "port": port,
        "data": str(service.data),
    }
