"""`tianqi up`: everything on one machine, from an empty folder to a page that answers."""

import os
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import click

from engine import embedded
from engine.bootstrap import App
from engine.commands.environment import application, migrate, services
from engine.embedded import Command, require_free_port, supervise
from engine.exchange.demo import write_demo_county
from engine.exchange.importing import import_package
from engine.queries.counties import county_codes
from engine.settings import default_var
from engine.usecases import load_demonstration as demonstration
from engine.usecases.scenarios.under_way import begin_cases
from engine.usecases.seals import make_seals

COUNTY = "990101"
DATABASE = "DATABASE_URL"  # where it is set, the services are not the embedded ones


@click.command("up", help="启动全部服务 / Start everything; Ctrl-C stops all.")
@click.option("--demo", is_flag=True, help="载入演示县 / Load the demonstration county.")
@click.option("--port", type=int, default=lambda: int(os.environ.get("TIANQI_PORT", "8000")))
def up(demo: bool, port: int) -> None:
    started, var = time.monotonic(), default_var(os.environ)
    own = DATABASE not in os.environ  # else somebody else looks after the services
    os.environ.setdefault("TIANQI_PUBLIC_URL", f"http://127.0.0.1:{port}")
    try:
        require_free_port(port)
        say("启动数据库和 Redis  starting PostGIS and Redis")
        with application(demo) as running:
            new = demo and load_demo_county(running)
            publish_shipped(running)
            if new:
                say("办理中的演示办件  cases under way")
                begin_cases(running, COUNTY)
            with embedded.kept_running(var) if own else nullcontext():
                code = supervise(
                    commands(port),
                    var=var,
                    ready_url=f"http://127.0.0.1:{port}/healthz",
                    on_ready=lambda: print_ready(port, demo, time.monotonic() - started),
                )
    except embedded.EmbeddedError as error:
        raise click.ClickException(str(error)) from None
    sys.exit(code)


def commands(port: int) -> list[Command]:
    python = sys.executable
    gunicorn = [python, "-m", "gunicorn", "web.app:create_app()", "-b", f"127.0.0.1:{port}"]
    gunicorn += ["-k", "gthread", "--workers", "2", "--threads", "4", "--timeout", "120"]
    # preload: a worker that died is a fork, there again at once; create_app opens no connection
    gunicorn += ["--graceful-timeout", "10", "--preload", "--no-control-socket"]
    return [
        Command("web", gunicorn),
        Command("worker", [python, "-m", "engine.jobs.work", "default"]),
        Command("long-worker", [python, "-m", "engine.jobs.work", "long"]),
        Command("ticker", [python, "-m", "engine.jobs.ticker"]),
    ]


def load_demo_county(running: App) -> bool:
    """Write the county, import it, make the accounts; once: a county that is there is left as it is. Whether it is new."""
    with running.sessions(COUNTY) as session:
        new = not demonstration.is_loaded(session)
        if new:
            folder = demo_package(running.settings.var)
            say("导入演示县  importing the demonstration county")
            now = running.clock.now()
            import_package(session, folder, actor="demonstration", now=now, files=running.files)
        demonstration.create_accounts(session, COUNTY)
        session.commit()
    return new


def demo_package(var: Path) -> Path:
    """The delivery package of the demonstration county, written when it is not there."""
    parent = var / "demo-county"
    if not parent.exists():
        say("生成演示县  writing the demonstration county")
        beside = var / "demo-county.part"
        write_demo_county(beside)
        beside.rename(parent)
    return parent


def publish_shipped(running: App) -> None:
    """What the counties work with: seal keys, and the case types that were shipped."""
    with running.sessions() as session:
        codes = county_codes(session)
        make_seals(session, running.settings, codes)
    for county in codes:
        with running.sessions(county) as session:
            for name in demonstration.publish_shipped(
                session, running.clock, county, running.settings.processes
            ):
                say(f"发布流程  published {name}")
            session.commit()


def print_ready(port: int, demo: bool, seconds: float) -> None:
    url = f"http://127.0.0.1:{port}"
    lines = [f"\n  田契 Tianqi  {url}   （{seconds:.0f} s）", f"  工作人员 staff        {url}/sign-in"]
    lines.append(f"  农户 applicants       {url}/portal/")
    if demo:
        lines += [
            f"  演示短信、农户、时钟 messages, households, clock {url}/demo/messages",
            f"  演示账号，密码都是 {demonstration.PASSWORD}  accounts, all with that password:",
            "    village1…village8 村   township1 township2 乡镇   county county2 县   surveyor 测绘",
            "    steward steward2 数据管理   admin admin2 流程管理   sysadmin secadmin 账号   auditor 审计   court 部门查询",
        ]
    print("\n".join([*lines, "  Ctrl-C 停止全部  stops everything\n"]), flush=True)


def say(text: str) -> None:
    print(f"  {text}", flush=True)


@click.command("migrate", help="升级数据库结构 / Bring the database to this version.")
def migrate_command() -> None:
    with services():
        migrate()
