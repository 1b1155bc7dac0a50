"""A PDF that somebody holds: is it one that was issued, is it sealed, by whom, and was it changed since?

Reads the portal's schema alone. Says nothing of persons: numbers, states and whose seal it is.
"""

import hashlib
import re
from dataclasses import dataclass
from threading import BoundedSemaphore

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from engine.domain.errors import Refused
from engine.queries.portal_pages import paper_by_code
from engine.reading.signatures import Seal, Unreadable, read_seals
from engine.store.tables.portal import CountyCard, PublishedPaper

MB = 1024 * 1024
MOST = 20 * MB
AT_ONCE = BoundedSemaphore(2)  # in one process: reading a file takes a second, and anyone may ask
_CODE = re.compile(r"核验码\s*([0-9A-Z]{6,32})")


@dataclass(frozen=True)
class Checked:
    """``same``: byte for byte what was issued. ``paper``: that one, or the one that a good seal names.

    ``shown``: what the parties signed is the beginning of this file, unchanged (None: not known).
    """

    sha256: str
    same: bool
    paper: PublishedPaper | None
    seals: list[Seal]
    shown: bool | None

    @property
    def sealed(self) -> bool:
        return bool(self.seals)

    @property
    def good(self) -> bool:
        return bool(self.seals) and all(seal.good for seal in self.seals)


def check_file(portal: Session, body: bytes) -> Checked:
    """Raises Refused: not a PDF, too large, too many at once."""
    if not body.startswith(b"%PDF-"):
        raise Refused("not_pdf", "请选择 PDF 文件")
    if len(body) > MOST:
        raise Refused("too_large", "文件超过%(mb)s兆字节，请选择系统出具的电子合同", mb=MOST // MB)
    sha256 = hashlib.sha256(body).hexdigest()
    issued = paper_by_hash(portal, sha256)
    seals = _seals(portal, body)
    named = None
    if seals and seals[-1].ours and (code := _CODE.search(seals[-1].reason)):
        named = paper_by_code(portal, code[1])
    paper = issued or named
    return Checked(sha256, issued is not None, paper, seals, _shown(paper, body))


def _seals(portal: Session, body: bytes) -> list[Seal]:
    certificates = sorted({pem for card in portal.scalars(select(CountyCard)) for pem in card.seals})
    if not AT_ONCE.acquire(blocking=False):
        raise Refused("busy", "核验的人太多，请过一会儿再试")
    try:
        return read_seals(body, certificates)
    except Unreadable:
        return []
    finally:
        AT_ONCE.release()


def _shown(paper: PublishedPaper | None, body: bytes) -> bool | None:
    """Whether the file begins with the very bytes that were signed."""
    facts = paper.facts if paper is not None else {}
    length, wanted = facts.get("document_bytes"), facts.get("document_sha256")
    if not length or not wanted:
        return None
    return hashlib.sha256(body[: int(length)]).hexdigest() == wanted


def paper_by_hash(portal: Session, sha256: str) -> PublishedPaper | None:
    query = select(PublishedPaper).where(PublishedPaper.sha256 == sha256)
    return portal.scalar(query.options(defer(PublishedPaper.body)).limit(1))
