"""What an application about a transfer of land says, read into terms. Pure.

Kinds: new, retransfer (RLC art 46), renewal, change, ending (arts 42, 64), guarantee and release (art 47).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from engine.domain.capital import credit_code_holds
from engine.domain.changes.register import Recipient, Transfer, TransferredLand
from engine.domain.errors import Invalid
from engine.domain.register import Household
from engine.domain.said import say

NEW, RETRANSFER, RENEWAL, CHANGE, ENDING = "new", "retransfer", "renewal", "change", "ending"
GUARANTEE, RELEASE = "guarantee", "release"
OF_ANOTHER = frozenset({RETRANSFER, RENEWAL, CHANGE, ENDING})  # they name a running transfer
DRAFTED = frozenset({NEW, RETRANSFER, RENEWAL, CHANGE})  # a contract is drawn up
AGREED, BY_HOUSEHOLD, BY_ISSUER = "agreed", "household", "issuer"
MEMBER, PERSON, UNIT = "member", "person", "unit"
LESSOR, AGENT, RECIPIENT = "lessor", "agent", "recipient"


def signs(kind: str, answers: Mapping[str, Any]) -> bool:
    """Whether all parties sign a contract or agreement; else one side declares, or a bank's papers are filed."""
    return kind in DRAFTED or (kind == ENDING and answers.get("ending_by") == AGREED)


def has_priority(kind: str, recipient: Recipient) -> bool:
    """Members of the collective come first on equal terms (RLC art 38); they need not come before one of them."""
    return kind in (NEW, RENEWAL) and recipient.kind != MEMBER


def reviewable(kind: str, recipient: Recipient, longer: bool) -> bool:
    """Whether business capital takes land by it: anew, or (``longer``) beyond the term that it had (RLC art 45)."""
    return recipient.kind != MEMBER and (kind in (NEW, RENEWAL, RETRANSFER) or (kind == CHANGE and longer))


@dataclass(frozen=True)
class Mandate:
    """流转委托书: without one nobody may transfer for a household (流转管理办法 art 8)."""

    household: str
    matter: str
    power: str
    until: date


def mandates(answers: Mapping[str, Any]) -> list[Mandate]:
    return [
        Mandate(row["household"], row["matter"], row["power"], date.fromisoformat(row["until"]))
        for row in answers.get("mandates") or []
    ]


def without_mandate(households: Iterable[str], given: Iterable[Mandate], day: date) -> list[str]:
    """Those of the households that gave none that runs on that day."""
    valid = {mandate.household for mandate in given if mandate.until >= day}
    return [code for code in households if code not in valid]


def land_asked(
    answers: Mapping[str, Any], own: Household, others: Mapping[str, Household]
) -> tuple[TransferredLand, ...]:
    """The household's own parcels, then what the village wrote for the others. Raises Invalid by field."""
    codes = [row["code"] if isinstance(row, dict) else row for row in answers.get("parcels") or []]
    if answers.get("part") and len(codes) != 1:
        raise Invalid({"part": [say("流转地块的一部分时，每次选一块地")]})
    rows = [_own(answers, own, code) for code in codes]
    for number, row in enumerate(answers.get("land") or []):
        rows.append(_of_other(number, row, others))
    if not rows:
        raise Invalid({"parcels": [say("请选择要流转的地块")]})
    return tuple(rows)


def _own(answers: Mapping[str, Any], own: Household, code: str) -> TransferredLand:
    parcel = own.parcel(code)
    area = parcel.contract_area if parcel else Decimal(0)
    if not answers.get("part"):
        return TransferredLand(own.code, code, area)
    drawn = answers.get("part_outline")
    return TransferredLand(
        own.code, code, Decimal(answers["part_area"]), False, answers.get("part_place"), drawn or None
    )


def _of_other(number: int, row: Mapping[str, Any], others: Mapping[str, Household]) -> TransferredLand:
    household = others.get(row["household"])
    if household is None:
        raise Invalid({f"land-{number}-household": [say("登记簿中没有这个承包方，或不在本村")]})
    parcel = household.parcel(row["parcel"])
    if parcel is None:
        raise Invalid({f"land-{number}-parcel": [say("这块地不在该承包方名下")]})
    if row.get("extent") == "part":
        return TransferredLand(household.code, parcel.code, Decimal(row["area_m2"]), False, row.get("place"))
    return TransferredLand(household.code, parcel.code, parcel.contract_area)


def recipient_asked(answers: Mapping[str, Any], household: Household | None) -> Recipient:
    """``household``: of the register, where the land goes to a member of the collective."""
    if answers["recipient_kind"] == MEMBER:
        if household is None:
            raise Invalid({"recipient_household": [say("登记簿中没有这个承包方，或不在本村")]})
        return Recipient(
            household.name,
            MEMBER,
            household.id_number,
            household.phone or "",
            household.address,
            household.code,
        )
    unit = answers["recipient_kind"] == UNIT
    if unit and not credit_code_holds(answers["recipient_credit_code"]):
        raise Invalid({"recipient_credit_code": [say("统一社会信用代码不对：应为18位，最后一位是校验码")]})
    return Recipient(
        answers["recipient_name"],
        answers["recipient_kind"],
        answers["recipient_id_number"],
        answers["recipient_phone"],
        answers.get("recipient_address") or "",
        None,
        answers.get("recipient_representative") if unit else None,
        answers.get("recipient_credit_code") if unit else None,
    )


def lessors(land: Iterable[TransferredLand]) -> list[str]:
    """Codes of the households, each once, in their order."""
    return list(dict.fromkeys(row.contractor for row in land))


def changed_terms(transfer: Transfer, answers: Mapping[str, Any]) -> Transfer:
    """The transfer with what the application asks otherwise; what it leaves out stays."""
    told: dict[str, Any] = {}
    for name in ("term_start", "term_end"):
        if answers.get(name):
            told[name] = date.fromisoformat(answers[name])
    for name in ("use", "price"):
        if answers.get(name):
            told[name] = answers[name]
    return replace(transfer, **told)
