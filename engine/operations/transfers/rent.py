"""Rent that the contract says in numbers: its payments follow from it once the transfer is recorded."""

from datetime import date
from decimal import Decimal
from typing import Any

from engine.domain.changes import RecordTransfer
from engine.domain.errors import Invalid
from engine.domain.register import mu
from engine.domain.rent import Rent, of_area, schedule
from engine.domain.said import say
from engine.operations.work import Work
from engine.store import supervision
from engine.store.tables.supervision import RentTerm


def rent_drafted(work: Work, change: RecordTransfer) -> Rent | None:
    """As the contract's draft has it: yuan a mu and year, how often, from when, and how it rises. None where in words only.

    Invalid by field where something of it is missing, or the first payment lies beyond the term.
    """
    drafted: dict[str, Any] = work.data.get("draft_contract") or {}
    if not drafted.get("rent_mu"):
        return None
    faults: dict[str, list[str]] = {
        name: [say("写了每亩租金的，这一项也要填")]
        for name in ("pay_every", "first_due")
        if not drafted.get(name)
    }
    years, percent = int(drafted.get("raise_years") or 0), Decimal(str(drafted.get("raise_percent") or 0))
    if bool(years) != bool(percent):
        faults["raise_percent"] = [say("递增的，每几年、百分之几都要填")]
    if faults:
        raise Invalid(faults)
    area = mu(sum((row.area for row in change.land), Decimal(0)), work.mu_decimals)
    first = date.fromisoformat(drafted["first_due"])
    yearly = of_area(Decimal(str(drafted["rent_mu"])), area)
    rent = Rent(yearly, int(drafted["pay_every"]), first, percent, years)
    try:
        schedule(rent, change.term_end)
    except ValueError:
        raise Invalid({"first_due": [say("第一次付款日应在流转期限之内")]}) from None
    return rent


def record_rent(work: Work, change: RecordTransfer) -> None:
    """Payments to come, watched from now on. A changed contract of the same price goes on as the one before; where the
    price is another and the rent not said in numbers, nobody is reminded of the old one: the office enters it."""
    row = supervision.transfer(work.session, work.case.county, change.number)
    assert row is not None
    rent, payer, phone, after = (
        rent_drafted(work, change),
        change.recipient.name,
        change.recipient.phone,
        None,
    )
    before = rent_before(work, change)
    if rent is None and before is not None:
        rent, payer, phone, after = supervision.as_rent(before), before.payer, before.phone, work.today
    if rent is not None:
        supervision.set_rent(work.session, row, rent, payer, phone, work.actor.name, work.at, after)


def rent_before(work: Work, change: RecordTransfer) -> RentTerm | None:
    """Of the contract that it changes, where the price stays."""
    old = supervision.transfer(work.session, work.case.county, change.replaces) if change.replaces else None
    if old is None or old.price != change.price:
        return None
    return supervision.rent_of(work.session, work.case.county, old.number)


def rent_told(rent: Rent, rent_mu: str) -> dict[str, Any]:
    """For the contract's article on rent."""
    told: dict[str, Any] = {
        "mu": rent_mu,
        "yearly": str(rent.yearly),
        "every": {12: "每年", 6: "每半年", 3: "每季度", 1: "每月"}[rent.every],
        "first": rent.first.isoformat(),
    }
    return told | ({"years": rent.years, "percent": f"{rent.percent.normalize():f}"} if rent.years else {})
