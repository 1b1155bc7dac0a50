"""流转合同台账 (LZHT): transfer contracts on record on a day, whoever runs the land by them.

The standard keeps them as evidence of title and by codes alone: who is meant is looked up among the county's
contractors, and a receiver from outside has no name here.
"""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from engine.domain.said import say
from engine.queries.ledgers.ask import Asked, Ledger, Row
from engine.queries.ledgers.columns import Column
from engine.queries.ledgers.contracts import because
from engine.queries.ledgers.joins import names_on
from engine.queries.scoped import within
from engine.store.tables.standard import TransferContract

# C.10, as far as a transfer is made in that way
WAYS = {"200": say("转让"), "300": say("互换"), "900": say("其他方式")}
RUNS = {"runs": say("正在履行"), "over": say("已到期")}


def _transfers(asked: Asked) -> Select[*tuple[Any, ...]]:
    x = TransferContract
    query: Select[*tuple[Any, ...]] = (
        select(
            x.division, x.code, x.contract_code, x.contractor_code, x.receiver_code, x.way, x.term, x.term_start,
            x.term_end, x.area, x.parcel_count, x.use_before, x.use_after, x.price, x.signed_on, x.cause, x.cause_ref,
        )
        .where(within(x, asked.actor, asked.division), asked.when.holds(x))
        .order_by(x.code, x.id)
    )  # fmt: skip
    if asked.since:
        query = query.where(x.signed_on >= asked.since)
    if asked.until:
        query = query.where(x.signed_on <= asked.until)
    if asked.kind:
        query = query.where(x.way == asked.kind)
    if asked.state:
        query = query.where(
            x.term_end >= asked.when.day if asked.state == "runs" else x.term_end < asked.when.day
        )
    return query


def _transfer_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    names = names_on(
        session, asked, {code for row in rows for code in (row.contractor_code, row.receiver_code)}
    )
    return [
        (
            named[row.division], row.code, row.contract_code, row.contractor_code, names.get(row.contractor_code),
            row.receiver_code, names.get(row.receiver_code), row.way, row.term, row.term_start, row.term_end,
            row.parcel_count, row.area, row.area, row.use_before, row.use_after, row.price, row.signed_on,
            because(row.cause, row.cause_ref),
        )
        for row in rows
    ]  # fmt: skip


TRANSFERS = Ledger(
    "transfers",
    say("流转合同台账"),
    say("这一天在册的流转合同，每份一行。可按签订日期选一段时间。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("code", say("流转合同编码"), "code", 21),
        Column("contract", say("承包合同编码"), "code", 22),
        Column("contractor", say("承包方编码"), "code", 21),
        Column("name", say("承包方（代表）"), width=14),
        Column("receiver", say("受让方编码"), "code", 21),
        Column("receiver_name", say("受让方"), width=14),
        Column("way", say("流转方式"), "label", 10, codes="C.10"),
        Column("term", say("流转期限"), width=10),
        Column("from", say("流转期起"), "day", 12),
        Column("to", say("流转期止"), "day", 12),
        Column("parcels", say("地块数"), "count", 8, total=True),
        Column("area", say("流转面积（平方米）"), "m2", 15, total=True),
        Column("area_mu", say("流转面积（亩）"), "mu", 12, total=True),
        Column("use_before", say("流转前用途"), "label", 10, codes="C.9"),
        Column("use_after", say("流转后用途"), "label", 10, codes="C.9"),
        Column("price", say("费用说明"), width=24),
        Column("signed", say("签订日期"), "day", 12),
        Column("cause", say("登记依据"), "words", 26),
    ),
    _transfers,
    _transfer_rows,
    ("since", "until", "kind", "state"),
    {"kind": WAYS, "state": RUNS},
)
