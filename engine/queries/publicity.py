"""A case's publicities with their objections, as pages and programs show them. The caller found the case in scope."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.queries.scoped import within
from engine.store import publicities
from engine.store.tables.cases import Case, Objection, Publicity

MOST = 5000


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


def listing(session: Session, actor: Actor, status: str) -> list[tuple[Objection, str]]:
    """(objection, case number) in scope, the earliest first; ``status`` all for any. MOST at most."""
    query = (
        select(Objection, Case.number)
        .join(Case, (Case.county == Objection.county) & (Case.id == Objection.case_id))
        .where(within(Objection, actor))
        .order_by(Objection.recorded_at, Objection.id)
        .limit(MOST)
    )
    if status != "all":
        query = query.where(Objection.status == status)
    return [(row, number) for row, number in session.execute(query)]


def objection_settled_by(session: Session, case: Case, task_number: int) -> Objection | None:
    return publicities.objection_of_task(session, case, task_number)
