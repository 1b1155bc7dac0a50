"""Papers by id."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from engine.store.tables.cases import Paper


def find_paper(session: Session, county: str, paper_id: UUID, lock: bool = False) -> Paper | None:
    query = select(Paper).where(Paper.county == county, Paper.id == paper_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def kept_files(session: Session, county: str) -> list[tuple[UUID, str]]:
    """(paper id, SHA-256) of every paper that has a file."""
    rows = session.execute(
        select(Paper.id, Paper.sha256)
        .where(Paper.county == county, Paper.sha256.is_not(None))
        .order_by(Paper.id)
    )
    return [(row.id, row.sha256) for row in rows]


def issued_paper(session: Session, county: str, case_id: UUID, kind: str) -> Paper | None:
    """The newest paper of that kind that the case issued, printed or not."""
    query = select(Paper).where(
        Paper.county == county, Paper.case_id == case_id, Paper.source == "issued", Paper.kind == kind
    )
    return session.scalar(query.order_by(Paper.created_at.desc(), Paper.number.desc()).limit(1))


def issued_of(session: Session, county: str, case_id: UUID) -> list[Paper]:
    """What the case issued, printed or not, in order; without what it says."""
    query = select(Paper).where(Paper.county == county, Paper.case_id == case_id, Paper.source == "issued")
    return list(session.scalars(query.options(defer(Paper.context)).order_by(Paper.created_at)))


def issued_for(session: Session, county: str, case_id: UUID, kind: str) -> dict[str, Paper]:
    """Contractor code -> the newest paper of that kind that the case issued for it."""
    query = select(Paper).where(
        Paper.county == county, Paper.case_id == case_id, Paper.source == "issued", Paper.kind == kind
    )
    rows = session.scalars(query.order_by(Paper.created_at, Paper.number))
    return {((row.context or {}).get("contractor") or {}).get("code", ""): row for row in rows}


def newest_file(session: Session, county: str, case_id: UUID, kind: str) -> str | None:
    """SHA-256 of the case's newest paper of that kind."""
    query = select(Paper.sha256).where(Paper.county == county, Paper.case_id == case_id, Paper.kind == kind)
    return session.scalar(query.order_by(Paper.created_at.desc()).limit(1))
