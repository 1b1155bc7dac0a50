"""Reading and locking the portal's tables. Every function takes a session of the portal's own role."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from engine.store.tables.portal import (
    Applicant,
    PortalDraft,
    PortalUpload,
    PublishedForm,
    PublishedPaper,
    SignIn,
    Submission,
)


def asked_sign_ins(portal: Session, now: datetime, most: int) -> list[UUID]:
    """Those that wait for the inside and have not expired, the oldest first."""
    query = select(SignIn.id).where(SignIn.status == "asked", SignIn.expires_at > now)
    return list(portal.scalars(query.order_by(SignIn.asked_at).limit(most)))


def waiting_submissions(portal: Session, most: int) -> list[UUID]:
    query = select(Submission.id).where(Submission.status == "waiting")
    return list(portal.scalars(query.order_by(Submission.seq).limit(most)))


def hold(portal: Session, table: Any, row_id: UUID, status: str) -> Any | None:
    """The row under its lock while it has that status; None where another one holds it or was faster."""
    query = select(table).where(table.id == row_id, table.status == status)
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return portal.scalar(query)


def hold_case(portal: Session, number: str) -> None:
    """Publishers of one case go one after the other, so that an older view never follows a newer one."""
    portal.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(number, 0))))


def applicant_by_number(portal: Session, found: bytes) -> Applicant | None:
    return portal.scalar(select(Applicant).where(Applicant.id_number_found == found))


def people_of(portal: Session, county: str, contractor_code: str) -> list[Applicant]:
    """Applicants of one household."""
    query = select(Applicant).where(Applicant.county == county, Applicant.contractor_code == contractor_code)
    return list(portal.scalars(query))


def own_upload(portal: Session, applicant_id: UUID, upload_id: UUID) -> PortalUpload | None:
    query = select(PortalUpload).where(
        PortalUpload.id == upload_id, PortalUpload.applicant_id == applicant_id
    )
    return portal.scalar(query)


def forget_bodies(portal: Session, applicant_id: UUID, uploads: Collection[UUID]) -> None:
    """The files lie inside now; the portal keeps their names alone."""
    if uploads:
        own = update(PortalUpload).where(
            PortalUpload.id.in_(uploads), PortalUpload.applicant_id == applicant_id
        )
        portal.execute(own.values(body=None))


def form_names(portal: Session, version_id: str) -> set[str]:
    return set(portal.scalars(select(PublishedForm.name).where(PublishedForm.version_id == version_id)))


def paper_hash(portal: Session, verify_code: str | None) -> str | None:
    """SHA-256 of the published paper; None before it is there. Its body is not read."""
    return portal.scalar(select(PublishedPaper.sha256).where(PublishedPaper.verify_code == verify_code))


def sign_ins_since(portal: Session, phone: str, since: datetime) -> int:
    """Attempts with that telephone that were sent a code, or may yet be. Those of strangers are not counted:
    whoever knows a telephone alone cannot keep its owner out.
    """
    known = or_(SignIn.status != "refused", SignIn.applicant_id.is_not(None))
    query = select(func.count()).where(SignIn.phone == phone, SignIn.asked_at > since, known)
    return portal.scalar(query) or 0


def held_sign_in(portal: Session, sign_in_id: UUID) -> SignIn | None:
    """Under its lock, so that tries are counted one by one."""
    query = select(SignIn).where(SignIn.id == sign_in_id).with_for_update()
    return portal.scalar(query.execution_options(populate_existing=True))


def open_draft(portal: Session, applicant_id: UUID, **which: Any) -> PortalDraft | None:
    """The newest draft not yet submitted: ``case_type`` of an application, or ``case_number`` and task."""
    query = select(PortalDraft).where(
        PortalDraft.applicant_id == applicant_id, PortalDraft.submitted.is_(False)
    )
    for column, value in which.items():
        query = query.where(getattr(PortalDraft, column) == value)
    return portal.scalar(query.order_by(PortalDraft.saved_at.desc()).limit(1))


def hold_draft(portal: Session, applicant_id: UUID, draft_id: UUID) -> PortalDraft | None:
    query = select(PortalDraft).where(PortalDraft.id == draft_id, PortalDraft.applicant_id == applicant_id)
    return portal.scalar(query.with_for_update().execution_options(populate_existing=True))


def bytes_waiting(portal: Session, applicant_id: UUID) -> int:
    """Size of the applicant's uploads that the inside has not taken over."""
    size = func.coalesce(func.sum(func.octet_length(PortalUpload.body)), 0)
    return portal.scalar(select(size).where(PortalUpload.applicant_id == applicant_id)) or 0


def forget_sign_ins(portal: Session, before: datetime) -> None:
    """Old attempts, with the names and telephones of people who may be nobody here."""
    portal.execute(delete(SignIn).where(SignIn.asked_at < before))
