"""Print an issued paper: draw its PDF outside any lock, keep the file, and note it in the case's history."""

from collections.abc import Callable
from uuid import UUID

import shapely
from sqlalchemy.orm import Session

from engine.documents import SketchNeighbour, SketchParcel, render_document, sketch_for
from engine.domain import events
from engine.domain.actor import system
from engine.domain.clock import Clock
from engine.domain.events import Happened
from engine.domain.scans import NUMBERED
from engine.failpoints import reach
from engine.reading.scan import pages_of
from engine.store import cases, history, outbox
from engine.store.files import FileStore
from engine.store.papers import find_paper
from engine.store.versions import case_type_of


def print_paper(
    session: Session,
    clock: Clock,
    files: FileStore,
    county: str,
    paper_id: UUID,
    public_url: str,
    draw: Callable[..., bytes] = render_document,
) -> None:
    """Done once: a paper that has its file already is left as it is. ``draw``: what makes the PDF."""
    paper = find_paper(session, county, paper_id)
    if paper is None or paper.status == "ready" or paper.case_id is None:
        return
    case = cases.case_by_id(session, county, paper.case_id)
    template = case_type_of(session, case.version_id).template(paper.kind)
    context = dict(paper.context or {})
    context["sketch"] = drawn(context.pop("outlines", None), context)
    session.commit()  # drawing takes seconds: hold nothing meanwhile
    numbered = paper.kind in NUMBERED
    body = draw(template, context, verify_url=f"{public_url}/verify/{paper.verify_code}", each_page=numbered)
    sha256 = files.put(body)
    reach("printed")
    case = cases.case_by_id(session, county, paper.case_id, lock=True)
    session.refresh(paper, with_for_update=True)
    if paper.status == "ready":
        return
    paper.status, paper.sha256, paper.size = "ready", sha256, len(body)
    paper.facts = paper.facts | {"pages": pages_of(body)} | ({"numbered": True} if numbered else {})
    at, actor = clock.now(), system(county)
    fact = Happened(events.PAPER_PRINTED, {"paper": str(paper.id), "sha256": sha256, "size": len(body)})
    history.append(session, county, case.id, [fact], actor, at)
    session.flush()
    outbox.put(session, county, "publish_case", {"case": case.number}, at, case.id)


def drawn(outlines: dict | None, context: dict) -> dict | None:
    """The sketch's pages from the outlines kept with the paper; None for papers without one."""
    if not outlines:
        return None
    facts = {parcel["code"]: parcel for parcel in outlines.get("facts") or context["parcels"]}
    parcels = [
        SketchParcel(
            code,
            name,
            shapely.from_wkt(wkt),
            f"{facts[code]['area_mu']}亩",
            facts[code]["east"] or "",
            facts[code]["south"] or "",
            facts[code]["west"] or "",
            facts[code]["north"] or "",
        )
        for code, name, wkt in outlines["parcels"]
    ]
    around = [SketchNeighbour(name, shapely.from_wkt(wkt)) for _, name, wkt in outlines["neighbours"]]
    return sketch_for(parcels, around)
