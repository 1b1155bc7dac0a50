"""What an administrator sees of a county's case types: versions, the open cases on each, the open draft."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.case_type import CaseType
from engine.store import drafts, versions
from engine.store.tables.reference import Person, ProcessDraft, ProcessVersion

NOBODY = {"shipped": "随软件发布", "vendor": "软件提供方"}  # who published what came with the software


@dataclass(frozen=True)
class VersionRow:
    """A published version as one county stands to it."""

    id: str
    number: int
    published_at: datetime
    published_by: str
    approved_by: str
    note: str
    open_cases: int
    in_force: bool


@dataclass(frozen=True)
class DraftState:
    """An open draft: who changed what, who handed it in, and what was done with it, newest first."""

    row: ProcessDraft
    edited_by: str
    submitted_by: str
    steps: list["StepRow"]

    @property
    def returned(self) -> "StepRow | None":
        """Why it was returned, as long as it was not handed in again."""
        first = self.steps[0] if self.steps else None
        return first if first and first.did == "returned" else None


@dataclass(frozen=True)
class StepRow:
    did: str
    who: str
    at: datetime
    note: str


@dataclass(frozen=True)
class Overview:
    case_type: CaseType
    versions: list[VersionRow]
    since: datetime
    draft: DraftState | None

    @property
    def in_force(self) -> VersionRow:
        return next(row for row in self.versions if row.in_force)

    @property
    def open_cases(self) -> int:
        return sum(row.open_cases for row in self.versions)


def overviews(session: Session, county: str) -> list[Overview]:
    return [overview(session, county, name) for name, _ in versions.case_types_in_force(session, county)]


def overview(session: Session, county: str, case_type: str) -> Overview:
    """Raises NotFound where the county has no version of it in force."""
    current = versions.version_in_force(session, county, case_type)
    since = drafts.in_force_since(session, county, case_type)
    row = drafts.open_draft(session, county, case_type)
    return Overview(
        versions.case_type_of(session, current),
        version_rows(session, county, case_type, current),
        since.since,  # type: ignore[union-attr]  # there is one, or the line above raised
        draft_state(session, row) if row else None,
    )


def version_rows(session: Session, county: str, case_type: str, current: str) -> list[VersionRow]:
    """Newest first."""
    found = drafts.versions_of(session, case_type)
    open_cases = drafts.open_cases_by_version(session, county, case_type)
    names = _names(session, {name for row in found for name in (row.published_by, row.approved_by)})
    return [_version_row(row, names, open_cases.get(row.id, 0), row.id == current) for row in found]


def _version_row(row: ProcessVersion, names: dict[str, str], open_cases: int, in_force: bool) -> VersionRow:
    return VersionRow(
        row.id,
        row.number,
        row.published_at,
        names[row.published_by],
        names[row.approved_by],
        row.note,
        open_cases,
        in_force,
    )


def draft_state(session: Session, row: ProcessDraft) -> DraftState:
    steps = drafts.steps_of(session, row.id)
    people = {str(row.edited_by), str(row.submitted_by or ""), *(str(step.person_id) for step in steps)}
    names = _names(session, people)
    told = [StepRow(step.did, names[str(step.person_id)], step.at, step.note) for step in steps]
    return DraftState(row, names[str(row.edited_by)], names[str(row.submitted_by or "")], told)


def _names(session: Session, marks: set[str]) -> dict[str, str]:
    """Person ids as names; whatever is no person's id stays as it is."""
    ids = {mark: _uuid(mark) for mark in marks}
    wanted = [known for known in ids.values() if known]
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted))).tuples()
    people = dict(iter(rows))
    return {mark: people.get(known, mark) if known else NOBODY.get(mark, mark) for mark, known in ids.items()}


def _uuid(mark: str) -> UUID | None:
    try:
        return UUID(mark)
    except ValueError:
        return None
