"""Surveying firms of a county: who they are, and until when they are qualified."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.store.tables.cases import Case, Task
from engine.store.tables.firms import SurveyFirm

MARK = "F"  # between the county and the firm's number; in no division's code


def firm_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Of the codes that are firms'."""
    wanted = [code for code in codes if MARK in code]
    if not wanted:
        return {}
    rows = session.execute(select(SurveyFirm.code, SurveyFirm.name).where(SurveyFirm.code.in_(wanted)))
    return {row.code: row.name for row in rows}


def firm_of(session: Session, county: str, code: str, lock: bool = False) -> SurveyFirm | None:
    query = select(SurveyFirm).where(SurveyFirm.county == county, SurveyFirm.code == code)
    return session.scalar(query.with_for_update() if lock else query)


def firms_of(session: Session, county: str) -> list[SurveyFirm]:
    """All of the county's, those that get work first."""
    query = select(SurveyFirm).where(SurveyFirm.county == county)
    return list(session.scalars(query.order_by(SurveyFirm.active.desc(), SurveyFirm.code)))


def qualified(session: Session, county: str, day: date, least_grade: int) -> list[SurveyFirm]:
    """Firms that may be given a survey on that day."""
    return [firm for firm in firms_of(session, county) if shortfall(firm, day, least_grade) is None]


def shortfall(firm: SurveyFirm, day: date, least_grade: int) -> str | None:
    """Why the firm may not survey on that day: ``inactive``, ``not_yet``, ``ended`` or ``grade``; None where it may."""
    if not firm.active:
        return "inactive"
    if day < firm.valid_from:
        return "not_yet"
    if day > firm.valid_to:
        return "ended"
    return "grade" if firm.grade > least_grade else None


def surveys_under_way(session: Session, county: str) -> dict[str, list[str]]:
    """Firm's code -> numbers of the open cases that it was given and has not handed in."""
    given = (
        select(Case.surveyed_by, Case.number)
        .join(Task, (Task.county == Case.county) & (Task.case_id == Case.id))
        .where(Case.county == county, Case.status == "open", Task.status == "open")
        .where(Task.office == Case.surveyed_by)
        .order_by(Case.number)
    )
    found: dict[str, list[str]] = {}
    for code, number in session.execute(given).tuples():
        found.setdefault(str(code), []).append(number)
    return found


def next_code(session: Session, county: str) -> str:
    last = session.scalar(select(func.max(SurveyFirm.code)).where(SurveyFirm.county == county))
    return f"{county}{MARK}{int(last[-3:]) + 1 if last else 1:03d}"
