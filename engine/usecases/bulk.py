"""The same done to several tasks, one after the other, each by itself: what was refused does not undo the rest.

There is no bulk approval: a decision is made on the page that shows what is decided.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.domain.errors import DomainError, Refused
from engine.domain.said import Said
from engine.usecases.claim_task import claim_task
from engine.usecases.remind_task import remind_task

MOST = 200
Picked = tuple[str, int]  # case number, task number
Act = Callable[[Session, Clock, Actor, str, int], object]


@dataclass(frozen=True)
class Outcome:
    """``refused`` says why it was not done; ``fault`` is its code."""

    number: str
    task: int
    refused: Said | None = None
    fault: str | None = None

    @property
    def done(self) -> bool:
        return self.refused is None


def claim(session: Session, clock: Clock, actor: Actor, number: str, task: int) -> None:
    claim_task(session, clock, actor, number, task)


def remind(session: Session, clock: Clock, actor: Actor, number: str, task: int) -> None:
    remind_task(session, clock, actor, number, task)


ACTS: dict[str, Act] = {"claim": claim, "remind": remind}


def bulk(session: Session, clock: Clock, actor: Actor, act: Act, picked: Sequence[Picked]) -> list[Outcome]:
    """In the order of the cases' numbers, so that two who do this at once wait and do not deadlock.

    Refused where there are more than MOST. Commits nothing.
    """
    chosen = sorted(dict.fromkeys(picked))
    if len(chosen) > MOST:
        raise Refused("too_many", "一次最多处理%(most)s件，请分几次", most=MOST)
    return [_one(session, clock, actor, act, *one) for one in chosen]


def _one(session: Session, clock: Clock, actor: Actor, act: Act, number: str, task: int) -> Outcome:
    try:
        with session.begin_nested():
            act(session, clock, actor, number, task)
    except DomainError as error:
        return Outcome(number, task, error.said, error.code)
    return Outcome(number, task)
