"""The applicants' side. Its database role reads and writes these tables and nothing else.

The portal never looks into the register: it writes submissions, an inside job takes them in as commands
and publishes back what the person may know. So the internet side can stand on its own machine.
"""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import PORTAL, Base, CodeText
from engine.store.sealed import SealedText

_schema: Any = {"schema": PORTAL}


class Applicant(Base):
    """A person who proved who they are, with the facts about their own household (published from inside)."""

    __tablename__ = "applicants"
    __table_args__ = _schema
    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(CodeText)
    name: Mapped[str]
    id_number_found: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    phone: Mapped[str]
    contractor_code: Mapped[str] = mapped_column(CodeText)  # empty: of no household here, for one case alone
    facts: Mapped[dict[str, Any]]  # household, members, parcels, contract: own only, numbers masked
    channels: Mapped[list[Any]] = mapped_column(
        server_default=text("'[\"sms\"]'")
    )  # beside the portal: sms, email
    email: Mapped[str | None]  # proved by a code; nothing goes to another
    email_asked: Mapped[str | None]  # an address that has still to prove itself
    email_code: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_code_until: Mapped[datetime | None]
    email_tries: Mapped[int] = mapped_column(server_default=text("0"))
    updated_at: Mapped[datetime]


class SignIn(Base):
    """An attempt to sign in: the portal asks, the inside checks the register and sends a one-time code."""

    __tablename__ = "sign_ins"
    __table_args__ = _schema
    id: Mapped[UUID] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    name: Mapped[str]
    id_number: Mapped[str | None] = mapped_column(SealedText)  # emptied once it was checked
    phone: Mapped[str]
    case_number: Mapped[str | None] = mapped_column(
        CodeText
    )  # signs in for this case alone, as agent or third party
    status: Mapped[str]  # asked, sent, refused, used
    applicant_id: Mapped[UUID | None]
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    expires_at: Mapped[datetime]


class PortalToken(Base):
    """A bearer token of an applicant for /api/v1. Only its SHA-256 is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "applicant_id"), _schema)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    applicant_id: Mapped[UUID] = mapped_column(ForeignKey(Applicant.id))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PortalAnswer(Base):
    """One answer per idempotency key of the API's portal side. ``owner``: applicant id, empty for strangers."""

    __tablename__ = "idempotency_keys"
    __table_args__ = _schema
    owner: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_sha256: Mapped[str]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class PortalDraft(Base):
    """What an applicant has filled in so far: a new application, or a supplement to a case."""

    __tablename__ = "drafts"
    __table_args__ = (Index(None, "applicant_id"), _schema)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    applicant_id: Mapped[UUID] = mapped_column(ForeignKey(Applicant.id))
    case_type: Mapped[str]
    form: Mapped[str]
    case_number: Mapped[str | None] = mapped_column(CodeText)
    task_number: Mapped[int | None]
    act: Mapped[str | None]  # what a party to a dispute does beside applications and tasks
    data: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    submitted: Mapped[bool] = mapped_column(server_default=text("false"))


class PortalUpload(Base):
    """A file an applicant handed in, until the inside has taken it over."""

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "applicant_id"), _schema)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    applicant_id: Mapped[UUID | None] = mapped_column(
        ForeignKey(Applicant.id)
    )  # empty: of an objection by a stranger
    kind: Mapped[str]
    file_name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    uploaded_at: Mapped[datetime]


class Submission(Base):
    """A command from outside, taken in by the inside in order. ``id`` is its idempotency key."""

    __tablename__ = "submissions"
    __table_args__ = (
        Index("ix_submissions_waiting", "seq", postgresql_where=text("status = 'waiting'")),
        _schema,
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    applicant_id: Mapped[UUID | None] = mapped_column(ForeignKey(Applicant.id))  # empty: anybody's objection
    draft_id: Mapped[UUID | None]
    kind: Mapped[
        str
    ]  # apply, supply, party, confirm, remind, withdrawal, objection, email_code; sign, sign_code (data sealed)
    case_type: Mapped[str]
    case_number: Mapped[str | None] = mapped_column(CodeText)
    task_number: Mapped[int | None]
    act: Mapped[str | None]  # of kind "party"
    data: Mapped[dict[str, Any]]
    submitted_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="waiting")  # waiting, taken, refused
    answer: Mapped[dict[str, Any] | None]  # case number and lookup code, or the errors by field


