"""Take an application in: hold the household, write down what it asks of the register, say so on paper."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from engine.domain import events
from engine.domain.asked_land import asks_new_land
from engine.domain.changeset import ContractedArea, SignContract, as_json
from engine.domain.errors import Refused
from engine.domain.register import Household, ParcelFacts
from engine.operations.work import Work
from engine.store import reservations
from engine.store.free_land import free_parcels

FAMILY, RESIGN = "110", "resign"
OTHERWISE = "129"  # C.10 其他方式: how (tender, auction, open negotiation) the village's check says
HOUSEHOLD = "1"  # C.16
NEEDS_CONTRACT = {"renew": "延包", RESIGN: "换签"}
NEEDS_NONE = {"new": "首次签订", "anew": "新签"}


def accept_case(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Result: {contract_code, term_start, term_end, parcels, first_check: needed|done}.

    Refused when another case holds the household. The first check is done where the village applied itself and
    the county's rules do not ask for both (domain.md 4.8: one person need not do the same twice).
    """
    household = work.household()
    check_kind(work, household)
    change = contract_asked(work, household)
    asked = [row.parcel_code for row in change.parcels]
    reserve(work, "contractor", household.code)
    for code in dict.fromkeys([*(parcel.code for parcel in household.parcels), *asked]):
        reserve(work, "parcel", code)
    work.set_changes((change,))
    work.say(events.CHANGESET_SET, {"changes": as_json((change,))})
    return {
        "contract_code": change.code,
        "term_start": change.term_start.isoformat(),
        "term_end": change.term_end.isoformat(),
        "parcels": len(change.parcels),
        "first_check": "needed" if check_needed(work) else "done",
    }


def check_needed(work: Work) -> bool:
    own = work.case.origin == "village"
    return not own or bool(work.case_type.number("village_check_of_own_application", work.today, 1))


def reserve(work: Work, kind: str, code: str) -> None:
    """Hold a thing for this case; the open case that holds it already is named to staff.

    An applicant is told no number of a case that may be another household's.
    """
    number = reservations.reserve(work.session, work.case, kind, code)
    if number is None:
        return
    if kind == "parcel" and work.actor.role == "applicant":
        raise Refused(
            "reserved", "地块 %(code)s 已由另一件在办业务占用，请选其他地块，或向村委会询问", code=code
        )
    if kind == "parcel":
        raise Refused(
            "reserved",
            "地块 %(code)s 已由另一件在办业务占用，办件编号 %(number)s，办结后才能再申请",
            code=code,
            number=number or "（不在您的辖区）",
        )
    if code != work.case.contractor_code and work.actor.role == "applicant":
        raise Refused("reserved", "承包方 %(code)s 有另一件在办业务，请向村委会询问", code=code)
    if code != work.case.contractor_code:
        raise Refused(
            "reserved",
            "%(code)s已有在办业务，办件编号 %(number)s，办结后才能再申请",
            code=code,
            number=number,
        )
    raise Refused("reserved", "该承包方已有在办业务，办件编号 %(number)s，办结后才能再申请", number=number)


def contract_asked(work: Work, household: Household) -> SignContract:
    """The contract that the application asks for: its parcels, and a term after the one in force.

    Of land that it holds, all where it names none; without a contract, of land of its collective that nobody holds.
    New land comes into it when it has been surveyed: until then the contract may have no parcel at all.
    """
    application = work.data.get(work.case_type.start_variable) or {}
    chosen = application.get("parcels") or []
    codes = [row["code"] if isinstance(row, dict) else row for row in chosen]
    areas = {parcel.code: parcel.contract_area for parcel in land_of(work, household, codes)}
    start, end = term_asked(work, household)
    return SignContract(
        contractor_code=household.code,
        way=way_asked(household),
        term_start=start,
        term_end=end,
        parcels=tuple(ContractedArea(code, areas.get(code, Decimal(0))) for code in codes or areas),
        previous_code=household.contract.code if household.contract else None,
    )


def land_of(work: Work, household: Household, codes: list[str]) -> tuple[ParcelFacts, ...]:
    """What it holds; where it has no contract, those of ``codes`` that are free. Raises Refused for one that is not."""
    if household.contract is not None:
        return household.parcels
    party = household.issuing_party.code
    free = free_parcels(work.session, work.case.county, party, codes)
    taken = sorted({*codes} - {parcel.code for parcel in free})
    if taken or not (codes or new_land_asked(work)):
        raise Refused(
            "not_free",
            "地块 %(codes)s 不在本集体没有发包的地块中，请重新选择",
            codes="、".join(taken) or "（没有选）",
        )
    return free


def new_land_asked(work: Work) -> bool:
    """Whether the application is also, or only, about land that was never surveyed."""
    return asks_new_land(work.data.get(work.case_type.start_variable) or {})


def way_asked(household: Household) -> str:
    """By household for households (RLC art 3); persons and units contract in other ways (art 48)."""
    if household.contract is not None:
        return household.contract.way
    return FAMILY if household.kind == HOUSEHOLD else OTHERWISE


def term_asked(work: Work, household: Household) -> tuple[date, date]:
    """Signing anew after changed data keeps the term; other ways than by household keep the agreed length."""
    before = household.contract
    if kind_asked(work) == RESIGN and before is not None:
        return before.term_start, before.term_end
    start = term_start(household, work.today)
    years = int(work.case_type.value("contract_term_years", work.today))
    if before is not None and is_other_way(before.way):
        years = max((before.term_end + timedelta(days=1)).year - before.term_start.year, 1)
    return start, years_later(start, years)


def kind_asked(work: Work) -> str | None:
    return (work.data.get(work.case_type.start_variable) or {}).get("kind")


def is_other_way(way: str) -> bool:
    """其他方式承包 (C.10 12x): tender, auction, open negotiation; RLC chapter 3."""
    return way.startswith("12")


def check_kind(work: Work, household: Household) -> None:
    """What is applied for must fit what the register has: a contract in force, or none."""
    kind, contract = kind_asked(work), household.contract
    if kind in NEEDS_CONTRACT and contract is None:
        raise Refused(
            "no_contract",
            "该承包方没有生效的承包合同，不能%(kind)s，请选首次签订或新签",
            kind=NEEDS_CONTRACT[kind],
        )
    if kind in NEEDS_NONE and contract is not None and contract.term_end >= work.today:
        raise Refused(
            "has_contract",
            "该承包方已有生效的承包合同（%(code)s，到%(end)s），不能%(kind)s，请选延包或换签",
            code=contract.code,
            end=contract.term_end.isoformat(),
            kind=NEEDS_NONE[kind],
        )


def term_start(household: Household, today: date) -> date:
    """The day after the contract in force ends; today where there is none, or it has ended."""
    if household.contract is None:
        return today
    return max(household.contract.term_end + timedelta(days=1), today)


def years_later(start: date, years: int) -> date:
    """Last day of a term of so many years that begins on ``start``."""
    try:
        return start.replace(year=start.year + years) - timedelta(days=1)
    except ValueError:  # begins on 29 February
        return date(start.year + years, 2, 28)
