"""What an auditor looks at: every record of a case with its proof, and who looked at what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.chain import GENESIS, Link, next_hash, payload_hash
from engine.domain.events import COMMANDS
from engine.queries.scoped import within
from engine.store import history
from engine.store.tables.cases import Case
from engine.store.tables.history import ReadRecord
from engine.store.tables.reference import Person

PAGE = 50


@dataclass(frozen=True)
class Record:
    """One event: what it says, its hash, and whether it still is what was recorded. ``payload`` None: erased."""

    link: Link
    payload: dict[str, Any] | None
    hash: str
    fault: str | None

    @property
    def is_command(self) -> bool:
        return self.link.kind in COMMANDS


@dataclass(frozen=True)
class CaseRow:
    number: str
    case_type: str
    version_id: str
    contractor: str
    status: str
    started_at: Any
    events: int


def records(session: Session, case: Case) -> list[Record]:
    """Every event in order. A fault breaks that event; what follows is checked from the recorded hash on."""
    bodies = {link.seq: payload for link, payload in history.read(session, case.county, case.id)}
    found, previous, last = [], GENESIS, 0
    for link, recorded, salt, body in history.chained_rows(session, case.county, case.id):
        fault = None
        if link.seq != last + 1:
            fault = "missing"
        elif next_hash(previous, link) != recorded:
            fault = "event"
        if (salt is None) != (body is None) or (
            salt is not None and body is not None and payload_hash(salt, body) != link.payload_hash
        ):
            fault = "payload"
        found.append(Record(link, bodies.get(link.seq), recorded.hex(), fault))
        previous, last = recorded, link.seq
    return found


def cases_to_audit(session: Session, actor: Actor, words: str, page: int) -> tuple[Sequence[CaseRow], bool]:
    """(rows newest first, whether there are more), searched by number, name or code."""
    query = select(Case).where(within(Case, actor))
    if words:
        query = query.where(
            or_(
                Case.number.startswith(words, autoescape=True),
                Case.contractor_code.startswith(words, autoescape=True),
                Case.contractor_name.contains(words, autoescape=True),
            )
        )
    query = (
        query.order_by(Case.started_at.desc(), Case.number.desc()).limit(PAGE + 1).offset((page - 1) * PAGE)
    )
    rows = list(session.scalars(query))
    heads = history.last_seqs(session, actor.county, [case.id for case in rows])
    shown = [
        CaseRow(
            case.number,
            case.case_type,
            case.version_id,
            case.contractor_name,
            case.status,
            case.started_at,
            heads.get(case.id, 0),
        )
        for case in rows[:PAGE]
    ]
    return shown, len(rows) > PAGE


def reads(session: Session, actor: Actor, subject: str, page: int) -> tuple[list[Any], bool]:
    """(rows newest first with the reader's name, whether there are more)."""
    query = (
        select(ReadRecord, Person.name)
        .join(Person, Person.id == ReadRecord.person_id)
        .where(within(ReadRecord, actor))
        .order_by(ReadRecord.id.desc())
        .limit(PAGE + 1)
        .offset((page - 1) * PAGE)
    )
    if subject:
        query = query.where(ReadRecord.subject.contains(subject, autoescape=True))
    rows = [tuple(row) for row in session.execute(query)]
    return rows[:PAGE], len(rows) > PAGE


def counted(session: Session, actor: Actor) -> dict[str, int]:
    """How many cases of the scope stand how."""
    rows = session.execute(select(Case.status, func.count()).where(within(Case, actor)).group_by(Case.status))
    return {status: count for status, count in rows}
