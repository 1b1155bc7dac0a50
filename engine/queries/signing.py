"""What pages show of electronic signing: whose signature a task asks for, and the record of what was signed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.domain import masking
from engine.domain.errors import Refused
from engine.domain.said import Said
from engine.domain.signing import SEALED, Point, party_words
from engine.operations.identity import claimed, provider
from engine.operations.signing_record import drawing_of, facts_of, points, seal_facts
from engine.reading.signatures import Seal, Unreadable, read_seals
from engine.store import signatures
from engine.store.files import FileStore
from engine.store.papers import issued_paper
from engine.store.register import read_household
from engine.store.tables.cases import Case, Paper


@dataclass(frozen=True)
class Asked:
    """The signature that a task waits for; ``trouble`` says why it cannot be given."""

    party: str
    name: str = ""
    phone: str = ""
    sent_at: datetime | None = None
    expires_at: datetime | None = None
    outside: bool = False
    trouble: Said | None = None


def asked_signature(session: Session, case: Case, task: int, party: str, now: datetime) -> Asked:
    household = read_household(session, case.county, case.contractor_code)
    if household is None:
        return Asked(party_words(party))
    try:
        claim = claimed(household, party)
    except Refused as error:
        return Asked(party_words(party), trouble=error.said)
    sent = signatures.latest_code(session, case.county, case.id, task)
    runs = sent is not None and sent.status == "sent" and sent.expires_at > now
    return Asked(
        party_words(party),
        claim.name,
        masking.number(claim.phone),
        sent.sent_at if sent and runs else None,
        sent.expires_at if sent and runs else None,
        provider().name != "default",
    )


def contract_shown(session: Session, case: Case) -> Paper | None:
    """The contract that is to be signed, once it is printed."""
    paper = issued_paper(session, case.county, case.id, "contract")
    return paper if paper is not None and paper.status == "ready" else None


@dataclass(frozen=True)
class Record:
    """``content_intact``: the file, read again now, is the one that was signed; ``seals``: read off it now."""

    contract: Paper
    sealed: Paper | None
    rows: list[dict[str, Any]]
    drawings: list[str]
    points: list[Point]
    seals: list[Seal]
    content_intact: bool
    seal: dict[str, Any]


def signing_record(session: Session, files: FileStore, case: Case, certificates: list[str]) -> Record | None:
    """Everything is computed anew from what is stored. None where nothing was signed electronically.

    ``certificates``: PEM of our own keys; those of services outside were kept when they sealed.
    """
    contract = issued_paper(session, case.county, case.id, "contract")
    given = signatures.of_paper(session, contract) if contract else []
    if contract is None or not given:
        return None
    sealed = issued_paper(session, case.county, case.id, SEALED)
    if sealed is not None and (sealed.context or {}).get("of") != str(contract.id):
        sealed = None
    rows = [facts_of(case.number, one) for one in given]
    intact = same_file(files, contract) and all(one.document_sha256 == contract.sha256 for one in given)
    seals: list[Seal] = []
    if sealed is not None and sealed.status == "ready":
        seals = read(files, sealed, [*certificates, *sealed.facts.get("certificates", [])])
    return Record(
        contract,
        sealed,
        rows,
        [drawing_of(one) for one in given],
        points(rows, intact, bool(seals) and all(seal.good for seal in seals)),
        seals,
        intact,
        seal_facts(sealed) if sealed is not None else {},
    )


def same_file(files: FileStore, paper: Paper) -> bool:
    try:
        return bool(files.get(paper.sha256 or ""))
    except (OSError, ValueError):
        return False


def read(files: FileStore, paper: Paper, certificates: list[str]) -> list[Seal]:
    try:
        return read_seals(files.get(paper.sha256 or ""), certificates)
    except (OSError, ValueError, Unreadable):
        return []
