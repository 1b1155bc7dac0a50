"""`tianqi register show | check`: a household or a parcel on any day; the quality rules on the register as it is."""

import json
import sys
from datetime import datetime
from typing import Any

import click

from engine.commands.audit import asked_counties
from engine.commands.case import refused_in_words
from engine.commands.environment import application
from engine.commands.exchange import show as show_findings
from engine.commands.people import acting_as
from engine.domain.changes.difference import facts
from engine.domain.clock import local_date
from engine.exchange.check_package import CheckResult
from engine.exchange.checks import Tell
from engine.queries import as_of
from engine.queries.as_of import PastHousehold, PastParcel, When, end_of
from engine.usecases.check_register import check_register

PARCEL_DIGITS = 19


@click.group("register", help="登记簿 / The register.")
def group() -> None:
    pass


@group.command("show", help="某日的承包方或地块 / A household or a parcel on a day, as JSON.")
@click.argument("code")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="哪一天的情况，默认今天 / as it stood")
@click.option("--known", type=click.DateTime(["%Y-%m-%d"]), help="当天结束时所知，默认现在 / as it was known")
@click.option("--by", required=True, help="用户名 / user name, whose scope counts")
def show(code: str, day: datetime | None, known: datetime | None, by: str) -> None:
    with application() as running:
        now = running.clock.now()
        when = When(day.date() if day else local_date(now), end_of(known.date()) if known else now)
        with running.sessions() as session:
            actor = acting_as(session, by, now)
        with running.sessions(actor.scope) as session, refused_in_words():
            if len(code) == PARCEL_DIGITS:
                shown = of_parcel(as_of.parcel_as_of(session, actor, code, when))
            else:
                shown = of_household(as_of.household_as_of(session, actor, code, when))
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2, default=str))


def of_household(found: PastHousehold) -> dict[str, Any]:
    return {
        "contractor": facts(found.contractor),
        "version": vars(found.version),
        "contract": facts(found.contract),
        "contract_version": vars(found.contract_version) if found.contract_version else None,
    }


def of_parcel(found: PastParcel) -> dict[str, Any]:
    return {
        "parcel": facts(found.parcel),
        "version": vars(found.version),
        "holder": found.holder,
        "parents": found.parents,
        "children": found.children,
    }


@group.command("check", help="质量检查登记簿 / Check the quality rules on the register; keeps the findings.")
@click.option("--division", "prefix", default="", help="区划代码，只查其下的记录 / only records below it")
@click.option("--county", default=None)
@click.option("--by", default="command line", help="检查人 / who asks")
@click.option("--json", "as_json", is_flag=True)
@click.option("--jsonl", "as_lines", is_flag=True, help="每行一条 / One finding per line.")
@click.pass_context
def check(
    context: click.Context, prefix: str, county: str | None, by: str, as_json: bool, as_lines: bool
) -> None:
    found = 0
    with application() as running:
        for code in asked_counties(running, county or prefix[:6] or None):
            with refused_in_words():
                checked = check_register(running, code, prefix, by, _progress(as_json or as_lines))
            show_findings(CheckResult(checked.counts, checked.findings), as_json, as_lines)
            found += len(checked.findings)
    context.exit(1 if found else 0)


def _progress(quiet: bool) -> Tell | None:
    if quiet or not sys.stderr.isatty():
        return None
    return lambda done, total, phase: click.echo(f"  {phase} {done}/{total}", err=True)
