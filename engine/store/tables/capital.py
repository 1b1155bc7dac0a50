"""Reviews of business capital that wants land (工商企业等社会资本流转审查), and the money that stands for its risk."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from engine.store.base import Base, CountyCode, Division
from engine.store.tables.cases import of_case


class CapitalReview(Base):
    """What was asked and what came of it: other cases look it up by receiver and land."""

    __tablename__ = "capital_reviews"
    __table_args__ = of_case(
        UniqueConstraint("county", "number"),
        Index("ix_capital_reviews_receiver", "county", "receiver_found"),
    )
    county: Mapped[CountyCode]
    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str | None]  # of the opinion, where it passed: 田溪县流审〔2026〕第1号
    level: Mapped[str]  # township, county; above: the prefecture; exempt: inside the collective
    receiver_kind: Mapped[str]  # code of the case type's list receiver_kinds
    receiver_name: Mapped[str]
    receiver_found: Mapped[bytes]  # fingerprint of the 统一社会信用代码, or of a person's identity number
    parcels: Mapped[list[Any]]  # codes of the parcels that the agreement names
    area_mu: Mapped[Decimal]
    way: Mapped[str]
    use: Mapped[str]
    term_start: Mapped[date]
    term_end: Mapped[date]
    state: Mapped[str]  # reviewing, passed, failed, exempt, above, withdrawn, lapsed
    accepted_on: Mapped[date]
    decided_on: Mapped[date | None]
    valid_until: Mapped[date | None]  # last day on which the transfer contract may be signed
    conditions: Mapped[str | None]
    deposit_yuan: Mapped[Decimal]
    deposit: Mapped[str]  # none, due, paid, used, returned: what the movements say
    division: Mapped[Division]


class RiskDeposit(Base):
    """风险保障金: money paid in, used for households whose rent was not paid, or returned."""

    __tablename__ = "risk_deposits"
    __table_args__ = of_case(
        CheckConstraint("amount > 0", name="amount"), Index("ix_risk_deposits_case", "county", "case_id")
    )
    county: Mapped[CountyCode]
    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    kind: Mapped[str]  # paid, used, returned
    amount: Mapped[Decimal]  # yuan
    day: Mapped[date]
    note: Mapped[str]  # receipt number, or for whom it was used
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    division: Mapped[Division]
