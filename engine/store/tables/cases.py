"""Cases: what is asked, where it stands, who must act, by when, and what it will change."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode, Division

_schema: Any = {"schema": OPERATIONAL}


def of_case(*more: Any) -> tuple[Any, ...]:
    return (
        ForeignKeyConstraint(
            ["county", "case_id"], [f"{OPERATIONAL}.cases.county", f"{OPERATIONAL}.cases.id"]
        ),
        *more,
        _schema,
    )


class Case(Base):
    """案件. ``division`` is the issuing party's village or group: it decides who sees the case."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("county", "number"),
        Index("ix_cases_open", "county", "status", "division"),
        Index("ix_cases_contractor", "county", "contractor_code"),
        Index("ix_cases_changed", "county", text("changed_at desc"), text("number desc")),
        Index(
            "ix_cases_surveyed_by",
            "county",
            "surveyed_by",
            text("changed_at desc"),
            postgresql_where=text("surveyed_by is not null"),
        ),
        Index("ix_cases_asked_by", "county", "asked_by", postgresql_where=text("asked_by is not null")),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(CodeText)  # 业务流水号 YWLSH, 20 digits
    case_type: Mapped[str]
    version_id: Mapped[str] = mapped_column(CodeText)
    division: Mapped[Division]
    issuing_party_code: Mapped[str] = mapped_column(CodeText)
    contractor_code: Mapped[str] = mapped_column(CodeText)
    contractor_name: Mapped[str]
    origin: Mapped[str]  # self: by the household in the portal; village: on its behalf
    status: Mapped[str]  # open, completed, rejected, withdrawn, lapsed
    outcome: Mapped[str | None]  # id of the end event
    lookup_found: Mapped[bytes | None]  # fingerprint of the lookup code told to the applicant
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]  # of its last event
    ended_at: Mapped[datetime | None]
    revision: Mapped[int]  # counts commands; a form carries the one it was opened with
    applicant: Mapped[UUID | None]  # the portal's account, where there is one
    asked_by: Mapped[str | None] = mapped_column(CodeText)  # number of the case that asked for this one
    surveyed_by: Mapped[str | None] = mapped_column(CodeText)  # code of the firm that a survey is given to


class CaseState(Base):
    """The engine's own state of a case: a JSON text that engine/bpmn writes; its "d" are the variables."""

    __tablename__ = "case_states"
    __table_args__ = of_case()
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(Text)


class CaseText(Base):
    """What a case is found by: its words, and their pieces (engine/domain/searching.py). Follows the events."""

    __tablename__ = "case_texts"
    __table_args__ = of_case(Index("ix_case_texts_pieces", "pieces", postgresql_using="gin"))
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    division: Mapped[Division]
    words: Mapped[str]
    pieces: Mapped[Any] = mapped_column(TSVECTOR)


class Task(Base):
    """A user task. ``office`` is the division whose role holders do it."""

    __tablename__ = "tasks"
    __table_args__ = of_case(
        Index(
            "ix_tasks_office",
            "county",
            "role",
            "office",
            "due_at",
            "opened_at",
            "case_id",
            "number",
            postgresql_where=text("status = 'open' and assignee is null"),
        ),
        Index(
            "ix_tasks_mine",
            "county",
            "assignee",
            "due_at",
            "opened_at",
            "case_id",
            "number",
            postgresql_where=text("status = 'open' and assignee is not null"),
        ),
        Index("ix_tasks_due", "county", "due_at", "case_id", postgresql_where=text("status = 'open'")),
        Index(
            "ix_tasks_done",
            "county",
            "assignee",
            text("ended_at desc"),
            text("case_id desc"),
            text("number desc"),
            postgresql_where=text("status = 'done'"),
        ),
    )
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # the engine's serial of it within the case
    element: Mapped[str]
    name: Mapped[str]
    form: Mapped[str]
    role: Mapped[str]
    office: Mapped[str] = mapped_column(CodeText)
    division: Mapped[Division]
    status: Mapped[str]  # open, done, cancelled
    assignee: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime | None]  # its limit's, for lists; empty while that stands still
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    decision: Mapped[str | None]  # value of the form's field "decision", for lists


class Draft(Base):
    """What a person has typed into a task and not yet sent."""

    __tablename__ = "drafts"
    __table_args__ = of_case()
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    task_number: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class Deadline(Base):
    """A period that runs: a wait of the process, or the limit of a task or of the case.

    ``stops`` are the pauses: [[from, to or null], ...] as ISO instants. ``due_at`` is empty while stopped.
    """

    __tablename__ = "deadlines"
    __table_args__ = of_case(
        Index("ix_deadlines_due", "due_at", postgresql_where=text("status = 'running'")),
        Index("ix_deadlines_case", "county", "case_id"),
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    task_number: Mapped[int | None]
    element: Mapped[str | None]
    name: Mapped[str]  # a row of the case type's parameters.yaml
    kind: Mapped[str]  # wait, limit
    unit: Mapped[str]  # working_days, calendar_days; exact: as the model says, ``name`` is its ISO text
    length: Mapped[int]
    started_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    stops: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    status: Mapped[str]  # running, stopped, fired, met, cancelled, failed (an incident)
    attempts: Mapped[int] = mapped_column(server_default=text("0"))  # at firing it, counted when one begins
    allowed: Mapped[int] = mapped_column(server_default=text("5"))  # attempts; a retried incident gets more
    claimed_until: Mapped[datetime | None]  # real time; no ticker tries it before
    error: Mapped[str | None]
    provisional: Mapped[bool] = mapped_column(server_default=text("false"))
    division: Mapped[Division]


class EventWait(Base):
    """A message or signal that the case waits for, so that what comes finds it."""

    __tablename__ = "event_waits"
    __table_args__ = of_case(Index("ix_event_waits_name", "county", "kind", "name", "key"))
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)  # the engine's serial of the wait within the case
    element: Mapped[str]
    kind: Mapped[str]  # message, signal
    name: Mapped[str]
    key: Mapped[str | None]
    listens: Mapped[bool] = mapped_column(server_default=text("false"))  # it may come; nothing waits for it


