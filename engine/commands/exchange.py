"""`tianqi demo-county` and `tianqi package …`: write, check and import delivery packages."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import click
import yaml

from engine.commands.environment import application
from engine.domain.errors import DomainError, Invalid
from engine.exchange.check_package import CheckResult, check_package
from engine.exchange.checks.settings import CheckSettings, settings_of
from engine.exchange.demo import write_demo_county
from engine.exchange.findings import Finding, rules
from engine.exchange.importing import PackageRefused, import_package
from engine.exchange.importing.staging import Tell
from engine.queries.statistics.kept import sum_up

_SHOWN = 20  # findings of one rule on screen; --json and --jsonl give all


@click.command("demo-county", help="生成演示县成果包 / Write a synthetic delivery package.")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--households", type=click.IntRange(8, 500_000), default=1500, show_default=True)
@click.option(
    "--flaws", is_flag=True, help="每条规则埋设一处错误 / Plant one flaw of every rule (flaws.json)."
)
@click.option("--json", "as_json", is_flag=True)
def demo_county(path: Path, seed: int, households: int, flaws: bool, as_json: bool) -> None:
    try:
        written = write_demo_county(path, seed, households, flaws)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        done = {"path": str(written.path), "counts": written.counts, "flaws": list(written.flaws)}
        click.echo(json.dumps(done, ensure_ascii=False))
        return
    click.echo(
        f"{written.path}  承包方 contractors {written.counts['CBF']}  地块 parcels {written.counts['DK']}"
    )
    if flaws:
        click.echo(f"埋设错误 planted flaws {len(written.flaws)}  → flaws.json")


@click.group("package", help="成果包 / Delivery packages.")
def group() -> None:
    pass


@group.command("check", help="质量检查，不写数据库 / Check the quality rules; writes nothing.")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@click.option("--jsonl", "as_lines", is_flag=True, help="每行一条 / One finding per line.")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="质检设置（YAML 或 JSON）/ rules, tolerances and fields, as YAML or JSON",
)
@click.option("--processes", type=click.IntRange(1, 64), default=None, help="进程数 / processes for topology")
@click.pass_context
def check(
    context: click.Context,
    path: Path,
    as_json: bool,
    as_lines: bool,
    settings_file: Path | None,
    processes: int | None,
) -> None:
    settings = replace(_settings(settings_file), processes=processes)
    result = check_package(path, settings, _progress(as_json or as_lines))
    show(result, as_json, as_lines)
    context.exit(1 if result.findings else 0)


def _settings(path: Path | None) -> CheckSettings:
    """Raises UsageError that names each bad value."""
    if path is None:
        return CheckSettings()
    try:
        return settings_of(yaml.safe_load(path.read_text("utf-8")))
    except Invalid as error:
        faults = "；".join(f"{name}：{'、'.join(texts)}" for name, texts in error.fields.items())
        raise click.UsageError(f"质检设置有误 / bad settings: {faults}") from None
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        raise click.UsageError(f"质检设置无法读取 / cannot be read: {error}") from None


@group.command("import", help="检查并导入 / Check, then take into the register; all or nothing.")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--replace", is_flag=True, help="替换该县已有登记数据 / Replace what the county has.")
@click.option(
    "--difference", is_flag=True, help="只比较，不导入 / Tell what would change, and take in nothing."
)
@click.option("--by", "actor", default="command line", help="导入人 / Who imports.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def import_(
    context: click.Context, path: Path, replace: bool, difference: bool, actor: str, as_json: bool
) -> None:
    with application() as running, running.sessions() as session:
        try:
            now = running.clock.now()
            done = import_package(
                session, path, actor=actor, now=now, replace=replace, difference_only=difference,
                tell=_tell(as_json), files=running.files,
            )  # fmt: skip
            if done.batch is not None:
                sum_up(session, done.county, now)
            session.commit()
        except PackageRefused as refused:
            show(refused.result, as_json, False)
            click.echo(str(refused), err=True)
            context.exit(1)
        except DomainError as error:
            raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(done.as_dict(), ensure_ascii=False))
        return
    _show_findings(done.findings)
    for thing, by in (done.difference or {}).items():
        told = "  ".join(f"{_CHANGES[change]} {by[change]}" for change in _CHANGES)
        click.echo(f"{_THINGS[thing]}  {told}")
    if done.batch is None:
        click.echo(
            "未导入 nothing taken in"
            if done.difference
            else "该县尚无登记数据 the county has no register yet"
        )
        return
    click.echo(
        f"已导入 imported  {done.county}  批次 batch {done.batch}  承包方 contractors {done.counts.get('CBF', 0)}"
        f"  地块 parcels {done.counts.get('DK', 0)}  警告 warnings {len(done.findings)}"
    )


_THINGS = {
    "issuing_party": "发包方 issuing parties", "contractor": "承包方 contractors", "parcel": "地块 parcels",
    "contract": "合同 contracts", "register_entry": "登记簿 register entries", "certificate": "权证 certificates",
}  # fmt: skip
_CHANGES = {"added": "新增 added", "changed": "变更 changed", "ended": "终止 ended", "same": "不变 same"}


def _tell(quiet: bool) -> Tell:
    """As _progress, with how far a step is; the same line again and again."""
    shown = _progress(quiet)
    last = ""

    def tell(done: int, total: int | None, phase: str) -> None:
        nonlocal last
        if shown is None or (phase == last and not total):
            return
        if phase == last:
            click.echo(f"\r  {phase} {done:,} / {total:,}", err=True, nl=done == total)
        else:
            shown(phase)
        last = phase

    return tell


def _progress(quiet: bool):
    """Steps on the terminal's error output; nothing where a program reads."""
    if quiet or not sys.stderr.isatty():
        return None
    return lambda step: click.echo(f"  {step}", err=True)


def show(result: CheckResult, as_json: bool, as_lines: bool) -> None:
    if as_json:
        click.echo(json.dumps(result.as_dict(), ensure_ascii=False))
    elif as_lines:
        for found in result.findings:
            click.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        _show_findings(result.findings)
        warnings = len(result.findings) - len(result.errors)
        click.echo(f"错误 errors {len(result.errors)}  警告 warnings {warnings}")


def _show_findings(findings: tuple[Finding, ...]) -> None:
    shown: dict[str, int] = {}
    for found in findings:
        shown[found.rule] = shown.get(found.rule, 0) + 1
        if shown[found.rule] == 1:
            click.echo(f"{found.rule}  {rules()[found.rule]['zh']} / {rules()[found.rule]['en']}")
        if shown[found.rule] <= _SHOWN:
            mark = "错误" if found.severity == "error" else "警告"
            where = "  ".join(part for part in (found.table, found.record, found.field) if part)
            click.echo(f"  {mark}  {where}  {found.message}")
    for rule, count in shown.items():
        if count > _SHOWN:
            click.echo(f"  {rule} 另有 {count - _SHOWN} 条 / {count - _SHOWN} more")
