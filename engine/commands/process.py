"""`tianqi process …`: list, check, publish, scenarios."""

import json
from collections.abc import Callable
from pathlib import Path

import click

from engine.bpmn import Problem, check_model
from engine.commands.english import english
from engine.commands.environment import application
from engine.domain.errors import Refused
from engine.domain.said import say
from engine.queries.counties import county_codes
from engine.settings import processes_folder
from engine.store import versions
from engine.usecases.publish_process import check_files, publish_process

MOST_BYTES = 2_000_000


@click.group("process", help="流程 / Procedures.")
def group() -> None:
    pass


@group.command("list", help="各县启用的流程版本 / Versions in force.")
@click.option("--json", "as_json", is_flag=True)
def list_(as_json: bool) -> None:
    with application() as running, running.sessions() as session:
        rows = [
            {"county": county, "case_type": name, "version": version}
            for county in county_codes(session)
            for name, version in versions.case_types_in_force(session, county)
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            click.echo(f"{row['county']}  {row['case_type']}  {row['version'][:12]}")


@group.command("check", help="检查模型或业务类型文件夹 / Check models or case type folders; runs nothing.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", help="语言 / language of the problems")
@click.pass_context
def check(context: click.Context, paths: tuple[Path, ...], as_json: bool, lang: str) -> None:
    translate = english() if lang == "en" else None
    rows = [checked(path, translate) for path in expanded(paths)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            click.echo(f"{'ok ' if row['ok'] else 'NOT'} {row['file']}")
            for problem in row["problems"]:
                where = f"[{problem['element']}] " if problem["element"] else ""
                click.echo(f"    {problem['severity']} {problem['rule']} {where}{problem['message']}")
                click.echo(f"      → {problem['fix']}")
    context.exit(0 if all(row["ok"] for row in rows) else 1)


def expanded(paths: tuple[Path, ...]) -> list[Path]:
    """A folder of case types stands for each of them; a case type's folder and a file for themselves."""
    found: list[Path] = []
    for path in paths:
        inner = sorted(path.glob("*/case_type.yaml")) if path.is_dir() else []
        if inner and not (path / "case_type.yaml").exists():
            found += [file.parent for file in inner]
        elif path.is_dir() and not (path / "case_type.yaml").exists():
            found += sorted([*path.rglob("*.bpmn"), *path.rglob("*.dmn")])
        else:
            found.append(path)
    return found


def checked(path: Path, translate: Callable[[str], str] | None = None) -> dict:
    try:
        problems = check_files(versions.read_folder(path)) if path.is_dir() else checked_file(path)
    except OSError as fault:
        message = say("读不出来：%(fault)s。", fault=fault.strerror)
        problems = [Problem(None, "unreadable", "error", message, say("请检查路径和权限。"), path.name)]
    if translate:
        problems = [problem.in_words_of(translate) for problem in problems]
    ok = not any(problem.severity == "error" for problem in problems)
    shown = click.format_filename(path)
    return {"file": shown, "ok": ok, "problems": [problem.as_dict() for problem in problems]}


def checked_file(path: Path) -> list[Problem]:
    """A single file is a model whatever its name says; a name in .dmn makes it a decision table."""
    with path.open("rb") as file:
        body = file.read(MOST_BYTES + 1)
    known = path.suffix.lower() in (".bpmn", ".dmn")
    name = click.format_filename(path.name)
    return check_model({name if known else f"{name}.bpmn": body})


@group.command("publish", help="发布业务类型（需另一人复核）/ Publish a case type; a second person approves.")
@click.argument("case_type")
@click.option("--by", required=True)
@click.option("--approved-by", required=True)
@click.option("--county", default=None)
def publish(case_type: str, by: str, approved_by: str, county: str | None) -> None:
    folder = processes_folder() / case_type
    if not (folder / "case_type.yaml").exists():
        raise click.UsageError(f"没有业务类型 {case_type}：{folder} 里没有 case_type.yaml")
    files = versions.read_folder(folder)
    with application() as running:
        with running.sessions() as session:
            codes = [county] if county else county_codes(session)
        for code in codes:
            with running.sessions(code) as session:
                try:
                    published = publish_process(session, running.clock, code, files, by, approved_by)
                except Refused as error:
                    for problem in error.facts.get("problems", []):
                        click.echo(f"  [{problem.element}] {problem.message} → {problem.fix}", err=True)
                    raise click.ClickException(str(error)) from None
                session.commit()
                click.echo(f"{code}  {case_type}  {published.version_id[:12]}")
