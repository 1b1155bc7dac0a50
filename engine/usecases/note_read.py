"""Note who opened which household, parcel, case or paper, unmasked what, or searched for what.

Officials may see much; what they looked at is told to the auditor. Append only (architecture.md, security).
"""

from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.actor import Actor
from engine.domain.clock import Clock
from engine.store.tables.history import ReadRecord
from engine.usecases.seeing import seeing_enough

LONGEST = 200  # characters of a search or a purpose that are kept
SHORTEST_PURPOSE = 4  # characters: "查" alone says nothing to an auditor


def note_read(
    session: Session,
    clock: Clock,
    actor: Actor,
    action: str,
    subject: str,
    division: str | None = None,
    purpose: str | None = None,
) -> None:
    """``action``: open, unmask, search, look_up or download. ``subject``: case:<number>, contractor:<code>, paper:<id>.

    Commits nothing. Nothing is noted of the system's own reading.
    """
    record = ReadRecord(
        county=actor.county,
        at=clock.now(),
        person_id=actor.person_id,
        position=actor.position,
        action=action,
        subject=subject[:LONGEST],
        purpose=purpose[:LONGEST] if purpose else None,
        division=division or actor.division,
    )
    with seeing_enough(session, actor):
        session.add(record)
        session.flush()


def note_search(session: Session, clock: Clock, actor: Actor, place: str, words: str) -> None:
    """What was searched for and where; identity numbers in it are masked before they are written down."""
    note_read(session, clock, actor, "search", f"search:{place}:{masking.numbers_in(words)}")
