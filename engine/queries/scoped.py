"""The one door to what a position may see: its county, and the divisions that begin with its own.

Row level security is the net under it; these conditions stand in every query all the same.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.division import AFTER
from engine.domain.errors import NotFound
from engine.domain.roles import FIRM
from engine.store.cases import find_case
from engine.store.firms import firm_names
from engine.store.tables.cases import Case
from engine.store.tables.reference import Division

_NUMBER = re.compile(r"[0-9A-Za-z-]{1,40}")


def within(table: Any, actor: Actor, division: str | None = None) -> ColumnElement[bool]:
    """Rows of the actor's county and scope; of a narrower ``division`` where one is given.

    Who works for a surveying firm has no division: the scope are the cases that the firm was given, and what hangs
    on them. Of other things the firm's code is the prefix of none but its own.
    """
    if actor.role == FIRM and (table is Case or hasattr(table, "case_id")):
        given = select(Case.id).where(Case.county == actor.county, Case.surveyed_by == actor.division)
        own = table.id.in_(given) if table is Case else table.case_id.in_(given)
        return and_(table.county == actor.county, own)
    prefix = division if division and division.startswith(actor.division) else actor.division
    return and_(
        table.county == actor.county,
        table.division >= prefix,
        table.division < prefix + AFTER,
    )


def visible_case(session: Session, actor: Actor, number: str, lock: bool = False) -> Case:
    """The case, or NotFound in the same words whether there is none or it is another office's."""
    return visible(
        actor, find_case(session, actor.county, number, lock) if is_number(number) else None, number
    )


def is_number(text: str) -> bool:
    """Whether a case could be called that."""
    return bool(_NUMBER.fullmatch(text))


def visible(actor: Actor, case: Case | None, number: str) -> Case:
    """The case that was found, as ``visible_case`` gives it."""
    if case is None or not sees_case(actor, case):
        raise NotFound("case", "没有找到办件 %(number)s，请核对编号", number=number[:40])
    return case


def sees_case(actor: Actor, case: Case) -> bool:
    """By its division; a surveying firm by what it was given."""
    if actor.role == FIRM:
        return bool(actor.division) and case.surveyed_by == actor.division
    return actor.sees(case.division)


def division_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """Those that exist, each by its own name; surveying firms among them too."""
    wanted = set(codes)
    rows = session.execute(select(Division.code, Division.name).where(Division.code.in_(wanted)))
    return {row.code: row.name for row in rows} | firm_names(session, wanted)


def places(session: Session, codes: set[str]) -> dict[str, str]:
    """division code -> its name below the county: 青石镇柳沟村二组; a county's own name. One statement."""
    wanted = {code[:digits] for code in codes for digits in (9, 12, 14) if len(code) >= digits} | codes
    names = division_names(session, wanted)
    found = {}
    for code in codes:
        parts = [names.get(code[:digits], "") for digits in (9, 12, 14) if len(code) >= digits]
        found[code] = "".join(parts) or names.get(code) or code
    return found


def full_place(session: Session, code: str) -> str:
    """A division's name from its county down, as papers say it: 田溪县青石镇柳沟村."""
    wanted = [code[:digits] for digits in (6, 9, 12, 14) if len(code) >= digits]
    named = division_names(session, wanted)
    return "".join(named.get(part, "") for part in wanted) or code
