"""Reading and locking the portal's tables. Every function takes a session of the portal's own role."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
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
from engine.store.tables.portal_public import (
    DealSigning,
    PartUpload,
    PartyView,
    PortalMessage,
    PublicNotice,
    UploadPart,
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


def applicant_by_id(portal: Session, applicant_id: UUID) -> Applicant | None:
    return portal.get(Applicant, applicant_id)


def people_of(portal: Session, county: str, contractor_code: str) -> list[Applicant]:
    """Applicants of one household."""
    query = select(Applicant).where(Applicant.county == county, Applicant.contractor_code == contractor_code)
    return list(portal.scalars(query))


def own_upload(portal: Session, applicant_id: UUID | None, upload_id: UUID) -> PortalUpload | None:
    query = select(PortalUpload).where(
        PortalUpload.id == upload_id, PortalUpload.applicant_id == applicant_id
    )
    return portal.scalar(query)


def forget_bodies(portal: Session, applicant_id: UUID | None, uploads: Collection[UUID]) -> None:
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


def hold_person(portal: Session, applicant_id: UUID) -> None:
    """Requests of one applicant go one after the other, so that none is made twice."""
    portal.execute(select(Applicant.id).where(Applicant.id == applicant_id).with_for_update())


def waiting_request(
    portal: Session,
    applicant_id: UUID,
    kind: str,
    case_number: str | None = None,
    mark: str | None = None,
    taken: bool = False,
) -> Submission | None:
    """The applicant's own request of that kind that waits; with ``taken`` also one that was acted on."""
    query = select(Submission).where(
        Submission.applicant_id == applicant_id,
        Submission.kind == kind,
        Submission.status.in_(["waiting", "taken"] if taken else ["waiting"]),
    )
    if case_number is not None:
        query = query.where(Submission.case_number == case_number)
    if mark is not None:
        query = query.where(Submission.data["mark"].astext == mark)
    return portal.scalar(query.order_by(Submission.seq.desc()).limit(1))


def requests_since(portal: Session, applicant_id: UUID, kind: str, since: datetime) -> int:
    """How many requests of that kind the applicant made, whatever became of them."""
    query = select(func.count()).where(
        Submission.applicant_id == applicant_id, Submission.kind == kind, Submission.submitted_at > since
    )
    return portal.scalar(query) or 0


def last_request(portal: Session, applicant_id: UUID, kind: str, case_number: str) -> Submission | None:
    """The applicant's newest request of that kind in the case, whatever became of it."""
    query = select(Submission).where(
        Submission.applicant_id == applicant_id,
        Submission.kind == kind,
        Submission.case_number == case_number,
    )
    return portal.scalar(query.order_by(Submission.seq.desc()).limit(1))


def hold_notice(portal: Session, notice_id: UUID) -> PublicNotice | None:
    """Under its lock: objections to one notice go one after the other, and not after it is taken down."""
    query = select(PublicNotice).where(PublicNotice.id == notice_id).with_for_update()
    return portal.scalar(query.execution_options(populate_existing=True))


def objections_waiting(portal: Session, case_number: str) -> int:
    """Objections in the case that the inside has not taken in."""
    query = select(func.count()).where(
        Submission.kind == "objection", Submission.status == "waiting", Submission.case_number == case_number
    )
    return portal.scalar(query) or 0


def forget_deals(portal: Session, case_number: str, keep: Collection[UUID]) -> None:
    """Links to a contract that was issued anew lead nowhere any more."""
    old = DealSigning.case_number == case_number, DealSigning.id.not_in(keep)
    portal.execute(delete(DealSigning).where(*old))


def read_messages(portal: Session, applicant_id: UUID, at: datetime) -> None:
    own = update(PortalMessage).where(
        PortalMessage.applicant_id == applicant_id, PortalMessage.read_at.is_(None)
    )
    portal.execute(own.values(read_at=at))


def put_message(portal: Session, row: dict[str, Any]) -> None:
    """Once for its id."""
    portal.execute(insert(PortalMessage).values(row).on_conflict_do_nothing())


def held_part_upload(portal: Session, applicant_id: UUID, upload_id: UUID) -> PartUpload | None:
    """The applicant's own, under its lock: of two senders of one part, the second finds it there."""
    query = select(PartUpload).where(PartUpload.id == upload_id, PartUpload.applicant_id == applicant_id)
    return portal.scalar(query.with_for_update().execution_options(populate_existing=True))


def parts_waiting(portal: Session, applicant_id: UUID) -> int:
    """Bytes that the applicant's unfinished uploads will have."""
    total = func.coalesce(func.sum(PartUpload.size), 0)
    own = PartUpload.applicant_id == applicant_id, PartUpload.upload_id.is_(None)
    return int(portal.scalar(select(total).where(*own)) or 0)


def all_parts(portal: Session, part_upload_id: UUID) -> bytes:
    query = select(UploadPart.body).where(UploadPart.part_upload_id == part_upload_id)
    return b"".join(bytes(body) for body in portal.scalars(query.order_by(UploadPart.at)))


def drop_parts(portal: Session, part_upload_id: UUID) -> None:
    """The whole file is kept elsewhere."""
    portal.execute(delete(UploadPart).where(UploadPart.part_upload_id == part_upload_id))


def forget_parts(portal: Session, before: datetime) -> None:
    """What nobody finished."""
    portal.execute(delete(PartUpload).where(PartUpload.begun_at < before))


def party_numbers(portal: Session, number: str) -> set[bytes]:
    """Whoever could see the dispute until now."""
    return set(portal.scalars(select(PartyView.id_number_found).where(PartyView.number == number)))


def keep_party_views(portal: Session, number: str, views: Sequence[PartyView]) -> None:
    """These and no others."""
    own = [view.id_number_found for view in views]
    portal.execute(delete(PartyView).where(PartyView.number == number, PartyView.id_number_found.not_in(own)))
    for view in views:
        portal.merge(view)