class Changeset(Base):
    """The typed changes a case will make to the register, and whether it made them."""

    __tablename__ = "changesets"
    __table_args__ = of_case()
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    changes: Mapped[list[Any]]
    findings: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    applied_at: Mapped[datetime | None]
    division: Mapped[Division]


class Reservation(Base):
    """A household or parcel held by an open case: a second case on it is refused at start."""

    __tablename__ = "reservations"
    __table_args__ = of_case(
        Index(
            "uq_reservations_active",
            "county",
            "kind",
            "code",
            unique=True,
            postgresql_where=text("released_at is null"),
        ),
        Index("ix_reservations_code", "county", "code"),
    )
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # contractor, parcel
    code: Mapped[str] = mapped_column(CodeText, primary_key=True)
    released_at: Mapped[datetime | None]


class Publicity(Base):
    """公示: what is shown where, from when to when, and what came of it.

    ``postings``: one for each place, [{place, kind: own|neighbour|township, division, photo: paper id or null}].
    """

    __tablename__ = "publicities"
    __table_args__ = of_case(Index("ix_publicities_case", "county", "case_id"))
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    subject: Mapped[str]  # contract, survey
    places: Mapped[list[Any]]
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # last full day of showing; later where the clock stood still
    result: Mapped[dict[str, Any] | None]
    division: Mapped[Division]
    round: Mapped[int] = mapped_column(server_default=text("1"))  # of its subject within the case
    deadline: Mapped[str | None]  # the row of parameters.yaml that it runs by
    postings: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    closed_at: Mapped[datetime | None]  # its result was recorded, or it was given up


class Objection(Base):
    """异议: what somebody holds against something on display, and how it was settled."""

    __tablename__ = "objections"
    __table_args__ = of_case(
        ForeignKeyConstraint(
            ["county", "publicity_id"],
            [f"{OPERATIONAL}.publicities.county", f"{OPERATIONAL}.publicities.id"],
        ),
        UniqueConstraint("county", "case_id", "number"),
        Index("ix_objections_publicity", "county", "publicity_id"),
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    publicity_id: Mapped[UUID]
    number: Mapped[int]  # within the case
    objector: Mapped[str]
    phone: Mapped[str | None]
    applicant: Mapped[UUID | None]  # the portal's account, where it came from there
    channel: Mapped[str]  # counter, portal, api
    category: Mapped[str]  # head, member, parcel, other (户主, 成员, 地块, 其他)
    evidence: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # ids of papers
    text: Mapped[str]
    raised_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]  # actor id
    task_number: Mapped[int | None]  # the task that settles it
    status: Mapped[str]  # open, dismissed, upheld, withdrawn
    finding: Mapped[str | None]
    answer: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]  # person's name
    division: Mapped[Division]


class Paper(Base):
    """A document that the case issued, or a material that somebody handed in. Files lie by their SHA-256."""

    __tablename__ = "papers"
    __table_args__ = of_case(
        Index("ix_papers_case", "county", "case_id"),
        Index("ix_papers_sha256", "county", "sha256"),
        UniqueConstraint("county", "verify_code"),
        UniqueConstraint("county", "number"),
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None]  # a material is handed in before its case starts
    source: Mapped[str]  # issued, material
    kind: Mapped[str]  # template name, or kind of material
    title: Mapped[str]
    number: Mapped[str | None]
    verify_code: Mapped[str | None] = mapped_column(CodeText)
    context: Mapped[dict[str, Any] | None]  # what an issued paper says, frozen when it was issued
    status: Mapped[str]  # waiting (to be printed), ready, failed
    media_type: Mapped[str]
    sha256: Mapped[str | None]
    size: Mapped[int | None]
    file_name: Mapped[str | None]
    audience: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # applicant, village, ...
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    # of its file: issued {pages}; a scan {scan: [{dpi, codes}]}; sealed {of, document_sha256, seal}
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    task_number: Mapped[int | None]
    division: Mapped[Division]


class FactCheck(Base):
    """What a household said of its registered facts: right, or what is wrong. Once for each state of them."""

    __tablename__ = "fact_checks"
    __table_args__ = (
        UniqueConstraint("county", "applicant", "facts_mark"),
        Index("ix_fact_checks_contractor", "county", "contractor_code"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    division: Mapped[Division]
    contractor_code: Mapped[str] = mapped_column(CodeText)
    facts_mark: Mapped[str]  # digest of what was shown
    answer: Mapped[str]  # right, wrong
    categories: Mapped[list[Any]]  # head, members, parcels, other
    text: Mapped[str]
    said_by: Mapped[str]
    applicant: Mapped[UUID]
    said_at: Mapped[datetime]
