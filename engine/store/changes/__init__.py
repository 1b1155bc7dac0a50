"""The door to changing the register: what a changeset touches is locked, loaded, checked and written as versions.

What the changes are and what they may do is in ``engine/domain/changes``.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.domain import changes as domain
from engine.domain import surveying
from engine.domain.changes import Change, Changed, Register
from engine.domain.changes.register import Parcel
from engine.domain.errors import Refused
from engine.domain.said import several
from engine.store import cases, quality, reservations
from engine.store.changes.load import load
from engine.store.changes.locks import lock, seeing_the_county
from engine.store.changes.write import write
from engine.store.register import Cause
from engine.store.survey import register_changed
from engine.store.tables.cases import Case, Changeset

SURVEY = "survey"  # the form by which a case's own survey is handed in


def register_for(
    session: Session, county: str, changes: Iterable[Change], day: date, case: Case | None = None
) -> Register:
    """What the changes touch, as it stands now. ``case``: whose own reservations do not stand against it."""
    with seeing_the_county(session, county):
        return load(session, county, day, domain.named(changes), except_case=case.id if case else None)


def register_of(session: Session, case: Case, wanted: domain.Touched, day: date) -> Register:
    """What is named as it stands, before any change of it is written down."""
    with seeing_the_county(session, case.county):
        return load(session, case.county, day, wanted, except_case=case.id)


def to_hold(session: Session, case: Case, changes: Iterable[Change], day: date) -> set[tuple[str, str]]:
    """(kind, code) of every household and parcel that the changes touch."""
    changes = tuple(changes)
    touched = domain.touched(changes, register_for(session, case.county, changes, day, case))
    return {(kind, code) for kind, codes in touched.items() for code in codes}


def hold(session: Session, case: Case, changes: Iterable[Change], day: date, at: datetime) -> None:
    """Reserve every household and parcel that a survey's changes touch; Refused names the open case that has one.

    Of two neighbours whose surveys move one boundary each holds what the other needs: the case that was there first goes
    first, as long as the other has handed nothing in. That one holds its land again when the first is filed or ends.
    """
    for kind, code in sorted(to_hold(session, case, changes, day)):
        number = reservations.reserve(session, case, kind, code)
        if number is not None:
            if number and (other := _gives_way(session, case, number)):
                reservations.take_over(session, case, other, kind, code, at)
                continue
            raise Refused(
                "reserved",
                "%(code)s已有在办业务，办件编号 %(number)s，办结后才能再申请",
                code=code,
                number=number,
            )


def _gives_way(session: Session, case: Case, number: str) -> Case | None:
    """The case of that number, locked, where it began later and its own survey is still awaited."""
    other = cases.find_case(session, case.county, number)
    if (other.started_at, other.number) <= (case.started_at, case.number):
        return None
    other = cases.find_case(
        session, case.county, number, lock=True
    )  # only who was first waits for the later one
    return other if other.status == "open" and _awaits_survey(session, other) else None


def _awaits_survey(session: Session, case: Case) -> bool:
    """A survey's case has handed nothing in; another has the survey before it, or has asked for one that has not."""
    of_survey = (Case.case_type == surveying.CASE_TYPE, Changeset.case_id.is_(None))
    query = (
        select(Case.id)
        .outerjoin(Changeset, (Changeset.county == Case.county) & (Changeset.case_id == Case.id))
        .where(Case.county == case.county, Case.status == "open", *of_survey)
        .where(or_(Case.id == case.id, Case.asked_by == case.number))
    )
    tasks = cases.open_tasks(session, case)
    return any(task.form == SURVEY for task in tasks) or session.scalar(query.limit(1)) is not None


def make(
    session: Session, county: str, changes: Iterable[Change], cause: Cause, case: Case | None = None
) -> list[Changed]:
    """Check the changes under lock and write them; gives what changed.

    Raises Refused, with nothing written, when they do not fit the register as it is by then.
    """
    changes = tuple(changes)
    named = domain.named(changes)
    with seeing_the_county(session, county):
        lock(session, county, named)
        before = load(session, county, cause.on, named, except_case=case.id if case else None)
        found = domain.errors(domain.check(changes, before))
        if found:
            why = several(one.said for one in found)
            raise Refused("changeset", "登记簿与本次变更不符：%(why)s", why=why)
        after = domain.apply(changes, before)
        changed = write(session, before, after, cause)
        register_changed(session, county, *_told(changed, before, after), cause.at)
        if cause.kind == "case":
            parcels = {one.code for one in changed if one.kind == "parcels"}
            contractors = {
                one.code for one in changed if one.kind in ("contractors", "contracts", "certificates")
            }
            near = {*before.parcels, *after.parcels}
            quality.ask_again(session, county, (parcels, contractors), near, cause.ref, cause.by, cause.at)
        return changed


def _told(changed: list[Changed], before: Register, after: Register) -> tuple[set[str], set[str]]:
    """Parcels whose survey changed, and those that anyone would see differently: what the other stores follow."""
    surveyed, seen = set(), set()
    for one in changed:
        if one.kind == "parcels":
            seen.add(one.code)
            if not (one.before and one.after) or _survey(one.before) != _survey(one.after):
                surveyed.add(one.code)
        else:
            held = (state.contracts.get(one.code) for state in (before, after))
            seen.update(code for contract in held if contract for code in contract.codes)
    for was, now in ((before.transfers, after.transfers), (before.encumbrances, after.encumbrances)):
        moved = [number for number in was.keys() | now.keys() if was.get(number) != now.get(number)]
        seen.update(
            code
            for number in moved
            for state in (was, now)
            if number in state
            for code in state[number].parcels
        )
    return surveyed, seen


def _survey(parcel: Parcel) -> tuple[bytes, Decimal]:
    return parcel.outline.wkb, parcel.measured_area
