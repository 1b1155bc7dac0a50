"""流转台账 (流转管理办法 art 23) and 融资担保台账: transfers and guarantees on a day, those that run and those that ended."""

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from engine.domain.said import say
from engine.queries.ledgers.ask import Asked, Ledger, Row
from engine.queries.ledgers.columns import Column
from engine.queries.ledgers.contracts import because
from engine.queries.scoped import within
from engine.store.register import lies_with
from engine.store.tables import register as r
from engine.store.tables import transfers as t

WAYS = {
    "lease": say("出租"),
    "sublease": say("转包"),
    "shareholding": say("入股"),
    "other": say("其他方式"),
}
STATES = {"running": say("正在履行"), "ended": say("已终止"), "over": say("已到期")}
RECIPIENTS = {"member": say("本集体农户"), "person": say("本集体以外的个人"), "unit": say("单位")}
GROUNDS = {
    "agreed": say("协商一致"),
    "changed": say("由变更后的合同代替"),
    "farm_use": say("擅自改变农业用途"),
    "abandoned": say("弃耕抛荒连续达到法定年数"),
    "damage": say("严重损害土地或者生态环境"),
    "breach": say("其他严重违约"),
    "undone": say("撤销"),
}
SIDES = {"household": say("承包方"), "recipient": say("受让方")}


def _transfers(asked: Asked) -> Select[*tuple[Any, ...]]:
    v, land = t.LandTransfer, t.TransferredLand
    households = (
        select(func.count(func.distinct(land.contractor_code)))
        .where(land.county == v.county, land.land_transfer_id == lies_with(v))
        .scalar_subquery()
    )
    parcels = (
        select(func.count(func.distinct(land.parcel_code)))
        .where(land.county == v.county, land.land_transfer_id == lies_with(v))
        .scalar_subquery()
    )
    query: Select[*tuple[Any, ...]] = (
        select(
            v.division, v.number, v.way, v.recipient, v.recipient_kind, v.term_start, v.term_end, v.total_area,
            v.use, v.price, v.signed_on, v.state, v.ended_on, v.ground, v.under, v.review,
            v.cause, v.cause_ref,
            lies_with(v).label("version"), households.label("households"), parcels.label("parcels"),
        )
        .where(within(v, asked.actor, asked.division), v.county == asked.county, asked.when.holds(v))
        .order_by(v.number, v.id)
    )  # fmt: skip
    if asked.kind in WAYS:
        query = query.where(v.way == asked.kind)
    day = asked.when.day
    if asked.state == "ended":
        query = query.where(v.state == "ended", v.ended_on <= day)
    elif asked.state == "over":
        query = query.where(v.state == "running", v.term_end < day)
    elif asked.state == "running":
        query = query.where(or_(and_(v.state == "running", v.term_end >= day), v.ended_on > day))
    return query


def standing(row: Any, day: date) -> str:
    """Running, over or ended on that day: what was filed to end later runs until then."""
    if row.state == "running":
        return "over" if row.term_end < day else "running"
    return "running" if row.ended_on is not None and row.ended_on > day else "ended"


def _transfer_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    lessors = _lessors(session, asked, [row.version for row in rows])
    return [
        (
            named[row.division], row.number, WAYS.get(row.way, row.way), lessors.get(row.version, ""),
            row.households, row.recipient, RECIPIENTS.get(row.recipient_kind, row.recipient_kind), row.parcels,
            row.total_area, row.term_start, row.term_end, row.use, row.price, row.signed_on,
            STATES[standing(row, asked.when.day)],
            row.ended_on, GROUNDS.get(row.ground, row.ground) if row.ground else None, row.under,
            row.review,
            because(row.cause, row.cause_ref),
        )
        for row in rows
    ]  # fmt: skip


