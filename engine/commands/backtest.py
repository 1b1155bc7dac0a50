"""`tianqi process backtest`: what a draft would have done with the cases there were. Nothing is written."""

import json
from pathlib import Path
from typing import Any

import click

from engine.bootstrap import App
from engine.commands.environment import application
from engine.domain.errors import DomainError, Refused
from engine.domain.moments import EXACT
from engine.queries.counties import county_codes
from engine.settings import processes_folder
from engine.store.versions import read_folder
from engine.usecases.backtest import Backtest, CaseReport, Report
from engine.usecases.backtest.deadlines import Period
from engine.usecases.backtest.report import Group, Key
from engine.usecases.edit_process import read_draft

EVERY = 50  # cases between two signs of progress


@click.command(
    "backtest",
    help="用以往的办件检验一份修改 / Run a draft against all recorded cases of its case type; read-only.\n\n"
    "DRAFT: 文件夹，或 processes/ 下的名称；加 --draft 时为某县流程设计中保存的修改。",
)
@click.argument("draft")
@click.option(
    "--draft", "saved", is_flag=True, help="流程设计中保存的修改 / The county's saved studio draft."
)
@click.option("--county", default=None, help="只看一个县 / One county only.")
@click.option(
    "--newest", type=click.IntRange(1), default=None, help="每县只看最新的若干件 / Newest per county."
)
@click.option(
    "--json", "as_json", is_flag=True, help="每件一行 JSON，最后一行为汇总 / One JSON line per case."
)
@click.pass_context
def backtest(
    context: click.Context, draft: str, saved: bool, county: str | None, newest: int | None, as_json: bool
) -> None:
    if saved and county is None:
        raise click.UsageError("--draft 要和 --county 一起用 / --draft needs --county")
    with application() as running:
        try:
            test = Backtest(files_of(running, draft, county if saved else None))
        except Refused as fault:
            for problem in fault.facts.get("problems", []):
                click.echo(
                    f"  [{problem.element or problem.file}] {problem.message} → {problem.fix}", err=True
                )
            raise click.ClickException(str(fault)) from None
        except DomainError as fault:
            raise click.ClickException(str(fault)) from None
        run(running, test, county, newest, as_json)
    if as_json:
        click.echo(json.dumps({"summary": test.report.as_dict()}, ensure_ascii=False))
    else:
        for line in summary(test.report):
            click.echo(line)
    context.exit(1 if test.report.verdicts["failed"] else 0)


def files_of(running: App, draft: str, county: str | None) -> dict[str, bytes]:
    if county is not None:
        with running.sessions(county) as session:
            return read_draft(session, county, draft).files
    for folder in (Path(draft), processes_folder() / draft):
        if (folder / "case_type.yaml").exists():
            return read_folder(folder)
    raise click.UsageError(f"没有业务类型 {draft}：文件夹里没有 case_type.yaml")


def run(running: App, test: Backtest, county: str | None, newest: int | None, as_json: bool) -> None:
    with running.sessions() as session:
        codes = [county] if county else county_codes(session)
    for code in codes:
        with running.sessions(code) as session:
            test.county(session, code, newest, each=tell_json if as_json else tell, progress=tell_progress)


def tell_json(case: CaseReport) -> None:
    click.echo(json.dumps(case.as_dict(), ensure_ascii=False))


def tell(case: CaseReport) -> None:
    """A line for every case that does not go the same way."""
    found = case.followed
    if found is None:
        click.echo(f"{case.number}  不能比较 not compared  {case.why} {case.why_at or ''}")
    elif found.failure:
        click.echo(f"{case.number}  失败 fails  [{found.failure.element or ''}] {found.failure.message}")
    elif found.parting:
        after = found.parting.element or "start"
        recorded, draft = listed(found.parting.recorded), listed(found.parting.draft)
        click.echo(f"{case.number}  路线不同 route  {after} 之后 after: {recorded} → {draft}")


def tell_progress(done: int, total: int) -> None:
    if done % EVERY == 0 or done == total:
        click.echo(f"  {done}/{total}", err=True)


def summary(report: Report) -> list[str]:
    lines = [
        f"办件 cases {report.cases}  路线相同 same {report.verdicts['same']}"
        f"  路线不同 route {report.verdicts['route']}  失败 fails {report.verdicts['failed']}"
        f"  不能比较 not compared {report.verdicts['not_compared']}"
        f"  期限不同 other deadlines {report.deadline_cases}"
    ]
    for name, (title, words) in SECTIONS.items():
        found = report.found(name)
        if found:
            lines.append(f"{title}:")
        lines += [f"  {words(key, report.names)}  ×{group.times}  {cases_of(group)}" for key, group in found]
    return lines


def cases_of(group: Group) -> str:
    more = "…" if group.cases > len(group.examples) else ""
    moved = (
        f"  提前 earlier {group.earlier}  推后 later {group.later}" if group.earlier or group.later else ""
    )
    return f"{group.cases} 件 cases ({', '.join(group.examples)}{more}){moved}"


def listed(elements: Any) -> str:
    return "、".join(elements) or "—"


def element_words(key: Key, names: dict[str, str]) -> str:
    return f"{names.get(key[0]) or ''}[{key[0]}]"


def parting_words(key: Key, names: dict[str, str]) -> str:
    element, recorded_flow, draft_flow, recorded, draft = key
    ways = [" → ".join(flow) if flow else "—" for flow in (recorded_flow, draft_flow)]
    return (
        f"{names.get(element) or ''}[{element or 'start'}] 之后 after: {ways[0]} ⇒ {ways[1]};"
        f" {listed(recorded)} ⇒ {listed(draft)}"
    )


def failure_words(key: Key, names: dict[str, str]) -> str:
    return f"[{key[0] or ''}] {key[1]}"


def end_words(key: Key, names: dict[str, str]) -> str:
    return f"{key[0]} ⇒ {key[1]}"


def deadline_words(key: Key, names: dict[str, str]) -> str:
    what, element, before, after = key
    name = (after or before).name
    where = f"{names.get(element) or ''}[{element}]" if element else "整件 whole case"
    return f"{where} {name} {what}: {period_words(before)} ⇒ {period_words(after)}"


def period_words(period: Period | None) -> str:
    if period is None:
        return "—"
    length = period.name if period.unit == EXACT else f"{period.length} {period.unit}"
    return f"{length} ({period.kind})"


SECTIONS = {
    "failures": ("失败 failures", failure_words),
    "partings": ("路线分开的地方 where routes part", parting_words),
    "ends": ("结果不同 other outcome", end_words),
    "asked": ("新要办理或等待的 newly asked for", element_words),
    "superfluous": ("不再需要的 superfluous", element_words),
    "unreached": ("因此没有走到的 not reached", element_words),
    "added": ("新增的操作（按没有结果计） new operations, taken to bring nothing", element_words),
    "dropped": ("不再执行的操作 operations dropped", element_words),
    "deadlines": ("期限 deadlines", deadline_words),
    "not_compared": ("不能比较 not compared", lambda key, names: key[0]),
}
