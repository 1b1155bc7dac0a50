"""Electronic signatures on contracts, and the one-time codes that prove who makes them.

Identity numbers and telephones are kept masked, with a keyed hash beside: a signature must show who, not tell all.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode, Division
from engine.store.tables.cases import of_case


class Signature(Base):
    """One party's electronic signature, bound to the SHA-256 of the file that was shown. Never changed, only voided.

    ``digest`` is the SHA-256 of all that ``engine.domain.signing.told`` says of it; the case's history carries it too.
    """

    __tablename__ = "signatures"
    __table_args__ = of_case(
        ForeignKeyConstraint(
            ["county", "paper_id"], [f"{OPERATIONAL}.papers.county", f"{OPERATIONAL}.papers.id"]
        ),
        Index("ix_signatures_case", "county", "case_id"),
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    task_number: Mapped[int]
    paper_id: Mapped[UUID]  # the contract as issued
    party: Mapped[str]  # household, issuer; of a deal side and number: lessor-1, recipient-4
    document_sha256: Mapped[str] = mapped_column(CodeText)
    document_bytes: Mapped[int]
    signer_name: Mapped[str]
    id_number_masked: Mapped[str]
    id_number_found: Mapped[bytes] = mapped_column(LargeBinary)
    way: Mapped[str]  # phone: by the person in the portal; counter: on the pad of an office
    identity: Mapped[dict[str, Any]]  # provider, factors, when the code was sent and proved, telephone masked
    drawn: Mapped[dict[str, Any]]  # the strokes as they were written: {width, height, strokes}
    device: Mapped[dict[str, Any]]
    signed_at: Mapped[datetime]
    taken_by: Mapped[str]  # actor: the person themself, or the officer at whose counter it was written
    taken_by_name: Mapped[str]
    digest: Mapped[str] = mapped_column(CodeText)
    voided_at: Mapped[datetime | None]  # signed anew
    division: Mapped[Division]


class SigningCode(Base):
    """A one-time code sent to a party's telephone for one task and one file. Only its keyed hash is kept."""

    __tablename__ = "signing_codes"
    __table_args__ = of_case(Index("ix_signing_codes_task", "county", "case_id", "task_number"))
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    task_number: Mapped[int]
    party: Mapped[str] = mapped_column(server_default=text("''"))  # where several sign one file at one task
    document_sha256: Mapped[str] = mapped_column(CodeText)
    phone_masked: Mapped[str]
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str]  # sent, used, over (too many tries, or another one was sent)
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    asked_by: Mapped[str]
    outside: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'")
    )  # an outside provider's answer
    division: Mapped[Division]