def _lessors(session: Session, asked: Asked, versions: list[int]) -> dict[int, str]:
    """By version: the first household's name, as it is now; the page counts the others."""
    land, c, cv = t.TransferredLand, r.Contractor, r.ContractorVersion
    rows = session.execute(
        select(land.land_transfer_id, cv.name)
        .join(c, (c.county == land.county) & (c.code == land.contractor_code))
        .join(cv, (cv.county == c.county) & (cv.contractor_id == c.id))
        .where(land.county == asked.county, land.land_transfer_id.in_(versions), asked.when.holds(cv))
        .order_by(land.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for version, name in rows:
        found[version].append(name)
    return {version: names[0] for version, names in found.items()}


LAND_TRANSFERS = Ledger(
    "land-transfers",
    say("流转台账"),
    say("这一天的土地经营权流转：出租、入股等，每份合同一行，已终止的注明日期和原因。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("number", say("流转合同编号"), width=24),
        Column("way", say("流转方式"), "words", 8),
        Column("lessor", say("出让方（首户）"), width=12),
        Column("households", say("户数"), "count", 6),
        Column("recipient", say("受让方"), width=20),
        Column("recipient_kind", say("受让方类别"), "words", 12),
        Column("parcels", say("地块数"), "count", 8),
        Column("area", say("流转面积（亩）"), "mu", 12, True),
        Column("from", say("起"), "day", 12),
        Column("to", say("止"), "day", 12),
        Column("use", say("用途"), width=14),
        Column("price", say("价款和支付"), width=26),
        Column("signed_on", say("签订日期"), "day", 12),
        Column("state", say("状态"), "words", 10),
        Column("ended_on", say("终止日期"), "day", 12),
        Column("ground", say("终止原因"), "words", 18),
        Column("under", say("再流转所依的合同"), width=24),
        Column("review", say("社会资本审查意见"), width=24),
        Column("cause", say("依据"), "words", 24),
    ),
    _transfers,
    _transfer_rows,
    ("kind", "state"),
    {"kind": WAYS, "state": STATES},
)


def _guarantees(asked: Asked) -> Select[*tuple[Any, ...]]:
    v = t.LandGuarantee
    query: Select[*tuple[Any, ...]] = (
        select(
            v.division, v.number, v.side, v.guarantor, v.bank, v.loan, v.amount, v.starts, v.ends, v.transfer,
            v.parcels, v.state, v.ended_on, v.cause, v.cause_ref,
        )
        .where(within(v, asked.actor, asked.division), v.county == asked.county, asked.when.holds(v))
        .order_by(v.number, v.id)
    )  # fmt: skip
    return query.where(v.state == asked.state) if asked.state in HELD else query


HELD = {"running": say("存续"), "ended": say("已注销")}


def _guarantee_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    return [
        (
            named[row.division], row.number, SIDES.get(row.side, row.side), row.guarantor, row.bank, row.loan,
            str(row.amount), row.starts, row.ends, len(row.parcels), row.transfer, HELD.get(row.state, row.state),
            row.ended_on, because(row.cause, row.cause_ref),
        )
        for row in rows
    ]  # fmt: skip


GUARANTEES = Ledger(
    "guarantees",
    say("融资担保台账"),
    say("这一天的土地经营权融资担保：每项备案一行，已注销的注明日期。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("number", say("备案编号"), width=24),
        Column("side", say("担保人类别"), "words", 10),
        Column("guarantor", say("担保人"), width=18),
        Column("bank", say("金融机构"), width=20),
        Column("loan", say("合同编号"), width=18),
        Column("amount", say("担保金额（元）"), width=14),
        Column("from", say("起"), "day", 12),
        Column("to", say("止"), "day", 12),
        Column("parcels", say("地块数"), "count", 8),
        Column("transfer", say("流转合同编号"), width=24),
        Column("state", say("状态"), "words", 8),
        Column("ended_on", say("注销日期"), "day", 12),
        Column("cause", say("依据"), "words", 24),
    ),
    _guarantees,
    _guarantee_rows,
    ("state",),
    {"state": HELD},
)
