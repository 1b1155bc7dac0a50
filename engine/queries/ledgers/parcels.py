"""地块台账: parcels as they stood on a day, contracted and not contracted."""

from typing import Any

from sqlalchemy import Select, not_, select
from sqlalchemy.orm import Session

from engine.domain.said import say
from engine.queries.ledgers.ask import Asked, Ledger, Row
from engine.queries.ledgers.columns import Column
from engine.queries.ledgers.joins import holders_on, is_held
from engine.queries.scoped import within
from engine.store.register import version_of
from engine.store.tables import register as t


def _parcels(asked: Asked) -> Select[*tuple[Any, ...]]:
    p, v = t.Parcel, t.ParcelVersion
    query: Select[*tuple[Any, ...]] = (
        select(
            p.id, p.division, p.code, v.name, v.category, v.use, v.land_use, v.grade, v.basic_farmland,
            v.measured_area, v.east, v.south, v.west, v.north,
        )
        .join(v, version_of(p, v, "parcel_id"))
        .where(within(p, asked.actor, asked.division), v.county == asked.county, asked.when.holds(v))
        .order_by(p.code)
    )  # fmt: skip
    if asked.held in HELD:
        held = is_held(asked.county, asked.when)
        query = query.where(held if asked.held == "yes" else not_(held))
    if asked.category:
        query = query.where(v.category == asked.category)
    return query


def _parcel_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    held = holders_on(session, asked.county, asked.when, [row.id for row in rows])
    found: list[Row] = []
    for row in rows:
        holder = held.get(row.id)
        by = (holder.name, holder.code, holder.contract_area) if holder else (None, None, None)
        found.append(
            (
                named[row.division], row.code, row.name, row.category, row.use, row.land_use, row.grade,
                row.basic_farmland, row.measured_area, row.measured_area, row.east, row.south, row.west,
                row.north, *by, by[2],
            )
        )  # fmt: skip
    return found


HELD = {"yes": say("已承包"), "no": say("未承包")}
CATEGORIES = {
    "10": say("承包地块"), "21": say("自留地"), "22": say("机动地"), "23": say("开荒地"), "99": say("其他集体土地"),
}  # fmt: skip

PARCELS = Ledger(
    "parcels",
    say("地块台账"),
    say("这一天的全部地块，承包的和没有承包的，每块一行。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("code", say("地块编码"), "code", 22),
        Column("name", say("地块名称"), width=12),
        Column("category", say("地块类别"), "label", 10, codes="C.7"),
        Column("use", say("土地用途"), "label", 10, codes="C.9"),
        Column("land_use", say("土地利用类型"), "label", 10, codes="GB/T 21010"),
        Column("grade", say("地力等级"), "label", 9, codes="C.8"),
        Column("basic_farmland", say("基本农田"), "label", 9, codes="C.19"),
        Column("area", say("实测面积（平方米）"), "m2", 13, total=True),
        Column("area_mu", say("实测面积（亩）"), "mu", 11, total=True),
        Column("east", say("东至"), width=12),
        Column("south", say("南至"), width=12),
        Column("west", say("西至"), width=12),
        Column("north", say("北至"), width=12),
        Column("holder", say("承包方（代表）"), width=12),
        Column("contractor", say("承包方编码"), "code", 21),
        Column("contract_area", say("合同面积（平方米）"), "m2", 13, total=True),
        Column("contract_area_mu", say("合同面积（亩）"), "mu", 11, total=True),
    ),
    _parcels,
    _parcel_rows,
    ("held", "category"),
    {"held": HELD, "category": CATEGORIES},
)
