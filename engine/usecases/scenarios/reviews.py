"""Stories of transfers to a firm that was reviewed before: opinions that stand when the story begins."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy.orm import Session

from engine.domain.register import Household
from engine.store.sealed import fingerprint
from engine.store.tables.capital import CapitalReview
from engine.store.tables.cases import Case
from engine.usecases.procedures import current_procedure
from engine.usecases.start_case import new_number

if TYPE_CHECKING:
    from engine.usecases.scenarios.play import Play

FIRM, CODE = "大田农业有限公司", "91990101MA0000000U"


def add_review(
    play: "Play", session: Session, household: Household, rows: list[dict[str, str]], told: Mapping[str, Any]
) -> None:
    """``told``: number, and any of state, until, deposit, receiver (a credit code), area (mu), start, end, short (without the
    land of the last household). Otherwise it allows the whole deal.
    """
    now = play.stage.clock.now()
    case = Case(
        county=play.county, id=uuid4(), number=new_number(session, play.county, now), case_type="capital_review",
        version_id=current_procedure(session, play.county, "capital_review").version_id,
        division=household.division, issuing_party_code=household.issuing_party.code,
        contractor_code=household.code, contractor_name=household.name, origin="township", status="completed",
        started_at=now, changed_at=now, ended_at=now, revision=1,
    )  # fmt: skip
    session.add(case)
    session.flush()
    codes = [household.parcels[0].code, *(row["parcel"] for row in rows)]
    session.add(
        CapitalReview(
            county=play.county, case_id=case.id, number=told["number"], level="township", receiver_kind="company",
            receiver_name=FIRM, receiver_found=fingerprint(str(told.get("receiver", CODE))),
            parcels=codes[:-1] if told.get("short") else codes, area_mu=Decimal(str(told.get("area", "90"))),
            way="lease", use="grain", term_start=_day(told, "start", "2026-01-01"),
            term_end=_day(told, "end", "2027-12-31"), state=told.get("state", "passed"), accepted_on=date(2026, 1, 5),
            decided_on=date(2026, 1, 20), valid_until=_day(told, "until", "2026-12-31"), conditions=None,
            deposit_yuan=Decimal(0), deposit=told.get("deposit", "none"), division=household.division,
        )
    )  # fmt: skip
    session.flush()


def _day(told: Mapping[str, Any], name: str, otherwise: str) -> date:
    return date.fromisoformat(str(told.get(name, otherwise)))
