"""What an application about a transfer of land says, read into terms. Pure.

Kinds: new, retransfer (RLC art 46), renewal, change, ending (arts 42, 64), guarantee and release (art 47).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import shapely

from engine.domain.capital import credit_code_holds
from engine.domain.changes.register import Recipient, Transfer, TransferredLand
from engine.domain.errors import Invalid
from engine.domain.register import Household, ParcelFacts
from engine.domain.said import say

NEW, RETRANSFER, RENEWAL, CHANGE, ENDING = "new", "retransfer", "renewal", "change", "ending"
GUARANTEE, RELEASE = "guarantee", "release"
OF_ANOTHER = frozenset({RETRANSFER, RENEWAL, CHANGE, ENDING})  # they name a running transfer
DRAFTED = frozenset({NEW, RETRANSFER, RENEWAL, CHANGE})  # a contract is drawn up
AGREED, BY_HOUSEHOLD, BY_ISSUER = "agreed", "household", "issuer"
MEMBER, PERSON, UNIT = "member", "person", "unit"
OVER = 0.1  # metres that a drawn part may go beyond its parcel
LEAST_LEFT = 0.5  # m2: what is less than the whole
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
    if not answers.get("part") or parcel is None:
        return TransferredLand(own.code, code, parcel.contract_area if parcel else Decimal(0))
    named = {"area": "part_area", "place": "part_place", "outline": "part_outline"}
    return _part(own.code, parcel, {key: answers.get(name) for key, name in named.items()}, named)


def _of_other(number: int, row: Mapping[str, Any], others: Mapping[str, Household]) -> TransferredLand:
    household = others.get(row["household"])
    if household is None:
        raise Invalid({f"land-{number}-household": [say("登记簿中没有这个承包方，或不在本村")]})
    parcel = household.parcel(row["parcel"])
    if parcel is None:
        raise Invalid({f"land-{number}-parcel": [say("这块地不在该承包方名下")]})
    if row.get("extent") != "part":
        return TransferredLand(household.code, parcel.code, parcel.contract_area)
    named = {"area": "area_m2", "place": "place", "outline": "outline"}
    fields = {key: f"land-{number}-{name}" for key, name in named.items()}
    return _part(household.code, parcel, {key: row.get(name) for key, name in named.items()}, fields)


def _part(
    contractor: str, parcel: ParcelFacts, told: Mapping[str, Any], fields: Mapping[str, str]
) -> TransferredLand:
    """A part as it was drawn, else by its area and where it lies. ``fields``: where faults of each are shown."""
    if told["outline"]:
        drawn = part_drawn(parcel, told["outline"], fields["outline"])
        area = min(Decimal(f"{drawn.area:.2f}"), parcel.contract_area)
        return TransferredLand(contractor, parcel.code, area, False, told["place"], drawn.wkt)
    if not told["area"]:
        raise Invalid({fields["area"]: [say("请填流转部分的面积，或者画出它的界线")]})
    return TransferredLand(contractor, parcel.code, Decimal(told["area"]), False, told["place"])


def part_drawn(parcel: ParcelFacts, drawn: Mapping[str, Any], field: str) -> shapely.Polygon:
    """What was drawn (GeoJSON), cut to the parcel where it goes over by no more than a hand's breadth."""
    asked, whole = shapely.geometry.shape(drawn), shapely.from_wkb(parcel.outline)
    if asked.difference(whole.buffer(OVER)).area > 0:
        over = asked.difference(whole).area
        raise Invalid({field: [say("画的范围有%(area)s平方米在地块外，请画在地块里面", area=f"{over:.2f}")]})
    part = asked.intersection(whole)
    if not isinstance(part, shapely.Polygon) or part.is_empty:
        raise Invalid({field: [say("流转的部分应是地块里的一整片，请重新画")]})
    if whole.difference(part).area < LEAST_LEFT:
        raise Invalid({field: [say("画的是整块地，请改选流转整块")]})
    return shapely.geometry.polygon.orient(part)


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


BY_THE_ISSUER = frozenset(
    {"farm_use", "abandoned", "damage"}
)  # RLC art 64; another breach is the household's alone


def ending_faults(
    answers: Mapping[str, Any], transfer: Transfer, day: date, fallow_years: int, days_to_act: int
) -> dict[str, list[str]]:
    """What speaks against an early ending, by field: RLC arts 42, 64. ``day``: on which it is applied for.

    ``days_to_act``: how long the household has, once asked by the issuing party, before that may end it itself.
    """
    faults: dict[str, list[str]] = {}
    ends = date.fromisoformat(answers["ended_on"])
    if not transfer.term_start <= ends <= transfer.term_end:
        faults["ended_on"] = [
            say(
                "终止日期应在流转期限之内（%(start)s至%(end)s）",
                start=transfer.term_start,
                end=transfer.term_end,
            )
        ]
    if answers.get("ground") == "abandoned":
        since = date.fromisoformat(answers["fallow_since"])
        if since < transfer.term_start:
            faults["fallow_since"] = [say("流转开始（%(start)s）以前的抛荒不算", start=transfer.term_start)]
        elif years_after(since, fallow_years) > day:
            faults["fallow_since"] = [say("弃耕抛荒应连续%(years)s年以上，到今天还不满", years=fallow_years)]
    if answers.get("ending_by") != BY_ISSUER:
        return faults
    if answers.get("ground") not in BY_THE_ISSUER:
        faults["ground"] = [
            say(
                "发包方只能以改变农业用途、弃耕抛荒连续达到法定年数、严重损害土地或者生态环境要求终止；其他严重违约由承包方解除"
            )
        ]
    asked_on = date.fromisoformat(answers["household_asked_on"])
    if asked_on < transfer.term_start:
        faults["household_asked_on"] = [say("流转开始（%(start)s）以前的要求不算", start=transfer.term_start)]
    elif asked_on + timedelta(days=days_to_act) > day:
        faults["household_asked_on"] = [
            say("要求承包方解除后，应给承包方合理期限（%(days)s日），还没有到", days=days_to_act)
        ]
    return faults


def years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, month=3, day=1)
