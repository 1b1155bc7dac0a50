"""What a household's land is tied up in: running transfers and guarantees, to show to it and to pick from. JSON-able."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.domain.register import Household, mu
from engine.store.changes import transfers as store
from engine.store.changes.locks import seeing_the_county
from engine.store.register import current, lies_with
from engine.store.tables import transfers as t

TRANSFERS, GUARANTEES = "running_transfers", "running_guarantees"  # option lists of forms
WAYS = {
    "lease": {"zh": "出租", "en": "lease"},
    "sublease": {"zh": "转包", "en": "sublease"},
    "shareholding": {"zh": "入股", "en": "shareholding"},
    "other": {"zh": "其他方式", "en": "another way"},
}


def household_deals(session: Session, household: Household, decimals: int, today: date) -> dict[str, Any]:
    """{transfers, guarantees} that run, those whose term is over included until somebody ends or renews them.

    ``ends``: the later day for which the transfer's end is filed already; None for all others.

    ``mine``: the household's own land (area in 亩 and names of it alone), else land that it takes from others.
    """
    names = {parcel.code: parcel.name for parcel in household.parcels}
    with seeing_the_county(session, household.county):
        rows = _transfers(session, household, today)
        land = store.land_of(session, household.county, [row.restates or row.id for row in rows])
        pledged = store.guarantees(session, household.county, [], [household.code]).values()
    found = []
    for row in rows:
        whole = land[row.restates or row.id]
        own = [one for one in whole if one.contractor == household.code]
        found.append(
            {
                "number": row.number,
                "way": WAYS[row.way],
                "mine": bool(own),
                "under": row.under,
                "recipient": row.recipient,
                "area_mu": str(mu(sum((one.area for one in own or whole), Decimal(0)), decimals)),
                "from": row.term_start.isoformat(),
                "to": row.term_end.isoformat(),
                "ends": row.ended_on.isoformat() if row.ended_on else None,
                "land": [names.get(one.parcel, one.parcel) for one in own],
            }
        )
    return {
        "transfers": found,
        "guarantees": [
            {
                "number": one.number,
                "mine": one.side == "household",
                "guarantor": one.guarantor,
                "bank": one.bank,
                "amount": f"{one.amount:.2f}",
                "to": one.ends.isoformat(),
                "land": [names.get(code, code) for code in one.parcels],
            }
            for one in pledged
        ],
    }


def _transfers(session: Session, household: Household, today: date) -> list[t.LandTransfer]:
    v, land = t.LandTransfer, t.TransferredLand
    given = select(land.land_transfer_id).where(
        land.county == household.county, land.contractor_code == household.code
    )
    return list(
        session.scalars(
            select(v)
            .where(
                v.county == household.county,
                or_(v.state == store.RUNNING, v.ended_on > today),
                *current(v),
                or_(lies_with(v).in_(given), v.recipient_code == household.code),
            )
            .order_by(v.number)
        )
    )


def deal_options(deals: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Option lists: the transfers of the household's own land, and the guarantees on it."""
    return {
        TRANSFERS: [
            _transfer(row) for row in deals.get("transfers", ()) if row["mine"] and not row.get("ends")
        ],
        GUARANTEES: [_guarantee(row) for row in deals.get("guarantees", ())],
    }


def _transfer(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": row["number"],
        "label": {
            "zh": f"{row['number']}（{row['way']['zh']}给{row['recipient']}，{row['area_mu']}亩，到{row['to']}）",
            "en": f"{row['number']} ({row['way']['en']} to {row['recipient']}, {row['area_mu']} mu, until {row['to']})",
        },
    }


def _guarantee(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": row["number"],
        "label": {
            "zh": f"{row['number']}（{row['bank']}，{row['amount']}元，到{row['to']}）",
            "en": f"{row['number']} ({row['bank']}, {row['amount']} yuan, until {row['to']})",
        },
    }
