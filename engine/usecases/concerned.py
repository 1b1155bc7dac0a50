"""Whose case it is: what applicants do with their own and offices on somebody's behalf."""

from collections.abc import Collection
from uuid import UUID

from engine.domain.actor import Actor
from engine.domain.errors import NotAllowed, NotFound
from engine.store.tables.cases import Case


def concerns(actor: Actor, case: Case, roles: Collection[str]) -> bool:
    """Whether the actor is the case's applicant, or an office with one of these roles.

    Raises NotAllowed for another household's applicant, NotFound for offices that do not see the case.
    """
    if actor.role == "applicant":
        if case.applicant != UUID(actor.id):
            raise NotAllowed("not_your_case", "这不是您的办件")
        return True
    if not actor.sees(case.division):
        raise NotFound("case", "没有找到办件 %(number)s", number=case.number)
    return actor.role in roles
