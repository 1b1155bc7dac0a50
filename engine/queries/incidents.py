"""Incidents of a county as its administrator sees them: what failed, why, what to do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.incident import Explanation, explained
from engine.store import incidents
from engine.store.tables.cases import Case
from engine.store.versions import case_type_of


@dataclass(frozen=True)
class Incident:
    """``mark`` names it for a retry; ``of`` is an effect's kind or a deadline's name, ``title`` the deadline's."""

    mark: str
    kind: str  # effect, deadline
    of: str
    title: dict[str, str] | None
    case: str | None
    since: datetime
    attempts: int
    error: str
    explanation: Explanation


def open_incidents(session: Session, county: str) -> list[Incident]:
    """The longest waiting first."""
    effects = incidents.failed_effects(session, county)
    deadlines = incidents.failed_deadlines(session, county)
    of_effects = {row.case_id for row in effects if row.case_id}
    cases = _cases(session, county, of_effects | {row.case_id for row in deadlines})
    found = [
        _incident(cases, row, f"effect-{row.id}", "effect", row.kind, None, row.created_at) for row in effects
    ]
    for row in deadlines:
        rule: dict[str, Any] = case_type_of(session, cases[row.case_id].version_id).deadlines.get(
            row.name, {}
        )
        since = row.due_at or row.started_at
        found.append(
            _incident(cases, row, f"deadline-{row.id}", "deadline", row.name, rule.get("title"), since)
        )
    return sorted(found, key=lambda incident: incident.since)


def _incident(
    cases: dict[UUID, Case],
    row: Any,
    mark: str,
    kind: str,
    of: str,
    title: dict[str, str] | None,
    since: datetime,
) -> Incident:
    case, error = cases.get(row.case_id), row.error or ""
    number = case.number if case else None
    return Incident(mark, kind, of, title, number, since, row.attempts, error, explained(error))


def _cases(session: Session, county: str, ids: set[UUID]) -> dict[UUID, Case]:
    query = select(Case).where(Case.county == county, Case.id.in_(ids))
    return {case.id: case for case in session.scalars(query)}
