"""`tianqi register show`: a household or a parcel on any day, as it was known on any day."""

import json
from datetime import datetime
from typing import Any

import click

from engine.commands.case import refused_in_words
from engine.commands.environment import application
from engine.commands.people import acting_as
from engine.domain.changes.difference import facts
from engine.domain.clock import local_date
from engine.queries import as_of
from engine.queries.as_of import PastHousehold, PastParcel, When, end_of

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
