"""Stories of transfers: households that take part, a transfer that runs already, what blocks the land, and parties who sign."""

import hashlib
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import shapely
from sqlalchemy.orm import Session

from engine.domain import transfers
from engine.domain.actor import Actor
from engine.domain.changes import Change, RecordGuarantee, RecordTransfer
from engine.domain.changes.register import Recipient, TransferredLand
from engine.domain.clock import local_date
from engine.domain.register import Household, ParcelFacts
from engine.queries import scenario_facts as facts
from engine.store import deals
from engine.store.changes import make
from engine.store.register import Cause, read_household
from engine.store.tables.register import Block
from engine.usecases.deals import invite_parties, send_deal_code, sign_deal
from engine.usecases.scenarios import papers
from engine.usecases.scenarios.reviews import CODE, add_review
from engine.usecases.scenarios.samples import SIGNATURE
from engine.usecases.scenarios.stage import Differs
from forms.kinds.shapes import shape
from forms.spec import Field
from forms.text import Text

if TYPE_CHECKING:
    from engine.usecases.scenarios.play import Play

GUARANTEE = "甲融担〔2025〕0001号"
FIRM = Recipient(
    "大田农业有限公司",
    "unit",
    "990101196001010015",
    "13911110000",
    "县城东街1号",
    None,
    "钱一",
    CODE,
)


def set_stage(play: "Play", session: Session, household: Household) -> None:
    """``lessors``, ``transfer`` and ``blocked`` of the story's household."""
    story = play.story
    now = play.stage.clock.now()
    end = household.contract.term_end if household.contract else date(2027, 12, 31)
    play.words |= {"$term_end": end.isoformat(), "$beyond_term": (end + timedelta(days=1)).isoformat()}
    if household.parcels:
        play.words["$part_area"] = str(round(household.parcels[0].contract_area / 4, 2))
        play.words["$most_area"] = str(round(household.parcels[0].contract_area * 9 / 10, 2))
        play.words |= _drawn(household.parcels[0])
    rows, codes = [], [household.code]
    for number in range(2, story.lessors + 1):
        code = facts.first_household(
            session, play.county, "in_force", 1, party=household.division[:12], except_codes=codes
        )
        other = code and read_household(session, play.county, code)
        if not other:
            raise Differs(f"该村没有{story.lessors}户可以一起流转")
        codes.append(other.code)
        rows.append({"household": other.code, "parcel": other.parcels[0].code})
        play.words |= {f"$lessor_{number}": other.code, f"$lessor_parcel_{number}": other.parcels[0].code}
    play.words["$land"] = rows
    play.words[f"$land_{len(rows) - 1}"] = rows[:-1]  # without the last household, which takes the land
    play.words["$land_codes"] = [row["parcel"] for row in rows[:-1]]
    until = (local_date(now) + timedelta(days=365)).isoformat()
    play.words["$mandates"] = [
        {"household": code, "matter": "出租承包地", "power": "签订合同、收取租金", "until": until}
        for code in codes
    ]
    play.words["$mandates_short"] = play.words["$mandates"][:-1]
    for told in story.reviews:
        add_review(play, session, household, rows, told)
    if story.transfer:
        _running(play, session, household, story.transfer)
    if story.blocked:
        session.add(
            Block(
                county=play.county, kind=story.blocked, on="parcel", code=household.parcels[0].code,
                ref=f"{story.blocked}-1", starts_on=date(2025, 1, 1), ends_on=None, recorded_at=now,
                recorded_by="system", division=household.division,
            )
        )  # fmt: skip
        session.flush()


def _drawn(parcel: ParcelFacts) -> dict[str, str]:
    """The eastern quarter of the parcel, within it and going over its boundary."""
    outline = shapely.from_wkb(parcel.outline)
    west, south, east, north = outline.bounds
    over = shapely.box(east - (east - west) / 4, south - 5, east + 5, north + 5)
    part = outline.intersection(over).wkt
    typed = shape(
        part, Field("part", "shape", Text("", ""))
    )  # as the form has it, to a tenth of a millimetre
    area = transfers.part_drawn(parcel, typed, "part").area
    return {"$drawn_part": part, "$drawn_over": over.wkt, "$drawn_area": f"{area:.2f}", "$whole": outline.wkt}


def _running(play: "Play", session: Session, household: Household, told: Mapping[str, Any]) -> None:
    """A firm has the first parcel since last year (``since``); ``part``: a quarter of it; ``guarantee``: it secures a loan
    with it; ``several``: so many parcels, each by a contract of its own.
    """
    now = play.stage.clock.now()
    start, end = (date.fromisoformat(str(told.get(key, "2025-01-01"))) for key in ("since", "until"))
    place = "西头" if told.get("part") else None
    changes: list[Change] = []
    for position, parcel in enumerate(household.parcels[: told.get("several", 1)], start=1):
        number = f"甲流〔2025〕{position:04d}号"
        area = Decimal(play.words["$part_area"]) if place else parcel.contract_area
        land = TransferredLand(household.code, parcel.code, area, place is None, place)
        changes.append(
            RecordTransfer(
                number, told.get("way", "lease"), FIRM, start, end, start, "种植水稻",
                "每亩每年800元，每年1月支付", (land,),
            )
        )  # fmt: skip
        play.words["$transfer" if position == 1 else f"$transfer_{position}"] = number
    parcel = household.parcels[0]
    if told.get("guarantee"):
        changes.append(
            RecordGuarantee(
                GUARANTEE, "recipient", FIRM.name, "县农村商业银行", "贷2025-1", parcel.contract_area,
                date(2025, 2, 1), end, household.code, (parcel.code,), play.words["$transfer"],
            )
        )  # fmt: skip
    make(session, play.county, changes, Cause("import", "stage", start, now, "stage"))
    play.words |= {"$guarantee": GUARANTEE, "$day_after": (end + timedelta(days=1)).isoformat()}


def parties_sign(play: "Play", session: Session, actor: Actor, answers: dict[str, Any]) -> None:
    """Those of ``positions``, or everybody who has not, on their own telephone; ``code``: wrong, for one that is refused."""
    session.commit()
    shown = hashlib.sha256(papers.printed(play, "contract")).hexdigest()
    with play.stage.sessions(play.county) as inside:
        clock, case = play.stage.clock, play.case(inside)
        invite_parties(inside, clock, play.county, case.number, play.stage.settings.public_url)
        rows = [
            (row.id, row.position, row.id_number) for row in deals.parties(inside, case) if not row.signed_at
        ]
        wanted = answers.get("positions")
        for key, position, number in rows:
            if wanted and position not in wanted:
                continue
            send_deal_code(inside, clock, play.county, key)
            code = papers.code_sent(play, inside)
            inside.commit()
            if answers.get("code") == "wrong":
                code = f"{(int(code) + 1) % 10**6:06d}"
            told = {
                "document": answers.get("document") or shown,
                "agreed": "yes",
                "id_number": answers.get("id_number") or number,
                "code": code,
                "signature": SIGNATURE,
            }
            sign_deal(inside, clock, play.county, key, told, {"agent": "scenario"})
            inside.commit()