class CaseView(Base):
    """What an applicant may know about a case: whose turn, until when, what to do; the steps and papers."""

    __tablename__ = "case_views"
    __table_args__ = (Index(None, "county", "contractor_code"), _schema)
    number: Mapped[str] = mapped_column(CodeText, primary_key=True)
    county: Mapped[str] = mapped_column(CodeText)
    contractor_code: Mapped[str] = mapped_column(CodeText)  # every member of the household may follow it
    applicant_id: Mapped[UUID | None]  # who applied, and alone may act in it
    lookup_found: Mapped[bytes | None] = mapped_column(LargeBinary)
    title: Mapped[dict[str, Any]]  # {zh, en}
    status: Mapped[str]
    turn: Mapped[dict[str, Any]]  # {office:{zh,en}, text:{zh,en}, due_on, todo:{zh,en}|null, phone}
    steps: Mapped[list[Any]]  # [{title:{zh,en}, office:{zh,en}, state: done|now|next|ended, on, expected}]
    todo: Mapped[
        dict[str, Any] | None
    ]  # open task of the applicant: {task, form, version, items, due_on ...}
    may: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    # what else its applicant may do: {withdraw: bool, remind_from: ISO day | null}
    updated_at: Mapped[datetime]


class PublishedPaper(Base):
    """A paper the applicant may download, and what anyone may check who holds it."""

    __tablename__ = "papers"
    __table_args__ = (Index(None, "case_number"), _schema)
    verify_code: Mapped[str] = mapped_column(CodeText, primary_key=True)
    case_number: Mapped[str] = mapped_column(CodeText)
    kind: Mapped[str]
    title: Mapped[str]
    number: Mapped[str]
    dated: Mapped[date]
    office: Mapped[str]
    sha256: Mapped[str]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)  # empty where no party is an addressee
    audience: Mapped[list[Any]] = mapped_column(server_default=text("'[\"applicant\"]'"))
    # which parties may download it: applicant, respondent, third_party
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    # for anyone who checks it: of a contract {contract, state}; of a sealed one also {of_sha256, by, at}


class PublishedForm(Base):
    """A form that households fill in, of a version in force or of an open case's version."""

    __tablename__ = "forms"
    __table_args__ = _schema
    version_id: Mapped[str] = mapped_column(CodeText, primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    case_type: Mapped[str]
    title: Mapped[dict[str, Any]]  # of the case type, {zh, en}
    source: Mapped[str] = mapped_column(Text)  # the form's YAML
    options: Mapped[dict[str, Any]]  # {lists: {name: options}, papers: {kind: {media_types, max_mb}}}


class CountyCard(Base):
    """Name and telephone of the county's office, and what one can apply for there."""

    __tablename__ = "counties"
    __table_args__ = _schema
    code: Mapped[str] = mapped_column(CodeText, primary_key=True)
    name: Mapped[str]
    phone: Mapped[str | None]
    offers: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))
    seals: Mapped[list[Any]] = mapped_column(server_default=text("'[]'"))  # certificates of its seals, PEM
    # offers: [{case_type, version, form, title:{zh,en}, summary:{zh,en}}], of the versions in force
    guides: Mapped[list[Any]] = mapped_column(
        server_default=text("'[]'")
    )  # 办事指南, as domain/guide.py makes them
    offices: Mapped[list[Any]] = mapped_column(
        server_default=text("'[]'")
    )  # [{code, name, phone}] of all villages
