"""The household's representative died while the case runs: the members chose another."""

from dataclasses import replace
from typing import Any

from engine.domain import events
from engine.domain.changes import (
    Change,
    ChangeMember,
    ChangeRepresentative,
    Relation,
    as_json,
    check,
    errors,
)
from engine.domain.changes.register import HEADS, Contractor
from engine.domain.errors import Refused
from engine.domain.said import several
from engine.operations.work import Work
from engine.store import changes as register
from engine.store.cases import hand_tasks_to
from engine.store.papers import issued_paper

DECEASED = "7"  # C.18
OTHER_RELATIVE = "97"  # GB/T 4761


def change_representative(work: Work, inputs: dict[str, str]) -> dict[str, Any]:
    """Reads the form choose_representative. Result: {before, now, contract_out: whether a contract was printed}.

    Both changes go before the contract into the changeset and are made with it; the one who died stays on record.
    The village acts for the household from now on: the account that applied was the dead person's.
    """
    form = work.data["choose_representative"]
    now = register.register_for(work.session, work.case.county, work.changes(), work.today, work.case)
    household = now.contractors[work.case.contractor_code]
    people = changes_of_people(household, form)
    changes = (
        *people,
        *(one for one in work.changes() if not isinstance(one, ChangeMember | ChangeRepresentative)),
    )
    found = errors(check(people, now))
    if found:
        raise Refused("representative", "不能变更代表：%(why)s", why=several(one.said for one in found[:3]))
    work.set_changes(changes)
    work.say(events.CHANGESET_SET, {"changes": as_json(changes)})
    before, chosen = household.name, form["representative"].strip()
    work.case.contractor_name, work.case.applicant, work.case.origin = chosen, None, "village"
    work.session.flush()
    role = work.case_type.role_of("applicant", "village")
    hand_tasks_to(work.session, work.case, "applicant", role.role, work.office(role.level).code)
    return {"before": before, "now": chosen, "contract_out": contract_out(work)}


def changes_of_people(household: Contractor, form: dict[str, Any]) -> tuple[Change, ...]:
    """Every living member's relation is told anew; whoever is not named is asked for."""
    chosen = form["representative"].strip()
    told = {row["name"].strip(): row["relation"] for row in form.get("relations") or []}
    [head] = [member for member in household.members if member.is_head]
    others = [member for member in household.members if member is not head]
    if chosen not in [member.name for member in others]:
        names = "、".join(member.name for member in others)
        raise Refused(
            "not_a_member", "新的代表应是本户其他成员之一：%(names)s", names=names or "（没有其他成员）"
        )
    relations = [Relation(head.id_number, OTHER_RELATIVE)]
    for member in others:
        if member.name == chosen:
            relations.append(Relation(member.id_number, HEADS[0]))
        elif member.note_code == DECEASED:
            relations.append(Relation(member.id_number, OTHER_RELATIVE))
        elif member.name in told:
            relations.append(Relation(member.id_number, told[member.name]))
        else:
            raise Refused("no_relation", "请写明%(name)s与新代表的关系", name=member.name)
    gone = replace(head, relation=OTHER_RELATIVE, note_code=DECEASED, note=f"{form['died_on']}去世")
    return (
        ChangeRepresentative(household.code, tuple(relations)),
        ChangeMember(household.code, head.id_number, gone),
    )


def contract_out(work: Work) -> bool:
    return issued_paper(work.session, work.case.county, work.case.id, "contract") is not None
