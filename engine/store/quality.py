"""Statements that write findings of the quality rules, what people say of them, and the county's settings."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, case, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.errors import Conflict
from engine.store import outbox
from engine.store.tables.quality import QualityFinding, QualityRun, QualitySettingsChange, QualityStep
from engine.store.tables.reference import County

REGISTER, PACKAGE = "register", "package"
OPEN, FIXED, NO_FAULT = "open", "fixed", "no_fault"
CHECK_AGAIN = "check_findings"  # kind of the outbox row
NOBODY = UUID(int=0)  # who settles what a filed case has mended: its step's reason is the case's number
_AT_ONCE = 1000  # rows of one statement
_AFTER = "~"  # sorts after every digit


def lock_run(session: Session, county: str) -> None:
    """One run of a county writes at a time; Conflict where another does."""
    got = session.scalar(
        text("select pg_try_advisory_xact_lock(hashtext('quality'), :county)"), {"county": int(county)}
    )
    if not got:
        raise Conflict("quality_running", "该县正在质检，请等它结束后再开始")


def keep_run(
    session: Session,
    county: str,
    source: str,
    rows: list[dict[str, Any]],
    *,
    ref: str,
    division: str,
    by: str,
    begun_at: datetime,
    ended_at: datetime,
    parcels: int,
    settings: dict[str, Any],
) -> UUID:
    """Keep what a run found: the same finding stays one row, what is not found any more below ``division`` is fixed.

    A finding that came back is open again; one that a person called no fault stays so. The caller commits.
    """
    run = uuid4()
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["rule"]] = counts.get(row["rule"], 0) + 1
    session.add(
        QualityRun(
            county=county, id=run, source=source, ref=ref, division=division, by=by, begun_at=begun_at,
            ended_at=ended_at, parcels=parcels, counts=counts, settings=settings,
        )
    )  # fmt: skip
    session.flush()
    every = {"county": county, "source": source, "run": run, "found_at": ended_at, "seen_at": ended_at}
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(_found(), [row | every for row in rows[start : start + _AT_ONCE]])
    session.execute(
        update(QualityFinding)
        .where(
            QualityFinding.county == county,
            QualityFinding.source == source,
            QualityFinding.state == OPEN,
            QualityFinding.run != run,
            QualityFinding.division >= division,
            QualityFinding.division < division + _AFTER,
        )
        .values(state=FIXED, settled_at=ended_at)
        .execution_options(synchronize_session=False)
    )
    return run


def _found() -> Any:
    statement = insert(QualityFinding)
    new, back = statement.excluded, QualityFinding.state == FIXED
    return statement.on_conflict_do_update(
        index_elements=["county", "source", "mark"],
        set_={
            "run": new.run, "severity": new.severity, "message": new.message, "said": new.said,
            "division": new.division, "x": new.x, "y": new.y, "seen_at": new.seen_at,
            "state": case((back, OPEN), else_=QualityFinding.state),
            "settled_at": case((back, None), else_=QualityFinding.settled_at),
        },
    )  # fmt: skip


def of_things(parcels: Collection[str], contractors: Collection[str]) -> ColumnElement[bool]:
    """Findings whose record is one of the parcels, or a row of one of the contractors."""
    record = QualityFinding.record
    of_land = QualityFinding.table.in_(("DK", "CBDKXX"))
    rows = [and_(record >= code, record < code + _AFTER, ~of_land) for code in sorted(contractors)]
    return or_(record.in_(sorted(parcels)), *rows)


def ask_again(
    session: Session,
    county: str,
    changed: tuple[Collection[str], Collection[str]],
    near: Collection[str],
    ref: str,
    by: str | None,
    at: datetime,
) -> None:
    """In the transaction of a change: its open findings are looked at again once it has committed.

    ``changed``: parcels and contractors; ``near``: parcels around, whose findings name a changed one as the other.
    """
    parcels, contractors = changed
    beside = and_(QualityFinding.record.in_(sorted(near)), QualityFinding.other.in_(sorted(parcels)))
    found = session.scalars(
        select(QualityFinding.id).where(
            QualityFinding.county == county,
            QualityFinding.state == OPEN,
            or_(of_things(parcels, contractors), beside),
        )
    ).all()
    if found:
        told = {"findings": sorted(found), "case": ref, "by": by or ""}
        outbox.put(session, county, CHECK_AGAIN, told, at)


def standing(session: Session, county: str, ids: Collection[int]) -> list[QualityFinding]:
    """Those of the findings that are still open, locked."""
    query = select(QualityFinding).where(
        QualityFinding.county == county, QualityFinding.id.in_(ids), QualityFinding.state == OPEN
    )
    return list(session.scalars(query.order_by(QualityFinding.id).with_for_update()))


def settle_by_case(session: Session, found: QualityFinding, number: str, by: str, at: datetime) -> None:
    """What a filed case has mended is fixed; the step says by which."""
    found.state, found.settled_at = FIXED, at
    session.add(
        QualityStep(
            county=found.county, finding_id=found.id, division=found.division, did=FIXED, reason=number,
            by=by, person_id=NOBODY, at=at,
        )
    )  # fmt: skip


def say_of(
    session: Session, actor: Actor, found: QualityFinding, did: str, reason: str, at: datetime
) -> None:
    """A person settles a finding, or opens it again."""
    found.state = did
    found.settled_at = None if did == OPEN else at
    assert actor.person_id is not None
    session.add(
        QualityStep(
            county=found.county, finding_id=found.id, division=found.division, did=did, reason=reason,
            by=actor.name, person_id=actor.person_id, at=at,
        )
    )  # fmt: skip
    session.flush()


def set_settings(session: Session, actor: Actor, after: dict[str, Any], reason: str, at: datetime) -> None:
    """The county's own quality settings, and the record of who changed them."""
    county = session.scalars(
        select(County)
        .where(County.code == actor.county)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    before = county.settings.get("quality") or {}
    county.settings = {**county.settings, "quality": after}
    assert actor.person_id is not None
    session.add(
        QualitySettingsChange(
            county=actor.county, before=before, after=after, reason=reason, by=actor.name,
            person_id=actor.person_id, at=at,
        )
    )  # fmt: skip
    session.flush()


def open_count(session: Session, county: str) -> int:
    query = select(func.count()).where(QualityFinding.county == county, QualityFinding.state == OPEN)
    return session.scalar(query) or 0
