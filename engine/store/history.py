"""Writing and reading the event chain of a case."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.chain import GENESIS, Link, canonical, next_hash, payload_hash
from engine.domain.events import MATERIAL_ADDED, PAPER_PRINTED, TASK_CANCELLED, TIMER_FIRED, Happened
from engine.store.tables.cases import Case
from engine.store.tables.history import Checkpoint, Event, EventPayload
from engine.store.together import Writes


def append(
    session: Session, county: str, case_id: UUID, happened: Iterable[Happened], actor: Actor, at: datetime
) -> None:
    """Chain the facts to the case's events at once. The caller holds the lock of the case row."""
    writes = Writes()
    chain(writes, head(session, county, case_id), county, case_id, happened, actor, at)
    writes.add(
        "update operational.cases set changed_at = %(at)s where county = %(county)s and id = %(case)s",
        {"county": county, "case": case_id, "at": at},
    )
    writes.send(session)


def chain(
    writes: Writes,
    last: tuple[int, bytes],
    county: str,
    case_id: UUID,
    happened: Iterable[Happened],
    actor: Actor,
    at: datetime,
) -> None:
    """Chain the facts to the event ``last`` (its seq, its hash), to be sent with a command's other writes."""
    seq, previous = last
    events, payloads = [], []
    for fact in happened:
        seq += 1
        body, salt = canonical(fact.payload | said_for(actor)), os.urandom(16)
        link = Link(
            county,
            case_id,
            seq,
            at,
            actor.id,
            actor.name,
            actor.position,
            fact.kind,
            fact.element,
            fact.task_number,
            payload_hash(salt, body),
        )
        previous = next_hash(previous, link)
        events.append(vars(link) | {"hash": previous})
        payloads.append({"county": county, "case_id": case_id, "seq": seq, "salt": salt, "body": body})
    writes.insert(Event, events)
    writes.insert(EventPayload, payloads)


def said_for(actor: Actor) -> dict[str, Any]:
    """What an event's payload says of a deputy: whom the actor stood in for. ``found.POSITIONS`` looks for it."""
    if actor.principal is None:
        return {}
    return {"for": {"id": actor.principal, "name": actor.principal_name}}


def times(session: Session, case: Case, kind: str, task: int) -> list[datetime]:
    """When events of that kind happened to a task of the case."""
    query = select(Event.at).where(
        Event.county == case.county, Event.case_id == case.id, Event.kind == kind, Event.task_number == task
    )
    return list(session.scalars(query))


def timer_cancelled(session: Session, case: Case, task: int) -> bool:
    """Whether the task was cancelled because a period of the process had passed: one command's events share their moment."""
    here = (Event.county == case.county) & (Event.case_id == case.id)
    cancelled = select(Event.at).where(here, Event.kind == TASK_CANCELLED, Event.task_number == task)
    fired = select(Event.seq).where(here, Event.kind == TIMER_FIRED, Event.at.in_(cancelled))
    return session.scalar(fired.limit(1)) is not None


def head(session: Session, county: str, case_id: UUID) -> tuple[int, bytes]:
    """(last seq, its hash) of the case; (0, GENESIS) before its first event."""
    row = session.execute(
        select(Event.seq, Event.hash)
        .where(Event.county == county, Event.case_id == case_id)
        .order_by(Event.seq.desc())
        .limit(1)
    ).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def chained_rows(
    session: Session, county: str, case_id: UUID
) -> Iterator[tuple[Link, bytes, bytes | None, str | None]]:
    """(link, hash, salt, body) in order, as ``chain.verify_case`` wants them."""
    rows = session.execute(
        select(Event, EventPayload.salt, EventPayload.body)
        .outerjoin(
            EventPayload,
            (EventPayload.county == Event.county)
            & (EventPayload.case_id == Event.case_id)
            & (EventPayload.seq == Event.seq),
        )
        .where(Event.county == county, Event.case_id == case_id)
        .order_by(Event.seq)
    )
    for event, salt, body in rows:
        yield as_link(event), event.hash, salt, body


def as_link(event: Event) -> Link:
    return Link(
        event.county,
        event.case_id,
        event.seq,
        event.at,
        event.actor,
        event.actor_name,
        event.position,
        event.kind,
        event.element,
        event.task_number,
        event.payload_hash,
    )


def read(session: Session, county: str, case_id: UUID) -> list[tuple[Link, dict[str, Any] | None]]:
    """Every event of the case with its payload (None where it was erased)."""
    return [
        (link, json.loads(body) if body is not None else None)
        for link, _, _, body in chained_rows(session, county, case_id)
    ]


def told_files(session: Session, county: str) -> dict[UUID, str]:
    """paper id -> SHA-256 as the events have it, of every file handed in or printed.

    Erased payloads tell nothing, nor do altered ones that cannot be read any more: those the chain finds.
    """
    rows = session.scalars(
        select(EventPayload.body)
        .join(
            Event,
            (EventPayload.county == Event.county)
            & (EventPayload.case_id == Event.case_id)
            & (EventPayload.seq == Event.seq),
        )
        .where(
            Event.county == county,
            Event.kind.in_((MATERIAL_ADDED, PAPER_PRINTED)),
            EventPayload.body.is_not(None),
        )
    )
    told: dict[UUID, str] = {}
    for body in rows:
        with suppress(ValueError, LookupError, TypeError, AttributeError):
            payload = json.loads(body or "")
            told[UUID(payload["paper"])] = payload["sha256"]
    return told


def chained_cases(session: Session, county: str) -> set[UUID]:
    """Cases that have events, whether or not their own row is still there."""
    return set(session.scalars(select(Event.case_id).where(Event.county == county).distinct()))


def hash_at(session: Session, county: str, case_id: UUID, seq: int) -> bytes | None:
    return session.scalar(
        select(Event.hash).where(Event.county == county, Event.case_id == case_id, Event.seq == seq)
    )


def heads(session: Session, county: str) -> dict[str, tuple[int, bytes]]:
    """Case id -> (last seq, its hash) of every case of the county."""
    rows = session.execute(
        select(Event.case_id, Event.seq, Event.hash)
        .distinct(Event.case_id)
        .where(Event.county == county)
        .order_by(Event.case_id, Event.seq.desc())
    )
    return {str(row.case_id): (row.seq, row.hash) for row in rows}


def checkpoints(session: Session, county: str) -> list[Checkpoint]:
    return list(
        session.scalars(select(Checkpoint).where(Checkpoint.county == county).order_by(Checkpoint.seq))
    )


def last_seqs(session: Session, county: str, case_ids: list[UUID]) -> dict[UUID, int]:
    """How many events each of the cases has."""
    rows = session.execute(
        select(Event.case_id, func.max(Event.seq))
        .where(Event.county == county, Event.case_id.in_(case_ids))
        .group_by(Event.case_id)
    )
    return {case_id: seq for case_id, seq in rows}
