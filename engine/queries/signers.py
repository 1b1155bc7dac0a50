"""Who must agree to a case's changes: the members of every household that they touch."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.changes import named
from engine.domain.changes.households import deceased_by
from engine.domain.changeset import from_json
from engine.store.register import read_household
from engine.store.tables.cases import Case, Changeset

DECEASED = "7"  # C.18


def signature_rows(session: Session, case: Case) -> list[dict[str, Any]]:
    """First rows of a form's signatures: {name, household}; the case's own household first."""
    rows = session.scalar(
        select(Changeset.changes).where(Changeset.county == case.county, Changeset.case_id == case.id)
    )
    changes = from_json(rows or [])
    others, gone = sorted(named(changes).contractors - {case.contractor_code}), deceased_by(changes)
    found = []
    for code in (case.contractor_code, *others):
        household = read_household(session, case.county, code)
        for m in household.members if household else ():
            if m.note_code != DECEASED and m.id_number not in gone:
                found.append({"name": m.name, "household": household.name if household else ""})
    return found
