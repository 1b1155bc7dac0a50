"""One run: an installation under load, faults, a rest in which everything drains, and the count of violations."""

import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import text

from engine.bootstrap import App
from engine.commands.people import acting_as
from engine.commands.trial import COUNTY
from engine.domain.actor import system
from engine.domain.register import Household
from engine.queries import cursors
from engine.queries.incidents import open_incidents
from engine.queries.register import Asked
from engine.store.register import read_household
from engine.usecases import load_demonstration as demonstration
from engine.usecases.incidents import retry_incident
from tests.faults.agreement import asked_again, violations
from tests.faults.breaking import Amount, Breaker
from tests.faults.clients import Clients
from tests.faults.installation import Installation, installation

DAYS = 11  # working days of one move of the clock: a publicity is over
DRAINED_WITHIN = 900  # seconds; a paper takes one to three to draw


@dataclass(frozen=True)
class Report:
    faults: Counter[str]
    acknowledged: Counter[str]
    refused: Counter[str]
    unanswered: Counter[str]
    facts: dict[str, int]
    asked_again: int
    seconds: float
    violations: list[str]


def run(var: Path, amount: Amount, *, clients: int = 6, households: int = 200, seed: int = 1) -> Report:
    with installation(var, households, seed) as here:
        began = time.monotonic()
        acting = Clients(here.urls, households_of(here.app), accounts_of(here.app), Random(seed))
        breaker = Breaker(here, amount, Random(seed))
        threads = [threading.Thread(target=acting.run) for _ in range(clients)]
        threads.append(threading.Thread(target=move_the_clock, args=(acting, amount.seconds)))
        for thread in threads:
            thread.start()
        try:
            breaker.run()
        finally:
            acting.stop.set()
            for thread in threads:
                thread.join()
        breaker.disarm()
        found = drain(here)
        most = min(500, len(acting.ledger.acknowledged))
        here.wait_for_webs()
        found += list(asked_again(acting, most))
        found += list(violations(here.app, acting))
        told = Counter(one.kind for one in acting.ledger.acknowledged)
        return Report(
            breaker.done,
            told,
            acting.ledger.refused,
            acting.ledger.unanswered,
            facts(here.app),
            most,
            time.monotonic() - began,
            found,
        )


def move_the_clock(clients: Clients, seconds: int) -> None:
    """Publicities end all together, some thirty times at most: the calendar is known for so many years only."""
    while not clients.stop.wait(max(6.0, seconds / 30)):
        clients.move_clock(DAYS)


def drain(here: Installation) -> list[str]:
    """Wait until nothing is left to do. An incident is retried once, as an administrator would."""
    until, retried = time.monotonic() + DRAINED_WITHIN, False
    while time.monotonic() < until:
        left = left_to_do(here.app)
        if left["failed"] and not left["waiting"] and not retried:
            retry_all(here.app)
            retried = True
        elif not any(left.values()):
            return []
        time.sleep(0.5)
    return [f"not drained after {DRAINED_WITHIN} s: {left_to_do(here.app)}"]


def left_to_do(app: App) -> dict[str, int]:
    due = """
        select count(*) filter (where status = 'failed') failed, count(*) filter (where status = 'running'
          and due_at < now() + make_interval(secs =>
            (select coalesce(max(ahead_seconds), 0) from reference.demo_clock))) waiting
        from operational.deadlines"""
    rows = """
        select count(*) filter (where status = 'failed' and coalesce(error, '') not like 'Refused: 字库%') failed,
          count(*) filter (where status = 'waiting') waiting
        from operational.outbox"""
    total: Counter[str] = Counter()
    with app.portal_sessions() as portal:
        waiting = "select count(*) from portal.submissions where status = 'waiting'"
        total["waiting"] += portal.scalar(text(waiting)) or 0
    with app.sessions(COUNTY) as session:
        for statement in (due, rows):
            total.update(dict(session.execute(text(statement)).mappings().one()))
    return dict(total)


def retry_all(app: App) -> None:
    with app.sessions(COUNTY) as session:
        for incident in open_incidents(session, COUNTY):
            retry_incident(session, app.clock, system(COUNTY), incident.mark)
        session.commit()


def facts(app: App) -> dict[str, int]:
    """What the run came to."""
    counted = {
        "cases": "select count(*) from operational.cases",
        "cases completed": "select count(*) from operational.cases where status = 'completed'",
        "events": "select count(*) from operational.events",
        "deadlines fired": "select count(*) from operational.deadlines where status = 'fired'",
        "outbox rows": "select count(*) from operational.outbox",
        "outbox attempts": "select coalesce(sum(attempts), 0) from operational.outbox",
        "incidents: a character that no font has": "select count(*) from operational.outbox where status = 'failed' and error like 'Refused: 字库%'",
        "papers printed": "select count(*) from operational.events where kind = 'paper_printed'",
        "messages sent": "select count(*) from operational.messages",
    }
    with app.sessions(COUNTY) as session:
        return {name: int(session.scalar(text(statement)) or 0) for name, statement in counted.items()}


def households_of(app: App) -> list[Household]:
    """Those that can sign a contract: with telephone, contract and land."""
    with app.sessions(COUNTY) as session:
        actor = acting_as(session, "county", app.clock.now())
        lines, _ = cursors.households(session, actor, Asked(), None, 1000)
        found = [read_household(session, COUNTY, line.code) for line in lines]
    return [one for one in found if one and one.phone and one.contract and one.parcels and one.kind == "1"]


def accounts_of(app: App) -> dict[tuple[str, str], list[str]]:
    with app.sessions(COUNTY) as session:
        rows = demonstration.create_accounts(session, COUNTY)
        session.rollback()
    found: dict[tuple[str, str], list[str]] = {}
    for username, role, division in rows:
        found.setdefault((role, division), []).append(username)
    return found


def told(report: Report) -> str:
    """As a table for people."""
    lines = [f"{report.seconds:.0f} s"]
    for title, counts in (
        ("faults", report.faults),
        ("commands acknowledged", report.acknowledged),
        ("commands refused", report.refused),
        ("tries without an answer", report.unanswered),
        ("in the database", report.facts),
    ):
        lines.append(f"\n{title}")
        lines += [f"  {count:>7}  {name}" for name, count in sorted(counts.items()) if count]
    lines.append(f"\n{report.asked_again} commands asked again with their key")
    lines += [f"VIOLATION  {one}" for one in report.violations[:50]]
    lines.append(f"{len(report.violations)} violations")
    return "\n".join(lines)
