"""`tianqi demo`: one contract signing from application to certificate, printed as it happens.

Ends with one line of JSON: {"case", "status", "steps", "documents", "seconds"}. Documents lie in var/demo/.
"""

import json
import os
import shutil
import time
from pathlib import Path

import click
from sqlalchemy.orm import Session

from engine import embedded
from engine.bootstrap import App
from engine.commands.demo_http import Answered
from engine.commands.demo_place import place
from engine.commands.demo_story import Applicant, Story
from engine.commands.people import acting_as
from engine.commands.trial import COUNTY, HOUSEHOLDS
from engine.domain.division import at_level
from engine.domain.register import Household
from engine.queries import cursors
from engine.queries.register import Asked
from engine.settings import default_var
from engine.store.register import read_household
from engine.usecases import load_demonstration as demonstration


@click.command(
    "demo", help="演示：一份承包合同从申请到领证 / One contract signing, from application to certificate."
)
@click.option(
    "--households", type=click.IntRange(20, 5000), default=HOUSEHOLDS, help="演示县的户数 / of the county."
)
def demo(households: int) -> None:
    started, folder = time.monotonic(), documents_folder()
    say("准备演示县（独立的数据库，不影响已有数据）  preparing a county in a database of its own")
    try:
        with place(households) as here:
            household, accounts = cast(here.app)
            who = Applicant(household.name, household.id_number, household.phone or "")
            story = Story(here.url, who, accounts, here.work, say, folder)
            status = story.play()
    except (Answered, RuntimeError) as error:
        raise click.ClickException(str(error)) from None
    except embedded.EmbeddedError as error:
        raise click.ClickException(str(error)) from None
    line = {
        "case": story.case,
        "status": status,
        "steps": story.steps,
        "documents": story.documents,
        "seconds": round(time.monotonic() - started, 1),
    }
    click.echo(json.dumps(line, ensure_ascii=False))


def documents_folder() -> Path:
    """Empty, so that what lies there afterwards is of this run. Told relative where it is near."""
    folder = default_var(os.environ) / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    near = folder.resolve().is_relative_to(Path.cwd())
    return folder.resolve().relative_to(Path.cwd()) if near else folder.resolve()


def cast(app: App) -> tuple[Household, dict[str, str]]:
    """A household that has a telephone, a contract and land; and who sits at its offices: role -> user name."""
    with app.sessions(COUNTY) as session:
        household = a_household(app, session)
        rows = demonstration.create_accounts(session, COUNTY)
        session.rollback()
    offices = {at_level(household.division, level) for level in ("village", "township", "county")}
    accounts: dict[str, str] = {}
    for username, role, division in rows:
        if division in offices:
            accounts.setdefault(role, username)
    return household, accounts


def a_household(app: App, session: Session) -> Household:
    actor = acting_as(session, "county", app.clock.now())
    lines, _ = cursors.households(session, actor, Asked(), None, 500)
    for line in lines:
        found = read_household(session, COUNTY, line.code)
        if found and found.phone and found.contract and len(found.parcels) > 1 and found.kind == "1":
            return found
    raise RuntimeError("演示县里没有合适的农户 the county has no fitting household")


def say(text: str) -> None:
    click.echo(text)
