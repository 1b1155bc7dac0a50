"""`tianqi audit …`: prove that nothing was altered; sign a checkpoint; take the history out."""

import csv
import json
from dataclasses import asdict
from pathlib import Path

import click

from engine.bootstrap import App
from engine.commands.environment import application
from engine.queries.counties import county_codes
from engine.store import cases, history
from engine.store.scope import one_view
from engine.store.signing import public_key_hex
from engine.usecases.verify_history import make_checkpoint, verify_history


@click.group("audit", help="审计 / Audit.")
def group() -> None:
    pass


@group.command("verify", help="验证办件记录 / Verify every chain, checkpoint and paper.")
@click.option("--county", default=None)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def verify(context: click.Context, county: str | None, as_json: bool) -> None:
    rows = []
    with application() as running:
        for code in asked_counties(running, county):
            with running.sessions(code) as session:
                one_view(session)
                found = verify_history(session, code, running.files, running.signing_key.public_key())
            rows.append({"county": code, **asdict(found)})
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            click.echo(
                f"{row['county']}  办件 cases {row['cases']}  记录 events {row['events']}"
                f"  检查点 checkpoints {row['checkpoints']}  文书 papers {row['papers']}"
            )
            for fault in row["faults"]:
                click.echo(f"  已被改动 ALTERED  {fault['subject']}  第{fault['seq']}条  {fault['reason']}")
        if not any(row["faults"] for row in rows):
            click.echo("记录完整，未发现改动 / nothing was altered")
    context.exit(1 if any(row["faults"] for row in rows) else 0)


@group.command(
    "checkpoint", help="签署检查点 / Sign the heads of all cases; keep the printed line elsewhere."
)
@click.option("--county", default=None)
def checkpoint(county: str | None) -> None:
    with application() as running:
        for code in asked_counties(running, county):
            with running.sessions(code) as session:
                made = make_checkpoint(session, code, running.signing_key, running.clock.now())
                session.commit()
            line = {
                "county": code,
                "seq": made.seq,
                "at": made.at.isoformat(),
                "cases": made.cases,
                "events": made.events,
                "root": made.root.hex(),
                "signature": made.signature.hex(),
                "public_key": public_key_hex(running.signing_key),
            }
            click.echo(json.dumps(line))


@group.command("export", help="导出办件记录 / Export the events (CSV).")
@click.option("--format", "kind", type=click.Choice(["csv"]), default="csv")
@click.option("--county", default=None)
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def export(kind: str, county: str | None, path: Path) -> None:
    columns = ["county", "case", "seq", "at", "kind", "element", "task", "actor", "position"]
    count = 0
    with application() as running, path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for code in asked_counties(running, county):
            with running.sessions(code) as session:
                for case_id, number in cases.case_numbers(session, code).items():
                    for link, _ in history.read(session, code, case_id):
                        count += 1
                        writer.writerow(
                            [
                                code,
                                number,
                                link.seq,
                                link.at.isoformat(),
                                link.kind,
                                link.element or "",
                                link.task_number or "",
                                plain_cell(link.actor_name),
                                link.position,
                            ]
                        )
    click.echo(f"{count} 条记录 events → {path}")


def plain_cell(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def asked_counties(running: App, county: str | None) -> list[str]:
    if county:
        return [county]
    with running.sessions() as session:
        return county_codes(session)
