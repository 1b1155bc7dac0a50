"""承包方台账: households, persons and units with what they hold. 家庭成员台账: one row a member. Numbers masked (前3后4)."""

from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.said import say
from engine.queries.ledgers.ask import Asked, Ledger, Row
from engine.queries.ledgers.columns import Column
from engine.queries.ledgers.joins import in_force, lies_in
from engine.queries.scoped import within
from engine.store.register import version_of
from engine.store.tables import register as t

KINDS = {"1": say("农户"), "2": say("个人"), "3": say("单位")}


def _contractors(asked: Asked) -> Select[*tuple[Any, ...]]:
    c, v = t.Contractor, t.ContractorVersion
    query: Select[*tuple[Any, ...]] = (
        select(
            c.id, c.division, c.code, v.kind, v.name, v.id_kind, v.id_number, v.address, v.phone,
            v.member_count,
        )
        .join(v, version_of(c, v, "contractor_id"))
        .where(within(c, asked.actor, asked.division), v.county == asked.county, asked.when.holds(v))
        .order_by(c.code)
    )  # fmt: skip
    return query.where(v.kind == asked.kind) if asked.kind in KINDS else query


def _held(session: Session, asked: Asked, contractors: list[int]) -> dict[int, Any]:
    """contractor id -> (contracts, parcels, area) in force on the day."""
    k, kv = t.Contract, t.ContractVersion
    rows = session.execute(
        select(
            k.contractor_id,
            func.count().label("contracts"),
            func.sum(kv.parcel_count).label("parcels"),
            func.sum(kv.total_area).label("area"),
        )
        .join(kv, version_of(k, kv, "contract_id"))
        .where(
            k.county == asked.county,
            kv.county == asked.county,
            k.contractor_id.in_(contractors),
            in_force(asked.when),
        )
        .group_by(k.contractor_id)
    )
    return {row.contractor_id: row for row in rows}


def _contractor_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    held = _held(session, asked, [row.id for row in rows])
    found: list[Row] = []
    for row in rows:
        holds = held.get(row.id)
        own = (holds.contracts, holds.parcels, holds.area, holds.area) if holds else (0, 0, None, None)
        found.append(
            (
                named[row.division], row.code, row.kind, row.name, row.id_kind, masking.number(row.id_number),
                row.address, masking.number(row.phone), row.member_count, *own,
            )
        )  # fmt: skip
    return found


CONTRACTORS = Ledger(
    "contractors",
    say("承包方台账"),
    say("这一天的承包方和它承包的土地，每户一行。证件号码和电话已隐去中间。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("code", say("承包方编码"), "code", 21),
        Column("kind", say("承包方类型"), "label", 10, codes="C.16"),
        Column("name", say("承包方（代表）"), width=14),
        Column("id_kind", say("证件类型"), "label", 12, codes="C.15"),
        Column("id_number", say("证件号码"), "code", 20),
        Column("address", say("地址"), width=28),
        Column("phone", say("电话"), "code", 13),
        Column("members", say("成员数"), "count", 8, total=True),
        Column("contracts", say("合同数"), "count", 8, total=True),
        Column("parcels", say("地块数"), "count", 8, total=True),
        Column("area", say("合同面积（平方米）"), "m2", 14, total=True),
        Column("area_mu", say("合同面积（亩）"), "mu", 12, total=True),
    ),
    _contractors,
    _contractor_rows,
    ("kind",),
    {"kind": KINDS},
)


def _members(asked: Asked) -> Select[*tuple[Any, ...]]:
    c, v, m = t.Contractor, t.ContractorVersion, t.Member
    query: Select[*tuple[Any, ...]] = (
        select(
            c.division, c.code, v.name.label("head"), m.position, m.name, m.sex, m.relation, m.id_kind,
            m.id_number, m.co_owner, m.note_code, m.note,
        )
        .join(v, version_of(c, v, "contractor_id"))
        .join(m, and_(lies_in(m, "contractor_version_id", v), m.county == asked.county))
        .where(within(c, asked.actor, asked.division), v.county == asked.county, asked.when.holds(v))
        .order_by(c.code, m.position)
    )  # fmt: skip
    return query


def _member_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    return [
        (
            named[row.division], row.code, row.head, row.position, row.name, row.sex, row.relation,
            row.id_kind, masking.number(row.id_number), row.co_owner, row.note_code, row.note,
        )
        for row in rows
    ]  # fmt: skip


MEMBERS = Ledger(
    "members",
    say("家庭成员台账"),
    say("这一天各承包农户的家庭成员，每人一行。证件号码已隐去中间。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("code", say("承包方编码"), "code", 21),
        Column("head", say("承包方（代表）"), width=14),
        Column("position", say("序号"), "count", 6),
        Column("name", say("成员姓名"), width=12),
        Column("sex", say("性别"), "label", 6, codes="C.17"),
        Column("relation", say("与户主关系"), "label", 12, codes="GB/T 4761"),
        Column("id_kind", say("证件类型"), "label", 12, codes="C.15"),
        Column("id_number", say("证件号码"), "code", 20),
        Column("co_owner", say("共有人"), "label", 8, codes="C.19"),
        Column("note_code", say("成员备注"), "label", 12, codes="C.18"),
        Column("note", say("备注说明"), width=20),
    ),
    _members,
    _member_rows,
)
