"""The hash chain of a case's events, and the signed root over all cases' heads. Pure.

A payload enters the chain as SHA-256(salt || body). Erasing body and salt by law leaves the chain whole;
changing a body does not.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

GENESIS = b"\0" * 32


def canonical(payload: Any) -> str:
    """One text per value: sorted keys, no spaces, no ASCII escapes."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def payload_hash(salt: bytes, body: str) -> bytes:
    return hashlib.sha256(salt + body.encode()).digest()


@dataclass(frozen=True)
class Link:
    """What the chain covers of one event."""

    county: str
    case_id: UUID
    seq: int
    at: datetime
    actor: str
    actor_name: str
    position: str
    kind: str
    element: str | None
    task_number: int | None
    payload_hash: bytes

    def line(self) -> bytes:
        """Unambiguous: a JSON array, the instant in microseconds since 1970."""
        micros = round(self.at.timestamp() * 1_000_000)
        row = [
            self.county,
            str(self.case_id),
            self.seq,
            micros,
            self.actor,
            self.actor_name,
            self.position,
            self.kind,
            self.element,
            self.task_number,
            self.payload_hash.hex(),
        ]
        return canonical(row).encode()


def next_hash(previous: bytes, link: Link) -> bytes:
    return hashlib.sha256(previous + link.line()).digest()


def root(heads: Mapping[str, tuple[int, bytes]], previous: bytes) -> bytes:
    """One hash over all case heads (case id -> last seq, its hash) and the checkpoint before."""
    digest = hashlib.sha256(previous)
    for case_id, (seq, head) in sorted(heads.items()):
        digest.update(canonical([case_id, seq, head.hex()]).encode())
    return digest.digest()


@dataclass(frozen=True)
class Broken:
    """The first broken link of a case."""

    case_id: UUID
    seq: int
    reason: str


def verify_case(
    rows: Iterable[tuple[Link, bytes, bytes | None, str | None]],
) -> Broken | tuple[int, bytes]:
    """Check rows (link, hash, salt, body) in order of seq; gives the first fault, or (last seq, head).

    A row whose body and salt are both empty was erased by law and is checked by its hash alone.
    """
    previous, last = GENESIS, 0
    for link, recorded, salt, body in rows:
        if link.seq != last + 1:
            return Broken(link.case_id, last + 1, "missing event")
        if (salt is None) != (body is None):
            return Broken(link.case_id, link.seq, "payload altered")
        if salt is not None and body is not None and payload_hash(salt, body) != link.payload_hash:
            return Broken(link.case_id, link.seq, "payload altered")
        if next_hash(previous, link) != recorded:
            return Broken(link.case_id, link.seq, "event altered")
        previous, last = recorded, link.seq
    return last, previous
