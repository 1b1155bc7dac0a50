"""What all counties share: divisions, counties, people and their positions, published versions."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import REFERENCE, Base, CodeText, RowId
from engine.store.sealed import SealedText

_shared: Any = {"schema": REFERENCE}


class Division(Base):
    """行政区划. ``code`` has 2/4/6/9/12/14 digits: province, city, county, township, village, group."""

    __tablename__ = "divisions"
    __table_args__ = _shared
    code: Mapped[str] = mapped_column(CodeText, primary_key=True)
    name: Mapped[str]
    full_name: Mapped[str]
    phone: Mapped[str | None]  # the office's telephone, told to applicants


class County(Base):
    """One county that this installation serves, with its settings (mu decimals, texts of its papers)."""

    __tablename__ = "counties"
    __table_args__ = _shared
    code: Mapped[str] = mapped_column(CodeText, primary_key=True)
    name: Mapped[str]
    srid: Mapped[int]  # EPSG code of the county's own CGCS2000 3-degree zone
    settings: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))


class Person(Base):
    """A member of staff. Applicants are not people here; they live in the portal's schema."""

    __tablename__ = "people"
    __table_args__ = _shared
    id: Mapped[UUID] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    home: Mapped[str] = mapped_column(CodeText, index=True)  # county that the account was made in
    phone: Mapped[str | None]
    password_hash: Mapped[str]  # empty until the account is activated
    activation_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)  # of the code told once
    activation_until: Mapped[datetime | None]
    totp_secret: Mapped[str | None] = mapped_column(SealedText)  # of the second factor, where there is one
    totp_step: Mapped[int | None]  # the last one used: a code works once
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    preferences: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'")
    )  # of the pages: {keys: false}
    sessions_from: Mapped[datetime]  # sessions opened before this moment are void: revocation


class Position(Base):
    """A role at a division, from a day to a day (both included; an open end is empty)."""

    __tablename__ = "positions"
    __table_args__ = (Index(None, "person_id"), Index(None, "role", "division"), _shared)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    role: Mapped[str]
    division: Mapped[str] = mapped_column(CodeText)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    state: Mapped[str] = mapped_column(server_default="granted")  # asked, granted, refused
    asked_by: Mapped[UUID | None]
    decided_by: Mapped[UUID | None]


class Deputy(Base):
    """请假代理: who stands in for the holder of a position, from a day to a day (both included)."""

    __tablename__ = "deputies"
    __table_args__ = (Index(None, "county"), Index(None, "position_id"), Index(None, "deputy_id"), _shared)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(CodeText)
    position_id: Mapped[UUID] = mapped_column(ForeignKey(Position.id))
    principal_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    reason: Mapped[str]
    named_by: Mapped[UUID]
    named_at: Mapped[datetime]
    ended_by: Mapped[UUID | None]  # before its time
    ended_at: Mapped[datetime | None]


class AccountEvent(Base):
    """What was done to an account: who, when, what. Nobody changes or deletes a row."""

    __tablename__ = "account_events"
    __table_args__ = (Index(None, "county", "id"), Index(None, "person_id"), _shared)
    id: Mapped[RowId]
    county: Mapped[str] = mapped_column(CodeText)
    person_id: Mapped[UUID]
    at: Mapped[datetime]
    by: Mapped[UUID]
    kind: Mapped[str]  # engine/usecases/accounts says which there are
    facts: Mapped[dict[str, Any]]


class ApiClient(Base):
    """Another system that may ask for tokens with a secret of its own (OAuth 2.0 client credentials).

    It is an account without a password: its position is asked for, granted and ended as people's are.
    """

    __tablename__ = "api_clients"
    __table_args__ = _shared
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), primary_key=True)
    secret_sha256: Mapped[bytes] = mapped_column(LargeBinary)  # of 256 random bits, told once
    scope: Mapped[str]  # areas that its tokens may open at most, by blanks


