"""变更台账: every change of the register that took effect in a period, with its cause, before and after.

A change is a version row that something new caused. What it took the place of was superseded at the very instant
that it was recorded, so the two are found without guessing. A parcel or household that is no more has no row of its
own: its last version, said again with its valid end, stands for that; its cause is that of what was recorded with it.

限制事项台账: what stands against changes: disputes, mortgages, seizures, transfers that run.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, and_, case, false, func, literal, literal_column, not_, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from engine.domain.said import Said, said_in_both, say
from engine.exchange.standard import label
from engine.queries.ledgers.ask import Asked, Ledger, Row
from engine.queries.ledgers.columns import Column
from engine.queries.ledgers.contracts import because
from engine.queries.scoped import within
from engine.store.register import version_of
from engine.store.tables import register as t
from engine.store.tables.cases import Case, Changeset

# kind -> (thing, version, the version's column that names the thing)
THINGS: dict[str, tuple[Any, Any, str]] = {
    "contractor": (t.Contractor, t.ContractorVersion, "contractor_id"),
    "parcel": (t.Parcel, t.ParcelVersion, "parcel_id"),
    "contract": (t.Contract, t.ContractVersion, "contract_id"),
    "certificate": (t.Certificate, t.CertificateVersion, "certificate_id"),
}
KINDS = {
    "contractor": say("承包方"),
    "parcel": say("地块"),
    "contract": say("承包合同"),
    "certificate": say("权证"),
}
CAUSES = {"case": say("办件"), "correction": say("更正"), "import": say("导入成果")}
CHANGED, NEW, ENDED = say("变更"), say("新增"), say("终止")
CERTIFICATE_STATES = {
    "valid": say("有效"),
    "destroyed": say("换发收回"),
    "void": say("遗失作废"),
    "cancelled": say("注销"),
}


def _changes(asked: Asked) -> Select[*tuple[Any, ...]]:
    kinds = [asked.kind] if asked.kind in THINGS else list(THINGS)
    parts = [part for kind in kinds for part in _of_kind(asked, kind)]
    found = union_all(*parts).subquery()
    return select(found).order_by(found.c.day, found.c.recorded_at, found.c.kind, found.c.code, found.c.id)


def _of_kind(asked: Asked, kind: str) -> list[Select[*tuple[Any, ...]]]:
    thing, v, owner = THINGS[kind]
    last = v.state == "ended" if kind == "contract" else false()
    new = _rows(asked, kind, thing, v, owner, v.valid_from, v.cause, literal(False)).where(
        or_(v.restates.is_(None), last)
    )
    if kind not in ("contractor", "parcel"):
        return [new]
    after = aliased(v)
    followed = select(after.id).where(
        after.county == asked.county,
        getattr(after, owner) == getattr(v, owner),
        after.valid_from == v.valid_to,
        after.recorded_at == v.recorded_at,
    )
    gone = _rows(asked, kind, thing, v, owner, v.valid_to, _cause_of_end(asked, thing, v), literal(True))
    return [new, gone.where(v.restates.is_not(None), v.valid_to.is_not(None), not_(followed.exists()))]


def _cause_of_end(asked: Asked, thing: Any, v: Any) -> Any:
    """What ended a thing: what came of it says so, or a contract that was written with it, or a package."""
    d, kv, b = t.Descent, aliased(t.ContractVersion), t.ImportBatch
    came = select(d.cause).where(
        d.county == asked.county, d.parent == thing.code, d.recorded_at == v.recorded_at
    )
    wrote = select(kv.cause).where(
        kv.county == asked.county,
        kv.recorded_at == v.recorded_at,
        or_(kv.restates.is_(None), kv.state == "ended"),
    )
    took_in = select(b.id).where(b.county == asked.county, b.imported_at == v.recorded_at)
    return func.coalesce(
        came.limit(1).correlate(thing, v).scalar_subquery(),
        wrote.limit(1).correlate(v).scalar_subquery(),
        case((took_in.correlate(v).exists(), "import"), else_="case"),
    )


def _rows(
    asked: Asked, kind: str, thing: Any, v: Any, owner: str, day: Any, cause: Any, ended: Any
) -> Select[*tuple[Any, ...]]:
    # an import's rows are nearly all: said as a plain word, so that an index without them serves
    caused = cause == asked.state if asked.state in CAUSES else cause != literal_column("'import'")
    query: Select[*tuple[Any, ...]] = (
        select(
            literal(kind).label("kind"),
            thing.division,
            thing.code,
            v.id,
            getattr(v, owner).label("owner"),
            day.label("day"),
            v.recorded_at,
            cause.label("cause"),
            v.cause_ref,
            ended.label("ended"),
        )
        .join(v, version_of(thing, v, owner))
        .where(
            within(thing, asked.actor, asked.division),
            v.county == asked.county,
            v.recorded_at <= asked.when.known,
            caused,
        )
    )
    if asked.since:
        query = query.where(day >= asked.since)
    return query.where(day <= (asked.until or asked.when.day))


def _change_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    versions = {kind: _versions(session, asked.county, kind, rows) for kind in THINGS}
    causes = _causes(session, asked.county, [row for row in rows if row.ended], rows)
    kin = _kin(session, asked.county, rows)
    found: list[Row] = []
    for row in rows:
        now, before = versions[row.kind].get(row.id, (None, None))
        if row.ended:
            now, before = None, now
        elif row.kind == "contract" and now is not None and now.state == "ended":
            now = None
        did = ENDED if now is None else CHANGED if before is not None else NEW
        ended_by = causes.get(row.recorded_at, (row.cause, ""))
        cause, ref = ended_by if row.ended else (row.cause, row.cause_ref)
        old, new = _facts(row.kind, before), _facts(row.kind, now)
        if before is not None and now is not None:
            differing = {name for name in old if str(old[name]) != str(new[name])}
            old = {name: said for name, said in old.items() if name in differing}
            new = {name: said for name, said in new.items() if name in differing}
        found.append(
            (
                row.day, KINDS[row.kind], did, row.code, named[row.division], _listed(old), _listed(new),
                kin.get((row.code, row.day)), because(cause, ref),
            )
        )  # fmt: skip
    return found


def _listed(facts: dict[str, Said]) -> Said | None:
    return say("%(facts)s", facts=list(facts.values())) if facts else None


def _versions(session: Session, county: str, kind: str, rows: list[Any]) -> dict[int, tuple[Any, Any]]:
    """version id -> (the version, the one that was superseded when it was recorded)."""
    _, v, owner = THINGS[kind]
    ids = [row.id for row in rows if row.kind == kind]
    if not ids:
        return {}
    old = aliased(v)
    joined = and_(
        old.county == v.county,
        getattr(old, owner) == getattr(v, owner),
        old.superseded_at == v.recorded_at,
        old.id < v.id,
    )
    query = select(*_columns(kind, v), *_columns(kind, old, "old_"))
    found = session.execute(
        query.select_from(v).outerjoin(old, joined).where(v.county == county, v.id.in_(ids)).order_by(old.id)
    )
    return {
        row.id: (_Version(row, ""), _Version(row, "old_") if row.old_id is not None else None)
        for row in found
    }


FACTS = {
    "contractor": ("kind", "name", "member_count", "address", "phone"),
    "parcel": ("name", "category", "use", "measured_area"),
    "contract": ("way", "term_start", "term_end", "total_area", "parcel_count", "state"),
    "certificate": ("serial", "state", "issued_on", "collected_on"),
}


def _columns(kind: str, v: Any, prefix: str = "") -> list[Any]:
    return [getattr(v, name).label(f"{prefix}{name}") for name in ("id", *FACTS[kind])]


class _Version:
    """One side of a row of two versions."""

    def __init__(self, row: Any, prefix: str):
        self._row, self._prefix = row, prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, self._prefix + name)


def _facts(kind: str, v: Any) -> dict[str, Said]:
    """What a version says, a sentence a fact; empty facts are left out."""
    if v is None:
        return {}
    match kind:
        case "contractor":
            said = {
                "name": say("代表 %(name)s", name=v.name),
                "members": say("成员 %(n)s 人", n=v.member_count),
                "address": say("地址 %(address)s", address=v.address),
            }
        case "parcel":
            said = {
                "name": say("名称 %(name)s", name=v.name),
                "category": say("类别 %(category)s", category=_code("C.7", v.category)),
                "use": say("用途 %(use)s", use=_code("C.9", v.use)),
                "area": say("实测面积 %(area)s 平方米", area=v.measured_area),
            }
        case "contract":
            said = {
                "term": say("承包期 %(start)s 至 %(end)s", start=v.term_start, end=v.term_end),
                "parcels": say("地块 %(n)s 块", n=v.parcel_count),
                "area": say("合同面积 %(area)s 平方米", area=v.total_area),
            }
        case _:
            said = {
                "serial": say("流水号 %(serial)s", serial=v.serial or "—"),
                "state": say("状态 %(state)s", state=CERTIFICATE_STATES.get(v.state, v.state)),
                "collected": say("领取日期 %(day)s", day=v.collected_on or "—"),
            }
    return said


def _code(codes: str, value: str) -> Said:
    return said_in_both(label(codes, value, "zh"), label(codes, value, "en"))


def _causes(session: Session, county: str, ended: list[Any], rows: list[Any]) -> dict[Any, tuple[str, str]]:
    """recorded instant -> what caused the rows that were written then, for things that are no more."""
    if not ended:
        return {}
    instants = {row.recorded_at for row in ended}
    found = {
        row.recorded_at: (row.cause, row.cause_ref)
        for row in rows
        if not row.ended and row.recorded_at in instants
    }
    for _, v, _ in THINGS.values():
        missing = instants - found.keys()
        if not missing:
            break
        said = session.execute(
            select(v.recorded_at, v.cause, v.cause_ref).where(
                v.county == county, v.recorded_at.in_(missing), _says_anew(v)
            )
        )
        found |= {row.recorded_at: (row.cause, row.cause_ref) for row in said}
    descended = session.execute(
        select(t.Descent.recorded_at, t.Descent.cause, t.Descent.cause_ref).where(
            t.Descent.county == county, t.Descent.recorded_at.in_(instants - found.keys())
        )
    )
    found |= {row.recorded_at: (row.cause, row.cause_ref) for row in descended}
    applied = session.execute(
        select(Changeset.applied_at, Case.number)
        .join(Case, and_(Case.county == Changeset.county, Case.id == Changeset.case_id))
        .where(Changeset.county == county, Changeset.applied_at.in_(instants - found.keys()))
    )
    return found | {row.applied_at: ("case", row.number) for row in applied}


def _says_anew(v: Any) -> Any:
    """Rows whose cause is their own, not that of the row that they say again."""
    ended = v.state == "ended" if v is t.ContractVersion else false()
    return or_(v.restates.is_(None), ended)


def _kin(session: Session, county: str, rows: list[Any]) -> dict[tuple[str, Any], Said]:
    """(code, day) -> what it came of or what came of it on that day."""
    codes = {row.code for row in rows}
    d = t.Descent
    related = session.execute(
        select(d.parent, d.child, d.day)
        .where(d.county == county, or_(d.parent.in_(codes), d.child.in_(codes)))
        .order_by(d.id)
    ).all()
    parents, children = defaultdict(list), defaultdict(list)
    for row in related:
        parents[row.child, row.day].append(row.parent)
        children[row.parent, row.day].append(row.child)
    found = {key: say("来自 %(codes)s", codes=list(dict.fromkeys(of))) for key, of in parents.items()}
    return found | {key: say("变为 %(codes)s", codes=list(dict.fromkeys(of))) for key, of in children.items()}


CHANGES = Ledger(
    "changes",
    say("变更台账"),
    say("一段时间内登记簿的每一项变更：何日、何事、变更前后、依据。按变更生效的日期排列。"),
    (
        Column("day", say("生效日期"), "day", 12),
        Column("what", say("登记对象"), "words", 10),
        Column("did", say("变更"), "words", 8),
        Column("code", say("编码"), "code", 22),
        Column("place", say("发包方所在村组"), width=20),
        Column("before", say("变更前"), "words", 36),
        Column("after", say("变更后"), "words", 36),
        Column("kin", say("来源或去向"), "words", 28),
        Column("cause", say("依据"), "words", 26),
    ),
    _changes,
    _change_rows,
    ("since", "until", "kind", "state"),
    {"kind": KINDS, "state": CAUSES},
)

BLOCK_KINDS = {
    "dispute": say("纠纷"),
    "mortgage": say("抵押"),
    "seizure": say("查封"),
    "transfer": say("流转"),
}
BLOCK_ON = {"contractor": say("承包方"), "parcel": say("地块")}


def _blocks(asked: Asked) -> Select[*tuple[Any, ...]]:
    b = t.Block
    query: Select[*tuple[Any, ...]] = (
        select(b.division, b.kind, b.on, b.code, b.ref, b.starts_on, b.ends_on, b.recorded_by, b.recorded_at)
        .where(
            within(b, asked.actor, asked.division),
            b.starts_on <= asked.when.day,
            or_(b.ends_on.is_(None), b.ends_on >= asked.when.day),
            b.recorded_at <= asked.when.known,
        )
        .order_by(b.code, b.starts_on, b.id)
    )
    return query.where(b.kind == asked.kind) if asked.kind in BLOCK_KINDS else query


def _block_rows(session: Session, asked: Asked, rows: list[Any], named: dict[str, str]) -> list[Row]:
    return [
        (
            named[row.division], BLOCK_ON.get(row.on, row.on), row.code, BLOCK_KINDS.get(row.kind, row.kind),
            row.ref, row.starts_on, row.ends_on, row.recorded_by,
        )
        for row in rows
    ]  # fmt: skip


BLOCKS = Ledger(
    "blocks",
    say("权利限制台账"),
    say("这一天有效的限制：纠纷、抵押、查封、正在履行的流转合同，每项一行。"),
    (
        Column("place", say("发包方所在村组"), width=20),
        Column("on", say("限制对象"), "words", 10),
        Column("code", say("编码"), "code", 22),
        Column("kind", say("种类"), "words", 8),
        Column("ref", say("文号或合同编码"), width=26),
        Column("from", say("起"), "day", 12),
        Column("to", say("止"), "day", 12),
        Column("by", say("登记人"), width=14),
    ),
    _blocks,
    _block_rows,
    ("kind",),
    {"kind": BLOCK_KINDS},
)
