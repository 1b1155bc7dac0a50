"""The applicants' side, continued: public notices, messages to applicants, files that come in parts."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import PORTAL, Base, CodeText
from engine.store.tables.portal import Applicant

_schema: Any = {"schema": PORTAL}


class PublicNotice(Base):
    """公示公告: what is shown, where, until when. Names are masked and outlines generalised before they get here."""

    __tablename__ = "publicities"
    __table_args__ = (
        Index("ix_publicities_county", "county", "ends_on"),
        Index("ix_publicities_case_number", "case_number"),
        _schema,
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(CodeText)
    division: Mapped[str] = mapped_column(CodeText)  # of the issuing party
    case_number: Mapped[str] = mapped_column(CodeText)  # where objections go; no page shows it
    subject: Mapped[str]  # contract, survey
    title: Mapped[dict[str, Any]]  # {zh, en}
    place: Mapped[str]  # township and village
    places: Mapped[list[Any]]  # where it hangs
    starts_on: Mapped[date]
    ends_on: Mapped[date]  # last full day of showing
    status: Mapped[str]  # open, closed
    holder: Mapped[str]  # masked
    rows: Mapped[list[Any]]  # [{code, name, area_mu, measured_mu, bounds, holder}]
    terms: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'")
    )  # of a transfer, publish_notices.terms_of
    map: Mapped[dict[str, Any]]  # GeoJSON in the county's zone
    phone: Mapped[str | None]
    updated_at: Mapped[datetime]


class PartyView(Base):
    """A dispute as one of its parties may know it: for one person, found by the identity number. Whoever is no party has none."""

    __tablename__ = "party_views"
    __table_args__ = (Index("ix_party_views_person", "id_number_found"), _schema)
    number: Mapped[str] = mapped_column(CodeText, primary_key=True)  # of the case
    id_number_found: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    county: Mapped[str] = mapped_column(CodeText)
    side: Mapped[str]  # applicant, respondent, third_party: what papers it may have
    name: Mapped[str]
    stands_for: Mapped[str]  # the party's name; an agent's client
    agent: Mapped[bool]
    title: Mapped[dict[str, Any]]  # {zh, en}
    status: Mapped[str]
    case_type: Mapped[str]
    version: Mapped[str] = mapped_column(CodeText)
    told: Mapped[dict[str, Any]]  # as usecases/publish_parties.py writes it
    updated_at: Mapped[datetime]


class PublicDispute(Base):
    """A dispute as anybody may know of it: its number, what it is about and how it stands; names are masked."""

    __tablename__ = "disputes"
    __table_args__ = (Index("ix_portal_disputes_county", "county", "opened_on"), _schema)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(CodeText)
    division: Mapped[str] = mapped_column(CodeText)
    number: Mapped[str]
    kind: Mapped[str]  # mediation, arbitration
    cause: Mapped[dict[str, Any]]  # {zh, en}
    place: Mapped[str]  # township and village
    applicant: Mapped[str]  # masked
    respondents: Mapped[list[Any]]  # masked
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    outcome: Mapped[str | None]
    hearing: Mapped[
        dict[str, Any]
    ]  # {starts_at, place} of the next one that is public; {} where there is none
    updated_at: Mapped[datetime]


class PublicOffer(Base):
    """供求信息 as anybody may see it: people are masked, the place is no closer than the village."""

    __tablename__ = "land_offers"
    __table_args__ = (Index("ix_portal_land_offers_county", "county", "valid_until"), _schema)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(CodeText)
    kind: Mapped[str]  # offered, wanted
    area_mu: Mapped[Decimal]
    way: Mapped[str]  # lease, shares, other
    years: Mapped[int]
    price: Mapped[str]
    words: Mapped[str]
    place_code: Mapped[str] = mapped_column(CodeText)  # township or village
    place: Mapped[str]
    publisher: Mapped[str]  # masked, if a person
    contact: Mapped[str]  # a telephone: the publisher's by consent, else the office's
    contact_own: Mapped[bool]
    published_on: Mapped[date]
    valid_until: Mapped[date]  # last day of showing
    updated_at: Mapped[datetime]


class PortalMessage(Base):
    """站内消息: one applicant's, in both languages."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_applicant_id", "applicant_id", "sent_at"), _schema)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    applicant_id: Mapped[UUID] = mapped_column(ForeignKey(Applicant.id))
    case_number: Mapped[str | None] = mapped_column(CodeText)
    kind: Mapped[str]  # a template of engine/domain/data/messages.yaml
    title: Mapped[dict[str, Any]]
    text: Mapped[dict[str, Any]]
    sent_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class PartUpload(Base):
    """A file that comes in parts; when the last one is there it becomes an upload like any other."""

    __tablename__ = "part_uploads"
    __table_args__ = (Index(None, "applicant_id"), _schema)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    applicant_id: Mapped[UUID] = mapped_column(ForeignKey(Applicant.id))
    kind: Mapped[str]
    file_name: Mapped[str]
    size: Mapped[int]  # bytes, as announced
    received: Mapped[int] = mapped_column(server_default=text("0"))
    limits: Mapped[dict[str, Any]]  # {media_types, max_mb} of the kind of paper, when it began
    upload_id: Mapped[UUID | None]  # what it became
    begun_at: Mapped[datetime]


class UploadPart(Base):
    __tablename__ = "upload_parts"
    __table_args__ = _schema
    part_upload_id: Mapped[UUID] = mapped_column(
        ForeignKey(PartUpload.id, ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[int] = mapped_column(primary_key=True)  # byte that it begins with
    body: Mapped[bytes] = mapped_column(LargeBinary)


class DealSigning(Base):
    """A contract that somebody is asked to sign on their telephone. ``id`` is the key of their link, which they alone have.

    Not only households sign: whoever takes the land need not be in the register, nor sign in.
    """

    __tablename__ = "deal_signings"
    __table_args__ = (
        Index("ix_deal_signings_contractor", "county", "contractor_code"),
        Index("ix_deal_signings_case", "case_number"),
        _schema,
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    county: Mapped[str] = mapped_column(CodeText)
    case_number: Mapped[str] = mapped_column(CodeText)
    contractor_code: Mapped[str | None] = mapped_column(CodeText)  # its people find it on their first page
    name: Mapped[str]  # of who signs, masked
    side: Mapped[str]  # lessor, agent, recipient
    state: Mapped[str]  # open, signed, closed
    title: Mapped[dict[str, Any]]  # {zh, en}
    facts: Mapped[
        dict[str, Any]
    ]  # {number, parties, signed, area_mu, term_start, term_end, recipient, use, price, land, ...}
    version: Mapped[str]
    form: Mapped[str]
    paper: Mapped[str | None] = mapped_column(CodeText)  # verify code of the contract
    sha256: Mapped[str | None]
    updated_at: Mapped[datetime]
