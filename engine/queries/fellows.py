"""The other households of an application, as staff pick them: those of the same collective, and what one of them has."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.register import Household
from engine.queries import register
from engine.queries.household import form_facts
from forms.spec import Field

HOUSEHOLD = "1"  # C.16
MOST = 2000  # of one collective


def fellows(
    session: Session, actor: Actor, household: Household, fields: Sequence[Field]
) -> dict[str, list[dict[str, str]]]:
    """Households of its collective that the form may name, to pick from; nothing for a form that names none."""
    if not any(_names_one(field) for field in fields):
        return {}
    asked = register.Asked("", party=household.issuing_party.code, kind=HOUSEHOLD)
    rows = session.execute(register.found(actor, asked).limit(MOST)).all()
    return {"households": [{"code": r.code, "name": r.name} for r in rows if r.code != household.code]}


def _names_one(field: Field) -> bool:
    return field.kind == "household" or any(_names_one(inner) for inner in field.fields)


def named_in(session: Session, actor: Actor, answers: Any) -> list[Household]:
    """Of the scope, those that a question's answers name: a code, or rows of codes. What is no such is left out."""
    rows = answers if isinstance(answers, list) else [answers]
    codes = [row.get("code") if isinstance(row, dict) else row for row in rows]
    asked = [code for code in dict.fromkeys(codes) if isinstance(code, str) and code]
    return [one for code in asked if (one := register.find_household(session, actor, code)) is not None]


def called(session: Session, actor: Actor, household: Household, names: Sequence[Any]) -> list[Household]:
    """Of the scope, households of its collective that go by one of these names."""
    found = []
    for name in dict.fromkeys(str(name).strip() for name in names if name):
        asked = register.Asked(name, party=household.issuing_party.code, kind=HOUSEHOLD)
        rows = session.execute(register.found(actor, asked).limit(MOST)).all()
        found += [row.code for row in rows if row.name == name and row.code != household.code]
    return named_in(session, actor, found)


def parcels_of(households: Sequence[Household]) -> list[dict[str, Any]]:
    return [row for one in households for row in form_facts(one)["parcels"]]


def with_members(
    rows: Sequence[dict[str, Any]] | None, own: Household, households: Sequence[Household]
) -> list[dict[str, Any]]:
    """Rows of ``who`` and more, with the members of all these households who have none yet."""
    kept = [row for row in rows or [] if row.get("who")]
    there = {row["who"] for row in kept}
    first = [] if kept else form_facts(own)["known"]["member_rows"]
    more = [{"who": m["said"]} for one in households for m in form_facts(one)["members"]]
    return [*kept, *first, *(row for row in more if row["who"] not in there)]
