"""What changes of a transfer or a guarantee, in people's words."""

from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _

from engine.domain.changes.register import Encumbrance, Transfer
from engine.domain.register import mu
from engine.domain.said import in_words_of
from engine.queries.ledgers.land_transfers import GROUNDS, HELD, RECIPIENTS, SIDES, STATES, WAYS
from web.i18n import N_, lang

LABELS = {
    "recipient": N_("受让方"),
    "way": N_("流转方式"),
    "land": N_("流转土地"),
    "term_start": N_("流转期限起"),
    "term_end": N_("流转期限止"),
    "use": N_("用途"),
    "price": N_("价款和支付"),
    "under": N_("再流转所依的合同"),
    "renews": N_("续签的合同"),
    "state": N_("状态"),
    "ended_on": N_("终止日期"),
    "ground": N_("终止原因"),
    "side": N_("担保人类别"),
    "guarantor": N_("担保人"),
    "bank": N_("金融机构"),
    "loan": N_("合同编号"),
    "amount": N_("担保金额（元）"),
    "starts": N_("担保期限起"),
    "ends": N_("担保期限止"),
    "parcels": N_("地块"),
    "transfer": N_("流转合同编号"),
}
TRANSFER = (
    "recipient", "way", "land", "term_start", "term_end", "use", "price", "under", "renews", "state", "ended_on",
    "ground",
)  # fmt: skip
GUARANTEE = (
    "side", "guarantor", "bank", "loan", "amount", "starts", "ends", "parcels", "transfer", "state", "ended_on",
)  # fmt: skip


def transfer_rows(before: Any, after: Any) -> list[dict[str, Any]]:
    """Rows {label, before, after} of what differs."""
    names = TRANSFER if isinstance(after or before, Transfer) else GUARANTEE
    rows = []
    for name in names:
        pair = [_told(thing, name) if thing else None for thing in (before, after)]
        if pair[0] != pair[1]:
            rows.append({"label": _(LABELS[name]), "before": pair[0], "after": pair[1]})
    return rows


def _told(thing: Transfer | Encumbrance, name: str) -> str | None:
    value = getattr(thing, name)
    if name == "land" and isinstance(thing, Transfer):
        area = sum((mu(row.area) for row in thing.land), Decimal(0))
        households = len({row.contractor for row in thing.land})
        return _(
            "%(households)s户，%(parcels)s块，%(area)s亩",
            households=households,
            parcels=len(thing.parcels),
            area=area,
        )
    if name == "recipient" and isinstance(thing, Transfer):
        return f"{thing.recipient.name} · {in_words_of(RECIPIENTS[thing.recipient.kind], _)}"
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return format_date(value, "long", locale="en" if lang() == "en" else "zh_CN")
    if isinstance(value, tuple):
        return "、".join(value)
    words = {
        "way": WAYS, "ground": GROUNDS, "side": SIDES, "state": STATES if isinstance(thing, Transfer) else HELD,
    }.get(name, {})  # fmt: skip
    return in_words_of(words.get(value, str(value)), _)
