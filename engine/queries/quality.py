"""Findings of the quality rules: filtered, counted, from a place on; one with what was said of it; the runs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import NotFound
from engine.queries.cursors import _number, text_at
from engine.queries.scoped import within
from engine.store.quality import NOBODY, OPEN, of_things
from engine.store.register import current, lies_with, version_of
from engine.store.reservations import codes_held, holders
from engine.store.tables import register as t
from engine.store.tables.cases import Case
from engine.store.tables.quality import QualityFinding, QualityRun, QualitySettingsChange, QualityStep
from engine.store.tables.reference import Division

F = QualityFinding
PAGE = 50
STATES = ("open", "fixed", "no_fault")
SEVERITIES = ("error", "warning")
SOURCES = ("register", "package")
_KEY = (F.rule, F.record, F.id)
Place = list[Any] | None


@dataclass(frozen=True)
class Filter:
    """Empty parts let everything through. ``division`` narrows to what lies below it; ``words``: of record or message."""

    rule: str = ""
    severity: str = ""
    state: str = "open"
    source: str = ""
    division: str = ""
    words: str = ""


def _matching(actor: Actor, asked: Filter, with_rule: bool = True) -> Select[Any]:
    query = select(F).where(within(F, actor, asked.division or None))
    if asked.state:
        query = query.where(F.state == asked.state)
    if asked.severity:
        query = query.where(F.severity == asked.severity)
    if asked.source:
        query = query.where(F.source == asked.source)
    if asked.rule and with_rule:
        query = query.where(F.rule == asked.rule)
    for word in asked.words.split()[:5]:
        query = query.where(_fits(word))
    return query


def _fits(word: str) -> ColumnElement[bool]:
    return or_(
        F.record.startswith(word, autoescape=True),
        F.other.startswith(word, autoescape=True),
        F.message.contains(word, autoescape=True),
    )


def listed(
    session: Session, actor: Actor, asked: Filter, place: Place, size: int = PAGE
) -> tuple[list[QualityFinding], Place]:
    """By rule, record and number, after ``place``; and the place to go on from."""
    query = _matching(actor, asked).order_by(*_KEY)
    if place:
        query = query.where(tuple_(*_KEY) > (text_at(place, 0), text_at(place, 1), _number(place, 2)))
    rows = list(session.scalars(query.limit(size + 1)))
    last = rows[size - 1] if len(rows) > size else None
    return rows[:size], [last.rule, last.record, last.id] if last else None


def counts(session: Session, actor: Actor, asked: Filter) -> dict[str, int]:
    """rule -> findings that fit everything else of the filter."""
    found = _matching(actor, asked, with_rule=False).with_only_columns(F.rule, func.count())
    return {rule: count for rule, count in session.execute(found.group_by(F.rule).order_by(F.rule))}


def every(session: Session, actor: Actor, asked: Filter) -> Iterator[QualityFinding]:
    """All of them, a thousand rows in memory at a time."""
    query = _matching(actor, asked).order_by(*_KEY).execution_options(yield_per=1000)
    for row in session.scalars(query):
        yield row
        session.expunge(row)


def visible_finding(session: Session, actor: Actor, finding_id: int, lock: bool = False) -> QualityFinding:
    """The finding, or NotFound in the same words whether there is none or it is outside the scope."""
    query = select(F).where(F.id == finding_id, within(F, actor))
    found = session.scalar(query.with_for_update() if lock else query) if 0 < finding_id < 2**63 else None
    if found is None:
        raise NotFound("quality_finding", "没有找到这条质检结果，请从列表重新打开")
    return found


def handled_by(session: Session, actor: Actor, found: Iterable[QualityFinding]) -> dict[int, str]:
    """Finding -> number of the case under way that holds its record, for those that are open."""
    named = {one.id: record_kind(one) for one in found if one.state == OPEN}
    held = {
        kind: holders(
            session, actor.county, held_as, {one[1] for one in named.values() if one and one[0] == kind}
        )
        for kind, held_as in (("parcel", "parcel"), ("household", "contractor"))
    }
    return {id_: held[one[0]][one[1]] for id_, one in named.items() if one and one[1] in held[one[0]]}


def changed_since(session: Session, found: QualityFinding) -> str | None:
    """Number of the case that has changed the record of an open finding since the rules last found it."""
    named = record_kind(found)
    if found.state != OPEN or named is None:
        return None
    thing, version, owner = (
        (t.Parcel, t.ParcelVersion, "parcel_id")
        if named[0] == "parcel"
        else (t.Contractor, t.ContractorVersion, "contractor_id")
    )
    return session.scalar(
        select(version.cause_ref)
        .join(thing, version_of(thing, version, owner))
        .where(
            thing.county == found.county, thing.code == named[1], version.cause == "case",
            version.recorded_at > found.seen_at, *current(version),
        )
        .limit(1)
    )  # fmt: skip


def of_case(session: Session, actor: Actor, case: Case, most: int = 20) -> list[QualityFinding]:
    """What stands against the things that the case holds or held, and what it has mended; errors first."""
    codes = {kind: codes_held(session, case, kind) for kind in ("parcel", "contractor")}
    by_it = exists().where(
        QualityStep.county == F.county,
        QualityStep.finding_id == F.id,
        QualityStep.person_id == NOBODY,
        QualityStep.reason == case.number,
    )
    query = select(F).where(
        within(F, actor), of_things(codes["parcel"], codes["contractor"]), or_(F.state == OPEN, by_it)
    )
    return list(session.scalars(query.order_by(F.state, F.severity, *_KEY).limit(most)))


def steps(session: Session, found: QualityFinding) -> list[QualityStep]:
    """What people said of it, the first one first."""
    query = select(QualityStep).where(QualityStep.county == found.county, QualityStep.finding_id == found.id)
    return list(session.scalars(query.order_by(QualityStep.id)))


def newest_run(session: Session, actor: Actor) -> QualityRun | None:
    """The last run over the register that covers something of the scope."""
    query = select(QualityRun).where(
        QualityRun.county == actor.county, QualityRun.source == "register", within(QualityRun, actor)
    )
    return session.scalar(query.order_by(QualityRun.begun_at.desc()).limit(1))


def settings_changes(session: Session, actor: Actor, most: int = 20) -> list[QualitySettingsChange]:
    """Newest first."""
    query = select(QualitySettingsChange).where(QualitySettingsChange.county == actor.county)
    return list(session.scalars(query.order_by(QualitySettingsChange.id.desc()).limit(most)))


def divisions(session: Session, actor: Actor) -> list[Division]:
    """Townships and villages of the scope, by code."""
    query = select(Division).where(
        Division.code >= actor.division,
        Division.code < actor.division + "~",
        func.length(Division.code).in_((9, 12)),
    )
    return list(session.scalars(query.order_by(Division.code)))


def record_kind(found: QualityFinding) -> tuple[str, str] | None:
    """What a record names that has a page: ("parcel", DKBM) or ("household", CBFBM); None for what has none."""
    record, table = found.record, found.table
    if table in ("DK", "CBDKXX") and len(record) == 19 and record.isdigit():
        return "parcel", record
    if table in ("JZD", "JZX") and found.other and len(found.other) == 19:
        return "parcel", found.other
    if len(record) >= 18 and record[:18].isdigit() and table not in ("DK", "FBF", "LZHT"):
        return "household", record[:18]
    return None


def household_of(session: Session, actor: Actor, found: QualityFinding) -> str | None:
    """The code of the household that the finding is about, or that holds the parcel by a contract in force."""
    named = record_kind(found)
    if named is None or named[0] == "household":
        return named[1] if named else None
    return session.scalar(
        select(t.Contractor.code)
        .join(t.Contract, (t.Contract.county == t.Contractor.county) & (t.Contract.contractor_id == t.Contractor.id))
        .join(t.ContractVersion, version_of(t.Contract, t.ContractVersion, "contract_id"))
        .join(
            t.ContractedParcel,
            (t.ContractedParcel.county == t.ContractVersion.county)
            & (t.ContractedParcel.contract_version_id == lies_with(t.ContractVersion)),
        )
        .join(t.Parcel, (t.Parcel.county == t.ContractedParcel.county) & (t.Parcel.id == t.ContractedParcel.parcel_id))
        .where(
            within(t.Contractor, actor),
            t.Parcel.county == actor.county,
            t.Parcel.code == named[1],
            t.ContractVersion.state == "in_force",
            *current(t.ContractVersion),
        )
        .limit(1)
    )  # fmt: skip
