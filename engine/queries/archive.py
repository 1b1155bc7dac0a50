"""An ended case as the archive sees it: its papers in order, counted in pages, and whether it was put in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.domain.archive import Entry, Item, listed, retentions, total_pages
from engine.domain.chain import Broken, verify_case
from engine.domain.clock import local_date
from engine.domain.events import MATERIAL_ADDED, PAPER_ISSUED
from engine.queries.case_file import names_of
from engine.queries.scoped import full_place
from engine.store import history
from engine.store.files import FileStore
from engine.store.tables.cases import Case, Paper
from engine.store.tables.registry import CaseArchive

COMING = (PAPER_ISSUED, MATERIAL_ADDED)
PICTURES = ("image/jpeg", "image/png")


@dataclass(frozen=True)
class Archive:
    """``broken``: what is wrong with the chain of its events; None where it is whole."""

    case: Case
    entries: list[Entry]
    pages: int
    filed: CaseArchive | None
    events: int
    head: str
    broken: str | None


def read_archive(session: Session, files: FileStore, case: Case, titles: Mapping[str, str]) -> Archive:
    """``titles``: kind of paper -> what it is called."""
    rows = session.execute(
        select(Paper, Paper.context["office"]["name"].astext.label("office"))
        .where(Paper.county == case.county, Paper.case_id == case.id)
        .order_by(Paper.created_at, Paper.id)
    ).all()
    told = history.read(session, case.county, case.id)
    came = {payload["paper"]: link.seq for link, payload in told if payload and link.kind in COMING}
    rows = sorted(
        rows, key=lambda row: came.get(str(row[0].id), 0)
    )  # papers of one command share their instant
    names = names_of(session, {paper.created_by for paper, _ in rows})
    entries = listed(_item(files, paper, office or names.get(paper.created_by, case.contractor_name), titles) for paper, office in rows)  # fmt: skip
    found = verify_case(history.chained_rows(session, case.county, case.id))
    seq, head = history.head(session, case.county, case.id)
    return Archive(
        case,
        entries,
        total_pages(entries),
        session.get(CaseArchive, (case.county, case.id)),
        seq,
        head.hex(),
        found.reason if isinstance(found, Broken) else None,
    )


def _item(files: FileStore, paper: Paper, author: str, titles: Mapping[str, str]) -> Item:
    return Item(
        title=titles.get(paper.kind, paper.title),
        number=paper.number,
        author=author,
        day=local_date(paper.created_at),
        pages=_pages(files, paper),
        media_type=paper.media_type,
        sha256=paper.sha256,
        size=paper.size,
        kind=paper.kind,
        issued=paper.source == "issued",
        verify_code=paper.verify_code,
    )


def _pages(files: FileStore, paper: Paper) -> int | None:
    """Sheets of a PDF, one of a picture; None for data, and for what is not printed yet or cannot be read."""
    import pypdfium2  # takes a while to load, and few requests need it

    if paper.sha256 is None:
        return None
    if paper.media_type in PICTURES:
        return 1
    if paper.media_type != "application/pdf":
        return None
    try:
        document = pypdfium2.PdfDocument(files.get(paper.sha256))
    except pypdfium2.PdfiumError:
        return None
    try:
        return len(document)
    finally:
        document.close()


def sheet_context(session: Session, archive: Archive, type_title: str, outcome: str) -> dict[str, Any]:
    """What the sheet ``archive`` is told."""
    case, filed = archive.case, archive.filed
    state = "完整" if archive.broken is None else f"不完整：{archive.broken}"
    begun, ended = local_date(case.started_at), local_date(case.ended_at or case.changed_at)
    return {
        "document": {"number": filed.number if filed else case.number, "date": ended.isoformat()},
        "case": {"number": case.number},
        "archive": {
            "office": f"{full_place(session, case.county)}农业农村局",
            "title": f"{case.contractor_name}（户）{type_title}",
            "number": filed.number if filed else None,
            "retention": retentions()[filed.retention]["zh"] if filed else None,
            "from": begun.isoformat(),
            "until": ended.isoformat(),
            "entries": [
                {
                    "order": entry.order,
                    "number": entry.item.number,
                    "author": entry.item.author,
                    "title": entry.item.title,
                    "date": entry.item.day.isoformat(),
                    "span": entry.span,
                    "remark": entry.remark,
                }
                for entry in archive.entries
            ],
            "pages": archive.pages,
            "outcome": outcome,
            "record": f"办理记录{archive.events}条，链{state}，末条校验值{archive.head[:16]}",
            "remark": filed.remark if filed else None,
            "filed_by": filed.filed_by_name if filed else None,
            "checked_by": filed.checked_by if filed else None,
            "filed_on": local_date(filed.filed_at).isoformat() if filed else None,
        },
    }
