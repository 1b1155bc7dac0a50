"""A publicity lasts as long as its deadline: where the clock stood still for an objection, it ends later."""

from datetime import timedelta

from engine.domain import events
from engine.domain.clock import local_date
from engine.operations.work import Work
from engine.store import publicities


def keep_its_end(work: Work) -> None:
    resumed = {fact.payload["name"] for fact in work.happened if fact.kind == events.DEADLINE_RESUMED}
    running = [row for row in work.found.deadlines if row.name in resumed and row.status == "running"]
    if not running:
        return
    shown = publicities.open_of(work.session, work.case)
    for row in running:
        if shown is not None and shown.deadline == row.name and row.due_at is not None:
            shown.ends_on = local_date(row.due_at) - timedelta(days=1)  # it fires as the next day begins
            work.session.flush()
