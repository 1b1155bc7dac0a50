"""Disputes over contracted land: the cases as such, the commission's people, hearings, and what was served on whom."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import OPERATIONAL, Base, CodeText, CountyCode, Division
from engine.store.tables.cases import of_case

_schema: Any = {"schema": OPERATIONAL}


class Dispute(Base):
    """One mediation or arbitration that was taken in. Names stand here in full; the public list masks them."""

    __tablename__ = "disputes"
    __table_args__ = of_case(
        UniqueConstraint("county", "number"), Index("ix_disputes_opened", "county", "kind", "opened_on")
    )
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]  # mediation, arbitration
    number: Mapped[str]  # 农仲案〔2026〕第1号
    cause: Mapped[str]  # code of the case type's list of causes
    cause_title: Mapped[dict[str, Any]]
    applicant: Mapped[str]
    respondents: Mapped[list[Any]]  # names
    third_parties: Mapped[list[Any]]
    parcels: Mapped[list[Any]]  # codes of the disputed parcels
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    outcome: Mapped[str | None]  # as close_dispute says: agreed, failed, withdrawn, award, mediated ...
    effective_on: Mapped[date | None]  # of the award or the mediation document
    change: Mapped[str | None]  # what of the register must change by it: none, or a code of the list
    change_case: Mapped[str | None] = mapped_column(CodeText)  # number of the case that changes it
    division: Mapped[Division]


class CommissionMember(Base):
    """A person of the arbitration commission or on its list of arbitrators (调解仲裁法 art 13, 15)."""

    __tablename__ = "commission_members"
    __table_args__ = (
        UniqueConstraint("county", "number"),
        Index("ix_commission_members_name", "county", "name"),
        _schema,
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(CodeText)  # on the list of arbitrators, told to the parties
    name: Mapped[str]
    post: Mapped[str]  # in the commission: chair, vice_chair, member, none
    arbitrator: Mapped[bool]
    ground: Mapped[str | None]  # of appointment, art 15: administration, law, mediation, respected
    trade: Mapped[str]  # farmer, law, economics, office, other
    phone: Mapped[str | None]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    division: Mapped[Division]


class Hearing(Base):
    """开庭: when and where, and who sits. ``panel``: [{id, name, role: chair | arbitrator | sole}]."""

    __tablename__ = "hearings"
    __table_args__ = of_case(
        UniqueConstraint("county", "case_id", "round"), Index("ix_hearings_starts", "county", "starts_at")
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    round: Mapped[int]  # from 1 within the case
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str]
    public: Mapped[bool]  # anybody may listen (art 30)
    panel: Mapped[list[Any]]
    status: Mapped[str]  # called, held, postponed, cancelled
    called_on: Mapped[date]
    notify_by: Mapped[date]  # last day to tell the parties
    postpone_by: Mapped[date]  # last day to ask for another day
    reason: Mapped[str | None]  # why it was postponed
    division: Mapped[Division]


class ServedPaper(Base):
    """送达: one paper to one party, with what the return slip says."""

    __tablename__ = "served_papers"
    __table_args__ = of_case(Index("ix_served_papers_case", "county", "case_id"))
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    what: Mapped[str]  # title of the paper
    addressee: Mapped[str]
    way: Mapped[str]  # direct, left, post, public
    sent_on: Mapped[date]
    received_on: Mapped[date | None]  # date of the slip; of a public notice the day it was displayed in full
    receiver: Mapped[str | None]
    remark: Mapped[str | None]  # why it was left, and the witnesses
    recorded_by: Mapped[str]
    division: Mapped[Division]


class PartyAct(Base):
    """What a party, or its agent, did in a dispute by the portal. Rows are added and never changed."""

    __tablename__ = "party_acts"
    __table_args__ = of_case(Index("ix_party_acts_case", "county", "case_id", "said_at"))
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    act: Mapped[str]  # of the case type's ``parties.acts``
    title: Mapped[dict[str, Any]]  # {zh, en}
    form: Mapped[str]
    side: Mapped[str]  # applicant, respondent, third_party
    party: Mapped[str]  # whose word it is
    by_name: Mapped[str]  # who gave it: the party or its agent
    applicant: Mapped[UUID]  # of the portal
    said: Mapped[dict[str, Any]]  # the form's answers
    said_at: Mapped[datetime]
    division: Mapped[Division]
