"""A case's publicities with their objections, as pages and programs show them. The caller found the case in scope."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.store import publicities
from engine.store.tables.cases import Case, Objection, Publicity


@dataclass(frozen=True)
class Shown:
    publicity: Publicity
    objections: tuple[Objection, ...]

    @property
    def is_open(self) -> bool:
        return self.publicity.closed_at is None


def shown_of(session: Session, case: Case) -> list[Shown]:
    """Newest first."""
    objections = publicities.objections_of(session, case)
    return [
        Shown(row, tuple(one for one in objections if one.publicity_id == row.id))
        for row in reversed(publicities.of_case(session, case))
    ]


def objection_settled_by(session: Session, case: Case, task_number: int) -> Objection | None:
    return publicities.objection_of_task(session, case, task_number)
