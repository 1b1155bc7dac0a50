"""Is what was just sealed what was to be sealed? Read off the file as any holder would, before it is kept.

A seal service or a time-stamping authority outside may answer wrongly: its answer lies within the file by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from engine.documents.seal_services import SealService, fingerprint
from engine.documents.time_stamps import TimeStamps
from engine.reading.signatures import Unreadable, read_seals


class NotSealed(Exception):
    """The file does not hold; the message says for an administrator what is wrong with it."""


@dataclass(frozen=True)
class Known:
    """``seal``: fingerprint of the key in use; ``certificates``: PEM of whom a reader must know; ``judged``: those of
    the stamps are among them."""

    seal: str
    certificates: Sequence[str]
    judged: bool

    @classmethod
    def of(cls, service: SealService, stamps: TimeStamps) -> Self:
        """Asks a service outside for its certificates: OSError."""
        own, theirs = service.certificates(), stamps.certificates()
        return cls(fingerprint(own[0]), [*own, *theirs], bool(theirs))


def prove(sealed: bytes, document: bytes, known: Known) -> None:
    """Raises NotSealed."""
    if not sealed.startswith(document):
        raise NotSealed("the sealed file does not begin with the file that was signed")
    try:
        seals = read_seals(sealed, list(known.certificates))
    except Unreadable as error:
        raise NotSealed(f"the sealed file cannot be read: {error}") from None
    if len(seals) != 1:
        raise NotSealed(f"the sealed file has {len(seals)} seals")
    [seal] = seals
    if not seal.good or seal.fingerprint != known.seal:
        raise NotSealed(f"the seal does not hold: intact {seal.intact}, whole {seal.whole}, ours {seal.ours}")
    if seal.stamped_at is None:
        raise NotSealed("the time stamp does not hold")
    if known.judged and not (seal.stamp_known and seal.level == "B-LTA"):
        raise NotSealed(f"the time stamp is of {seal.stamped_by}, who is not among the roots ({seal.level})")
