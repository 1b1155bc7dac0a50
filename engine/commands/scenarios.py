"""`tianqi process scenarios`: play the scenarios of case types; nothing that anybody works in is touched."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from engine import embedded
from engine.bootstrap import App
from engine.commands.trial import COUNTY, trial
from engine.settings import processes_folder
from engine.store.versions import read_folder
from engine.usecases.publish_process import check_files
from engine.usecases.scenarios import all_flows, run_folder


@dataclass(frozen=True)
class Report:
    rows: list[dict[str, Any]]
    coverage: dict[str, float]

    @property
    def ok(self) -> bool:
        return all(row["ok"] for row in self.rows)


@click.command(
    "scenarios", help="演练业务类型的场景 / Play scenarios in a database of their own, which is dropped."
)
@click.argument("case_types", nargs=-1)
@click.option("--json", "as_json", is_flag=True)
@click.option("--no-print", is_flag=True, help="不印文书，快一些 / Print no papers: faster.")
@click.pass_context
def scenarios(context: click.Context, case_types: tuple[str, ...], as_json: bool, no_print: bool) -> None:
    folders = [folder_of(name) for name in case_types] or all_folders()
    for folder in folders:
        refuse_faults(folder)
    try:
        with trial() as app:
            report = played(app, folders, printing=not no_print, aloud=not as_json)
    except embedded.EmbeddedError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps({"scenarios": report.rows, "coverage": report.coverage}, ensure_ascii=False))
    else:
        for name, share in report.coverage.items():
            click.echo(f"{name}  流向覆盖 flows taken {share:.0%}")
    context.exit(0 if report.ok else 1)


def all_folders() -> list[Path]:
    return [path.parent for path in sorted(processes_folder().glob("*/case_type.yaml"))]


def folder_of(case_type: str) -> Path:
    folder = processes_folder() / case_type
    if not (folder / "case_type.yaml").exists():
        raise click.UsageError(f"没有业务类型 {case_type}：{folder} 里没有 case_type.yaml")
    return folder


def refuse_faults(folder: Path) -> None:
    errors = [problem for problem in check_files(read_folder(folder)) if problem.severity == "error"]
    if errors:
        told = "\n".join(f"  [{problem.element or problem.file}] {problem.message}" for problem in errors)
        raise click.ClickException(f"{folder.name} 有错误，不能演练：\n{told}")


def played(app: App, folders: list[Path], printing: bool, aloud: bool) -> Report:
    """All scenarios, told as they end."""
    rows: list[dict[str, Any]] = []
    coverage: dict[str, float] = {}
    for folder in folders:
        flows, taken = all_flows(read_folder(folder)), set[str]()
        for outcome in run_folder(app, COUNTY, folder, printing):
            taken |= outcome.flows
            rows.append(
                {
                    "case_type": outcome.case_type,
                    "scenario": outcome.scenario,
                    "ok": outcome.ok,
                    "steps": outcome.steps,
                    "message": outcome.message,
                }
            )
            if aloud:
                told = f"{outcome.steps} 步" if outcome.ok else outcome.message
                click.echo(f"{'ok ' if outcome.ok else 'NOT'} {outcome.case_type}/{outcome.scenario}  {told}")
        coverage[folder.name] = round(len(taken & flows) / len(flows), 4)
    return Report(rows, coverage)
