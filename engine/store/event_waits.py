"""Which case waits for which message or signal: kept with every step, so that what comes finds it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from engine.store.tables.cases import Case, EventWait

FIELDS = ("number", "element", "kind", "name", "key", "listens")


def keep(session: Session, case: Case, waits: Iterable[Mapping[str, Any]]) -> None:
    """The case waits for these (``FIELDS`` of each) and no others."""
    connection = session.connection()
    known = set(
        connection.scalars(
            select(EventWait.number).where(EventWait.county == case.county, EventWait.case_id == case.id)
        )
    )
    wanted = {wait["number"]: wait for wait in waits}
    if over := known - wanted.keys():
        connection.execute(
            delete(EventWait).where(
                EventWait.county == case.county, EventWait.case_id == case.id, EventWait.number.in_(over)
            )
        )
    rows = [
        {"county": case.county, "case_id": case.id, **{name: wait[name] for name in FIELDS}}
        for number, wait in wanted.items()
        if number not in known
    ]
    if rows:
        connection.execute(insert(EventWait), rows)


def elements(session: Session, case: Case) -> list[str]:
    """The elements of the model at which the case stands until a message or signal comes, in order."""
    query = select(EventWait.element).where(
        EventWait.county == case.county, EventWait.case_id == case.id, ~EventWait.listens
    )
    return list(session.scalars(query.order_by(EventWait.number)))


def waiting(
    session: Session,
    county: str,
    kind: str,
    name: str,
    *,
    case_id: UUID | None = None,
    key: str | None = None,
) -> list[EventWait]:
    """Waits for that name: of one case, or with that key, or all of the county."""
    query = select(EventWait).where(
        EventWait.county == county, EventWait.kind == kind, EventWait.name == name
    )
    if case_id is not None:
        query = query.where(EventWait.case_id == case_id)
    if key is not None:
        query = query.where(EventWait.key == key)
    query = query.order_by(EventWait.case_id, EventWait.number)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def heard(session: Session, case: Case) -> set[str]:
    """Names of the messages that the case would take now, whether it stands still for them or not."""
    query = select(EventWait.name).where(
        EventWait.county == case.county, EventWait.case_id == case.id, EventWait.kind == "message"
    )
    return set(session.scalars(query))
