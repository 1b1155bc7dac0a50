"""Drafts of case types in the studio: at most one open one per county and case type."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.store.tables.cases import Case
from engine.store.tables.reference import CurrentVersion, DraftStep, ProcessDraft, ProcessVersion


def open_draft(session: Session, county: str, case_type: str, lock: bool = False) -> ProcessDraft | None:
    query = select(ProcessDraft).where(
        ProcessDraft.county == county,
        ProcessDraft.case_type == case_type,
        ProcessDraft.status.in_(("editing", "submitted")),
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def versions_of(session: Session, case_type: str) -> list[ProcessVersion]:
    """Newest first."""
    return list(
        session.scalars(
            select(ProcessVersion)
            .where(ProcessVersion.case_type == case_type)
            .order_by(ProcessVersion.number.desc())
        )
    )


def open_cases_by_version(session: Session, county: str, case_type: str) -> dict[str, int]:
    """Version id -> how many open cases run on it."""
    rows = session.execute(
        select(Case.version_id, func.count())
        .where(Case.county == county, Case.case_type == case_type, Case.status == "open")
        .group_by(Case.version_id)
    )
    return {version: count for version, count in rows}


def in_force_since(session: Session, county: str, case_type: str) -> CurrentVersion | None:
    return session.get(CurrentVersion, (county, case_type))


def steps_of(session: Session, draft_id: UUID) -> list[DraftStep]:
    """What was done with a draft, newest first."""
    return list(
        session.scalars(select(DraftStep).where(DraftStep.draft_id == draft_id).order_by(DraftStep.id.desc()))
    )