class ApiToken(Base):
    """A bearer token of staff for /api/v1, for one of their positions. Only its SHA-256 is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "person_id"), _shared)
    token_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)  # names it in lists; no way back to the token
    scope: Mapped[str | None]  # areas that it opens, by blanks; empty: all that the position opens
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    position_id: Mapped[UUID] = mapped_column(ForeignKey(Position.id))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInTries(Base):
    """Failures for one user name from one network address, whether or not anybody has the name.

    The row with an empty address counts what came from addresses where the name never signed in.
    """

    __tablename__ = "sign_in_tries"
    __table_args__ = (Index(None, "failed_at"), _shared)
    name_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    locks: Mapped[int]  # in a row
    locked_until: Mapped[datetime | None]
    failed_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]


class StaffSession(Base):
    """A browser that somebody signed in with. Its cookie names a session in Redis, and that names this row."""

    __tablename__ = "staff_sessions"
    __table_args__ = (Index(None, "person_id"), _shared)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # to the minute
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    agent: Mapped[str]
    way: Mapped[str]  # password, second, recovery, oidc


class RecoveryCode(Base):
    """A code that lets in once, for who has lost the second factor or is shut out. Only its SHA-256 is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = _shared
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), primary_key=True)
    code_sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    used_at: Mapped[datetime | None]


class OutsideIdentity(Base):
    """Who an identity provider's subject is here. Set by the security administrator."""

    __tablename__ = "outside_identities"
    __table_args__ = (UniqueConstraint("issuer", "person_id"), _shared)
    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    set_by: Mapped[UUID | None]
    set_at: Mapped[datetime]


class ProcessVersion(Base):
    """A published version of a case type: immutable, named by the hash of its files."""

    __tablename__ = "process_versions"
    __table_args__ = (UniqueConstraint("case_type", "number"), _shared)
    id: Mapped[str] = mapped_column(CodeText, primary_key=True)
    case_type: Mapped[str]
    number: Mapped[int]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
    approved_by: Mapped[str]
    note: Mapped[str] = mapped_column(server_default="")


class ProcessFile(Base):
    """One file of a published version."""

    __tablename__ = "process_files"
    __table_args__ = _shared
    version_id: Mapped[str] = mapped_column(ForeignKey(ProcessVersion.id), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class CurrentVersion(Base):
    """The version that the next case of a county runs on."""

    __tablename__ = "current_versions"
    __table_args__ = _shared
    county: Mapped[str] = mapped_column(CodeText, primary_key=True)
    case_type: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[str] = mapped_column(ForeignKey(ProcessVersion.id))
    since: Mapped[datetime]


class ProcessDraft(Base):
    """Files of a version that are being changed in the studio: only those that differ from the base."""

    __tablename__ = "process_drafts"
    __table_args__ = (
        Index(
            "uq_process_drafts_open",
            "county",
            "case_type",
            unique=True,
            postgresql_where=text("status in ('editing', 'submitted')"),
        ),
        _shared,
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(CodeText)
    case_type: Mapped[str]
    base_version: Mapped[str] = mapped_column(ForeignKey(ProcessVersion.id))
    files: Mapped[dict[str, Any]]  # path -> text
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    status: Mapped[str] = mapped_column(server_default="editing")  # editing, submitted, published, discarded
    note: Mapped[str] = mapped_column(server_default="")
    edited_by: Mapped[UUID]
    edited_at: Mapped[datetime]
    submitted_by: Mapped[UUID | None]


class DraftStep(Base):
    """What somebody did with a draft after it was written: handed it in, took it back, returned, published it."""

    __tablename__ = "process_draft_steps"
    __table_args__ = (Index(None, "draft_id"), _shared)
    id: Mapped[RowId]
    draft_id: Mapped[UUID] = mapped_column(ForeignKey(ProcessDraft.id))
    did: Mapped[str]  # submitted, withdrawn, returned, published, discarded
    person_id: Mapped[UUID]
    at: Mapped[datetime]
    note: Mapped[str] = mapped_column(server_default="")


class DemoClock(Base):
    """How far the demonstration's clock runs ahead, in seconds. One row; absent outside demonstrations."""

    __tablename__ = "demo_clock"
    __table_args__ = _shared
    id: Mapped[int] = mapped_column(primary_key=True)
    ahead_seconds: Mapped[int]
