"""收件回执: the sheet that the counter hands over, drawn when it is asked for. Nothing is numbered or kept."""

from sqlalchemy.orm import Session

from engine.documents import render_document
from engine.documents.templates import BASE
from engine.domain.actor import Actor
from engine.domain.calendar import shipped_calendar
from engine.domain.case_type import CaseType
from engine.domain.clock import Clock, local_date
from engine.domain.division import at_level
from engine.queries import case_file
from engine.queries.scoped import full_place
from engine.store.tables.cases import Case
from engine.store.tables.reference import Division
from engine.usecases.procedures import procedure_of

ORIGINS = {"self": "承包方本人申请", "village": "发包方代为申请"}


def title_of(case_type: CaseType, origin: str) -> str:
    """Of a way to apply that only this case type has."""
    row = case_type.about["start"]["origins"].get(origin) or {}
    return str((row.get("title") or {}).get("zh", origin))


def counter_receipt(session: Session, clock: Clock, actor: Actor, case: Case, public_url: str) -> bytes:
    """As PDF. The QR code leads to the progress page; the lookup code is not kept, so it is written in by hand."""
    case_type = procedure_of(session, case).case_type
    village = session.get(Division, at_level(case.division, "village"))
    limits = [
        one
        for one in case_file.periods(session, case, shipped_calendar(), clock.now())
        if one.kind == "limit"
    ]
    first = next((one for one in limits if one.task_number is None and one.last_day), None)
    started = local_date(case.started_at).isoformat()
    context = {
        "document": {"number": case.number, "date": started},
        "office": {
            "name": f"{village.full_name}村民委员会" if village else full_place(session, case.division),
            "phone": (village.phone if village else None) or "—",
            "handler": actor.name,
        },
        "case": {
            "number": case.number,
            "type_title": case_type.title["zh"],
            "started_on": started,
            "place": full_place(session, case.division),
            "origin_title": ORIGINS.get(case.origin) or title_of(case_type, case.origin),
        },
        "contractor": {"name": case.contractor_name, "code": case.contractor_code},
        "deadline": {
            "title": (case_type.deadlines.get(first.name) or {}).get("title", {}).get("zh", "办结"),
            "last_day": first.last_day.isoformat() if first.last_day else "",
        }
        if first
        else None,
        "materials": [
            {
                "title": (case_type.papers.get(p.kind) or {}).get("label", {}).get("zh", p.title),
                "file_name": p.file_name,
            }
            for p, _by in case_file.papers(session, case)
            if p.source == "material"
        ],
    }
    template = (BASE / "counter_receipt.html").read_text("utf-8")
    return render_document(template, context, verify_url=f"{public_url}/portal/lookup?number={case.number}")
