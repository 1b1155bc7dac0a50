"""权证台账: certificates as they stood on a day: issued, handed out, and those that are valid no more, with the reason."""

from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from engine.domain.said import say
from engine.queries.ledgers.ask import Asked, Ledger, Row
from engine.queries.ledgers.columns import Column
from engine.queries.ledgers.contracts import because
from engine.queries.ledgers.joins import names_on
from engine.queries.scoped import within
from engine.store.register import version_of
from engine.store.tables import register as t

# ``handed_out`` and ``kept`` are of valid ones
STATES = {
    "valid": say("有效"),
    "handed_out": say("有效，已领取"),
    "kept": say("有效，未领取"),
    "destroyed": say("已换发收回"),
    "void": say("遗失作废（已补发）"),
    "cancelled": say("已注销"),
}


def _certificates(asked: Asked) -> Select[*tuple[Any, ...]]:
    s, v, e, c = t.Certificate, t.CertificateVersion, t.RegisterEntry, t.Contractor
    query: Select[*tuple[Any, ...]] = (
        select(
            s.division, s.code, c.code.label("contractor"), v.serial, v.issuer, v.issued_on,
            v.collected, v.collected_on, v.collected_by, v.state, v.reason, v.valid_from, v.cause, v.cause_ref,
        )
        .join(v, version_of(s, v, "certificate_id"))
        .join(e, and_(e.county == s.county, e.id == s.register_entry_id))
        .join(c, and_(c.county == e.county, c.id == e.contractor_id))
        .where(
            within(s, asked.actor, asked.division),
            v.county == asked.county,
            e.county == asked.county,
            c.county == asked.county,
            asked.when.holds(v),
        )
        .order_by(s.code, s.id)
    )  # fmt: skip
    return _narrowed(asked, query)


def _counting(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Each certificate has one entry of one contractor: whose it is makes them no more."""
    s, v = t.Certificate, t.CertificateVersion
    query = select(s.id).join(v, version_of(s, v, "certificate_id"))
    return _narrowed(
        asked,
        query.where(within(s, asked.actor, asked.division), v.county == asked.county, asked.when.holds(v)),
    )


def _narrowed(asked: Asked, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    v = t.CertificateVersion
    if asked.since:
        query = query.where(v.issued_on >= asked.since)
    if asked.until:
        query = query.where(v.issued_on <= asked.until)
    if asked.state in ("handed_out", "kept"):
        query = query.where(v.state == "valid", v.collected == ("1" if asked.state == "handed_out" else "2"))
    elif asked.state:
        query = query.where(v.state == asked.state)
    return query


def _certificate_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    names = names_on(session, asked, {row.contractor for row in rows})
    return [
        (
            named[row.division], row.code, row.serial, row.contractor, names.get(row.contractor), row.issuer, row.issued_on,
            row.collected, row.collected_on, row.collected_by,
            STATES.get(row.state, row.state), None if row.state == "valid" else row.valid_from, row.reason,
            because(row.cause, row.cause_ref),
        )
        for row in rows
    ]  # fmt: skip


CERTIFICATES = Ledger(
    "certificates",
    say("权证台账"),
    say("这一天的权证：发放、领取、补发、换发和注销，每本一行。可按发证日期选一段时间。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("code", say("权证编码"), "code", 22),
        Column("serial", say("权证流水号"), width=26),
        Column("contractor", say("承包方编码"), "code", 21),
        Column("name", say("承包方（代表）"), width=14),
        Column("issuer", say("发证机关"), width=16),
        Column("issued", say("发证日期"), "day", 12),
        Column("collected", say("是否领取"), "label", 9, codes="C.19"),
        Column("collected_on", say("领取日期"), "day", 12),
        Column("collected_by", say("领取人"), width=12),
        Column("state", say("状态"), "words", 16),
        Column("since", say("失效日期"), "day", 12),
        Column("reason", say("原因"), width=18),
        Column("cause", say("登记依据"), "words", 26),
    ),
    _certificates,
    _certificate_rows,
    ("state", "since", "until"),
    {"state": STATES},
    _counting,
)
