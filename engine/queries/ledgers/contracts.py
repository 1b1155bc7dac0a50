"""合同台账: contracts in force on a day. 到期台账: those that end in a year, and how far signing them anew has come."""

from typing import Any

from sqlalchemy import Select, and_, extract, select
from sqlalchemy.orm import Session

from engine.domain.said import say
from engine.queries.ledgers.ask import Asked, Ledger, Row
from engine.queries.ledgers.columns import Column
from engine.queries.ledgers.joins import in_force, names_on
from engine.queries.scoped import within
from engine.queries.statistics.extension import STATUS, due
from engine.store.register import version_of
from engine.store.tables import register as t


def _contracts(asked: Asked) -> Select[*tuple[Any, ...]]:
    k, kv, c, cv = t.Contract, t.ContractVersion, t.Contractor, t.ContractorVersion
    query: Select[*tuple[Any, ...]] = (
        select(
            k.division,
            k.code,
            c.code.label("contractor"),
            cv.name,
            cv.kind,
            kv.way,
            kv.term_start,
            kv.term_end,
            kv.parcel_count,
            kv.total_area,
            kv.previous_area,
            kv.signed_on,
            kv.cause,
            kv.cause_ref,
        )
        .join(kv, version_of(k, kv, "contract_id"))
        .join(c, and_(c.county == k.county, c.id == k.contractor_id))
        .join(cv, version_of(c, cv, "contractor_id"))
        .where(
            within(k, asked.actor, asked.division),
            kv.county == asked.county,
            cv.county == asked.county,
            in_force(asked.when),
            asked.when.holds(cv),
        )
        .order_by(c.code, k.id)
    )
    if asked.year:
        query = query.where(extract("year", kv.term_end) == asked.year)
    if asked.kind:
        query = query.where(kv.way == "110" if asked.kind == "family" else kv.way != "110")
    return query


def _contract_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    return [
        (
            named[row.division], row.contractor, row.name, row.code, row.way, row.term_start, row.term_end,
            row.parcel_count, row.total_area, row.total_area, row.signed_on, because(row.cause, row.cause_ref),
        )
        for row in rows
    ]  # fmt: skip


def because(cause: str, ref: str) -> Any:
    """Why a version exists, in words."""
    match cause:
        case "case":
            return say("办件 %(ref)s", ref=ref)
        case "correction":
            return say("更正 %(ref)s", ref=ref)
    return say("导入 %(ref)s", ref=ref)


WAYS = {"family": say("家庭承包"), "other": say("其他方式承包")}

CONTRACTS = Ledger(
    "contracts",
    say("承包合同台账"),
    say("这一天生效的承包合同，每份一行。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("contractor", say("承包方编码"), "code", 21),
        Column("name", say("承包方（代表）"), width=14),
        Column("contract", say("合同编码"), "code", 22),
        Column("way", say("承包方式"), "label", 14, codes="C.10"),
        Column("from", say("承包期起"), "day", 12),
        Column("to", say("承包期止"), "day", 12),
        Column("parcels", say("地块数"), "count", 8, total=True),
        Column("area", say("合同面积（平方米）"), "m2", 15, total=True),
        Column("area_mu", say("合同面积（亩）"), "mu", 12, total=True),
        Column("signed", say("签订日期"), "day", 12),
        Column("cause", say("登记依据"), "words", 26),
    ),
    _contracts,
    _contract_rows,
    ("year", "kind"),
    {"kind": WAYS},
)


def _ending(asked: Asked) -> Select[*tuple[Any, ...]]:
    found = due(asked.actor, asked.when, asked.division, asked.year)
    if asked.state:
        rows = found.subquery()
        return select(rows).where(rows.c.status == asked.state).order_by(rows.c.contractor, rows.c.id)
    return found.order_by(found.selected_columns.contractor, found.selected_columns.id)


def _ending_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    names = names_on(session, asked, {row.contractor for row in rows})
    return [
        (
            named[row.division], row.contractor, names.get(row.contractor), row.code, row.term_end, row.parcel_count,
            row.total_area, row.total_area, STATUS[row.status], row.later_end, row.case_number,
        )
        for row in rows
    ]  # fmt: skip


ENDING = Ledger(
    "ending",
    say("到期合同（延包）台账"),
    say("这一年到期的承包合同，以及延包签订进展：已备案、在办、未开始、已终止。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("contractor", say("承包方编码"), "code", 21),
        Column("name", say("承包方（代表）"), width=14),
        Column("contract", say("原合同编码"), "code", 22),
        Column("to", say("承包期止"), "day", 12),
        Column("parcels", say("地块数"), "count", 8, total=True),
        Column("area", say("合同面积（平方米）"), "m2", 15, total=True),
        Column("area_mu", say("合同面积（亩）"), "mu", 12, total=True),
        Column("status", say("延包进展"), "words", 12),
        Column("later", say("新合同期止"), "day", 12),
        Column("case", say("在办办件"), "code", 22),
    ),
    _ending,
    _ending_rows,
    ("year", "state"),
    {"state": STATUS},
)
