"""Old certificates that came back to the villages, and the lists by which they were destroyed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.queries.case_file import names_of
from engine.queries.scoped import full_place, within
from engine.store.tables.cases import Case
from engine.store.tables.registry import CollectedCertificate, Destruction

MOST = 500  # on one list


@dataclass(frozen=True)
class Collected:
    row: CollectedCertificate
    case: str  # number


def waiting(session: Session, actor: Actor) -> list[Collected]:
    """Not destroyed yet, the oldest first."""
    return _collected(session, actor, CollectedCertificate.destruction_id.is_(None))


def of_list(session: Session, actor: Actor, destruction_id: UUID) -> list[Collected]:
    return _collected(session, actor, CollectedCertificate.destruction_id == destruction_id)


def _collected(session: Session, actor: Actor, condition: Any) -> list[Collected]:
    c = CollectedCertificate
    rows = session.execute(
        select(c, Case.number)
        .join(Case, and_(Case.county == c.county, Case.id == c.case_id))
        .where(within(c, actor), condition)
        .order_by(c.collected_on, c.contractor_code, c.id)
        .limit(MOST)
    )
    return [Collected(row[0], row[1]) for row in rows]


def lists(session: Session, actor: Actor) -> list[tuple[Destruction, int]]:
    """(list, how many certificates), the newest first. A list is the county's: who sees less sees none."""
    c = CollectedCertificate
    counted = (
        select(func.count())
        .where(c.county == Destruction.county, c.destruction_id == Destruction.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Destruction, counted)
        .where(within(Destruction, actor))
        .order_by(Destruction.made_at.desc())
        .limit(MOST)
    )
    return [(row[0], row[1]) for row in rows]


def find_list(session: Session, actor: Actor, destruction_id: UUID) -> Destruction:
    found = session.scalar(
        select(Destruction).where(within(Destruction, actor), Destruction.id == destruction_id)
    )
    if found is None:
        raise NotFound("destruction", "没有找到这份销毁清单")
    return found


def sheet_context(session: Session, actor: Actor, found: Destruction) -> dict[str, Any]:
    """What the sheet ``destruction`` is told."""
    rows = of_list(session, actor, found.id)
    return {
        "document": {"number": found.number, "date": found.destroyed_on.isoformat()},
        "office": {"name": f"{full_place(session, found.county)}农业农村局"},
        "destruction": {
            "destroyed_on": found.destroyed_on.isoformat(),
            "place": found.place,
            "way": found.way,
            "witnesses": found.witnesses,
            "made_by": names_of(session, {found.made_by}).get(found.made_by, "—"),
            "rows": [
                {
                    "serial": one.row.serial,
                    "code": one.row.code,
                    "contractor_code": one.row.contractor_code,
                    "contractor_name": one.row.contractor_name,
                    "collected_on": one.row.collected_on.isoformat(),
                    "collected_by": one.row.collected_by,
                }
                for one in rows
            ],
        },
    }
