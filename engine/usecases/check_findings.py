"""Look again at findings of the quality rules whose records a filed case has changed: what it mended is fixed at once."""

from typing import Any

from sqlalchemy.orm import Session

from engine.domain.clock import Clock, local_date
from engine.exchange.check_again import mended
from engine.store import quality


def check_findings(session: Session, clock: Clock, county: str, asked: dict[str, Any]) -> int:
    """``asked``: findings, case, by. Gives how many are fixed; the caller commits. Doing it again changes nothing.

    Findings whose rule needs the whole county stay open until the next run.
    """
    found = quality.standing(session, county, asked["findings"])
    if not found:
        return 0
    now = clock.now()
    fixed = mended(session, county, found, local_date(now))
    for one in fixed:
        quality.settle_by_case(session, one, asked["case"], asked["by"], now)
    return len(fixed)
