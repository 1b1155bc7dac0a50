"""Prove that the history was not altered: every case's chain, every signed checkpoint, every stored paper."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from sqlalchemy.orm import Session

from engine.domain.chain import Broken, canonical, root, verify_case
from engine.store import cases, history
from engine.store.files import FileStore
from engine.store.papers import kept_files
from engine.store.tables.history import Checkpoint


@dataclass(frozen=True)
class Fault:
    """Where the record does not hold: a case and event, a checkpoint, or a paper."""

    subject: str
    seq: int
    reason: str


@dataclass(frozen=True)
class Verified:
    cases: int
    events: int
    checkpoints: int
    papers: int
    faults: tuple[Fault, ...]


def verify_history(
    session: Session,
    county: str,
    files: FileStore,
    key: Ed25519PublicKey,
    tell: Callable[[int, int, str], None] = lambda done, total, phase: None,
) -> Verified:
    """Every fault that there is; the first broken link of each case. ``tell`` hears how far it is."""
    faults: list[Fault] = []
    heads: dict[str, tuple[int, bytes]] = {}
    numbers = cases.case_numbers(session, county)
    chained = history.chained_cases(session, county)
    total = 0
    known = sorted(chained | set(numbers), key=str)
    for place, case_id in enumerate(known):
        tell(place, len(known), "cases")
        found = verify_case(history.chained_rows(session, county, case_id))
        if isinstance(found, Broken):
            faults.append(Fault(numbers.get(case_id, str(case_id)), found.seq, found.reason))
        else:
            heads[str(case_id)] = found
            total += found[0]
            if found[0] == 0:
                faults.append(Fault(numbers.get(case_id, str(case_id)), 0, "case without events"))
        if case_id not in numbers:
            faults.append(Fault(str(case_id), 0, "events without a case"))
    checkpoints = history.checkpoints(session, county)
    faults += checkpoint_faults(session, county, checkpoints, heads, key, numbers)
    papers, paper_faults = check_papers(session, county, files, tell)
    return Verified(len(numbers), total, len(checkpoints), papers, (*faults, *paper_faults))


def checkpoint_faults(
    session: Session,
    county: str,
    checkpoints: list[Checkpoint],
    heads: dict[str, tuple[int, bytes]],
    key: Ed25519PublicKey,
    numbers: dict[UUID, str],
) -> Iterator[Fault]:
    """Checkpoints follow each other without a gap, are signed, and the events they saw are still the same."""
    previous = b""
    for place, checkpoint in enumerate(checkpoints, 1):
        seen = {case: (seq, bytes.fromhex(head)) for case, (seq, head) in checkpoint.heads.items()}
        if checkpoint.seq != place or checkpoint.previous != previous:
            yield Fault("checkpoint", checkpoint.seq, "checkpoint missing before this one")
        if root(seen, checkpoint.previous) != checkpoint.root:
            yield Fault("checkpoint", checkpoint.seq, "heads altered")
        try:
            key.verify(checkpoint.signature, signed_bytes(checkpoint))
        except InvalidSignature:
            yield Fault("checkpoint", checkpoint.seq, "signature does not match")
        for case_id, (seq, head) in seen.items():
            if case_id not in heads:
                continue  # that case's own fault is reported already, or the case is gone: below
            recorded = history.hash_at(session, county, UUID(case_id), seq)
            if recorded != head:
                yield Fault(
                    numbers.get(UUID(case_id), case_id), seq, "events differ from the signed checkpoint"
                )
        for case_id in seen:
            if UUID(case_id) not in numbers:
                yield Fault(case_id, 0, "case vanished since the checkpoint")
        previous = checkpoint.root


def check_papers(
    session: Session, county: str, files: FileStore, tell: Callable[[int, int, str], None]
) -> tuple[int, list[Fault]]:
    """Every stored file still has the content it was kept under, and is the one that the record tells of."""
    rows, told = kept_files(session, county), history.told_files(session, county)
    faults = [
        Fault(f"paper {paper_id}", 0, "paper is gone")
        for paper_id in sorted(told.keys() - {i for i, _ in rows})
    ]
    for place, (paper_id, sha256) in enumerate(rows):
        tell(place, len(rows), "papers")
        if told.get(paper_id, sha256) != sha256:
            faults.append(Fault(f"paper {paper_id}", 0, "file is not the recorded one"))
        try:
            files.get(sha256)
        except OSError:
            faults.append(Fault(f"paper {paper_id}", 0, "file is missing"))
        except ValueError:
            faults.append(Fault(f"paper {paper_id}", 0, "file was altered"))
    return len(rows), faults


def make_checkpoint(session: Session, county: str, key: Ed25519PrivateKey, at: datetime) -> Checkpoint:
    """Sign the heads of all cases as they stand. A copy of the row belongs outside this machine."""
    last = next(reversed(history.checkpoints(session, county)), None)
    heads = history.heads(session, county)
    previous = last.root if last else b""
    checkpoint = Checkpoint(
        county=county,
        seq=(last.seq if last else 0) + 1,
        at=at,
        cases=len(heads),
        events=sum(seq for seq, _ in heads.values()),
        root=root(heads, previous),
        previous=previous,
        heads={case: [seq, head.hex()] for case, (seq, head) in heads.items()},
        signature=b"",
    )
    checkpoint.signature = key.sign(signed_bytes(checkpoint))
    session.add(checkpoint)
    session.flush()
    return checkpoint


def signed_bytes(checkpoint: Checkpoint) -> bytes:
    return canonical(
        [
            checkpoint.county,
            checkpoint.seq,
            round(checkpoint.at.timestamp() * 1_000_000),
            checkpoint.cases,
            checkpoint.events,
            checkpoint.root.hex(),
        ]
    ).encode()
